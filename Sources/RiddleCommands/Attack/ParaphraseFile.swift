import Foundation
import RiddleData

/// Other ways to ask the queries of a log, by the query's id or its text.
///
/// JSON lines, `{"id": "q1", "paraphrases": ["…", "…"]}` or `{"query": "…", "paraphrase": "…"}`; or lines of two fields, id or
/// query, tab, paraphrase. Several lines of one query add up.
enum ParaphraseFile {
  /// Reads a file, plain or gzip; the result is by id of the rows of `data`, each text once. Lines of other queries are
  /// left out.
  ///
  /// - Throws: `CommandFailure`, naming the line, never its text.
  static func read(_ path: String, for data: Dataset) throws -> [String: [String]] {
    let input = try InputLines(path, what: "paraphrases")
    guard !input.lines.isEmpty else {
      throw CommandFailure(
        .malformedData, "\(path): no paraphrase in it; a line is \(Entry.jsonForm)")
    }
    var idsOfText: [String: [String]] = [:]
    for (id, text) in zip(data.ids, data.texts) { idsOfText[text, default: []].append(id) }
    let ids = Set(data.ids)
    var found: [String: [String]] = [:]
    for (number, line) in input.lines {
      let entry: Entry
      do throws(BadLine) {
        entry = try Entry(line)
      } catch {
        throw CommandFailure(.malformedData, "\(path), line \(number): \(error.reason)")
      }
      var targets = entry.key.map { key in ids.contains(key) ? [key] : idsOfText[key] ?? [] } ?? []
      if let id = entry.id { targets = ids.contains(id) ? [id] : [] }
      if let query = entry.query { targets = idsOfText[query] ?? [] }
      for id in targets {
        // A query that was asked twice has its paraphrases from both lines.
        for text in entry.paraphrases where !(found[id] ?? []).contains(text) {
          found[id, default: []].append(text)
        }
      }
    }
    return found
  }

  private struct BadLine: Error {
    var reason: String
  }

  private struct Entry {
    var id: String?
    var query: String?
    /// Id or query, where the line does not say which.
    var key: String?
    var paraphrases: [String]

    static let jsonForm =
      "{\"id\" or \"query\": text, \"paraphrases\": [texts] or \"paraphrase\": text}"

    init(_ line: [UInt8]) throws(BadLine) {
      try self.init(reading: line)
      guard paraphrases.allSatisfy({ $0.contains { !$0.isWhitespace } }) else {
        throw BadLine(reason: "a paraphrase is empty")
      }
    }

    private init(reading line: [UInt8]) throws(BadLine) {
      if line.first(where: { $0 != 32 }) == UInt8(ascii: "{") {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(line)) else {
          throw BadLine(reason: "expected \(Self.jsonForm)")
        }
        guard fields.id != nil || fields.query != nil else {
          throw BadLine(reason: "field id or query is missing")
        }
        paraphrases = (fields.paraphrases ?? []) + (fields.paraphrase.map { [$0] } ?? [])
        if paraphrases.isEmpty {
          throw BadLine(reason: "field paraphrases or paraphrase is missing or empty")
        }
        id = fields.id
        query = fields.id == nil ? fields.query : nil
        return
      }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw BadLine(reason: "not UTF-8")
      }
      let parts = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw BadLine(
          reason:
            "expected \(Self.jsonForm), or two fields, id or query, tab, paraphrase; found \(parts.count)"
        )
      }
      key = parts[0]
      paraphrases = [parts[1]]
    }
  }

  private struct Fields: Decodable {
    var id: String?
    var query: String?
    var paraphrase: String?
    var paraphrases: [String]?
  }
}
