/// The cheapest candidate that is good enough (ROUTING-SYSTEMS A5): whose lower confidence bound of quality, mean − z · standard
/// error, is at least the bar; the strongest when none is. Passes on without predictions.
public struct CheapestAdequate: PickingPolicy, Equatable {
  /// The quality that is good enough; a bound exactly at the bar clears it.
  public var bar: Double
  /// z: 0 takes the prediction at its word; 1.645 is a one-sided 95 % bound.
  public var z: Double

  /// A policy for the bar `bar`; `z` is at least 0.
  public init(bar: Double, z: Double = 1.645) {
    precondition(bar.isFinite, "a bar is a number, got \(bar)")
    precondition(z >= 0 && z.isFinite, "z is at least 0, got \(z)")
    self.bar = bar
    self.z = z
  }

  /// The first candidate from below that clears the bar.
  public func pick(_ request: Request) -> Pick? {
    let predictions = request.predictions
    if predictions.isEmpty { return nil }
    let count = min(predictions.count, request.candidateCount)
    for k in 0..<count {
      let bound = predictions[k].lowerBound(z)
      if bound >= bar {
        return Pick(k, Reason("cheapest-adequate", "clears the bar", score: bound, threshold: bar))
      }
    }
    let score = count == request.candidateCount ? predictions[count - 1].lowerBound(z) : nil
    return Pick(
      request.strongest,
      Reason("cheapest-adequate", "nobody clears the bar", score: score, threshold: bar))
  }
}

extension Prediction {
  /// quality − z · standard error; the quality itself for z = 0.
  func lowerBound(_ z: Double) -> Double { z == 0 ? quality : quality - z * standardError }
}
