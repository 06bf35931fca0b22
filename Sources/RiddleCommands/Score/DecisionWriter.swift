import Foundation
import RiddleRuntime

/// Writes decisions as `JSONOutput` writes a ``DecisionLine``, byte for byte, from pieces that are made once.
///
/// Only two numbers and the identifier differ between the lines of one head and one answer.
struct DecisionWriter {
  /// Lines by `2 × head + (climbs ? 1 : 0)`.
  private var frames: [Frame] = []

  private struct Frame {
    /// From the brace to the identifier.
    var head: [UInt8]
    /// From behind the probability to the newline.
    var tail: [UInt8]
  }

  /// - Throws: what the encoder throws for a candidate or threshold that it cannot write.
  init(_ opened: OpenedRouter) throws {
    let names = opened.candidates
    for (head, threshold) in opened.router.thresholds.enumerated() {
      for climbs in [false, true] {
        // The encoder's own line, cut where the numbers stand: 1 and 2 are no part of what surrounds them.
        let decision = Decision(
          candidate: climbs ? head + 1 : head, head: head, margin: 0, threshold: threshold.value,
          probability: 0)
        let line = DecisionLine(
          decision, id: nil, names: names,
          lacksEmbedding: !opened.router.schema.embeddingMeans.isEmpty, features: nil)
        let text = Array((try JSONOutput.text(line, pretty: false) + "\n").utf8)
        let cut = Array("\"margin\":0,\"probability\":0,".utf8)
        guard let at = Self.lastPosition(of: cut, in: text) else {
          throw CommandFailure(.defect, "a decision line has no margin and probability")
        }
        frames.append(Frame(head: Array(text[..<at]), tail: Array(text[(at + cut.count - 1)...])))
      }
    }
  }

  /// Names come before the numbers as well as behind them; a reason's quotes are escaped, so it cannot look like them.
  private static func lastPosition(of part: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= part.count else { return nil }
    return (0...(text.count - part.count)).last { text[$0...].starts(with: part) }
  }

  /// Appends one line. `id` has no byte that JSON escapes; numbers are finite.
  func append(
    _ decision: Decision, id: UnsafeBufferPointer<UInt8>?, to out: inout [UInt8]
  ) {
    let frame = frames[2 * decision.head + (decision.candidate > decision.head ? 1 : 0)]
    out.append(contentsOf: frame.head)
    if let id {
      Self.append("\"id\":\"", to: &out)
      out.append(contentsOf: id)
      Self.append("\",", to: &out)
    }
    Self.append("\"margin\":", to: &out)
    Self.append(decision.margin, to: &out)
    Self.append(",\"probability\":", to: &out)
    Self.append(decision.probability, to: &out)
    out.append(contentsOf: frame.tail)
  }

  private static func append(_ text: StaticString, to out: inout [UInt8]) {
    out.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The shortest decimal that reads back as `value`, a whole number without its ".0", as the encoder has it.
  static func append(_ value: Double, to out: inout [UInt8]) {
    out.append(contentsOf: value.description.utf8)
    let count = out.count
    if count >= 2, out[count - 1] == UInt8(ascii: "0"), out[count - 2] == UInt8(ascii: ".") {
      out.removeLast(2)
    }
  }
}
