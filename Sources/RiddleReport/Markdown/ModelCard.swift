import RiddleEvaluation

/// The document that travels beside a weight file: what the router is, what it was shown to do, and what it is not for.
public struct ModelCard: Sendable {
  /// One threshold and where it came from.
  public struct Threshold: Equatable, Sendable {
    /// What passing it does, for example `at least gpt-strong`.
    public var name: String
    /// The cut on the margin or the probability, as stored.
    public var value: Double
    /// How it was chosen and what it guarantees.
    public var chosen: String

    /// A threshold.
    public init(name: String, value: Double, chosen: String) {
      self.name = name
      self.value = value
      self.chosen = chosen
    }
  }

  /// Rows of one part of the training data.
  public struct Part: Equatable, Sendable {
    /// For example `train`, `calibrate`, `test`.
    public var name: String
    /// Its rows.
    public var rows: Int

    /// A part.
    public init(name: String, rows: Int) {
      self.name = name
      self.rows = rows
    }
  }

  /// The router's name.
  public var name: String
  /// Kind of model, for example `logistic regression, 312 features`.
  public var modelKind: String
  /// Candidates from cheapest to dearest.
  public var candidates: [String]
  /// Label target, for example `weak-fails`.
  public var target: String
  /// Oracle rule, for example `cheapest-adequate`.
  public var oracle: String
  /// Cuts with their origin; empty when none is stored.
  public var thresholds: [Threshold] = []
  /// Calibration map, for example `Platt`.
  public var calibration: String = "none"
  /// Sizes of the parts, in order of use.
  public var parts: [Part] = []
  /// How rows were assigned to the parts.
  public var split: String = ""
  /// One line per block of features.
  public var features: [String] = []
  /// Held-out figures; nil says plainly that there are none.
  public var evaluation: EvaluationReport?
  /// Tables about the data and the settings, after the held-out figures.
  public var tables: [ModelTable] = []
  /// What the router is meant for; a sentence each. Comes before the standard ones.
  public var intendedUse: [String] = []
  /// What it must not be used for; a sentence each. Comes before the standard ones.
  public var notFor: [String] = []
  /// Provenance: seed, versions, checksums.
  public var facts: [(String, String)] = []
  /// Commands that rebuild the same weight file.
  public var rebuild: [String] = []
  /// Commands that check this weight file.
  public var verify: [String] = []

  /// A card; everything but the essentials is set afterwards.
  public init(
    name: String, modelKind: String, candidates: [String], target: String, oracle: String
  ) {
    self.name = name
    self.modelKind = modelKind
    self.candidates = candidates
    self.target = target
    self.oracle = oracle
  }

  /// The card as Markdown; the same card gives the same bytes.
  public func render() -> String {
    var parts = ["# \(MarkdownText.escape(name))\n", introduction]
    parts.append("## At a glance\n\n" + glance)
    parts.append("## Held-out figures\n\n" + figures)
    parts += tables.map(Self.section)
    parts.append("## Thresholds\n\n" + thresholdTable)
    parts.append("## Training data\n\n" + trainingData)
    if !features.isEmpty { parts.append("## Features\n\n" + Self.list(features)) }
    parts.append("## Intended use\n\n" + Self.list(intendedUse + standardUse))
    parts.append("## Not for\n\n" + Self.list(notFor + Self.standardLimits))
    parts.append("## Outside its distribution\n\n" + outOfDistribution)
    if !facts.isEmpty {
      let rows = facts.map { [$0.0, $0.1] }
      parts.append("## Provenance\n\n" + MarkdownText.table(["", ""], rows, numbers: false))
    }
    if !rebuild.isEmpty {
      parts.append("## Rebuild\n\n" + MarkdownText.block(rebuild, language: "sh"))
    }
    if !verify.isEmpty {
      parts.append("## Verify\n\n" + MarkdownText.block(verify, language: "sh"))
    }
    return parts.joined(separator: "\n")
  }

  /// A table as a section of the card.
  private static func section(_ table: ModelTable) -> String {
    let note = table.note.isEmpty ? "" : MarkdownText.escape(table.note) + "\n\n"
    return "## \(MarkdownText.escape(table.title))\n\n" + note
      + MarkdownText.table(table.columns, table.rows)
  }

  /// A rendered card with `tables` in place of the sections of the same titles, where the first of these stood, or before
  /// the thresholds. Doing it again with the same tables changes nothing.
  public static func replacingTables(_ tables: [ModelTable], in card: String) -> String {
    // Sections as they were joined: a heading begins one, and the line before it is empty.
    var sections = [""]
    for line in card.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") { sections.append("") }
      sections[sections.count - 1] += line + "\n"
    }
    // The last line end ends the last line; it does not begin another.
    sections[sections.count - 1].removeLast()
    let headings = tables.map { "## \(MarkdownText.escape($0.title))\n" }
    func isReplaced(_ section: String) -> Bool { headings.contains { section.hasPrefix($0) } }
    let place =
      sections.firstIndex(where: isReplaced)
      ?? sections.firstIndex { $0.hasPrefix("## Thresholds\n") } ?? sections.count
    let made = tables.map { section($0) + "\n" }
    return (sections[..<place] + made + sections[place...].filter { !isReplaced($0) }).joined()
  }

  private var introduction: String {
    let ladder = candidates.map(MarkdownText.code).joined(separator: ", ")
    return "A router that decides, before any answer exists, which of \(ladder) answers a query.\n"
  }

  private var glance: String {
    MarkdownText.table(
      ["", ""],
      [
        ["Model", modelKind], ["Candidates, cheapest first", candidates.joined(separator: " → ")],
        ["Label target", target], ["Oracle", oracle], ["Calibration", calibration],
      ], numbers: false)
  }

  private var figures: String {
    guard let evaluation else {
      return "None: this router has not been evaluated on held-out data.\n"
    }
    return MarkdownReport.render(evaluation)
  }

  private var thresholdTable: String {
    guard !thresholds.isEmpty else { return "None stored: the caller must choose one.\n" }
    return MarkdownText.table(
      ["Threshold", "Value", "How it was chosen"],
      thresholds.map { [$0.name, Self.exact($0.value), $0.chosen] }, numbers: false)
  }

  /// A threshold is quoted with six decimals: enough to recognise, the file holds the exact one.
  private static func exact(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return FigureFormat.undefined }
    return DecimalText.fixed(value, decimals: 6)
  }

  private var trainingData: String {
    var text = split.isEmpty ? "" : MarkdownText.escape(split) + "\n\n"
    if parts.isEmpty { return text + "Sizes not recorded.\n" }
    text += MarkdownText.table(
      ["Part", "Rows"], parts.map { [$0.name, CountFormat.count($0.rows)] })
    return text
  }

  private var standardUse: [String] {
    let ladder = PlainText.list(candidates)
    return [
      "Choosing between \(ladder) for queries like those it was trained on, "
        + "where a wrong choice costs quality or money and nothing else."
    ]
  }

  private static let standardLimits = [
    "Judging whether an answer is right: the router never sees an answer.",
    "Candidates other than those named: after a change of candidate, price or prompt template, "
      + "evaluate again before use.",
    "Decisions about people, and keeping unsafe requests from a candidate.",
  ]

  private var outOfDistribution: String {
    let strong = candidates.last.map(MarkdownText.code) ?? "the strongest candidate"
    return """
      The figures hold for queries drawn like the evaluated ones. On other languages, other tasks or much longer
      texts the score may be confidently wrong, and its probability is not calibrated there. Watch the share of
      queries sent to \(strong): when it leaves the range seen in evaluation, route to \(strong) and
      evaluate on fresh queries.

      """
  }

  private static func list(_ items: [String]) -> String {
    items.map { "- \(MarkdownText.escape($0))\n" }.joined()
  }
}
