import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct DecisionsExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the decisions of a store as JSON lines.",
    discussion: """
      In order of time, one line each, in the format that is imported: what comes out goes in \
      again unchanged, and riddle off-policy reads it. --json says what was written to --output; \
      without it the result is JSON lines already. A name that ends in .gz is gzip.

      EXAMPLES
        riddle decisions export --store desk.sqlite > decisions.jsonl
        riddle decisions export --store desk.sqlite --until 2026-04-27 --text drop
      """)

  @Option(help: "Store to read.")
  var store: String

  @Option(
    help: "First time that counts: a date, which begins at 00:00 UTC, or a time with its zone.")
  var from: String?

  @Option(help: "First time that no longer counts, as --from.")
  var until: String?

  @Option(help: "Texts: keep, hash (texts are told apart, not written) or drop.")
  var text: TextRedaction = .keep

  @Option(help: "File to write instead of standard output.")
  var output: String?

  @OptionGroup var messages: OutputOptions

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: .readOnly)
      let start = try from.map { try TimeOption.time($0, "--from") }
      let end = try until.map { try TimeOption.time($0, "--until") }
      let file = try StreamedFile(output)
      let count = try file.write(decisionsOf: opened, from: start, until: end) {
        $0.redacted(text)
      }
      try file.finish()
      if let output {
        if messages.json {
          Console.print(
            try JSONOutput.text(Written(output: output, decisions: count, bytes: file.bytes)))
        }
        messages.note("\(count) decisions written to \(output)")
      } else {
        messages.note("\(count) decisions")
      }
    }
  }

  /// What `--json` says of a file.
  private struct Written: Encodable {
    var output: String
    var decisions: Int
    var bytes: Int
  }
}

/// Times given as options.
enum TimeOption {
  /// A date, which begins at 00:00 UTC, or a time with its zone.
  static func time(_ text: String, _ option: String) throws -> Microseconds {
    if let time = Microseconds(time: text) ?? Microseconds(time: text + "T00:00:00Z") {
      return time
    }
    throw CommandFailure(
      .usage, "\(option) \(text): expected a date such as 2026-04-27, or 2026-04-27T18:30:00Z")
  }

  /// A span such as 7d, 24h or 2w.
  static func span(_ text: String, _ option: String) throws -> Microseconds {
    let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
      count > 0, count <= 100_000
    else {
      throw CommandFailure(.usage, "\(option) \(text): expected a span such as 7d, 24h or 2w")
    }
    return Microseconds(count * unit * 1_000_000)
  }
}
