import Foundation
import RiddleData
import RiddleRuntime

/// Decides the lines of one piece of input: what a thread owns.
final class PieceScorer {
  /// Lines that the decoder had to read.
  private(set) var decodedLines = 0
  private let opened: OpenedRouter
  private let writer: DecisionWriter
  private let isJSON: Bool
  private var scratch: FeatureVector
  private var scanner = RequestScanner()
  private let logger: DecisionLogger?
  /// What is to be logged of the lines since it was last emptied.
  var logged: [DecisionRecord] = []

  init(_ opened: OpenedRouter, writer: DecisionWriter, isJSON: Bool, logger: DecisionLogger? = nil)
  {
    self.opened = opened
    self.writer = writer
    self.isJSON = isJSON
    self.logger = logger
    scratch = opened.router.makeScratch()
  }

  /// Appends one output line for every line of `piece` but the blank ones among JSON lines, and returns how many could not be decided. The last line needs no
  /// newline. `firstLine` is the number of the first one in the input, from 1.
  ///
  /// - Throws: what the encoder throws.
  func score(
    _ piece: UnsafeBufferPointer<UInt8>, firstLine: Int, into out: inout [UInt8]
  ) throws -> Int {
    guard let base = piece.baseAddress else { return 0 }
    var badLines = 0
    var number = firstLine
    var at = 0
    while at < piece.count {
      var end = piece.count
      if let newline = memchr(base + at, 0x0a, end - at) {
        end = UnsafeRawPointer(newline) - UnsafeRawPointer(base)
      }
      let next = end + 1
      if end > at, base[end - 1] == 0x0d { end -= 1 }
      let line = UnsafeBufferPointer(start: base + at, count: end - at)
      if !isJSON || !line.allSatisfy({ $0 <= 32 }) {
        if try !score(line, number: number, into: &out) { badLines += 1 }
      }
      number += 1
      at = next
    }
    return badLines
  }

  private func score(
    _ line: UnsafeBufferPointer<UInt8>, number: Int, into out: inout [UInt8]
  ) throws -> Bool {
    if logger != nil { return try scoreLogged(line, number: number, into: &out) }
    guard isJSON else {
      return try write(decide(Span(_unsafeElements: line), RequestContext()), id: nil, into: &out)
    }
    guard scanner.read(line) else { return try decode(line, number: number, into: &out) }
    let id = scanner.id.map { UnsafeBufferPointer(rebasing: line[$0]) }
    if let place = scanner.plainQuery {
      let query = UnsafeBufferPointer(rebasing: line[place])
      return try write(
        decide(Span(_unsafeElements: query), scanner.context), id: id, into: &out)
    }
    // Its own storage for the duration of the call: the scanner is not touched meanwhile.
    let query = scanner.decodedQuery
    return try write(decide(query.span, scanner.context), id: id, into: &out)
  }

  /// The same with a record of the decision, whose identifier is printed when the line brought none.
  private func scoreLogged(
    _ line: UnsafeBufferPointer<UInt8>, number: Int, into out: inout [UInt8]
  ) throws -> Bool {
    guard let logger else { return false }
    guard isJSON else {
      let start = logger.now()
      let decision = decide(Span(_unsafeElements: line), RequestContext())
      let record = logger.record(
        ScoreRequest(text: Array(line)), line: nil, number: number, decision: decision,
        start: start, features: scratch)
      return try write(decision, record, into: &out)
    }
    guard scanner.read(line) else { return try decode(line, number: number, into: &out) }
    var request = ScoreRequest(
      text: scanner.plainQuery.map { Array(line[$0]) } ?? scanner.decodedQuery)
    request.context = scanner.context
    request.id = scanner.id.map { String(decoding: line[$0], as: UTF8.self) }
    let start = logger.now()
    let decision = decide(request.text.span, request.context)
    let record = logger.record(
      request, line: Array(line), number: number, decision: decision, start: start,
      features: scratch)
    return try write(decision, record, into: &out)
  }

  private func write(_ decision: Decision, _ record: DecisionRecord, into out: inout [UInt8])
    throws -> Bool
  {
    let id = Array(record.requestID.utf8)
    let wrote = try id.withUnsafeBufferPointer { try write(decision, id: $0, into: &out) }
    logged.append(record)
    return wrote
  }

  private func decide(_ text: Span<UInt8>, _ context: RequestContext) -> Decision {
    opened.router.decide(text, context: context, embedding: Span(), scratch: &scratch)
  }

  private func write(
    _ decision: Decision, id: UnsafeBufferPointer<UInt8>?, into out: inout [UInt8]
  ) throws -> Bool {
    writer.append(decision, id: id, to: &out)
    return true
  }

  /// The line as the JSON decoder reads it, for what the scanner leaves alone.
  private func decode(
    _ line: UnsafeBufferPointer<UInt8>, number: Int, into out: inout [UInt8]
  ) throws -> Bool {
    decodedLines += 1
    do {
      var request = try ScoreRequest(
        line: Array(line), dimension: opened.router.schema.embeddingMeans.count)
      let start = logger?.now() ?? 0
      let decision = opened.router.decide(
        request.text.span, context: request.context, embedding: request.embedding.span,
        scratch: &scratch)
      if let logger {
        let record = logger.record(
          request, line: Array(line), number: number, decision: decision, start: start,
          features: scratch)
        request.id = record.requestID
        logged.append(record)
      }
      out += try DecisionLine.text(decision, request, opened).utf8
      return true
    } catch let error as ScoreRequest.BadLine {
      out += try FailedLine.text(line: number, error).utf8
      return false
    }
  }
}
