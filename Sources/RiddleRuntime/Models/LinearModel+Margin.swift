extension LinearModel {
  /// Margin of `head`: see ``LinearModel`` for the formula and the order of summation.
  public func margin(_ features: borrowing FeatureVector, head: Int) -> Double {
    var sum = intercepts[head]
    let width = denseCount
    let first = head * width
    for j in 0..<width { sum += Double(features.dense[j]) * Double(dense[first + j]) }
    let words = features.wordKeyCount
    if words > 0 {
      sum += Double(features.wordScale) * hashedSum(features.keys, 0, words, head)
    }
    if features.keys.count > words {
      sum +=
        Double(features.characterScale)
        * hashedSum(features.keys, words, features.keys.count, head)
    }
    return sum
  }

  /// Σ sign(key) · weight[bucket(key)] over `keys[from ..< to]`, in order.
  private func hashedSum(_ keys: [UInt32], _ from: Int, _ to: Int, _ head: Int) -> Double {
    let heads = headCount
    var sum = 0.0
    switch hashed.storage {
    case .float32(let weights):
      for i in from..<to {
        let key = keys[i]
        let weight = Double(weights[Int(key >> 1) * heads + head])
        sum += key & 1 == 1 ? -weight : weight
      }
    case .int8(let weights, let scales):
      for i in from..<to {
        let key = keys[i]
        let index = Int(key >> 1) * heads + head
        let weight = Double(Float(weights[index]) * scales[index / HashedWeights.blockLength])
        sum += key & 1 == 1 ? -weight : weight
      }
    }
    return sum
  }
}
