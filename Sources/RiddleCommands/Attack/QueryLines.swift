import Foundation
import RiddleData

/// Queries without any outcome, as `riddle score` reads them: JSON lines with "query" and, where known, "id",
/// "conversation", "group", "turn", "user_tier", "task_type", "domain"; or plain text (.txt), one query a line.
enum QueryLines {
  /// Reads files; queries without an id are named by file and line.
  ///
  /// - Throws: `CommandFailure`, naming the line, never its text.
  static func read(_ paths: [String]) throws -> [LoggedQuery] {
    var log: [LoggedQuery] = []
    for path in paths {
      let bytes = try Files.read(path, what: "queries")
      if bytes.starts(with: [0x1f, 0x8b]) {
        throw CommandFailure(
          .malformedData,
          "\(path): no usable row of a log, and queries without outcomes are read uncompressed; use gunzip first"
        )
      }
      let isJSON = bytes.first { $0 > 32 } == UInt8(ascii: "{")
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      for (number, raw) in lines.enumerated() {
        let line = raw.last == 13 ? raw.dropLast() : raw
        if line.allSatisfy({ $0 == 32 || $0 == 9 }) { continue }
        let name = "\(URL(fileURLWithPath: path).lastPathComponent):\(number + 1)"
        log.append(
          isJSON
            ? try query(Array(line), name, path: "\(path), line \(number + 1)")
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
