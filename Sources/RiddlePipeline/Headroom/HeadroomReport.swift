import RiddleData
import RiddleEvaluation

/// Headroom, learnability, and what both together say about routing on these data.
public struct HeadroomReport: Equatable, Sendable, Codable {
  /// Whether routing before the answer can pay.
  public enum Verdict: String, Equatable, Sendable, Codable {
    /// A perfect router saves, and a small model already orders the queries.
    case canPay = "can-pay"
    /// A perfect router saves, but the text hardly says where.
    case littleLearnable = "little-learnable"
    /// Even a perfect router saves next to nothing, or the dear candidate is not better.
    case noHeadroom = "no-headroom"
    /// Too few rows to tell.
    case undecided
  }

  /// What the outcomes say.
  public var headroom: Headroom
  /// What the texts say; nil when a class has too few rows to look.
  public var learnability: Learnability?
  /// The verdict.
  public var verdict: Verdict
  /// The verdict in one line, with its figures.
  public var sentence: String
  /// What a reader must know.
  public var warnings: [String]

  /// An out-of-fold AUC below this is "little": of 1000 pairs of a query that needs the strongest candidate and one that does not, the
  /// text then orders fewer than 635, where a coin orders 500. Between what published logs hold at best
  /// (RouteLLM's MMLU, 0.66) and those on which routers fail (all pairs of MMLU-Pro, at most 0.62).
  public static let littleAUC = 0.635
  /// An out-of-fold APGR below this is "little": random routing has 0.5.
  public static let littleAPGR = 0.58
  /// A perfect router's saving below this is "next to nothing".
  public static let littleSaving = 0.05

  /// An advantage of the strongest candidate below this is none.
  public static let littleDifference = 0.02

  /// Judges `data`.
  ///
  /// - Parameter segmentField: field of the per-segment table; nil picks task type, domain or group, the first that fits.
  /// - Throws: ``PipelineError`` when the learnability probe fails.
  public init(
    _ data: Dataset, segmentField: String? = nil, settings: HeadroomSettings
  ) throws(PipelineError) {
    let (clusters, unit) = resamplingUnits(data)
    let field = segmentField ?? suggestedSegmentField(data.contexts)
    headroom = Headroom(
      data.outcomes,
      segments: field.map { name in
        (name, data.contexts.map { $0.segment(named: name) ?? "(none)" })
      }, clusters: clusters.map { (unit, $0) }, settings: settings)
    learnability = try Learnability(data, clusters: clusters, settings: settings)
    (verdict, sentence) = Self.judge(headroom, learnability)
    warnings = headroom.priceFindings
    if data.omitted.total > 0 {
      warnings.append(
        "\(data.omitted.total) rows left out: \(data.omitted.withoutText) without text, \(data.omitted.withoutCandidate) without every candidate, \(data.omitted.withoutQuality) without a quality"
      )
    }
    if let share = headroom.ties.value, share > 0.8 {
      warnings.append(
        "on \(percentText(share)) of the rows all candidates are equally good: the gap rests on few rows"
      )
    }
    if let learnability {
      if Self.isLittle(learnability) {
        warnings.append(
          "little is learnable from the text: out of fold, \(probeText(learnability)) for \"\(headroom.candidates.last?.name ?? "") is better than \(headroom.candidates[0].name)\""
        )
      }
      if let apgr = learnability.figures.apgr.value, let high = learnability.randomBand.high,
        apgr <= high
      {
        warnings.append(
          "the probe's APGR \(twoDigits(apgr)) lies within what random routing reaches on these rows (up to \(twoDigits(high)))"
        )
      }
    } else {
      warnings.append(
        "fewer than \(Learnability.fewest) rows in a class, or too few units for five folds: what the text says was not looked at"
      )
    }
  }

  /// Whether the probe found little, or nothing that is more than chance.
  static func isLittle(_ probe: Learnability) -> Bool {
    let (auc, apgr) = (probe.figures.auc, probe.figures.apgr)
    guard let value = auc.value else { return true }
    return value < littleAUC || (auc.low ?? value) <= 0.5 || (apgr.value ?? 1) < littleAPGR
  }

  private static func judge(
    _ headroom: Headroom, _ learnability: Learnability?
  ) -> (Verdict, String) {
    let strong = headroom.candidates.last?.name ?? ""
    let weak = headroom.candidates[0].name
    let saving = headroom.oracleSaving
    let room =
      "a perfect router saves \(percentText(saving)) of \(headroom.savingsAreDollars ? "the cost" : "the calls") of always asking \(strong) at no loss of quality"
    guard let low = saving.low ?? saving.value, let high = saving.high ?? saving.value else {
      return (.undecided, "undecided: savings are undefined on these data")
    }
    if high < littleSaving {
      return (.noHeadroom, "routing cannot pay here: even \(room)")
    }
    if let gap = headroom.gap.value, gap <= 0,
      (headroom.gap.high ?? gap) < littleDifference
    {
      return (
        .noHeadroom,
        "routing cannot pay here: \(strong) is not better than \(weak) (quality \(signed(headroom.gap))); always ask \(weak)"
      )
    }
    if let gap = headroom.gap.low ?? headroom.gap.value, gap <= 0 {
      return (
        .undecided,
        "undecided: these \(headroom.rows) rows do not show that \(strong) is better than \(weak) (quality \(signed(headroom.gap))); label more"
      )
    }
    guard let learnability else {
      return (
        .undecided,
        "undecided: \(room), but there are too few rows to see whether the text says where; label more"
      )
    }
    if low < littleSaving {
      return (.undecided, "undecided: \(room); label more rows before training")
    }
    let auc = learnability.figures.auc
    if (auc.high ?? 1) >= littleAUC && (auc.low ?? 0) <= 0.5 {
      return (
        .undecided,
        "undecided: \(room), and these \(headroom.rows) rows cannot tell whether the text says where (out-of-fold \(probeText(learnability))); label more"
      )
    }
    if isLittle(learnability) {
      return (
        .littleLearnable,
        "routing will hardly pay: \(room), but the text hardly says where (out-of-fold \(probeText(learnability))); think of cascades, or of signals beside the text"
      )
    }
    return (
      .canPay,
      "routing can pay: \(room), and the text says something of where (out-of-fold \(probeText(learnability)))"
    )
  }
}

private func probeText(_ probe: Learnability) -> String {
  func text(_ figure: Figure) -> String {
    guard let value = figure.value else { return "undefined" }
    guard let low = figure.low, let high = figure.high else { return twoDigits(value) }
    return "\(twoDigits(value)) [\(twoDigits(low)), \(twoDigits(high))]"
  }
  return "AUC \(text(probe.figures.auc)), APGR \(text(probe.figures.apgr))"
}

private func percentText(_ figure: Figure) -> String {
  guard let value = figure.value else { return "an unknown share" }
  guard let low = figure.low, let high = figure.high else { return percentText(value) }
  return "\(percentText(value)) [\(tenths(low * 100)), \(tenths(high * 100))]"
}

private func percentText(_ share: Double) -> String { "\(tenths(share * 100)) %" }

private func signed(_ figure: Figure) -> String {
  func text(_ x: Double) -> String { (x > 0 ? "+" : "") + "\((x * 1000).rounded() / 1000)" }
  guard let value = figure.value else { return "unknown" }
  guard let low = figure.low, let high = figure.high else { return text(value) }
  return "\(text(value)) [\(text(low)), \(text(high))]"
}

private func tenths(_ x: Double) -> String { "\((x * 10).rounded() / 10)" }
private func twoDigits(_ x: Double) -> String {
  guard x.isFinite, abs(x) < 1e6 else { return "undefined" }
  let whole = Int((abs(x) * 100).rounded())
  return
    "\(x < 0 && whole > 0 ? "-" : "")\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
}
