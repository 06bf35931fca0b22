import Glibc
import RiddleData

/// Reads an A/B test: each arm's means, every treatment's difference from the control, and whether the dealing worked.
///
/// A difference is judged by the two-proportion z test when all values are 0 or 1 and every request is a unit of its own (with
/// Newcombe's interval where an arm has fewer than ten successes or failures), by Welch's t test otherwise; with users or
/// conversations by the cluster-robust variance of both means over units, Satterthwaite's degrees of freedom. In a paired test
/// McNemar's test and the bootstrap over units; in a sequential one ``ConfidenceSequence`` around the same differences.
/// An interval decides from ten units an arm on, in a sequential test from ``ConfidenceSequence/leastUnits``; nothing decides when
/// the sample ratio does not hold.
///
/// - Throws: ``ExperimentError``.
public func readExperiment(_ log: [ExperimentRow], settings: ExperimentSettings)
  throws(ExperimentError) -> ExperimentReadout
{
  try settings.check()
  let arms = try ExperimentArms(log, settings: settings)
  return try ExperimentReading(log: log, arms: arms, settings: settings).readout()
}

private struct ExperimentReading {
  typealias Measure = ExperimentReadout.Measure

  let log: [ExperimentRow]
  let arms: ExperimentArms
  let settings: ExperimentSettings

  /// Units below which an interval decides nothing.
  private var leastUnits: Int {
    settings.sequentialTunedFor == nil ? 10 : ConfidenceSequence.leastUnits
  }

  func readout() throws(ExperimentError) -> ExperimentReadout {
    var warnings = arms.warnings
    let ratio = settings.isPaired ? nil : sampleRatio(&warnings)
    var described = arms.names.indices.map { arm in
      ExperimentReadout.Arm(
        name: arms.names[arm], requests: arms.rows[arm].count, units: unitCount(arm), means: [])
    }
    var comparisons: [ExperimentReadout.Comparison] = []
    for measure in Measure.allCases {
      let columns = try arms.rows.map { rows throws(ExperimentError) in
        try rows.map { i throws(ExperimentError) in try value(measure, i) }
      }
      for arm in described.indices {
        guard let sample = sample(columns[arm], arm) else { continue }
        described[arm].means.append(
          .init(
            measure: measure, count: sample.count,
            mean: sample.figure(confidence: settings.confidence)))
      }
      warnings += missing(measure, columns)
      var own: [ExperimentReadout.Comparison] = []
      for arm in 1..<arms.names.count {
        let found =
          settings.isPaired
          ? paired(measure, columns[0], columns[arm], arm)
          : separate(measure, columns[0], columns[arm], arm)
        if let found { own.append(found) }
      }
      comparisons += decided(own, ratio: ratio)
    }
    for arm in arms.names.dropFirst() where !comparisons.contains(where: { $0.treatment == arm }) {
      throw .noMeasure(arm)
    }
    let times = arms.rows.joined().compactMap { log[$0].time?.count }
    return ExperimentReadout(
      unit: arms.unit, isPaired: settings.isPaired,
      isSequential: settings.sequentialTunedFor != nil, confidence: settings.confidence,
      power: settings.power, arms: described, sampleRatio: ratio, comparisons: comparisons,
      firstTime: times.min(), lastTime: times.max(), warnings: warnings)
  }

  // MARK: columns

  /// The measure of row `i`; NaN when the log does not say.
  private func value(_ measure: Measure, _ i: Int) throws(ExperimentError) -> Double {
    let row = log[i]
    let value: Double? =
      switch measure {
      case .quality: row.quality
      case .reward: row.reward
      case .cost: row.cost?.dollars
      case .latency: row.latency?.milliseconds
      }
    guard let value else { return .nan }
    guard value.isFinite else { throw .nonFinite(measure: measure.rawValue, row: i + 1) }
    return value
  }

  private func units(_ arm: Int) -> [Int32] { arms.rows[arm].map { arms.unitOfRow[$0] } }

  private func unitCount(_ arm: Int) -> Int { Set(units(arm)).count }

  private func sample(_ column: [Double], _ arm: Int) -> ArmSample? {
    let known = column.indices.filter { !column[$0].isNaN }
    if known.isEmpty { return nil }
    let units = units(arm)
    return ArmSample(known.map { column[$0] }, units: known.map { units[$0] })
  }

  // MARK: checks

  private func sampleRatio(_ warnings: inout [String]) -> SampleRatio {
    let counts = arms.names.indices.map { unitCount($0) }
    let shares = settings.split.isEmpty ? counts.map { _ in 1.0 } : settings.split
    let distinct = Set(arms.rows.joined().map { arms.unitOfRow[$0] }).count
    let total = counts.reduce(0, +)
    if total > distinct {
      warnings.append(
        "\(total - distinct) times a \(arms.unit.rawValue) was in more than one arm; intervals take that into account, but what one arm did may have changed what the other saw"
      )
    }
    return SampleRatio(observed: counts, shares: shares)
  }

  /// A measure that one arm lacks more often than another says that the comparison is of different requests.
  private func missing(_ measure: Measure, _ columns: [[Double]]) -> [String] {
    let known = columns.map { column in column.count { !$0.isNaN } }
    let total = columns.reduce(0) { $0 + $1.count }
    let all = known.reduce(0, +)
    guard all > 0, all < total else { return [] }
    var statistic = 0.0
    let share = Double(all) / Double(total)
    for (count, column) in zip(known, columns) {
      let n = Double(column.count)
      let distance = Double(count) - n * share
      statistic += distance * distance / (n * share * (1 - share))
    }
    let parts = columns.indices.map {
      "\(known[$0]) of \(columns[$0].count) in '\(arms.names[$0])'"
    }
    let text = "\(measure.rawValue) is known for " + parts.joined(separator: ", ")
    return chiSquareUpperTail(statistic, degrees: columns.count - 1) < SampleRatio.bound
      ? [text + ": the arms differ in what was measured, so the difference may be of the measuring"]
      : [text]
  }

  // MARK: comparisons

  private func separate(_ measure: Measure, _ first: [Double], _ second: [Double], _ arm: Int)
    -> ExperimentReadout.Comparison?
  {
    guard let control = sample(first, 0), let treatment = sample(second, arm) else { return nil }
    let difference = ArmDifference(
      control: control, treatment: treatment, confidence: settings.confidence)
    var result = comparison(measure, arm, value: difference.value, error: difference.standardError)
    result.method = difference.method
    result.saving = measure == .cost ? difference.saving : nil
    let fewest = min(control.unitCount, treatment.unitCount)
    if let error = difference.standardError {
      if settings.sequentialTunedFor != nil {
        sequential(&result, units: control.unitCount + treatment.unitCount)
      } else if let special = difference.special {
        result.difference = Figure(difference.value, low: special.low, high: special.high)
        result.p = special.p
      } else {
        let critical = StudentT.critical(
          1 - settings.confidence, degrees: difference.degrees)
        result.difference = Figure(
          difference.value, low: difference.value - critical * error,
          high: difference.value + critical * error)
        result.p =
          error > 0
          ? StudentT.twoSidedP(difference.value / error, degrees: difference.degrees)
          : difference.value == 0 ? 1 : 0
      }
    }
    judge(&result, units: fewest)
    return result
  }

  private func paired(_ measure: Measure, _ first: [Double], _ second: [Double], _ arm: Int)
    -> ExperimentReadout.Comparison?
  {
    let known = first.indices.filter { !first[$0].isNaN && !second[$0].isNaN }
    if known.isEmpty { return nil }
    let units = units(0)
    let own = known.map { units[$0] }
    let (a, b) = (known.map { first[$0] }, known.map { second[$0] })
    let isSequential = settings.sequentialTunedFor != nil
    let difference = PairedDifference(
      control: a, treatment: b, units: own, confidence: settings.confidence,
      replicates: isSequential ? 0 : settings.replicates, seed: settings.seed,
      threads: settings.threads)
    var result = comparison(measure, arm, value: difference.value, error: difference.standardError)
    result.method = difference.method
    result.difference = difference.figure
    result.p = difference.p
    let count = Set(own).count
    if isSequential { sequential(&result, units: count) }
    if measure == .cost {
      result.saving =
        ArmDifference(
          control: ArmSample(a, units: own), treatment: ArmSample(b, units: own),
          confidence: settings.confidence
        ).saving
    }
    judge(&result, units: count)
    return result
  }

  private func comparison(_ measure: Measure, _ arm: Int, value: Double, error: Double?)
    -> ExperimentReadout.Comparison
  {
    ExperimentReadout.Comparison(
      treatment: arms.names[arm], measure: measure, method: "", difference: Figure(value),
      standardError: error, verdict: .undecided)
  }

  /// Replaces interval and p by those that hold at every look.
  private func sequential(_ result: inout ExperimentReadout.Comparison, units: Int) {
    guard let tuned = settings.sequentialTunedFor, let error = result.standardError,
      let value = result.difference.value
    else { return }
    let sequence = ConfidenceSequence(alpha: 1 - settings.confidence, tunedFor: tuned)
    let half = sequence.criticalValue(units: units) * error
    result.difference = Figure(value, low: value - half, high: value + half)
    result.p = sequence.pValue(estimate: value, standardError: error, units: units)
    result.method = "confidence sequence"
  }

  /// The verdict of the interval, from enough units on.
  private func judge(_ result: inout ExperimentReadout.Comparison, units: Int) {
    if units < leastUnits {
      result.reason = "fewer than \(leastUnits) \(arms.unit.rawValue)s in an arm"
      return
    }
    guard let low = result.difference.low, let high = result.difference.high else { return }
    if low > 0 { result.verdict = result.measure.lessIsBetter ? .worse : .better }
    if high < 0 { result.verdict = result.measure.lessIsBetter ? .better : .worse }
  }

  /// Corrects over several treatments, withdraws every verdict when the dealing failed, and says what would have shown.
  private func decided(_ list: [ExperimentReadout.Comparison], ratio: SampleRatio?)
    -> [ExperimentReadout.Comparison]
  {
    var result = list
    let tested = result.indices.filter { result[$0].p != nil }
    if arms.names.count > 2 {
      for (i, p) in zip(tested, holmAdjusted(tested.compactMap { result[$0].p })) {
        result[i].pHolm = p
        if p >= 1 - settings.confidence, result[i].verdict != .undecided {
          result[i].verdict = .undecided
          result[i].reason = "not after the correction for \(arms.names.count - 1) treatments"
        }
      }
    }
    for i in result.indices {
      if ratio?.isMismatch == true {
        result[i].verdict = .undecided
        result[i].reason = "the arms did not receive their shares"
        continue
      }
      if result[i].verdict == .undecided, let error = result[i].standardError,
        let value = result[i].difference.value, let low = result[i].difference.low, error > 0
      {
        // What the interval itself allows for, plus the power.
        let critical = max(value - low, 0) + normalQuantile(settings.power) * error
        result[i].detectable = critical
      }
    }
    return result
  }
}
