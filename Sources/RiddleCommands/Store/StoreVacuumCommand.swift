import ArgumentParser
import RiddleStore

struct StoreVacuumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vacuum",
    abstract: "Give free space back: rebuild the file and empty its write-ahead log.",
    discussion: """
      Removes vectors of texts that are gone, then rebuilds the file. Meanwhile up to twice the content \
      must be free on the disk: once for a temporary file (SQLITE_TMPDIR says where), once for the \
      write-ahead log. When it is not, nothing is begun and the message says how much is needed. \
      --dry-run says it without doing anything.

      EXAMPLES
        riddle store vacuum desk.sqlite --dry-run
        riddle store vacuum desk.sqlite
      """)

  @Argument(help: "The store.")
  var store: String

  @Flag(help: "Say how much room is needed and change nothing.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: dryRun ? .readOnly : .readWrite)
      let space = try opened.vacuumSpace()
      let needed =
        "\(ByteText.text(space.content)) in \(space.folder) and as much in \(space.temporaryFolder)"
      if dryRun {
        if output.json {
          Console.print(
            try JSONOutput.text(
              Room(
                store: store, dry_run: true, needed_bytes: 2 * space.content,
                free_bytes: space.free,
                is_enough: space.lack == nil)))
        } else {
          Console.print("needs \(needed): \(space.lack ?? "there is room")")
        }
        return
      }
      output.note("needs up to \(needed) while it works")
      let report = try opened.vacuum()
      try opened.close()
      if output.json {
        Console.print(try JSONOutput.text(Result(store: store, dry_run: false, report: report)))
        return
      }
      Console.print(
        "\(store): \(ByteText.text(report.bytesBefore)) before, \(ByteText.text(report.bytesAfter)) after"
          + (report.orphanVectors > 0 ? "; \(report.orphanVectors) vectors of no text removed" : "")
      )
    }
  }

  private struct Room: Encodable {
    var store: String
    var dry_run: Bool
    var needed_bytes: Int
    var free_bytes: Int?
    var is_enough: Bool
  }

  private struct Result: Encodable {
    var store: String
    var dry_run: Bool
    var report: VacuumReport
  }
}
