import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct DecisionsImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import decision logs into a store.",
    discussion: """
      JSON lines, plain, gzip or zstd; - is standard input. "request_id", "time" and "candidate" are \
      required, whatever else is known is kept, fields of others too. A request is decided once: \
      the same lines again change nothing, another decision of a known request is a conflict and \
      is listed among the rejects. A last line that a crash tore off is passed over.

      EXAMPLES
        riddle decisions import decisions.jsonl.gz --store desk.sqlite
        riddle decisions import log-*.jsonl --store desk.sqlite --text hash --json
      """)

  @Argument(help: "Decision logs: JSON lines, plain, gzip or zstd; - reads standard input.")
  var files: [String] = []

  @Option(help: "Store to write; made if it does not exist.")
  var store: String

  @Option(help: "Texts in the store: keep, hash (texts are told apart, not kept) or drop.")
  var text: TextRedaction = .keep

  @Option(help: "File for rejected lines and conflicts. Default: STORE.rejects.jsonl.")
  var rejects: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if files.isEmpty {
      throw ValidationError("name at least one decision log, or - for standard input")
    }
  }

  /// Decisions a transaction.
  private static let batch = 10_000

  func run() throws {
    try reportingFailures {
      let files = try PathPattern.expand(files)
      let isNew = !FileManager.default.fileExists(atPath: store)
      let opened = try Store.open(path: store, mode: .create)
      let writer = RejectsWriter(path: rejects ?? store + ".rejects.jsonl")
      let progress = Progress("importing", unit: "decisions", quiet: output.quiet)
      var report = DecisionReader.Report()
      var counts = DecisionCounts()
      do {
        for file in files {
          var batch: [DecisionRecord] = []
          func keep(_ decisions: [DecisionRecord]) throws(StoreError) {
            var clashing: [String] = []
            try counts.add(opened.append(decisions) { clashing.append($0.requestID) })
            for id in clashing {
              try writer.write(
                RejectedRow(
                  file: file, line: 0, field: "request_id",
                  reason: "\(id) was decided before with other content"))
            }
          }
          do {
            try DecisionReader.read(path: file, rejects: writer, into: &report) {
              decision throws(StoreError) in
              batch.append(decision.redacted(text))
              if batch.count == Self.batch {
                let full = batch
                batch.removeAll(keepingCapacity: true)
                try keep(full)
                progress.update(counts.inserted + counts.unchanged + counts.conflicts)
              }
            }
          } catch {
            // A log that cannot be read further: what came before that place is kept.
            try keep(batch)
            throw error
          }
          try keep(batch)
        }
        try writer.close()
        progress.finish()
        if report.lines > 0 && counts.inserted + counts.unchanged == 0 {
          try show(report, counts, rejectsPath: writer.count > 0 ? writer.path : nil)
          let first = report.firstRejects.first.map { "\($0)" } ?? "all are conflicts"
          throw CommandFailure(
            .malformedData,
            "not one of \(report.lines) lines could be taken; first reason: \(first)")
        }
        try opened.close()
      } catch {
        try writer.close()
        // A mistyped name must not leave an empty store behind.
        if isNew, counts.inserted == 0 {
          try opened.close()
          for suffix in ["", "-wal", "-shm"] { unlink(store + suffix) }
        } else if counts.inserted > 0 {
          output.note(
            "\(counts.inserted) new decisions were kept; importing the whole file afterwards adds only what is missing"
          )
        }
        throw error
      }
      try show(report, counts, rejectsPath: writer.count > 0 ? writer.path : nil)
    }
  }

  private func show(
    _ report: DecisionReader.Report, _ counts: DecisionCounts, rejectsPath: String?
  ) throws {
    if output.json {
      Console.print(
        try JSONOutput.text(
          Result(
            store: store, lines: report.lines, inserted: counts.inserted,
            unchanged: counts.unchanged, conflicts: counts.conflicts,
            rejected: report.rejected + counts.refused, torn: report.torn,
            rejects_file: rejectsPath, first_rejects: report.firstRejects)))
      return
    }
    Console.print(
      "\(report.lines) decisions read: inserted \(counts.inserted), unchanged \(counts.unchanged), conflicts \(counts.conflicts), rejected \(report.rejected + counts.refused)"
    )
    if report.torn > 0 {
      output.note("note: \(report.torn) last line was torn off by a crash and is passed over")
    }
    for reject in report.firstRejects.prefix(5) { output.note("rejected: \(reject)") }
    if let rejectsPath { output.note("all rejected lines: \(rejectsPath)") }
    output.note("next: riddle review --store \(store)")
  }

  private struct Result: Encodable {
    var store: String
    var lines: Int
    var inserted: Int
    var unchanged: Int
    var conflicts: Int
    var rejected: Int
    var torn: Int
    var rejects_file: String?
    var first_rejects: [RejectedRow]
  }
}
