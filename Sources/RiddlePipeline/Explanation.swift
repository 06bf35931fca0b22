import RiddleRuntime

/// One reason for a margin: a feature, its value, and how far it moved the margin.
public struct Contribution: Equatable, Sendable, Codable {
  /// Name of a dense column, or `"words"` of an n-gram in quotation marks.
  public var feature: String
  /// Value of the feature; for an n-gram its signed, scaled presence.
  public var value: Double
  /// Log-odds it added (positive: towards a dearer candidate), against an average training query.
  public var contribution: Double
}

/// What moved one head's margin, largest effects first.
///
/// Linear models: weight · (value − training mean) per dense column, weight · value per n-gram; these add up to the
/// margin minus the margin of the average query without n-grams. Trees and sums of trees: the change of the node's
/// margin at every split of the walk (Saabas, 2014), attributed to the split's column. Character n-grams are named as one.
///
/// - Parameters:
///   - columnNames: names of the dense columns, in order.
///   - means: training means of the dense columns, or empty to compare with zero.
public func explain(
  _ router: Router, text: Span<UInt8>, context: RequestContext, head: Int, columnNames: [String],
  means: [Double], limit: Int
) -> [Contribution] {
  var features = router.makeScratch()
  let featurizer = Featurizer(schema: router.schema)
  featurizer.featurize(text, context: context, into: &features)
  var found: [Contribution]
  switch router.model {
  case .linear(let model):
    found = linearContributions(
      model, features, featurizer.wordNGrams(text), head, columnNames, means)
  case .tree(let model):
    found = pathContributions(model.nodes, [model.roots[head]], features, columnNames)
  case .forest(let model):
    found = pathContributions(model.nodes, model.roots(ofHead: head), features, columnNames)
  case .stack(let linear, let forest):
    found = linearContributions(
      linear, features, featurizer.wordNGrams(text), head, columnNames, means)
    found += pathContributions(forest.nodes, forest.roots(ofHead: head), features, columnNames)
    found = merged(found)
  }
  found.removeAll { $0.contribution == 0 }
  found.sort {
    abs($0.contribution) != abs($1.contribution)
      ? abs($0.contribution) > abs($1.contribution) : $0.feature < $1.feature
  }
  return Array(found.prefix(limit))
}

private func linearContributions(
  _ model: LinearModel, _ features: FeatureVector, _ words: [WordNGram], _ head: Int,
  _ names: [String], _ means: [Double]
) -> [Contribution] {
  denseContributions(model, features, head, names, means)
    + wordContributions(model, features, words, head)
    + characterContribution(model, features, head)
}

/// One entry per feature: what two parts of a model say about one column adds up.
private func merged(_ contributions: [Contribution]) -> [Contribution] {
  var places: [String: Int] = [:]
  var result: [Contribution] = []
  for item in contributions {
    if let place = places[item.feature] {
      result[place].contribution += item.contribution
    } else {
      places[item.feature] = result.count
      result.append(item)
    }
  }
  return result
}

private func denseContributions(
  _ model: LinearModel, _ features: FeatureVector, _ head: Int, _ names: [String], _ means: [Double]
) -> [Contribution] {
  features.dense.indices.map { j in
    let value = Double(features.dense[j])
    let centred = value - (j < means.count ? means[j] : 0)
    return Contribution(
      feature: names[j], value: value,
      contribution: centred * Double(model.dense[head * model.denseCount + j]))
  }
}

private func wordContributions(
  _ model: LinearModel, _ features: FeatureVector, _ words: [WordNGram], _ head: Int
) -> [Contribution] {
  words.map { word in
    let sign: Double = word.key & 1 == 1 ? -1 : 1
    let value = sign * Double(features.wordScale)
    let weight = Double(
      model.hashed.weight(at: Int(word.key >> 1) * model.headCount + head))
    return Contribution(
      feature: "\"\(String(decoding: word.words, as: UTF8.self))\"", value: value,
      contribution: value * weight)
  }
}

private func characterContribution(
  _ model: LinearModel, _ features: FeatureVector, _ head: Int
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

private func pathContributions(
  _ nodes: [TreeModel.Node], _ roots: some Sequence<UInt32>, _ features: FeatureVector,
  _ names: [String]
) -> [Contribution] {
  var byColumn: [Int: Double] = [:]
  for root in roots {
    var node = nodes[Int(root)]
    while !node.isLeaf {
      let column = Int(node.feature)
      let next = nodes[Int(features.dense[column] <= node.threshold ? node.left : node.right)]
      byColumn[column, default: 0] += Double(next.value) - Double(node.value)
      node = next
    }
  }
  return byColumn.sorted { $0.key < $1.key }.map { column, change in
    Contribution(
      feature: names[column], value: Double(features.dense[column]), contribution: change)
  }
}
