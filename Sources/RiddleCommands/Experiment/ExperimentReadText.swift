import RiddleEvaluation
import RiddleReport

/// The read-out of an A/B test for a person.
struct ExperimentReadText {
  typealias Measure = ExperimentReadout.Measure

  private let readout: ExperimentReadout
  private let width: Int

  init(_ readout: ExperimentReadout, width: Int) {
    self.readout = readout
    self.width = width
  }

  var text: String {
    var parts: [String] = []
    if let ratio = readout.sampleRatio, ratio.isMismatch {
      parts.append(
        """
        SAMPLE RATIO MISMATCH: \(counts(ratio)), p \(p(ratio.p)).
        Dealing or logging is broken, so no difference below can be believed. Look for requests
        that one arm loses (timeouts, crashes, filters), for arms that started at different times,
        and for a --split that is not the one you dealt by.
        """)
    }
    parts.append(armTable)
    parts.append(differenceTable)
    parts.append(readout.comparisons.map(sentence).joined(separator: "\n"))
    parts.append(footer)
    return parts.map { part in
      var text = part
      while text.hasSuffix("\n") { text.removeLast() }
      return text
    }.joined(separator: "\n\n")
  }

  private var measures: [Measure] {
    Measure.allCases.filter { measure in readout.arms.contains { $0.mean(measure) != nil } }
  }

  private func title(_ measure: Measure) -> String {
    switch measure {
    case .quality: "quality"
    case .reward: "reward"
    case .cost: "$ / 1,000"
    case .latency: "latency, ms"
    }
  }

  private func format(_ measure: Measure) -> FigureFormat {
    measure == .cost ? .dollarsPerThousand : .plain
  }

  private var armTable: String {
    let hasUnits = readout.unit != .request
    return TerminalTable(
      columns: [.init("Arm", .left), .init(readout.isPaired ? "pairs" : "requests")]
        + (hasUnits ? [.init("\(readout.unit.rawValue)s")] : [])
        + measures.map { .init(title($0)) },
      rows: readout.arms.map { arm in
        [arm.name, "\(arm.requests)"] + (hasUnits ? ["\(arm.units)"] : [])
          + measures.map { measure in
            arm.mean(measure).map { format(measure).text($0) } ?? FigureFormat.undefined
          }
      }
    ).render(width: width)
  }

  private var differenceTable: String {
    let hasHolm = readout.comparisons.contains { $0.pHolm != nil }
    return TerminalTable(
      columns: [
        .init("Against \(readout.arms[0].name)", .left), .init("measure", .left),
        .init("difference"), .init("p"),
      ] + (hasHolm ? [.init("p, Holm")] : []) + [.init("verdict", .left), .init("by", .left)],
      rows: readout.comparisons.map { comparison in
        [
          comparison.treatment, title(comparison.measure),
          format(comparison.measure).text(comparison.difference, isSigned: true),
          comparison.p.map(p) ?? FigureFormat.undefined,
        ] + (hasHolm ? [comparison.pHolm.map(p) ?? FigureFormat.undefined] : [])
          + [comparison.verdict.rawValue, comparison.method]
      }
    ).render(width: width)
  }

  /// One comparison in words.
  private func sentence(_ comparison: ExperimentReadout.Comparison) -> String {
    let measure =
      comparison.measure == .cost
      ? "cost" : comparison.measure == .latency ? "latency" : comparison.measure.rawValue
    var text = "\(comparison.treatment), \(measure): \(comparison.verdict.rawValue)"
    if let reason = comparison.reason { text += " (\(reason))" }
    if let saving = comparison.saving, saving.value != nil {
      text += "; saves \(FigureFormat.percent.text(saving))"
    }
    if comparison.verdict == .undecided, let detectable = comparison.detectable {
      text +=
        "; smallest difference that this many would show with power \(readout.power): \(format(comparison.measure).text(detectable))"
    }
    return text
  }

  private var footer: String {
    var lines: [String] = []
    if let ratio = readout.sampleRatio, !ratio.isMismatch {
      lines.append("sample ratio: \(counts(ratio)), p \(p(ratio.p)): as dealt")
    }
    let percent = 100 * readout.confidence
    let level = percent == percent.rounded() ? "\(Int(percent))%" : "\(Float(percent))%"
    lines.append(
      readout.isSequential
        ? "[ ]: \(level) confidence sequences: they hold at every look, whenever you stop"
        : "[ ]: \(level) intervals for one look; to look again and again use --sequential")
    for warning in readout.warnings { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }

  private func counts(_ ratio: SampleRatio) -> String {
    let total = ratio.observed.reduce(0, +)
    let expected = ratio.expected.map { "\(Int(($0 * Double(total)).rounded()))" }
    return
      "\(ratio.observed.map { "\($0)" }.joined(separator: " : ")) \(readout.unit.rawValue)s, expected \(expected.joined(separator: " : "))"
  }

  private func p(_ p: Double) -> String {
    p < 0.001 ? "<0.001" : FigureFormat.plain.text(p)
  }
}
