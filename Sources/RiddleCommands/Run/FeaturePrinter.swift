import RiddleExport
import RiddleRuntime

/// Prints the features of queries with what a router makes of them: what an exported ONNX model or SQL query is fed.
struct FeaturePrinter {
  /// One line of numbers with commas instead of JSON.
  let asCSV: Bool
  private let router: Router
  private let candidates: [String]
  private let columns: [TableColumn]
  /// Context fields that the table has as text, in order.
  private let fields: [ContextField]

  init(_ opened: OpenedRouter, asCSV: Bool) {
    self.asCSV = asCSV
    router = opened.router
    candidates = opened.candidates
    columns = TableColumn.columns(of: router.schema, names: opened.columnNames)
    let columns = columns
    fields = ContextField.allCases.filter { field in
      columns.contains { if case .category(field, _, _) = $0 { true } else { false } }
    }
  }

  /// The table's first line; nil for JSON lines.
  var header: String? {
    guard asCSV else { return nil }
    let numbers = columns.compactMap { if case .number(let name) = $0 { name } else { nil } }
    return (["id"] + numbers + fields.map(\.name)).joined(separator: ",") + "\n"
  }

  /// The line of one query whose features are in `features`.
  func line(
    _ request: ScoreRequest, _ features: borrowing FeatureVector, _ decision: Decision, number: Int
  ) throws -> String {
    if asCSV { return table(request, features, number: number) }
    var steps = InlineArray<64, Double>(repeating: 0)
    router.writeStepMargins(features, to: &steps)
    var margins: [Double] = []
    var probabilities = InlineArray<64, Double>(repeating: 0)
    for head in 0..<router.model.headCount {
      margins.append(router.model.margin(features, head: head))
      probabilities[head] = margins[head]
    }
    var link = OutcomeValues.Link.independent
    if case .values(let values) = router.rule { link = values.link }
    router.writeProbabilities(of: probabilities, link: link, to: &probabilities)
    let keys = features.keys
    let line = FeatureLine(
      id: request.id, candidate: candidates[decision.candidate],
      candidate_index: decision.candidate,
      dense: features.dense.map { Double($0) },
      word_keys: Array(keys[..<features.wordKeyCount]),
      character_keys: Array(keys[features.wordKeyCount...]),
      word_scale: Double(features.wordScale), character_scale: Double(features.characterScale),
      margins: margins, probabilities: margins.indices.map { probabilities[$0] },
      step_margins: router.thresholds.indices.map { steps[$0] })
    return try JSONOutput.text(line, pretty: false) + "\n"
  }

  /// Numbers are the features as doubles: whoever reads them gets the scorer's floats exactly.
  private func table(
    _ request: ScoreRequest, _ features: borrowing FeatureVector, number: Int
  ) -> String {
    var cells = [Self.quoted(request.id ?? "\(number)")]
    let dense = features.dense
    for (column, kind) in columns.enumerated() {
      if case .number = kind { cells.append("\(Double(dense[column]))") }
    }
    for field in fields { cells.append(Self.quoted(request.values[field] ?? "")) }
    return cells.joined(separator: ",") + "\n"
  }

  /// A cell as RFC 4180 has it.
  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else {
      return text
    }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private struct FeatureLine: Encodable {
    var id: String?
    var candidate: String
    var candidate_index: Int
    var dense: [Double]
    var word_keys: [UInt32]
    var character_keys: [UInt32]
    var word_scale: Double
    var character_scale: Double
    var margins: [Double]
    var probabilities: [Double]
    var step_margins: [Double]
  }
}
