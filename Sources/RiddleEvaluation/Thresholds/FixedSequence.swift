import RiddleData
import RiddlePolicies

/// What is to be promised, and how it is proved.
public struct PromiseTerms: Equatable, Sendable, Codable {
  /// Largest mean quality loss against always asking the strongest candidate, in (0, 1).
  public var maximumLoss: Double
  /// Probability, over draws of the rows, that the promise is kept; in (0, 1).
  public var confidence: Double
  /// The bound behind it.
  public var method: RiskBound

  /// Terms.
  public init(maximumLoss: Double, confidence: Double = 0.95, method: RiskBound = .wsr) {
    self.maximumLoss = maximumLoss
    self.confidence = confidence
    self.method = method
  }

  private enum CodingKeys: String, CodingKey {
    case maximumLoss = "maximum_loss"
    case confidence, method
  }

  /// Level of every test, 1 − confidence.
  public var delta: Double { 1 - confidence }
}

/// A policy's margins, and the thresholds that may be chosen: fixed before any outcome is looked at.
public struct ThresholdFamily: Equatable, Sendable {
  /// Row-major `rows × base.count`, finite.
  public var margins: [Double]
  /// One threshold a head.
  public var base: [Double]
  /// Added to all thresholds alike, rising: from nearly always strongest towards always cheapest.
  public var offsets: [Double]

  /// A family.
  public init(margins: [Double], base: [Double], offsets: [Double]) {
    precondition(
      zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "offsets must increase")
    self.margins = margins
    self.base = base
    self.offsets = offsets
  }

  /// The thresholds at an offset.
  public func thresholds(_ offset: Double) -> [Double] { base.map { $0 + offset } }

  /// Picks of all rows at an offset.
  public func picks(_ offset: Double) -> [Int] {
    Ladder(thresholds: thresholds(offset)).picks(margins: margins)
  }

  /// For every offset the rows that fall to a cheaper candidate there, and to which. Starts from the strongest for all.
  ///
  /// A row leaves head k at the first offset with margin < threshold + offset, found by bisection: the sum rounds
  /// monotonically, so this is to the bit what ``picks(_:)`` does, in O(rows · heads · log offsets) for all offsets together.
  func falls() -> [[(row: Int, pick: Int)]] {
    let heads = base.count
    var falls = [[(row: Int, pick: Int)]](repeating: [], count: offsets.count)
    for row in 0..<(margins.count / heads) {
      var least = offsets.count
      var steps: [(at: Int, pick: Int)] = []
      for k in 0..<heads {
        let margin = margins[row * heads + k]
        var low = 0
        var high = least
        while low < high {
          let middle = (low + high) / 2
          if margin < base[k] + offsets[middle] { high = middle } else { low = middle + 1 }
        }
        if low < least {
          steps.append((low, k))
          least = low
        }
      }
      // Heads in order find earlier and earlier offsets, where the row falls to head k and below it no further.
      for step in steps { falls[step.at].append((row, step.pick)) }
    }
    return falls
  }
}

/// The outcome of testing a family of thresholds from always-strongest towards cheaper ones.
public struct CertifiedThreshold: Equatable, Sendable {
  /// Offset of the cheapest certified threshold; nil when none is.
  public var offset: Double?
  /// Its p-value; with none, that of the first test.
  public var pValue: Double
  /// p-value of the first threshold that could not be certified; nil when all could.
  public var refusedPValue: Double?
  /// Number of certified thresholds.
  public var certified: Int
  /// Offset of the cheapest threshold whose observed loss is at most the limit; nil when none is. Carries no promise: with
  /// many thresholds to choose from, the one that looks good enough is often one that was lucky.
  public var bestOnValidation: Double?
}

/// Learn-then-Test with fixed-sequence testing (Angelopoulos, Bates, Candès, Jordan & Lei, arXiv 2110.01052, section 3;
/// Bauer 1991): thresholds are tested at level δ one after the other, in the order of their offsets, until the first that cannot be
/// rejected; the probability that any certified one breaks the promise is at most δ, with no correction for their number.
///
/// - Parameters:
///   - family: margins on rows that neither fit, calibration nor model selection saw, and offsets fixed without their
///     outcomes.
///   - losses: losses on the same rows.
/// - Complexity: O(units) a threshold, none for one with the same picks as the one before; O(rows · heads · log offsets) once.
public func certifyThreshold(
  _ family: ThresholdFamily, losses: PairedLosses, terms: PromiseTerms
) -> CertifiedThreshold {
  var found = CertifiedThreshold(
    offset: nil, pValue: 1, refusedPValue: nil, certified: 0, bestOnValidation: nil)
  let top = family.base.count
  var picks = [Int](repeating: top, count: family.margins.count / max(1, top))
  var values = losses.losses(picks: picks)
  var p = terms.method.pValue(values, maximumLoss: terms.maximumLoss, delta: terms.delta)
  var mean = 0.0
  for (offset, falls) in zip(family.offsets, family.falls()) {
    if !falls.isEmpty {
      for fall in falls { picks[fall.row] = fall.pick }
      for fall in falls {
        let unit = losses.unit(ofRow: fall.row)
        values[unit] = losses.loss(ofUnit: unit, picks: picks)
      }
      mean = values.reduce(0, +) / Double(max(1, values.count))
      if found.refusedPValue == nil {
        p = terms.method.pValue(values, maximumLoss: terms.maximumLoss, delta: terms.delta)
      }
    }
    // A sum of graded losses may pass its limit by rounding alone.
    if mean <= terms.maximumLoss + 1e-12 { found.bestOnValidation = offset }
    if found.refusedPValue != nil { continue }
    if p <= terms.delta {
      found.offset = offset
      found.pValue = p
      found.certified += 1
    } else {
      if found.offset == nil { found.pValue = p }
      found.refusedPValue = p
    }
  }
  return found
}
