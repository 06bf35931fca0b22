import Foundation
import RiddleData

/// Queries without any outcome, as `riddle score` reads them: JSON lines with "query" and, where known, "id",
/// "conversation", "group", "turn", "user_tier", "task_type", "domain"; or plain text (.txt), one query a line. Plain or gzip.
enum QueryLines {
  /// Reads files; queries without an id are named by file and line.
  ///
  /// - Throws: `CommandFailure`, naming the line, never its text.
  static func read(_ paths: [String]) throws -> [LoggedQuery] {
    var log: [LoggedQuery] = []
    for path in paths {
      let input = try InputLines(path, what: "queries")
      let isJSON = input.lines.first?.bytes.first { $0 > 32 } == UInt8(ascii: "{")
      for (number, line) in input.lines {
        let name = "\(URL(fileURLWithPath: path).lastPathComponent):\(number)"
        log.append(
          isJSON
            ? try query(line, name, path: "\(path), line \(number)")
            : LoggedQuery(id: name, text: String(decoding: line, as: UTF8.self), outcomes: []))
      }
    }
    return log
  }

  private static func query(_ line: [UInt8], _ name: String, path: String) throws -> LoggedQuery {
    guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(line)) else {
      throw CommandFailure(
        .malformedData,
        "\(path): neither a row of a log nor {\"query\": text}, with id, conversation, group, turn, user_tier, task_type and domain where known"
      )
    }
    return LoggedQuery(
      id: fields.id ?? name, text: fields.query,
      context: QueryContext(
        group: fields.group, conversation: fields.conversation, turn: fields.turn,
        userTier: fields.user_tier, taskType: fields.task_type, domain: fields.domain),
      outcomes: [])
  }

  private struct Fields: Decodable {
    var id: String?
    var query: String
    var conversation: String?
    var group: String?
    var turn: Int?
    var user_tier: String?
    var task_type: String?
    var domain: String?
  }
}
