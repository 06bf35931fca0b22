import Foundation
import RiddleRuntime

/// Reads the fields of a request from one JSON line without building anything, for lines as logs have them.
///
/// Takes only what `ScoreRequest(line:dimension:)` reads the same way beyond doubt: strict JSON (RFC 8259) in valid UTF-8, a
/// query in any spelling, the other fields in theirs without escapes, `turn` as a few digits. Everything else (a key with an
/// escape, a field given twice, an embedding, deep nesting, any error) is `nil`: the caller decodes the line as before,
/// so the answer and the words of an error do not depend on which of the two read it.
struct RequestScanner {
  /// Where the query stands in the line, when it has no escapes.
  private(set) var plainQuery: Range<Int>?
  /// The query otherwise; memory is used again for the next line.
  private(set) var decodedQuery: [UInt8] = []
  /// Where the identifier's text stands in the line.
  private(set) var id: Range<Int>?
  private(set) var context = RequestContext()

  /// Containers inside each other that are skipped; deeper ones are decoded.
  private static let maximumDepth = 32

  /// Whether the line was read; false leaves it to the decoder.
  mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    plainQuery = nil
    id = nil
    context = RequestContext()
    guard var cursor = JSONCursor(line) else { return false }
    return readObject(&cursor) && cursor.isValidUTF8
  }

  private mutating func readObject(_ cursor: inout JSONCursor) -> Bool {
    var seen: UInt8 = 0  // one bit a field: a field given twice is decoded
    var hasQuery = false
    guard cursor.take(0x7b) else { return false }
    cursor.skipSpace()
    repeat {
      guard let key = cursor.string(), !key.hasEscapes, cursor.take(0x3a) else { return false }
      cursor.skipSpace()
      let field = Field(cursor.bytes(key.range))
      if let field {
        if seen & field.bit != 0 { return false }
        seen |= field.bit
        if field != .query && cursor.takeNull() { continue }
      }
      switch field {
      case .query:
        guard let text = cursor.string() else { return false }
        hasQuery = true
        if text.hasEscapes {
          guard cursor.unescape(text.range, into: &decodedQuery) else { return false }
        } else {
          plainQuery = text.range
        }
      case .id:
        guard let text = cursor.string(), !text.hasEscapes else { return false }
        id = text.range
      case .turn:
        guard let turn = cursor.smallWholeNumber() else { return false }
        context.turn = turn
      case .userTier, .taskType, .domain:
        guard let text = cursor.string(), !text.hasEscapes else { return false }
        let name: ContextField =
          field == .userTier ? .userTier : field == .taskType ? .taskType : .domain
        context.set(name, to: Span(_unsafeElements: cursor.bytes(text.range)))
      case .embedding: return false
      case nil:
        guard cursor.skipValue(depth: Self.maximumDepth) else { return false }
      }
    } while cursor.takeCommaInObject()
    return hasQuery && cursor.take(0x7d) && cursor.isAtEndAfterSpace()
  }

  /// Fields that are read.
  private enum Field: UInt8 {
    case id, query, turn, userTier, taskType, domain, embedding

    var bit: UInt8 { 1 << rawValue }

    private static let names: [(StaticString, Field)] = [
      ("id", .id), ("query", .query), ("turn", .turn), ("user_tier", .userTier),
      ("task_type", .taskType), ("domain", .domain), ("embedding", .embedding),
    ]

    init?(_ key: UnsafeBufferPointer<UInt8>) {
      guard let base = key.baseAddress else { return nil }
      for (name, field) in Self.names
      where name.utf8CodeUnitCount == key.count && memcmp(name.utf8Start, base, key.count) == 0 {
        self = field
        return
      }
      return nil
    }
  }
}
