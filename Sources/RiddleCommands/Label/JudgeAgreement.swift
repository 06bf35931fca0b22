import RiddleEvaluation
import RiddleStore

/// How far a judge agrees with what the log itself says.
struct JudgeAgreement: Encodable, Equatable {
  /// Answers, or queries, that both judged.
  var rows: Int
  /// Cohen's kappa: of adequate or not for grades, of tiers for difficulty.
  var kappa: Figure
  /// With weights |i − j|; for grades over the five steps 0, ¼, ½, ¾, 1.
  var linear_kappa: Figure
  /// With weights (i − j)².
  var quadratic_kappa: Figure
  /// Share of rows where both say the same: adequate or not, or the same tier.
  var same_share: Double
  /// Mean of the judge's quality minus the log's; nil for difficulty.
  var mean_difference: Double?
  /// Rows whose tier in the log is not in the judge's list.
  var unknown_tiers: Int

  /// Agreement about answers; nil when nothing was judged by both.
  ///
  /// - Parameter threshold: quality from which an answer is adequate.
  static func grades(_ subjects: [JudgeSubject], threshold: Double, seed: UInt64) -> JudgeAgreement?
  {
    var (log, judge): ([Double], [Double]) = ([], [])
    for subject in subjects {
      guard let logged = subject.loggedQuality, case .quality(let said)? = subject.verdict else {
        continue
      }
      log.append(logged)
      judge.append(said)
    }
    guard !log.isEmpty else { return nil }
    let adequate = (log.map { $0 >= threshold ? 1 : 0 }, judge.map { $0 >= threshold ? 1 : 0 })
    func step(_ quality: Double) -> Int { min(4, Int((quality * 4).rounded())) }
    let steps = (log.map(step), judge.map(step))
    return JudgeAgreement(
      rows: log.count,
      kappa: cohenKappaFigure(adequate.0, adequate.1, categories: 2, seed: seed),
      linear_kappa: cohenKappaFigure(
        steps.0, steps.1, categories: 5, weights: .linear, seed: seed),
      quadratic_kappa: cohenKappaFigure(
        steps.0, steps.1, categories: 5, weights: .quadratic, seed: seed),
      same_share: share(adequate.0, adequate.1),
      mean_difference: (judge.reduce(0, +) - log.reduce(0, +)) / Double(log.count),
      unknown_tiers: 0)
  }

  /// Agreement about tiers; nil when nothing was rated by both.
  static func tiers(_ subjects: [JudgeSubject], names: [String], seed: UInt64) -> JudgeAgreement? {
    var (log, judge): ([Int], [Int]) = ([], [])
    var unknown = 0
    for subject in subjects {
      guard let logged = subject.loggedTier, case .tier(let said)? = subject.verdict,
        let second = names.firstIndex(of: said)
      else { continue }
      guard let first = names.firstIndex(where: { $0.lowercased() == logged.lowercased() }) else {
        unknown += 1
        continue
      }
      log.append(first)
      judge.append(second)
    }
    guard !log.isEmpty else { return nil }
    func figure(_ weights: KappaWeights) -> Figure {
      cohenKappaFigure(log, judge, categories: names.count, weights: weights, seed: seed)
    }
    return JudgeAgreement(
      rows: log.count, kappa: figure(.none), linear_kappa: figure(.linear),
      quadratic_kappa: figure(.quadratic), same_share: share(log, judge), mean_difference: nil,
      unknown_tiers: unknown)
  }

  private static func share(_ a: [Int], _ b: [Int]) -> Double {
    Double(zip(a, b).count { $0 == $1 }) / Double(a.count)
  }

  /// Lines for a person.
  func text(about subject: String) -> String {
    func line(_ figure: Figure) -> String {
      guard let value = figure.value else { return "undefined" }
      guard let low = figure.low, let high = figure.high else { return Self.rounded(value) }
      return "\(Self.rounded(value)) [\(Self.rounded(low)), \(Self.rounded(high))]"
    }
    var lines = [
      "agreement with the log on \(rows) \(subject): \(Self.rounded(100 * same_share, 1)) % the same",
      "  kappa            \(line(kappa))",
      "  linear weights   \(line(linear_kappa))",
      "  squared weights  \(line(quadratic_kappa))",
    ]
    if let mean_difference {
      lines.append("  judge − log      \(Self.rounded(mean_difference)) on average")
    }
    if unknown_tiers > 0 {
      lines.append("  left out: \(unknown_tiers) whose tier in the log is not in --tiers")
    }
    return lines.joined(separator: "\n")
  }

  private static func rounded(_ value: Double, _ places: Int = 3) -> String {
    FigureText.decimal(value, places)
  }
}
