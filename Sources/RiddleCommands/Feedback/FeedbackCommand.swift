import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct FeedbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback",
    abstract: "Import what users and judges said of answers, joined to decisions by request id.",
    discussion: """
      See riddle feedback import --help; it takes --json.

      EXAMPLES
        riddle feedback import thumbs.csv --store desk.sqlite
      """,
    subcommands: [FeedbackImportCommand.self])
}

struct FeedbackImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import feedback into a store.",
    discussion: """
      JSON lines or CSV, plain, gzip or zstd; - is standard input. Fields are known by name: \
      "request_id" and one or more of "satisfaction" (0 to 1), "thumbs" (up or down), "rating" \
      (with rating_min and rating_max, or --rating-range), "quality" (0 to 1), "best_candidate"; \
      "source", "time" and "comment" where they are known. It may come before the decision: it is \
      kept and joined by request id whenever the decision comes. What one source says later of \
      one request replaces what it said; the same file again changes nothing.

      EXAMPLES
        riddle feedback import thumbs.csv --store desk.sqlite
        riddle feedback import stars.jsonl --store desk.sqlite --rating-range 1-5 --source survey
      """)

  @Argument(help: "Feedback: JSON lines or CSV, plain, gzip or zstd; - reads standard input.")
  var files: [String] = []

  @Option(help: "Store to write; made if it does not exist.")
  var store: String

  @Option(help: "Who says what has no \"source\" of its own.")
  var source = "user"

  @Option(
    help: ArgumentHelp(
      "Lowest and highest rating, where the file does not say them.", valueName: "1-5"))
  var ratingRange: String?

  @Option(help: "File for rejected rows. Default: STORE.rejects.jsonl.")
  var rejects: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if files.isEmpty {
      throw ValidationError("name at least one file of feedback, or - for standard input")
    }
    if source.isEmpty { throw ValidationError("--source is empty") }
  }

  func run() throws {
    try reportingFailures {
      var reader = FeedbackReader()
      reader.source = source
      reader.ratingRange = try ratingRange.map(Self.range)
      let isNew = !FileManager.default.fileExists(atPath: store)
      let opened = try Store.open(path: store, mode: .create)
      let writer = RejectsWriter(path: rejects ?? store + ".rejects.jsonl")
      var report = FeedbackReader.Report()
      let counts: FeedbackCounts
      do {
        var all: [FeedbackRecord] = []
        for file in try PathPattern.expand(files) {
          try reader.read(path: file, rejects: writer, into: &report) {
            record throws(StoreError) in
            all.append(record)
          }
        }
        counts = try opened.importFeedback(all)
        try writer.close()
        try opened.close()
      } catch {
        try writer.close()
        // A mistyped name must not leave an empty store behind.
        if isNew {
          try opened.close()
          for suffix in ["", "-wal", "-shm"] { unlink(store + suffix) }
        }
        throw error
      }
      try show(report, counts, rejectsPath: writer.count > 0 ? writer.path : nil)
    }
  }

  private static func range(_ text: String) throws -> ClosedRange<Double> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, let low = Double(ends[0]), let high = Double(ends[1]), low < high,
      high.isFinite
    else {
      throw CommandFailure(
        .usage, "--rating-range \(text): expected the lowest and the highest rating, such as 1-5")
    }
    return low...high
  }

  private func show(
    _ report: FeedbackReader.Report, _ counts: FeedbackCounts, rejectsPath: String?
  ) throws {
    if output.json {
      Console.print(
        try JSONOutput.text(
          Result(
            store: store, rows: report.rows, inserted: counts.inserted, replaced: counts.replaced,
            unchanged: counts.unchanged, outdated: counts.outdated, rejected: report.rejected,
            without_decision: counts.withoutDecision, fields: report.fields,
            rejects_file: rejectsPath, first_rejects: report.firstRejects)))
      return
    }
    for line in report.fields { output.note("  \(line)") }
    Console.print(
      "\(report.rows) rows read: inserted \(counts.inserted), replaced \(counts.replaced), unchanged \(counts.unchanged), outdated \(counts.outdated), rejected \(report.rejected)"
    )
    if counts.withoutDecision > 0 {
      Console.print(
        "\(counts.withoutDecision) words of feedback in the store wait for the decision they are about"
      )
    }
    for reject in report.firstRejects.prefix(5) { output.note("rejected: \(reject)") }
    if let rejectsPath { output.note("all rejected rows: \(rejectsPath)") }
    output.note("next: riddle review --store \(store)")
  }

  private struct Result: Encodable {
    var store: String
    var rows: Int
    var inserted: Int
    var replaced: Int
    var unchanged: Int
    var outdated: Int
    var rejected: Int
    var without_decision: Int
    var fields: [String]
    var rejects_file: String?
    var first_rejects: [RejectedRow]
  }
}
