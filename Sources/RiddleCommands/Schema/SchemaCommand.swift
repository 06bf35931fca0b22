import ArgumentParser
import Foundation

/// What `--json` prints, as JSON Schema.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of what a command prints with --json.",
    discussion: """
      Every schema is closed: a key that it does not name is a change that the changelog tells \
      of. Commands that print JSON lines have the schema of one line. Without a command the \
      schemas are listed.

      EXAMPLES
        riddle schema
        riddle schema evaluate
        riddle schema runs list --json
        riddle schema --output schemas
      """)

  @Argument(help: "The command.")
  var command: [String] = []

  @Option(help: "Write every schema into this folder.")
  var output: String?

  @OptionGroup var said: OutputOptions

  func run() throws {
    try reportingFailures {
      if let output {
        let files = try PublishedSchemas.all.map { entry in
          (
            path: output + "/" + Self.fileName(entry.command),
            bytes: Array((try Self.pretty(entry.schema) + "\n").utf8)
          )
        }
        try Files.write(files)
        if said.json {
          Console.print(
            try JSONOutput.text(
              Written(
                folder: output, schemas: PublishedSchemas.all.map { Self.fileName($0.command) })))
        } else {
          Console.print("\(files.count) schemas in \(output)")
        }
        return
      }
      guard !command.isEmpty else {
        let names = PublishedSchemas.all.map(\.command)
        Console.print(
          said.json ? try JSONOutput.text(["commands": names]) : names.joined(separator: "\n"))
        return
      }
      let name = command.joined(separator: " ")
      guard let found = PublishedSchemas.all.first(where: { $0.command == name }) else {
        // An unknown command is named as such; a known one prints no JSON of its own.
        let known = try CommandTree.current().find(command)
        let below = (known.subcommands ?? []).map { "\(name) \($0.commandName)" }
        throw CommandFailure(
          .usage,
          "'\(name)' prints no JSON of its own\(below.isEmpty ? "" : "; its commands do: \(below.joined(separator: ", "))"); see `riddle schema`"
        )
      }
      Console.print(try Self.pretty(found.schema))
    }
  }

  /// A schema as people read it: indented, keys sorted.
  private static func pretty(_ schema: String) throws -> String {
    let value = try JSONSerialization.jsonObject(with: Data(schema.utf8))
    let bytes = try JSONSerialization.data(
      withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `runs-list.schema.json`.
  static func fileName(_ command: String) -> String {
    command.replacing(" ", with: "-") + ".schema.json"
  }

  private struct Written: Encodable {
    var folder: String
    var schemas: [String]
  }
}
