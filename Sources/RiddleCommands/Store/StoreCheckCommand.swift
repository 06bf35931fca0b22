import ArgumentParser
import RiddleStore

struct StoreCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at everything in a store; say what is damaged, outdated or left over.",
    discussion: """
      SQLite's integrity check and references; hashes of texts and queries recomputed from what is stored; \
      weight files and policies against their checksums; labellings whose log changed; vectors of texts \
      that are gone; calls, imports and redactions that were cut short. Rows and bytes of every table.
      Exit status: 0 sound; 1 something to look at; 65 damaged.

      EXAMPLES
        riddle store check desk.sqlite
        riddle store check desk.sqlite --json
      """)

  @Argument(help: "The store.")
  var store: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: .readOnly)
      let progress = Progress("checking", unit: "queries", quiet: output.quiet)
      let check = try opened.check { done, total in
        progress.update(done, fraction: Double(done) / Double(max(1, total)))
      }
      progress.finish()
      try opened.close()
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              store: store, check: check,
              verdict: check.isDamaged ? "damaged" : check.findings.isEmpty ? "sound" : "findings"))
        )
      } else {
        show(check)
      }
      if check.isDamaged { throw ExitCode(ExitStatus.malformedData.rawValue) }
      if !check.findings.isEmpty { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  private func show(_ check: StoreCheck) {
    Console.print(
      "\(store): schema \(check.schemaVersion), \(ByteText.text(check.bytes)), of which free \(ByteText.text(check.freeBytes))"
        + (check.walBytes > 0 ? "; write-ahead log \(ByteText.text(check.walBytes))" : ""))
    if let hash = check.contentHash { Console.print("content hash \(hash)") }
    let filled = check.tables.filter { $0.rows > 0 }
    if !filled.isEmpty {
      Console.print("")
      Console.print(
        TextTable.text(
          ["table", "rows", "bytes"],
          filled.map { [$0.name, "\($0.rows)", $0.bytes.map(ByteText.text) ?? "unknown"] },
          rightAligned: [1, 2]))
      let empty = check.tables.filter { $0.rows == 0 }.map(\.name)
      if !empty.isEmpty { Console.print("empty: \(empty.joined(separator: ", "))") }
      Console.print("")
    }
    for finding in check.findings {
      Console.print(
        "\(finding.kind == .damage ? "DAMAGE " : "FINDING") \(finding.subject): \(TextTable.harmless(finding.message))"
      )
    }
    for note in check.notes { Console.print("note: \(TextTable.harmless(note))") }
    if check.findings.isEmpty {
      Console.print(
        "sound: structure, references, content hashes, checksums, labels, vectors, calls, imports")
    }
  }

  private struct Result: Encodable {
    var store: String
    var check: StoreCheck
    var verdict: String
  }
}
