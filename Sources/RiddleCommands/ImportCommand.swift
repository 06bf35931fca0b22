import ArgumentParser
import Foundation
import RiddleStore

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read logs into a store.",
    discussion: """
      Formats, seen from the content and said aloud: Riddle JSONL, CSV (wide or long), LiteLLM spend logs \
      and payloads, OpenTelemetry GenAI (OTLP-JSON), Langfuse with its scores, promptfoo, RouterBench, \
      Chatbot Arena votes, RouteLLM's folders; anything else with a mapping file. gzip and zstd are read \
      directly, - is standard input, and files of one log are named together. A row that cannot be read \
      goes to the rejects file with its line and the reason; the others go in. Importing the same rows \
      again changes nothing.

      EXAMPLES
        riddle import datasets/support-desk/support-desk.jsonl.gz --store desk.sqlite
        riddle import spend-logs.csv --store mine.sqlite --dry-run
        riddle import calls.jsonl scores.jsonl --store mine.sqlite --score helpful
        riddle import spans.jsonl --prices datasets/prices.yaml --store mine.sqlite
        riddle import --suggest-mapping log.csv
        riddle import log.csv --mapping mapping.yaml --store mine.sqlite
        riddle import RouteLLM/routellm/evals --store routellm.sqlite
      """)

  @Argument(help: "Files, folders or patterns; - is standard input.")
  var files: [String]

  @Option(help: "Store to write; made if it does not exist.")
  var store: String?

  @Option(
    help: "Where rejected rows are listed. Default: beside the store, written only when needed.")
  var rejects: String?

  @Flag(help: "Read and report, write nothing.")
  var dryRun = false

  @Flag(help: "End with exit status 65 when any row is rejected.")
  var strict = false

  @Flag(help: "Print a mapping file for the input, with comments, and import nothing.")
  var suggestMapping = false

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var importing: ImportingOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if suggestMapping && files.count != 1 {
      throw ValidationError("--suggest-mapping looks at one file")
    }
    if store == nil && !dryRun && !suggestMapping {
      throw ValidationError("give --store FILE, or --dry-run")
    }
  }

  func run() throws {
    try reportingFailures {
      if suggestMapping { return try suggest() }
      let files = try PathPattern.expand(files)
      let progress = Progress("importing", quiet: output.quiet)
      let step: (ImportProgress) -> Void = { update in
        progress.update(
          update.rowsRead,
          fraction: update.totalBytes.map { Double(update.bytesRead) / Double(max(1, $0)) })
      }
      var options = try reading.importOptions()
      try importing.apply(to: &options)
      if !dryRun {
        Interruption.keeps(
          "batches of \(options.rowsPerTransaction) rows that were written stay; import the same again to complete them"
        )
      }
      let report: ImportReport
      let writer: RejectsWriter?
      if let store, !dryRun {
        writer = RejectsWriter(path: rejects ?? store + ".rejects.jsonl")
        report = try importRows(
          files, into: store, options: options, rejects: writer, progress: step)
      } else {
        writer = nil
        report = try LogFile.survey(paths: files, options: options, progress: step)
      }
      progress.finish()
      try show(report, rejectsPath: (writer?.count ?? 0) > 0 ? writer?.path : nil)
      let refused = report.rejected + report.conflicts
      if report.rowsRead > 0 && refused == report.rowsRead {
        throw CommandFailure(
          .malformedData,
          "not one of \(report.rowsRead) rows could be taken; first reason: \(report.firstRejects.first.map { "\($0)" } ?? "none recorded")"
        )
      }
      if let format = options.format, report.rowsRead > 0,
        report.inserted + report.unchanged + report.updated + report.removed == 0
      {
        throw CommandFailure(
          .malformedData,
          "not one of \(report.rowsRead) records is a query of format \(format.rawValue); without --format the format is recognised, and said"
        )
      }
      if strict && refused > 0 {
        throw CommandFailure(.malformedData, "\(refused) rows rejected, and --strict was given")
      }
    }
  }

  /// Imports into the store at `path`. One that this import made and could put nothing into is removed again: a
  /// mistyped name must not leave an empty store behind.
  private func importRows(
    _ files: [String], into path: String, options: ImportOptions, rejects: RejectsWriter?,
    progress: (ImportProgress) -> Void
  ) throws -> ImportReport {
    let isNew = !FileManager.default.fileExists(atPath: path)
    let opened = try Store.open(path: path, mode: .create)
    do {
      let report = try opened.import(
        files, options: options, rejects: rejects, progress: progress)
      try rejects?.close()
      try opened.close()
      return report
    } catch {
      // What was listed so far is written out: it may say why the rest could not be read.
      try rejects?.close()
      let kept = try opened.counts().queries
      if isNew, kept == 0 {
        try opened.close()
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      } else {
        output.note(
          "\(kept) queries are in \(path) now; importing the whole file afterwards adds only what is missing"
        )
      }
      throw error
    }
  }

  private func show(_ report: ImportReport, rejectsPath: String?) throws {
    if output.json {
      Console.print(
        try JSONOutput.text(
          Result(
            store: dryRun ? nil : store, dry_run: dryRun, rows_read: report.rowsRead,
            inserted: report.inserted, unchanged: report.unchanged, conflicts: report.conflicts,
            rejected: report.rejected, removed: report.removed, left_out: report.leftOut,
            merged: report.merged,
            rejects_file: rejectsPath,
            report: report)))
      return
    }
    for source in report.sources {
      let name = URL(fileURLWithPath: source.path).lastPathComponent
      output.note(
        "\(name): format: \(source.format.rawValue)\(source.compression == "none" ? "" : ", \(source.compression)") (\(source.recognisedBy))"
      )
      if dryRun {
        for line in source.mapping { output.note("  \(line)") }
      }
    }
    let verb = dryRun ? "would insert" : "inserted"
    Console.print(
      "\(report.rowsRead) rows read: \(verb) \(report.inserted), unchanged \(report.unchanged), conflicts \(report.conflicts), rejected \(report.rejected)"
        + (report.updated > 0 ? ", given a tier \(report.updated)" : "")
        + (report.removed > 0 ? ", removed as contaminated \(report.removed)" : "")
        + (report.leftOut > 0 ? ", left out \(report.leftOut)" : "")
        + (report.merged > 0 ? ", merged into others \(report.merged)" : ""))
    for (reason, count) in leftOut(report) { Console.print("  left out: \(count) \(reason)") }
    for candidate in report.candidates {
      Console.print(
        "  \(candidate.name): \(candidate.answered) answers, \(candidate.judged) judged, \(candidate.priced) with cost, \(candidate.timed) with latency"
      )
    }
    for note in report.notes { output.note("note: \(note)") }
    for reject in report.firstRejects.prefix(5) { output.note("rejected: \(reject)") }
    if let rejectsPath { output.note("all rejected rows: \(rejectsPath)") }
    for warning in report.warnings { output.note("warning: \(warning)") }
    for line in nextStep(report) { output.note(line) }
  }

  /// What can be done with these rows: labelling compares the qualities of several candidates' answers to one query.
  private func nextStep(_ report: ImportReport) -> [String] {
    guard let store, !dryRun, report.inserted + report.unchanged + report.updated > 0 else {
      return []
    }
    let word = ShellWord.quoted(store)
    if report.comparable > 0 {
      // With more than two the pair must be named.
      let pair = report.candidates.count > 2 ? " --candidates WEAK,STRONG" : ""
      return ["next: riddle label --store \(word)\(pair)"]
    }
    if report.withTier > 0 {
      return [
        "next: riddle train --store \(word) --tiers LOWEST,…,HIGHEST --output models/NAME"
      ]
    }
    if report.severalAnswers > 0 {
      return [
        "no query has qualities of two candidates, which `riddle label` compares",
        "next: riddle label --judge --store \(word) asks a model to judge them (riddle label --help)",
      ]
    }
    return [
      "every query has one candidate's answer: what another would have answered is not known, and `riddle label` needs it",
      importing.joinEqualPrompts
        ? "no two candidates were asked the same, either"
        : "if candidates were asked the same: import into a new store with --join-equal-prompts",
      "next: put a sample of the queries to the others, and import rows with both outcomes; `riddle experiment plan` says how many",
    ]
  }

  /// What was left out, by reason, most first.
  private func leftOut(_ report: ImportReport) -> [(String, Int)] {
    let all = report.sources.reduce(into: [String: Int]()) {
      $0.merge($1.leftOut, uniquingKeysWith: +)
    }
    return all.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  /// Prints a mapping file for the input.
  private func suggest() throws {
    let yaml = try MappingSuggestion.yaml(path: files[0])
    if output.json {
      Console.print(try JSONOutput.text(["mapping": yaml]))
      return
    }
    Console.write(yaml, to: FileHandle.standardOutput)
    output.note("next: correct it where it says so, then")
    output.note("  riddle import \(files[0]) --mapping mapping.yaml --store mine.sqlite --dry-run")
  }

  private struct Result: Encodable {
    var store: String?
    var dry_run: Bool
    var rows_read: Int
    var inserted: Int
    var unchanged: Int
    var conflicts: Int
    var rejected: Int
    var removed: Int
    var left_out: Int
    var merged: Int
    var rejects_file: String?
    var report: ImportReport
  }
}
