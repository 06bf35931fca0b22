import ArgumentParser
import Foundation
import RiddleStore

struct StoreSQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql",
    abstract: "Run one SELECT over a store and print a table.",
    discussion: """
      One statement that reads; anything that could write, attach or load is refused before it runs. Tables, \
      columns and questions worth asking are in Schema.md. --json prints {"columns": […], "rows": [[…], …]}.

      EXAMPLES
        riddle store sql desk.sqlite 'SELECT domain, count(*) FROM queries GROUP BY 1'
        riddle store sql desk.sqlite 'SELECT name FROM candidates' --json
      """)

  @Argument(help: "The store.")
  var store: String

  @Argument(help: "The statement; words are joined by spaces.")
  var words: [String]

  private var statement: String { words.joined(separator: " ") }

  @OptionGroup var output: OutputOptions

  /// Rows by which the columns' widths are told; the rest is printed as it comes.
  private static let looked = 1_000

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: .readOnly)
      if output.json { return try printJSON(opened) }
      var header: [String] = []
      var first: [[SQLValue]] = []
      var widths: [Int]?
      var right: Set<Int> = []
      func begin() {
        right = Set(
          header.indices.filter { column in
            first.contains {
              if case .integer = $0[column] {
                true
              } else if case .real = $0[column] {
                true
              } else {
                false
              }
            }
          })
        let cells = first.map { $0.map(SQLText.cell) }
        let found = header.indices.map { column in
          ([header] + cells).map { min(60, $0[column].count) }.max() ?? 0
        }
        for line in TextTable.lines(header, cells, widths: found, rightAligned: right) {
          Console.print(line)
        }
        widths = found
      }
      var count = 0
      try opened.select(statement, header: { header = $0.map(TextTable.harmless) }) { row in
        count += 1
        if let widths {
          Console.print(TextTable.line(row.map(SQLText.cell), widths, right))
        } else {
          first.append(row)
          if first.count == Self.looked { begin() }
        }
      }
      if widths == nil { begin() }
      output.note("\(count) rows")
    }
  }

  private func printJSON(_ store: Store) throws {
    var isFirst = true
    try store.select(
      statement,
      header: { names in
        let columns = names.map { SQLText.json(.text($0)) }.joined(separator: ", ")
        Console.write("{\n  \"columns\" : [\(columns)],\n  \"rows\" : [", to: .standardOutput)
      }
    ) { row in
      Console.write(
        "\(isFirst ? "" : ",")\n    [\(row.map(SQLText.json).joined(separator: ", "))]",
        to: .standardOutput)
      isFirst = false
    }
    Console.print("\(isFirst ? "" : "\n  ")]\n}")
  }
}
