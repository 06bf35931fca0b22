import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Find logged queries by their words.",
    discussion: """
      All words must occur; case and accents do not matter. With --expression the words are SQLite's \
      FTS5 syntax: "late refund", refund OR chargeback, NEAR(refund late, 5), invoic*. Without words, the \
      filters alone choose. The words found stand in [brackets].

      The full-text index is brought up to date when somebody searches, or with --index; imports do not \
      pay for it. In a store that cannot be written and whose index is not up to date, every text is read \
      instead.

      EXAMPLES
        riddle query desk.sqlite 'reset password'
        riddle query desk.sqlite 'refund OR chargeback' --expression --domain billing
        riddle query desk.sqlite invoice --label large --since 2026-03-01
        riddle query desk.sqlite --index
      """)

  @Argument(help: "The store.")
  var store: String

  @Argument(help: "Words, each of which must occur.")
  var words: [String] = []

  @Flag(help: "Read the words as an expression of FTS5.")
  var expression = false

  @OptionGroup var filter: QueryFilterOptions

  @Option(help: "Only queries for which the labelling picked this candidate.")
  var label: String?

  @Option(help: "Name of the labelling. Default: the latest.")
  var labelling: String?

  @Option(help: "Most queries listed.")
  var limit: Int = 20

  @Flag(help: "Bring the full-text index up to date and search nothing.")
  var index = false

  @Flag(help: "With --index: build it anew.")
  var rebuild = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
    if expression && words.isEmpty { throw ValidationError("--expression needs an expression") }
    if index && !words.isEmpty {
      throw ValidationError("--index searches nothing: leave the words away")
    }
    if rebuild && !index { throw ValidationError("--rebuild goes with --index") }
  }

  func run() throws {
    try reportingFailures {
      let (opened, isWritable) = try open()
      if index {
        guard isWritable else {
          throw CommandFailure(
            .inputOutput,
            "\(store): cannot be written, and so cannot be indexed; search it as it is")
        }
        if rebuild { try opened.clearSearchIndex() }
        let count = try update(opened)
        try opened.close()
        if output.json {
          Console.print(try JSONOutput.text(["indexed": count]))
        } else {
          Console.print("\(store): \(count) queries added to the index")
        }
        return
      }
      var request = SearchRequest()
      let text = words.joined(separator: " ")
      request.words = words.isEmpty ? .none : expression ? .expression(text) : .plain(text)
      request.filter = filter.filter
      request.label = label
      request.labelling = labelling
      request.limit = limit
      if !words.isEmpty { try prepare(opened, isWritable: isWritable) }
      let result = try opened.search(request)
      try opened.close()
      if output.json {
        Console.print(try JSONOutput.text(Result(store: store, result: result)))
      } else {
        show(result)
      }
    }
  }

  /// Opens the store for writing where that is possible, for the index; else for reading.
  private func open() throws -> (Store, Bool) {
    let folder = (store as NSString).deletingLastPathComponent
    let isWritable =
      access(store, W_OK) == 0 && access(folder.isEmpty ? "." : folder, W_OK | X_OK) == 0
    return (try Store.open(path: store, mode: isWritable ? .readWrite : .readOnly), isWritable)
  }

  /// Brings the index up to date, or says why every text is read.
  private func prepare(_ opened: Store, isWritable: Bool) throws {
    let missing = try opened.unindexedQueries()
    if missing == 0 { return }
    guard isWritable else {
      output.note(
        "\(store) cannot be written: its full-text index lacks \(missing) queries, so every text is read"
      )
      return
    }
    output.note("indexing \(missing) queries, once")
    do {
      _ = try update(opened)
    } catch let error as StoreError {
      // Another process writes, or the disk is full: the answer is there without the index.
      switch error {
      case .storeBusy, .io:
        output.note("the index cannot be written (\(error)); every text is read")
      default: throw error
      }
    }
  }

  private func update(_ opened: Store) throws -> Int {
    let progress = Progress("indexing", unit: "queries", quiet: output.quiet)
    let count = try opened.updateSearchIndex { done, total in
      progress.update(done, fraction: Double(done) / Double(max(1, total)))
    }
    progress.finish()
    return count
  }

  private func show(_ result: SearchResult) {
    for hit in result.hits {
      var facts = [hit.time?.time ?? "no time", hit.domain ?? "no domain"]
      if let label = hit.label { facts.append("label \(label)") }
      facts += hit.qualities.map { name, quality in
        "\(name) \(quality.map(Self.number) ?? "unjudged")"
      }
      Console.print(TextTable.harmless("\(hit.id)  \(facts.joined(separator: "  "))"))
      Console.print("  " + (hit.snippet.map(Self.marked) ?? "(the log keeps no text)"))
    }
    let shown =
      result.hits.count < result.total
      ? ", the first \(result.hits.count) shown; --limit shows more" : ""
    let order =
      switch result.method {
      case .index: ", best match first"
      case .scan, .filter: ", in the order of import"
      }
    Console.print(
      "\(result.total) \(result.total == 1 ? "query" : "queries")\(result.total > 1 ? order : "")\(shown)"
    )
  }

  private static func number(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    if thousandths % 1000 == 0 { return "\(thousandths / 1000)" }
    return "0." + String(repeating: "0", count: 3 - "\(thousandths)".count) + "\(thousandths)"
  }

  /// The snippet with brackets where the index put its marks.
  private static func marked(_ snippet: String) -> String {
    TextTable.harmless(
      snippet.replacingOccurrences(of: "\u{2}", with: "[").replacingOccurrences(
        of: "\u{3}", with: "]"))
  }

  private struct Result: Encodable {
    struct Hit: Encodable {
      var id: String
      var time: String?
      var domain: String?
      var task_type: String?
      var label: String?
      var quality: [String: Double?]
      var snippet: String?
    }

    var store: String
    var method: SearchResult.Method
    var total: Int
    var queries: [Hit]

    init(store: String, result: SearchResult) {
      self.store = store
      method = result.method
      total = result.total
      queries = result.hits.map { hit in
        Hit(
          id: hit.id, time: hit.time?.time, domain: hit.domain, task_type: hit.taskType,
          label: hit.label,
          quality: Dictionary(
            uniqueKeysWithValues: hit.qualities.map { ($0.candidate, $0.quality) }),
          snippet: hit.snippet?.replacingOccurrences(of: "\u{2}", with: "[").replacingOccurrences(
            of: "\u{3}", with: "]"))
      }
    }
  }
}
