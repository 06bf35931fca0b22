import RiddleRuntime

/// One reason for a margin: a feature, its value, and how far it moved the margin.
public struct Contribution: Equatable, Sendable, Codable {
  /// Name of a dense column, or `"words"` of an n-gram in quotation marks.
  public var feature: String
  /// Value of the feature; for an n-gram its signed, scaled presence, for an embedding its distance from the mean.
  public var value: Double
  /// Log-odds it added (positive: towards a dearer candidate), against an average training query.
  public var contribution: Double
  /// Training mean of a dense column, where it is known.
  public var mean: Double?
  /// Hash bucket of an n-gram.
  public var bucket: Int?
}

/// What moved one head's margin, largest effects first.
///
/// Linear models: weight · (value − training mean) per dense column, weight · value per n-gram; these add up to the
/// margin minus the margin of the average query without n-grams. Trees and sums of trees: the change of the node's
/// margin at every split of the walk (Saabas, 2014), attributed to the split's column. Character n-grams are named as one, and so are the columns of an embedding.
///
/// - Parameters:
///   - embedding: the query's embedding, or empty when it is unknown.
///   - columnNames: names of the dense columns, in order.
///   - means: training means of the dense columns, or empty to compare with zero.
public func explain(
  _ router: Router, text: Span<UInt8>, context: RequestContext, embedding: [Float] = [],
  head: Int, columnNames: [String], means: [Double], limit: Int
) -> [Contribution] {
  let features = features(router, text, context, embedding)
  let words = Featurizer(schema: router.schema).wordNGrams(text)
  return largestContributions(
    contributions(router, features, words, head, columnNames, means), limit: limit)
}

/// What moved the margin of one step of the ladder, largest effects first: ``Decision/margin`` of that step.
///
/// For heads that are steps this is ``explain(_:text:context:embedding:head:columnNames:means:limit:)``. A router that
/// weighs outcomes: the heads' contributions, each times the change of the step's margin by unit of the head's margin,
/// (m(+½) − m(−½)), taken at this query. The sign then says "towards the dearer candidate" whatever the
/// heads stand for; the sum is a first-order account.
public func explain(
  _ router: Router, text: Span<UInt8>, context: RequestContext, embedding: [Float] = [],
  step: Int, columnNames: [String], means: [Double], limit: Int
) -> [Contribution] {
  let features = features(router, text, context, embedding)
  let words = Featurizer(schema: router.schema).wordNGrams(text)
  guard case .values(let values) = router.rule else {
    return largestContributions(
      contributions(router, features, words, step, columnNames, means), limit: limit)
  }
  let slopes = stepSlopes(router, values, features, step: step)
  var all: [Contribution] = []
  for (head, slope) in slopes.enumerated() {
    all += contributions(router, features, words, head, columnNames, means).map {
      var part = $0
      part.contribution *= slope
      return part
    }
  }
  return largestContributions(merged(all), limit: limit)
}

/// Change of the margin of `step` when each head's margin moves from ½ below to ½ above its value.
func stepSlopes(
  _ router: Router, _ values: OutcomeValues, _ features: borrowing FeatureVector, step: Int
) -> [Double] {
  let heads = router.model.headCount
  var margins: InlineArray<64, Double> = InlineArray(repeating: 0)
  for head in 0..<heads { margins[head] = router.model.margin(features, head: head) }
  func stepMargin(_ head: Int, _ shift: Double) -> Double {
    var moved = margins
    moved[head] += shift
    var p: InlineArray<64, Double> = InlineArray(repeating: 0)
    router.writeProbabilities(of: moved, link: values.link, to: &p)
    var steps: InlineArray<64, Double> = InlineArray(repeating: 0)
    values.writeSteps(probabilities: p, headCount: heads, to: &steps)
    return steps[step]
  }
  return (0..<heads).map { stepMargin($0, 0.5) - stepMargin($0, -0.5) }
}

private func features(
  _ router: Router, _ text: Span<UInt8>, _ context: RequestContext, _ embedding: [Float]
) -> FeatureVector {
  var features = router.makeScratch()
  Featurizer(schema: router.schema).featurize(
    text, context: context, embedding: embedding.span, into: &features)
  return features
}

func largestContributions(_ contributions: [Contribution], limit: Int) -> [Contribution] {
  let found = contributions.filter { $0.contribution != 0 }.sorted {
    (-abs($0.contribution), $0.feature, $0.bucket ?? -1, $0.value)
      < (-abs($1.contribution), $1.feature, $1.bucket ?? -1, $1.value)
  }
  return Array(found.prefix(limit))
}

/// Everything that moved the margin of `head`, in no order.
private func contributions(
  _ router: Router, _ features: borrowing FeatureVector, _ words: [WordNGram], _ head: Int,
  _ names: [String], _ means: [Double]
) -> [Contribution] {
  var found: [Contribution] = []
  if let linear = router.model.linear {
    found += wordContributions(linear, features, words, head)
    found += characterContribution(linear, features, head)
  }
  let values = features.dense
  var dense = [Double](repeating: 0, count: values.count)
  addDenseContributions(router.model, values[...], head: head, means: means, to: &dense)
  let embedding = dense.count - router.schema.embeddingMeans.count
  found += (0..<embedding).map { j in
    Contribution(
      feature: names[j], value: Double(values[j]), contribution: dense[j],
      mean: j < means.count ? means[j] : nil)
  }
  if embedding < dense.count {
    let length = values[embedding...].reduce(0.0) { $0 + Double($1) * Double($1) }
    found.append(
      Contribution(
        feature: "embedding", value: length.squareRoot(),
        contribution: dense[embedding...].reduce(0, +)))
  }
  return found
}

/// Adds what every dense column contributes to the margin of `head` to `sums`, one entry a column.
func addDenseContributions(
  _ model: RouterModel, _ dense: ArraySlice<Float>, head: Int, means: [Double],
  to sums: inout [Double]
) {
  if let linear = model.linear {
    for j in 0..<linear.denseCount {
      let centred = Double(dense[dense.startIndex + j]) - (j < means.count ? means[j] : 0)
      sums[j] += centred * Double(linear.dense[head * linear.denseCount + j])
    }
  }
  switch model {
  case .linear: break
  case .tree(let trees): addPath(trees.nodes, trees.roots[head], dense, to: &sums)
  case .forest(let forest), .stack(_, let forest):
    for root in forest.roots(ofHead: head) { addPath(forest.nodes, root, dense, to: &sums) }
  }
}

private func addPath(
  _ nodes: [TreeModel.Node], _ root: UInt32, _ dense: ArraySlice<Float>, to sums: inout [Double]
) {
  var node = nodes[Int(root)]
  while !node.isLeaf {
    let column = Int(node.feature)
    let next = nodes[
      Int(dense[dense.startIndex + column] <= node.threshold ? node.left : node.right)]
    sums[column] += Double(next.value) - Double(node.value)
    node = next
  }
}

/// One entry per feature: what several heads say about one feature adds up. N-grams with different bytes may read the
/// same once decoded; their keys tell them apart.
private func merged(_ contributions: [Contribution]) -> [Contribution] {
  struct Identity: Hashable {
    let feature: String
    let bucket: Int?
    let isNegative: Bool
  }
  var places: [Identity: Int] = [:]
  var result: [Contribution] = []
  for item in contributions {
    let identity = Identity(
      feature: item.feature, bucket: item.bucket,
      isNegative: item.bucket != nil && item.value < 0)
    if let place = places[identity] {
      result[place].contribution += item.contribution
    } else {
      places[identity] = result.count
      result.append(item)
    }
  }
  return result
}

private func wordContributions(
  _ model: LinearModel, _ features: borrowing FeatureVector, _ words: [WordNGram], _ head: Int
) -> [Contribution] {
  let scale = Double(features.wordScale)
  return words.map { word in
    let value = word.key & 1 == 1 ? -scale : scale
    let weight = Double(
      model.hashed.weight(at: Int(word.key >> 1) * model.headCount + head))
    return Contribution(
      feature: "\"\(String(decoding: word.words, as: UTF8.self))\"", value: value,
      contribution: value * weight, bucket: Int(word.key >> 1))
  }
}

private func characterContribution(
  _ model: LinearModel, _ features: borrowing FeatureVector, _ head: Int
) -> [Contribution] {
  let keys = features.keys[features.wordKeyCount...]
  guard !keys.isEmpty else { return [] }
  let sum = keys.reduce(0.0) { sum, key in
    let weight = Double(model.hashed.weight(at: Int(key >> 1) * model.headCount + head))
    return sum + (key & 1 == 1 ? -weight : weight)
  }
  return [
    Contribution(
      feature: "character n-grams", value: Double(keys.count),
      contribution: sum * Double(features.characterScale))
  ]
}
