import Foundation
import RiddleData
import RiddleRuntime

/// Reads lines, decides them, writes decisions.
///
/// Plain decisions of text and JSON lines go through ``BlockScorer``. Explanations and features are made line by line, as
/// are the first lines, until one of them says what the input is.
struct LineScorer: ~Copyable {
  let opened: OpenedRouter
  var format: ScoreCommand.InputFormat
  var lineCount = 0
  /// Threads of plain decisions.
  var threads = 1
  private var scratch: FeatureVector
  private let reasons: QueryReasons?
  private var badLines = 0
  /// Prints features in place of decisions.
  var featurePrinter: FeaturePrinter?
  /// Keeps what was decided.
  var logger: DecisionLogger?

  init(opened: OpenedRouter, explains: Bool, top: Int, format: ScoreCommand.InputFormat) throws {
    self.opened = opened
    self.format = format
    scratch = opened.router.makeScratch()
    reasons = explains ? try QueryReasons(opened, limit: max(1, top)) : nil
  }

  /// Decides everything in `input`, and returns how many lines could not be.
  mutating func score(_ input: ScoreInput) throws -> Int {
    if format == .netstrings { return try scoreNetstrings(input) }
    Console.write(featurePrinter?.header ?? "", to: .standardOutput)
    while try input.fill() {
      if format == .auto, lineCount == 0, let advice = NoQueries.advice(input.buffer) {
        throw CommandFailure(.malformedData, "the input \(advice)")
      }
      try scoreLines(input)
      if isPlain { return try scoreBlocks(input) }
    }
    return badLines
  }

  /// Whether ``BlockScorer`` can take the rest.
  private var isPlain: Bool {
    reasons == nil && featurePrinter == nil && lineCount > 0 && format != .auto
  }

  private mutating func scoreBlocks(_ input: ScoreInput) throws -> Int {
    let scorer = try BlockScorer(opened, isJSON: format == .jsonl, threads: threads, logger: logger)
    let isLogged = logger != nil
    while try input.fill() {
      let done = try scorer.score(
        input.buffer, firstLine: lineCount + 1, isLast: input.isAtEnd
      ) { Console.write($0, closedPipeEnds: !isLogged) }
      input.drop(done.bytes)
      lineCount += done.lines
      badLines += done.badLines
    }
    return badLines
  }

  /// Decides the lines of the input's buffer one by one, until the rest can be taken in blocks.
  private mutating func scoreLines(_ input: ScoreInput) throws {
    let lines = input.buffer
    var start = 0
    var out = ""
    while !isPlain, start < lines.count {
      let newline = lines[start...].firstIndex(of: 10)
      guard let end = newline ?? (input.isAtEnd ? lines.count : nil) else { break }
      out += try decide(Array(lines[start..<end]))
      start = min(end + 1, lines.count)
      if out.utf8.count > 1 << 16 {
        Console.write(Array(out.utf8), closedPipeEnds: logger == nil)
        out = ""
      }
    }
    input.drop(start)
    Console.write(Array(out.utf8), closedPipeEnds: logger == nil)
  }

  private mutating func scoreNetstrings(_ input: ScoreInput) throws -> Int {
    var reader = NetstringReader()
    while try input.fill(wholeLine: false) {
      reader.add(input.buffer)
      input.drop(input.buffer.count)
      var out = ""
      // Also what stands before a broken one.
      defer { Console.write(Array(out.utf8), closedPipeEnds: logger == nil) }
      while let text = try reader.next() {
        lineCount += 1
        out += try decide(ScoreRequest(text: text))
      }
    }
    try reader.finish()
    return 0
  }

  /// A brace and then a key is JSON even when the rest is broken: scoring a torn file as text would be a silent
  /// failure. A blank line leaves the question open.
  private func detectedFormat(_ line: [UInt8]) -> ScoreCommand.InputFormat {
    let visible = line.lazy.filter { $0 > 32 }.prefix(2)
    guard let first = visible.first else { return .auto }
    return first == UInt8(ascii: "{") && visible.dropFirst().first == UInt8(ascii: "\"")
      ? .jsonl : .text
  }

  private mutating func decide(_ raw: [UInt8]) throws -> String {
    lineCount += 1
    var line = raw.last == 13 ? Array(raw.dropLast()) : raw
    if lineCount == 1 && line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    if format == .auto { format = detectedFormat(line) }
    var request = ScoreRequest(text: line)
    if format == .jsonl {
      if line.allSatisfy({ $0 <= 32 }) { return "" }
      do {
        request = try ScoreRequest(line: line, dimension: opened.router.schema.embeddingMeans.count)
      } catch let error as ScoreRequest.BadLine {
        badLines += 1
        if featurePrinter?.asCSV == true {
          Console.error("line \(lineCount): \(error)")
          return ""
        }
        return try FailedLine.text(line: lineCount, error)
      }
    }
    return try decide(request, line: format == .jsonl ? line : nil)
  }

  private mutating func decide(_ request: ScoreRequest, line: [UInt8]? = nil) throws -> String {
    var request = request
    let start = logger?.now() ?? 0
    let decision = opened.router.decide(
      request.text.span, context: request.context, embedding: request.embedding.span,
      scratch: &scratch)
    if let logger {
      let record = logger.record(
        request, line: line, number: lineCount, decision: decision, start: start,
        features: scratch)
      request.id = record.requestID
      logger.keep([record])
    }
    if let featurePrinter {
      return try featurePrinter.line(request, scratch, decision, number: lineCount)
    }
    let found = reasons?.reasons(request.text, request.context, request.embedding, decision)
    return try DecisionLine.text(decision, request, opened, features: found)
  }
}
