import RiddleEvaluation

/// A retraining as a document to review: what would change, and whether it should.
public struct ChangeDocument: Sendable {
  /// One router's side of the data table.
  public struct Side: Sendable {
    /// Name and the beginning of the checksum.
    public var router: String
    /// What is known of its data, name and value.
    public var facts: [(name: String, value: String)]
    /// Its thresholds.
    public var thresholds: [Threshold]

    /// A side.
    public init(
      router: String, facts: [(name: String, value: String)], thresholds: [Threshold]
    ) {
      self.router = router
      self.facts = facts
      self.thresholds = thresholds
    }
  }

  /// One threshold and what is promised of it.
  public struct Threshold: Sendable {
    /// What it decides.
    public var name: String
    /// The margin.
    public var margin: Double
    /// Calibrated probability there.
    public var probability: Double
    /// How it was chosen, and what is guaranteed.
    public var guarantee: String

    /// A threshold.
    public init(name: String, margin: Double, probability: Double, guarantee: String) {
      self.name = name
      self.margin = margin
      self.probability = probability
      self.guarantee = guarantee
    }
  }

  /// A feature whose part in the decisions changed.
  public struct Feature: Equatable, Sendable, Codable {
    /// The feature.
    public var name: String
    /// Mean |contribution| in log-odds, champion.
    public var before: Double
    /// Mean |contribution| in log-odds, challenger.
    public var after: Double

    /// A feature.
    public init(name: String, before: Double, after: Double) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// The champion.
  public var champion: Side
  /// The challenger.
  public var challenger: Side
  /// The verdict.
  public var verdict: ChallengeVerdict
  /// How the judged rows were chosen.
  public var judgedRows: String
  /// The comparison; nil when no row was left.
  public var change: RouterChange?
  /// Settings that differ.
  public var settings: [(setting: String, before: String, after: String)]
  /// Changed decisions; nil without a comparison.
  public var decisions: ChangedDecisions?
  /// Features by how much their part changed.
  public var features: [Feature]
  /// What moved in the data; nil where it could not be asked.
  public var drift: DriftTables?
  /// What a reader must know.
  public var warnings: [String]
  /// Commands: promote, go back, look closer.
  public var commands: [String]

  /// A document.
  public init(
    champion: Side, challenger: Side, verdict: ChallengeVerdict, judgedRows: String,
    change: RouterChange?, settings: [(setting: String, before: String, after: String)],
    decisions: ChangedDecisions?, features: [Feature], drift: DriftTables?, warnings: [String],
    commands: [String]
  ) {
    self.champion = champion
    self.challenger = challenger
    self.verdict = verdict
    self.judgedRows = judgedRows
    self.change = change
    self.settings = settings
    self.decisions = decisions
    self.features = features
    self.drift = drift
    self.warnings = warnings
    self.commands = commands
  }

  /// The document in Markdown.
  public func markdown() -> String {
    var text =
      "# Retraining: \(MarkdownText.escape(champion.router)) → \(MarkdownText.escape(challenger.router))\n\n"
    text += "**\(MarkdownText.escape(verdict.sentence)).**\n\n"
    text +=
      "What decides: \(MarkdownText.escape(verdict.metric)), because \(MarkdownText.escape(verdict.because)).\n"
    if let change = verdict.change {
      text +=
        "Champion \(FigureFormat.plain.text(change.before, withInterval: false)), challenger \(FigureFormat.plain.text(change.after, withInterval: false)), difference \(FigureFormat.plain.text(change.difference, isSigned: true)).\n"
    }
    text += "\n```sh\n" + commands.map { PlainText.oneLine($0) + "\n" }.joined() + "```\n\n"
    for warning in warnings { text += "* Warning: \(MarkdownText.escape(warning))\n" }
    if !warnings.isEmpty { text += "\n" }
    text += section("Data", dataTable + "\nJudged: \(MarkdownText.escape(judgedRows)).\n")
    if let change {
      text += section("Figures", ChangeReport(change, settings: settings).markdown() + "\n")
    }
    text += section("Thresholds and guarantees", thresholdTable)
    text += section("Changed decisions", decisionTables)
    text += section("Features whose part changed", featureTable)
    text += section("What moved in the data", driftTable)
    return text
  }

  private func section(_ title: String, _ body: String) -> String {
    "## \(title)\n\n\(body.isEmpty ? "Nothing to compare.\n" : body)\n"
  }

  private var dataTable: String {
    var names = champion.facts.map(\.name)
    for fact in challenger.facts where !names.contains(fact.name) { names.append(fact.name) }
    func value(_ side: Side, _ name: String) -> String {
      side.facts.first { $0.name == name }?.value ?? "–"
    }
    return MarkdownText.table(
      ["", "Champion", "Challenger"],
      names.map { [$0, value(champion, $0), value(challenger, $0)] }, numbers: false)
  }

  private var thresholdTable: String {
    var names = champion.thresholds.map(\.name)
    for threshold in challenger.thresholds where !names.contains(threshold.name) {
      names.append(threshold.name)
    }
    func cells(_ side: Side, _ name: String) -> [String] {
      guard let found = side.thresholds.first(where: { $0.name == name }) else {
        return ["–", "–"]
      }
      return [
        "\(FigureFormat.plain.text(found.margin)) (p \(FigureFormat.plain.text(found.probability)))",
        found.guarantee,
      ]
    }
    return MarkdownText.table(
      ["Threshold", "Champion", "Its guarantee", "Challenger", "Its guarantee"],
      names.map { [$0] + cells(champion, $0) + cells(challenger, $0) }, numbers: false)
  }

  private var decisionTables: String {
    guard let decisions else { return "" }
    let changed = decisions.moves.reduce(0) { $0 + $1.rows }
    var text =
      "\(CountFormat.count(changed)) of \(CountFormat.count(decisions.rows)) decisions change.\n\n"
    if decisions.moves.isEmpty { return text }
    text += MarkdownText.table(
      ["From → to", "Rows", "Quality, after − before", "Dollars per 1,000 queries"],
      decisions.moves.map { move in
        [
          "\(move.from) → \(move.to)", CountFormat.count(move.rows),
          FigureFormat.plain.text(move.quality, isSigned: true),
          FigureFormat.dollarsPerThousand.text(move.costDollars, isSigned: true),
        ]
      })
    text += "\nExamples by id, those first whose quality changes most:\n\n"
    text += MarkdownText.table(
      ["Id", "From → to", "Quality", "Margin above threshold"],
      decisions.examples.map { row in
        [
          row.id, "\(row.from) → \(row.to)",
          "\(FigureFormat.plain.text(row.qualityBefore)) → \(FigureFormat.plain.text(row.qualityAfter))",
          "\(FigureFormat.plain.text(row.marginBefore, isSigned: true)) → \(FigureFormat.plain.text(row.marginAfter, isSigned: true))",
        ]
      })
    return text
  }

  private var featureTable: String {
    if features.isEmpty { return "" }
    return "Mean |contribution| to the margin on the judged rows, in log-odds.\n\n"
      + MarkdownText.table(
        ["Feature", "Champion", "Challenger", "Change"],
        features.map {
          [
            $0.name, FigureFormat.plain.text($0.before), FigureFormat.plain.text($0.after),
            FigureFormat.plain.text($0.after - $0.before, isSigned: true),
          ]
        })
  }

  private var driftTable: String {
    guard let drift else { return "" }
    var text = "\(MarkdownText.escape(drift.headline))\n"
    if let moved = drift.moved(limit: 10) {
      text += "\n" + MarkdownText.table(moved.columns, moved.rows, numbers: false)
    }
    return text
  }
}
