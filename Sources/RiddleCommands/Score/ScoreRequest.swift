import Foundation
import RiddleRuntime

/// A request read from one line.
struct ScoreRequest {
  var id: String?
  var text: [UInt8]
  var context = RequestContext()
  /// Values of the context's fields as they were given; empty when unknown.
  var values: [ContextField: String] = [:]
  /// Empty when unknown.
  var embedding: [Float] = []

  init(text: [UInt8]) { self.text = text }

  struct BadLine: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter dimension: length of the embedding that the router reads; 0 ignores the field.
  init(line: [UInt8], dimension: Int) throws {
    let fields: Fields
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(line))
    } catch DecodingError.typeMismatch(let type, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw BadLine(description: "field \(path.isEmpty ? "line" : path): expected \(type)")
    } catch DecodingError.keyNotFound(let key, _) {
      throw BadLine(description: "field \(key.stringValue) is missing")
    } catch DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw BadLine(description: "field \(path) is null, expected a value")
    } catch {
      throw BadLine(description: "not a JSON object")
    }
    id = fields.id
    text = Array(fields.query.utf8)
    guard let turn = Int32(exactly: fields.turn ?? 0), turn >= 0 else {
      throw BadLine(description: "field turn: expected a whole number from 1")
    }
    context.turn = turn
    for (field, value) in [
      (ContextField.userTier, fields.user_tier), (.taskType, fields.task_type),
      (.domain, fields.domain),
    ] {
      guard let value else { continue }
      context.set(field, to: value.utf8Span.span)
      values[field] = value
    }
    guard dimension > 0, let vector = fields.embedding else { return }
    guard vector.count == dimension else {
      throw BadLine(
        description:
          "field embedding: expected \(dimension) numbers, as the router was trained with, found \(vector.count)"
      )
    }
    embedding = vector.map { Float($0) }
    if let bad = embedding.firstIndex(where: { !$0.isFinite }) {
      throw BadLine(
        description: "field embedding: number \(bad + 1) is beyond the range of a 32-bit float")
    }
  }

  private struct Fields: Decodable {
    var id: String?
    var query: String
    var turn: Int?
    var user_tier: String?
    var task_type: String?
    var domain: String?
    var embedding: [Double]?
  }
}
