import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePolicies
import RiddleRuntime

/// Turns raw confidence into the quality it stands for, candidate by candidate, fitted on other rows than those it is used on.
///
/// The map of part f is the isotonic regression of quality on raw confidence over all rows outside f that carry the signal; where that is a
/// constant, the mean quality.
struct ConfidenceFitting {
  let data: Dataset
  let folds: [Int]
  let keys: [UInt64]
  let judge: SimulatedJudge?
  let policy: String

  /// Maps by signal, reports on them, and what a reader must know.
  struct Fitted {
    var maps: [ConfidenceSignal.Source: [[CalibrationMap]]] = [:]
    var reports: [ConfidenceReport] = []
    var warnings: [String] = []
  }

  /// Fewest rows with a signal on which a map is fitted.
  private static let fewest = 30

  /// Fits the signals that are to be calibrated.
  func fit(_ signals: [ConfidenceSignal.Source: Bool]) throws(PipelineError) -> Fitted {
    var fitted = Fitted()
    for source in ConfidenceSignal.Source.allCases {
      guard let calibrates = signals[source] else { continue }
      guard source != .agreement else {
        try checkAnswers(&fitted)
        continue
      }
      let width = data.outcomes.candidates.count
      var maps = [[CalibrationMap]](repeating: [], count: PolicyBench.foldCount)
      var carries = 0
      for k in 0..<width {
        let raw = (0..<data.count).map { self.raw(source, $0, k) }
        let rows = raw.indices.filter { raw[$0] != nil }
        let own = (0..<PolicyBench.foldCount).map { fold in
          map(raw, rows: rows.filter { folds[$0] != fold }, candidate: k)
        }
        for fold in own.indices { maps[fold].append(own[fold]) }
        if rows.isEmpty { continue }
        carries += 1
        let known = rows.map { raw[$0] ?? 0 }
        fitted.reports.append(
          ConfidenceReport(
            candidate: data.outcomes.candidates[k], source: source.rawValue, raw: known,
            calibrated: calibrates
              ? rows.map { own[folds[$0]].probability(ofMargin: raw[$0] ?? 0) } : nil,
            quality: rows.map { data.outcomes.quality($0, k) }))
        if rows.count < data.count {
          fitted.warnings.append(
            "policy '\(policy)': \(data.count - rows.count) of \(data.count) answers of \(data.outcomes.candidates[k]) carry no \(source.rawValue) confidence and are never trusted"
          )
        }
      }
      if carries == 0 { throw .policy(name: policy, reason: missing(source)) }
      if calibrates { fitted.maps[source] = maps }
    }
    return fitted
  }

  private func missing(_ source: ConfidenceSignal.Source) -> String {
    switch source {
    case .own: "confidence: self, but no outcome in these rows has a \"confidence\""
    case .judge:
      "confidence: judge, but no outcome in these rows has a \"gate_score\"; judge_error: 0.1 simulates a judge"
    case .parse, .agreement:
      "it compares extracted answers, and no outcome in these rows has an \"answer\""
    }
  }

  private func raw(_ source: ConfidenceSignal.Source, _ i: Int, _ k: Int) -> Double? {
    switch source {
    case .own: data.answers?.confidence(i, k)
    case .judge:
      judge.map { $0.score(data.outcomes.quality(i, k), key: keys[i], candidate: k) }
        ?? data.answers?.gateScore(i, k)
    case .parse: data.answers.map { $0.answer(i, k) == nil ? 0 : 1 }
    case .agreement: nil
    }
  }

  private func map(_ raw: [Double?], rows: [Int], candidate k: Int) -> CalibrationMap {
    let quality = rows.map { data.outcomes.quality($0, k) }
    let mean = rows.isEmpty ? 0 : quality.reduce(0, +) / Double(rows.count)
    let constant = CalibrationMap.isotonic(IsotonicMap(margins: [0], probabilities: [mean]))
    guard rows.count >= Self.fewest else { return constant }
    let fit = try? IsotonicRegression().fit(margins: rows.map { raw[$0] ?? 0 }, targets: quality)
    return fit?.model ?? constant
  }

  /// Without extracted answers nothing ever agrees.
  private func checkAnswers(_ fitted: inout Fitted) throws(PipelineError) {
    guard let answers = data.answers, answers.answer.contains(where: { $0 != 0 }) else {
      throw .policy(name: policy, reason: missing(.agreement))
    }
    for (k, name) in data.outcomes.candidates.enumerated() {
      let present = (0..<data.count).count { answers.answer($0, k) != nil }
      if present * 10 < data.count {
        fitted.warnings.append(
          "policy '\(policy)': only \(present) of \(data.count) answers of \(name) could be extracted; the others agree with nothing"
        )
      }
    }
  }
}
