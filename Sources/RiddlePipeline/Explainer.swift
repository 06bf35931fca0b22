import RiddleRuntime

/// Names what moved a decision most, for whoever explains every decision: the numbers come first, and only what is among the largest
/// gets a name.
///
/// The same as ``explain(_:text:context:embedding:step:columnNames:means:limit:)``, to the bit; a test holds one against the other.
public struct Explainer: Sendable {
  private let router: Router
  private let featurizer: Featurizer
  private let names: [String]
  private let means: [Double]
  /// Dense columns before the embedding's.
  private let ownColumns: Int

  /// Where a contribution comes from.
  private enum Source {
    case column(Int)
    case embedding
    case word(Int)
    case characters
  }

  /// An explainer of `router`, with the names and means that its file stores.
  public init(_ router: Router) {
    self.router = router
    featurizer = Featurizer(schema: router.schema)
    names = columnNames(of: router)
    means = columnMeans(of: router)
    ownColumns = router.schema.denseCount - router.schema.embeddingMeans.count
  }

  /// The `limit` largest contributions to the margin of `step`.
  ///
  /// - Parameter features: of `text`.
  public func largest(
    _ features: borrowing FeatureVector, text: Span<UInt8>, step: Int, limit: Int
  ) -> [Contribution] {
    guard limit > 0 else { return [] }
    let values = features.dense
    let keys = features.keys
    let words = features.wordKeyCount
    var dense = [Double](repeating: 0, count: values.count)
    var wordSums = [Double](repeating: 0, count: words)
    var characters = 0.0
    var embedding = 0.0
    func add(head: Int, slope: Double) {
      var own = [Double](repeating: 0, count: values.count)
      addDenseContributions(router.model, values[...], head: head, means: means, to: &own)
      for j in 0..<ownColumns { dense[j] += own[j] * slope }
      if ownColumns < own.count { embedding += own[ownColumns...].reduce(0, +) * slope }
      guard let linear = router.model.linear else { return }
      let heads = router.model.headCount
      let scale = Double(features.wordScale)
      for i in 0..<words {
        let weight = Double(linear.hashed.weight(at: Int(keys[i] >> 1) * heads + head))
        wordSums[i] += (keys[i] & 1 == 1 ? -scale : scale) * weight * slope
      }
      if words < keys.count {
        let sum = keys[words...].reduce(0.0) { sum, key in
          let weight = Double(linear.hashed.weight(at: Int(key >> 1) * heads + head))
          return sum + (key & 1 == 1 ? -weight : weight)
        }
        characters += sum * Double(features.characterScale) * slope
      }
    }
    if case .values(let outcomes) = router.rule {
      for (head, slope) in stepSlopes(router, outcomes, features, step: step).enumerated() {
        add(head: head, slope: slope)
      }
    } else {
      add(head: step, slope: 1)
    }
    let length = values[ownColumns...].reduce(0.0) { $0 + Double($1) * Double($1) }
    // What is among the largest, with everything that ties with the last of them.
    var found: [(source: Source, contribution: Double)] = []
    found.reserveCapacity(ownColumns + words + 2)
    for j in 0..<ownColumns where dense[j] != 0 { found.append((.column(j), dense[j])) }
    for i in 0..<words where wordSums[i] != 0 { found.append((.word(i), wordSums[i])) }
    if characters != 0 { found.append((.characters, characters)) }
    if embedding != 0 { found.append((.embedding, embedding)) }
    if found.count > limit {
      let cut = Self.magnitude(found, rank: limit)
      found.removeAll { abs($0.contribution) < cut }
    }
    let texts = self.texts(of: found.map(\.source), keys, text)
    let parts = found.map { item -> Contribution in
      switch item.source {
      case .column(let j):
        return Contribution(
          feature: names[j], value: Double(values[j]), contribution: item.contribution,
          mean: j < means.count ? means[j] : nil)
      case .embedding:
        return Contribution(
          feature: "embedding", value: length.squareRoot(), contribution: item.contribution)
      case .word(let i):
        let scale = Double(features.wordScale)
        return Contribution(
          feature: "\"\(texts[keys[i]] ?? "")\"", value: keys[i] & 1 == 1 ? -scale : scale,
          contribution: item.contribution, bucket: Int(keys[i] >> 1))
      case .characters:
        return Contribution(
          feature: "character n-grams", value: Double(keys.count - words),
          contribution: item.contribution)
      }
    }
    return largestContributions(parts, limit: limit)
  }

  /// The `rank`-th largest magnitude, from 1.
  private static func magnitude(
    _ found: [(source: Source, contribution: Double)], rank: Int
  ) -> Double {
    var best: [Double] = []  // at most `rank`, largest first
    for item in found {
      let size = abs(item.contribution)
      if best.count == rank, let last = best.last, size <= last { continue }
      best.insert(size, at: best.firstIndex { $0 < size } ?? best.count)
      if best.count > rank { best.removeLast() }
    }
    return best.last ?? 0
  }

  /// The texts of the words among `sources`, by key: the first of each.
  private func texts(
    of sources: [Source], _ keys: [UInt32], _ text: Span<UInt8>
  ) -> [UInt32: String] {
    var wanted: [UInt32] = []
    for case .word(let i) in sources { wanted.append(keys[i]) }
    if wanted.isEmpty { return [:] }
    var found: [UInt32: String] = [:]
    featurizer.forEachWordNGram(text, where: { wanted.contains($0) && found[$0] == nil }) {
      found[$0.key] = String(decoding: $0.words, as: UTF8.self)
    }
    return found
  }
}
