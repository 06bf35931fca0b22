import ArgumentParser
import Foundation
import RiddlePipeline
import RiddleRuntime
import RiddleStore

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Decide queries, one JSON line each, in the same order.",
    discussion: """
      Queries come from standard input or from FILE, plain or gzip. Input is plain text, one query a line, or JSON lines with "query" and, where known, \
      "id", "turn", "user_tier", "task_type", "domain", "embedding". Which of the two is seen from the \
      first line that is not empty; --format says it instead. Blank lines among JSON lines are \
      skipped. Tables, JSON arrays, stores and other files that hold no lines of queries are \
      refused unless --format says what they are. A router that reads \
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

      --log appends one line or row a decision: candidate, alternatives, score, threshold, \
      propensity, checksum of the weights, costs. A request without an "id" gets one, made of \
      its text and line number, and the output shows it. Rows with "time" and "outcomes" are \
      logged as they came, with what the chosen answer cost and was worth: the same rows give the \
      same log.

      EXAMPLES
        echo "How do I reset my password?" | riddle score models/desk
        zcat log.jsonl.gz | riddle score models/desk/router.riddle --explain
        printf '5:a\\nb\\0c,' | riddle score models/desk --format netstrings
        riddle score models/desk log.jsonl.gz --threads 2
        riddle score models/desk log.jsonl.gz --log desk.sqlite --log-text hash
        zcat log.jsonl.gz | riddle score models/desk --features
        zcat log.jsonl.gz | riddle score models/desk --features --csv
      """)

  enum InputFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, text, jsonl, netstrings
  }

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Argument(help: "A file of queries, plain or gzip; standard input when it is left out.")
  var file: String?

  @Option(help: "What the input is: auto, text, jsonl or netstrings.")
  var format: InputFormat = .auto

  @Flag(help: "Add the features that moved the margin most.")
  var explain = false

  @Option(help: "How many features --explain shows.")
  var top: Int = 8

  @Option(
    help: "Threads that decide; the output does not depend on it. All processors when left out.")
  var threads: Int?

  @OptionGroup var signature: SignatureOptions
  @Flag(help: "Print features, margins and probabilities instead of decisions.")
  var features = false

  @Flag(name: .customLong("csv"), help: "With --features: a table of the dense columns.")
  var asCSV = false

  @OptionGroup var log: DecisionLogOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard threads.map({ (1...256).contains($0) }) ?? true else {
      throw ValidationError("--threads: expected 1 to 256")
    }
    guard features || !asCSV else {
      throw ValidationError("--csv is a form of --features; give both")
    }
    guard !features || log.log == nil else {
      throw ValidationError(
        "--features prints no decisions, and --log keeps them; give one of them")
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
      let logger = try log.logger(opened, source: file ?? "-")
      scorer.logger = logger
      scorer.threads = threads ?? min(256, ProcessInfo.processInfo.activeProcessorCount)
      let badLines: Int
      do {
        badLines = try scorer.score(try ScoreInput(path: file == "-" ? nil : file))
      } catch {
        // What was decided until then is kept; the failure is the one to report.
        _ = try? logger?.finish()
        throw error
      }
      if let counts = try logger?.finish() { say(counts) }
      if badLines > 0 {
        throw CommandFailure(
          .malformedData,
          "\(badLines) of \(scorer.lineCount) lines could not be decided; their output lines say why"
        )
      }
    }
  }

  private func say(_ counts: DecisionRecorder.Counts) {
    let written = counts.written
    var parts = ["\(written.inserted) decisions logged to \(log.log ?? "")"]
    if counts.unsampled > 0 { parts.append("\(counts.unsampled) left out by --log-sample") }
    if written.unchanged > 0 { parts.append("\(written.unchanged) were there already") }
    output.note(parts.joined(separator: ", "))
    if written.conflicts > 0 {
      output.note(
        "warning: \(written.conflicts) requests were decided before, otherwise or at another time, and the first decision stays; give every request its own \"id\""
      )
    }
    if written.refused > 0 {
      output.note("warning: \(written.refused) decisions have a field that a log cannot hold")
    }
  }
}
