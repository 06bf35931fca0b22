import ArgumentParser
import Foundation
import RiddlePipeline
import RiddleRuntime

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Decide queries from standard input, one JSON line each, in the same order.",
    discussion: """
      Input is plain text, one query a line, or JSON lines with "query" and, where known, \
      "id", "turn", "user_tier", "task_type", "domain", "embedding". Which of the two is seen from the \
      first line that is not empty; --format says it instead. A router that reads \
      embeddings takes a query without one for an average query, and says so.

      Text and netstrings are scored byte by byte: what is not valid UTF-8 is scored like \
      anything else. A line cannot hold a newline and loses a carriage return at its end, and \
      the first one a byte order mark; a netstring, LENGTH:BYTES, with the length in decimal, \
      holds any bytes.

      --explain names the features and the query's own n-grams that pushed, in words. \
      Beside the files of its run it also says how many training texts had an n-gram, or \
      whose hash bucket it shares.

      --features prints what the model is given and what it makes of it, one JSON line a query: \
      the dense columns, the keys of hashed n-grams, margins, probabilities. It is the input of an \
      exported ONNX model. With --csv a table of the dense columns under the names that \
      exported SQL reads.

      EXAMPLES
        echo "How do I reset my password?" | riddle score models/desk
        zcat log.jsonl.gz | riddle score models/desk/router.riddle --explain
        printf '5:a\\nb\\0c,' | riddle score models/desk --format netstrings
        zcat log.jsonl.gz | riddle score models/desk --features
        zcat log.jsonl.gz | riddle score models/desk --features --csv
      """)

  enum InputFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, text, jsonl, netstrings
  }

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Option(help: "What the input is: auto, text, jsonl or netstrings.")
  var format: InputFormat = .auto

  @Flag(help: "Add the features that moved the margin most.")
  var explain = false

  @Option(help: "How many features --explain shows.")
  var top: Int = 8

  @OptionGroup var signature: SignatureOptions
  @Flag(help: "Print features, margins and probabilities instead of decisions.")
  var features = false

  @Flag(name: .customLong("csv"), help: "With --features: a table of the dense columns.")
  var asCSV = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard features || !asCSV else {
      throw ValidationError("--csv is a form of --features; give both")
    }
    guard !(features && explain) else {
      throw ValidationError("--features and --explain print different lines; give one of them")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      var scorer = try LineScorer(opened: opened, explains: explain, top: top, format: format)
      if features { scorer.featurePrinter = FeaturePrinter(opened, asCSV: asCSV) }
      let badLines = try scorer.scoreStandardInput()
      if badLines > 0 {
        throw CommandFailure(
          .malformedData,
          "\(badLines) of \(scorer.lineCount) lines could not be decided; their output lines say why"
        )
      }
    }
  }
}

/// Reads lines, decides them, writes decisions. Holds one line at a time.
private struct LineScorer: ~Copyable {
  let opened: OpenedRouter
  var format: ScoreCommand.InputFormat
  var lineCount = 0
  private var scratch: FeatureVector
  private let reasons: QueryReasons?
  private var badLines = 0
  /// Prints features in place of decisions.
  var featurePrinter: FeaturePrinter?

  init(opened: OpenedRouter, explains: Bool, top: Int, format: ScoreCommand.InputFormat) throws {
    self.opened = opened
    self.format = format
    scratch = opened.router.makeScratch()
    reasons = explains ? try QueryReasons(opened, limit: max(1, top)) : nil
  }

  mutating func scoreStandardInput() throws -> Int {
    if format == .netstrings { return try scoreNetstrings() }
    var pending: [UInt8] = []
    var out = featurePrinter?.header ?? ""
    while case let chunk = try readChunk(), !chunk.isEmpty {
      for byte in chunk {
        if byte == 10 {
          out += try decide(pending)
          pending.removeAll(keepingCapacity: true)
        } else {
          pending.append(byte)
        }
      }
      Console.write(out, to: .standardOutput)
      out = ""
    }
    if !pending.isEmpty { out += try decide(pending) }
    Console.write(out, to: .standardOutput)
    return badLines
  }

  private mutating func scoreNetstrings() throws -> Int {
    var reader = NetstringReader()
    while case let chunk = try readChunk(), !chunk.isEmpty {
      reader.add(chunk)
      var out = ""
      defer { Console.write(out, to: .standardOutput) }  // also what stands before a broken one
      while let text = try reader.next() { out += try decide(ScoreRequest(text: text)) }
    }
    try reader.finish()
    return 0
  }

  private func readChunk() throws -> Data {
    do {
      return try FileHandle.standardInput.read(upToCount: 1 << 16) ?? Data()
    } catch {
      throw CommandFailure(
        .inputOutput, "standard input cannot be read (\(error.localizedDescription))")
    }
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
      do {
        request = try ScoreRequest(line: line, dimension: opened.router.schema.embeddingMeans.count)
      } catch {
        badLines += 1
        if featurePrinter?.asCSV == true {
          Console.error("line \(lineCount): \(error)")
          return ""
        }
        let failure = FailedLine(line: lineCount, error: "\(error)")
        return try JSONOutput.text(failure, pretty: false) + "\n"
      }
    }
    return try decide(request)
  }

  private mutating func decide(_ request: ScoreRequest) throws -> String {
    let decision = opened.router.decide(
      request.text.span, context: request.context, embedding: request.embedding.span,
      scratch: &scratch)
    if let featurePrinter {
      return try featurePrinter.line(request, scratch, decision, number: lineCount)
    }
    let found = reasons?.reasons(request.text, request.context, request.embedding, decision)
    let lacksEmbedding =
      request.embedding.isEmpty && !opened.router.schema.embeddingMeans.isEmpty
    return try JSONOutput.text(
      DecisionLine(
        decision, id: request.id, names: opened.candidates, lacksEmbedding: lacksEmbedding,
        features: found), pretty: false) + "\n"
  }
}

/// One decision as it is printed.
private struct DecisionLine: Encodable {
  var id: String?
  var candidate: String
  var probability: Double
  var margin: Double
  var threshold: Double
  var reason: String
  /// `unknown` when the router reads an embedding that the query did not bring.
  var embedding: String?
  var features: [QueryReasons.Reason]?

  init(
    _ decision: Decision, id: String?, names: [String], lacksEmbedding: Bool,
    features: [QueryReasons.Reason]?
  ) {
    self.id = id
    embedding = lacksEmbedding ? "unknown" : nil
    self.features = features
    candidate = names[decision.candidate]
    probability = decision.probability
    margin = decision.margin
    threshold = decision.threshold
    let below = names[decision.head]
    reason =
      decision.candidate > decision.head
      ? "margin at or above the threshold: \(below) is not expected to be enough"
      : "margin below the threshold: \(below) is expected to be enough"
  }
}

private struct FailedLine: Encodable {
  var line: Int
  var error: String
}

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
