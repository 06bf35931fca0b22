import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleRuntime
import RiddleStore

/// Policies and predictions named on the command line of `riddle off-policy`.
enum TargetFile {
  /// The policy that `text` names: always=NAME, uniform, a weight file or run folder, or JSON lines.
  static func target(
    _ text: String, on actions: LoggedActions, log: DecisionLog,
    signature: SignatureOptions, output: OutputOptions
  ) throws -> TargetPolicy {
    if text == "uniform" { return .uniform(on: actions) }
    if text.hasPrefix("always=") {
      return try .always(String(text.dropFirst("always=".count)), on: actions)
    }
    var isDirectory: ObjCBool = false
    guard text == "-" || FileManager.default.fileExists(atPath: text, isDirectory: &isDirectory)
    else {
      throw CommandFailure(
        .inputMissing,
        "--target \(text): no such file; expected always=NAME, uniform, a weight file, or JSON lines"
      )
    }
    if isDirectory.boolValue || text.hasSuffix(".riddle") || isWeightFile(text) {
      return try router(text, on: actions, log: log, signature: signature, output: output)
    }
    return try choices(text, on: actions, log: log)
  }

  private static func isWeightFile(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { handle.closeFile() }
    return handle.readData(ofLength: 4).elementsEqual([0x89, 0x52, 0x44, 0x4c])
  }

  /// What a router decides on the logged queries.
  private static func router(
    _ path: String, on actions: LoggedActions, log: DecisionLog,
    signature: SignatureOptions, output: OutputOptions
  ) throws -> TargetPolicy {
    let opened = try OpenedRouter(path: path, signature)
    if !opened.router.schema.embeddingMeans.isEmpty {
      output.note(
        "warning: \(path) reads embeddings, which decision logs do not carry: it decides as for average ones"
      )
    }
    let positions = opened.candidates.map { name in
      actions.candidates.firstIndex(of: name).map { Int32($0) } ?? -1
    }
    guard positions.contains(where: { $0 >= 0 }) else {
      throw CommandFailure(
        .malformedData,
        "--target \(path): its candidates \(opened.candidates.joined(separator: ", ")) are not in the log, which has \(actions.candidates.joined(separator: ", "))"
      )
    }
    let textless = actions.rows.count { log.decisions[$0].text == nil }
    guard textless == 0 else {
      throw CommandFailure(
        .malformedData,
        "--target \(path): \(textless) of \(actions.count) decisions have no \"query\", which the router reads; decide elsewhere and give the choices as JSON lines"
      )
    }
    if let trained = try opened.trainingRows() {
      let seen = actions.rows.count {
        trained.contains(text: log.decisions[$0].text ?? "", context: log.decisions[$0].context)
      }
      if seen > 0 {
        output.note(
          "warning: \(path) was trained on the queries of \(seen) of \(actions.count) decisions: its estimate flatters"
        )
      }
    }
    var scratch = opened.router.makeScratch()
    let picks = actions.rows.map { row -> Int32 in
      let decision = log.decisions[row]
      let text = Array((decision.text ?? "").utf8)
      return positions[
        opened.router.decide(
          text.span, context: requestContext(decision.context), scratch: &scratch
        ).candidate]
    }
    return TargetPolicy(name: path, choice: .picks(picks))
  }

  /// Choices from a file of JSON lines.
  private static func choices(_ path: String, on actions: LoggedActions, log: DecisionLog) throws
    -> TargetPolicy
  {
    let values = try CandidateNumbers.read(path: path, kind: .choices)
    let width = actions.candidates.count
    var table = [Double](repeating: 0, count: actions.count * width)
    var anyKnown = false
    for (i, numbers) in try rows(values, on: actions, log: log, what: "--target \(path)")
      .enumerated()
    {
      for (k, name) in actions.candidates.enumerated() {
        guard let p = numbers[name] else { continue }
        table[i * width + k] = p
        anyKnown = true
      }
    }
    guard anyKnown else {
      throw CommandFailure(
        .malformedData,
        "--target \(path): none of its candidates is in the log, which has \(actions.candidates.joined(separator: ", "))"
      )
    }
    return TargetPolicy(name: path, choice: .table(table))
  }

  /// Predicted rewards from a file of JSON lines, decisions × candidates.
  static func predictions(_ path: String, on actions: LoggedActions, log: DecisionLog) throws
    -> [Double]
  {
    let values = try CandidateNumbers.read(path: path, kind: .predictions)
    let what = "--reward-model \(path)"
    var table: [Double] = []
    for (i, numbers) in try rows(values, on: actions, log: log, what: what).enumerated() {
      for name in actions.candidates {
        guard let q = numbers[name] else {
          throw CommandFailure(
            .malformedData,
            "\(what): no prediction for candidate '\(name)' of decision '\(actions.ids[i])'; every candidate needs one"
          )
        }
        table.append(q)
      }
    }
    return table
  }

  /// What a file says about each decision, by its id, else by its query's.
  private static func rows(
    _ values: [String: [String: Double]], on actions: LoggedActions, log: DecisionLog, what: String
  ) throws -> [[String: Double]] {
    var rows: [[String: Double]] = []
    var missing = 0
    var first: String?
    for row in actions.rows {
      let decision = log.decisions[row]
      if let found = values[decision.id] ?? decision.queryID.flatMap({ values[$0] }) {
        rows.append(found)
      } else {
        missing += 1
        first = first ?? decision.id
      }
    }
    if let first {
      throw CommandFailure(
        .malformedData,
        "\(what): says nothing about \(missing) of \(actions.count) decisions, the first is '\(first)'; every decision needs a line with its id or query_id"
      )
    }
    return rows
  }
}
