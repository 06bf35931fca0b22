import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct StoreExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the log as Riddle JSON lines, or any table as JSON lines.",
    discussion: """
      Rows come in the order of import, in constant memory; the same store gives the same bytes. Importing \
      the whole export into a new store gives the same content hash. Qualities and tiers that judges gave \
      are written as they stand; labellings, verdicts and runs are not part of a log.

      With --table, the rows of one table of the store: names instead of numbers for candidates, routers and \
      policies, times in ISO 8601, blobs in base64.

      EXAMPLES
        riddle store export desk.sqlite --output log.jsonl.gz
        riddle store export desk.sqlite --domain billing --since 2026-03-01
        riddle store export desk.sqlite --table decisions --output decisions.jsonl
      """)

  @Argument(help: "The store.")
  var store: String

  @Option(help: "File to write, gzip when it ends in .gz. Default: standard output.")
  var output: String?

  @OptionGroup var filter: QueryFilterOptions

  @Option(
    name: .customLong("import"),
    help: "Only queries that this import added: its number in the table imports.")
  var importID: Int64?

  @Option(help: "Write the vectors of this embedding model beside the texts.")
  var embeddingModel: String?

  @Option(help: "Export this table instead of the log.")
  var table: String?

  @OptionGroup var show: OutputOptions

  func validate() throws {
    if table != nil, embeddingModel != nil || importID != nil || filter.candidate != nil {
      throw ValidationError("--table takes --since, --until, --domain and --task-type alone")
    }
    if show.json && (output == nil || output == "-") {
      throw ValidationError("--json prints a summary: name a file for the rows with --output")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: .readOnly)
      let file = try StreamedFile(output)
      let progress = Progress("exporting", quiet: show.quiet)
      var result = Result(store: store, output: output, table: table ?? "log", rows: 0, bytes: 0)
      if let table {
        result.rows = try TableExport(table: table, filter: filter).run(opened, to: file)
      } else {
        var wanted = filter.filter
        wanted.importID = importID
        let total = try opened.counts().queries
        let report = try opened.exportLog(
          filter: wanted, embeddingModel: embeddingModel,
          progress: { progress.update($0, fraction: Double($0) / Double(max(1, total))) },
          to: file.write)
        result.rows = report.queries
        result.without_their_text = report.withoutTheirText
        if wanted.isEmpty { result.content_hash = try opened.contentHash() }
      }
      try file.finish()
      progress.finish()
      try opened.close()
      result.bytes = file.bytes
      if let count = result.without_their_text, count > 0 {
        show.note(
          "warning: \(count) queries have no text any more, only its hash: importing this file gives another content hash"
        )
      }
      if show.json {
        Console.print(try JSONOutput.text(result))
      } else {
        show.note(
          "\(output ?? "standard output"): \(result.rows) rows, \(ByteText.text(result.bytes))"
            + (result.content_hash.map { ", content hash \($0)" } ?? ""))
      }
    }
  }

  private struct Result: Encodable {
    var store: String
    var output: String?
    var table: String
    var rows: Int
    var bytes: Int
    var content_hash: String?
    var without_their_text: Int?
  }
}
