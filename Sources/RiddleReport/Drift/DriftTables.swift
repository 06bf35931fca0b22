import RiddleEvaluation

/// What moved, as tables for the terminal and the page.
public struct DriftTables: Sendable {
  private let report: DriftReport
  /// A time in microseconds since 1970 as a day.
  private let day: @Sendable (Int64) -> String

  /// Tables of `report`; `day` writes a time as a day, because this target knows no calendar.
  public init(_ report: DriftReport, day: @escaping @Sendable (Int64) -> String) {
    self.report = report
    self.day = day
  }

  /// The verdict on the newest period in one sentence.
  public var headline: String {
    guard let newest = report.periods.last else { return "No period to compare." }
    let when = span(newest.span)
    switch newest.verdict {
    case .undecided: return "\(when): undecided: \(newest.reason ?? "")."
    case .quiet:
      let before = report.periods.dropLast().count { $0.verdict == .drift }
      let history =
        before > 0 ? " \(before) earlier period\(before == 1 ? "" : "s") drifted." : ""
      return "\(when): quiet: nothing moved that chance does not explain.\(history)"
    case .drift:
      let moved = newest.columns.count { $0.isDrift }
      var parts = ["\(moved) of \(newest.columns.count) columns moved"]
      if let classifier = newest.classifier, classifier.isDrift {
        parts.append(
          "a classifier tells its rows from the reference's (AUC \(FigureFormat.plain.text(classifier.auc)))"
        )
      }
      return "\(when): DRIFT: \(parts.joined(separator: "; "))."
    }
  }

  /// Every table, the most important first.
  public var all: [ModelTable] {
    [periods, moved(limit: 25), classifiers].compactMap { $0 }
  }

  /// One line a period.
  public var periods: ModelTable {
    var note =
      "Reference: \(span(report.reference)), \(CountFormat.count(report.reference.rows)) rows in \(CountFormat.count(report.reference.units)) units; a unit is a family of near-duplicates in one stretch."
    note +=
      " An alarm is false in at most \(FigureFormat.percent.text(report.settings.falseAlarms)) of quiet periods, over all columns together (\(CountFormat.count(report.settings.permutations)) permutations of whole units, maxT)."
    if let found = report.falseAlarms {
      note +=
        " Measured on the reference: \(FigureFormat.percent.text(found.rate)) of \(CountFormat.count(found.trials)) reshufflings raise an alarm"
      note +=
        found.stretches > 0
        ? ", and \(found.alarmed) of its \(found.stretches) stretches against the rest." : "."
    }
    return ModelTable(
      title: "Periods", note: note,
      columns: ["Period", "Rows", "Units", "Verdict", "Moved", "Largest PSI", "Classifier AUC"],
      textColumns: [3],
      rows: report.periods.map { period in
        let most = period.columns.filter(\.isDrift).map(\.psi).max()
        return [
          span(period.span), CountFormat.count(period.span.rows),
          CountFormat.count(period.span.units),
          period.verdict == .drift ? "DRIFT" : period.verdict.rawValue,
          period.verdict == .undecided
            ? "–" : "\(period.columns.count { $0.isDrift }) of \(period.columns.count)",
          FigureFormat.plain.text(most),
          period.classifier.map { FigureFormat.plain.text($0.auc) } ?? "–",
        ]
      })
  }

  /// Columns that moved, each in the period where it moved most; nil when none did.
  public func moved(limit: Int) -> ModelTable? {
    if report.moved.isEmpty { return nil }
    let rows = report.moved.prefix(limit).compactMap { moved -> [String]? in
      let found = report.periods.flatMap(\.columns).filter { $0.name == moved.name && $0.isDrift }
      guard let most = found.max(by: { $0.psi < $1.psi }) else { return nil }
      let change: String =
        if let share = most.largestChange {
          "\(PlainText.oneLine(share.value)): \(FigureFormat.percent.text(share.before)) → \(FigureFormat.percent.text(share.now))"
        } else {
          "\(FigureFormat.plain.text(most.referenceMean)) → \(FigureFormat.plain.text(most.mean))"
        }
      return [
        PlainText.oneLine(moved.name), moved.kind.rawValue, moved.since.map(day) ?? "–",
        moved.changed.map(day) ?? "–",
        "\(FigureFormat.plain.text(most.psi)) (\(FigureFormat.plain.text(most.psiLine)))",
        most.ks.map {
          "\(FigureFormat.plain.text($0)) (\(FigureFormat.plain.text(most.ksLine)))"
        } ?? "–",
        change, FigureFormat.plain.text(most.p),
      ]
    }
    let more = report.moved.count - rows.count
    return ModelTable(
      title: "What moved",
      note:
        "Since: start of the first period beyond the line. Changed: the day that divides its values best. In brackets: the line, from permutations, for all columns together.\(more > 0 ? " \(more) more columns moved; --json has all." : "")",
      columns: [
        "Column", "Kind", "Since", "Changed", "PSI (line)", "KS (line)", "Mean or share", "p",
      ], textColumns: [1, 2, 3, 6], rows: rows)
  }

  /// What tells the newest drifted period's rows apart; nil without a classifier.
  public var classifiers: ModelTable? {
    guard
      let classifier = report.periods.last(where: { $0.classifier?.isDrift == true })?.classifier
    else { return nil }
    return ModelTable(
      title: "What tells new rows from old ones",
      note:
        "Cross-fitted logistic regression on features and words, families of near-duplicates in one fold; log-odds of \"new\" per standard deviation of a feature, beside the words.",
      columns: ["Feature", "Log-odds"],
      rows: classifier.features.map {
        [PlainText.oneLine($0.name), FigureFormat.plain.text($0.weight, isSigned: true)]
      })
  }

  /// First and last day of a stretch of time.
  func span(_ span: DriftReport.Span) -> String {
    guard let start = span.start, let end = span.end else {
      return "\(CountFormat.count(span.rows)) rows"
    }
    let (first, last) = (day(start), day(end - 1))
    return first == last ? first : "\(first)…\(last)"
  }
}
