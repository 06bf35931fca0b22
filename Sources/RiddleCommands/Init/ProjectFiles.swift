/// What `riddle init` writes.
struct ProjectFiles {
  var name: String
  /// Cheapest first; empty where the data say.
  var candidates: [String]
  /// Log of the user's own as the project sees it; nil for the made-up one.
  var data: String?

  var log: String { data ?? "data/example.jsonl" }

  /// Paths in the project with their text.
  func all() -> [(path: String, text: String)] {
    var files = [
      ("riddle.yaml", settings), ("README.md", readme), (".gitignore", ignored),
      ("policies/premium-first.yaml", policy),
    ]
    if data == nil { files.append((log, ExampleLog.text(names: candidates))) }
    return files
  }

  private var settings: String {
    var lines = [
      "# Settings of this project; `riddle config keys` explains them, a typed option wins over them.",
      "store: \(name).sqlite",
    ]
    if !candidates.isEmpty {
      lines.append("candidates: [\(candidates.joined(separator: ", "))] # cheapest first")
    }
    lines.append("seed: 7")
    return lines.joined(separator: "\n") + "\n"
  }

  private var ignored: String {
    """
    # Stores and logs hold what users wrote.
    *.sqlite
    *.sqlite-*
    *.rejects.jsonl
    \(data == nil ? "" : "data/\n")# Made by riddle train, evaluate and export.
    models/
    report.html
    *.riddle

    """
  }

  private var policy: String {
    """
    # Who pays decides, else what the text looks like. Look for mistakes with
    #   riddle policy check policies/premium-first.yaml
    name: premium-first
    rules: # the first that holds decides
      - name: premium users
        when: {user_tier: [premium]}
        ask: strongest
      - name: traces and code
        when: {contains: ["stack trace", "deadlock"]}
        ask: strongest
    default: cheapest

    """
  }

  private var readme: String {
    let origin =
      data == nil
      ? """
      `data/example.jsonl` is made up: \(ExampleLog.rowCount) requests to a shop's assistant, answered by every
      candidate. Replace it by a log of yours (`riddle import --help` lists the formats that are read as they are;
      `riddle import LOG --dry-run` says what would be taken), name its candidates in riddle.yaml, and start again
      at 1.
      """
      : "The log is `\(log)`; `riddle import \(log) --dry-run` says what is taken of it."
    return """
      # \(name)

      Which requests need the expensive candidate? \(origin)

      Store, candidates and seed stand in riddle.yaml (`riddle config show --origin`).

      1. Read the log into the store.

          riddle import \(log)

      2. Who is right where, and what would a perfect router save? A first look, before anything is learned.

          riddle label
          riddle headroom

      3. Learn a router; it is judged on rows that it did not see.

          riddle train --output models/\(name)

      4. Judge it again beside a policy by hand, with a report to pass on.

          riddle policy check policies/premium-first.yaml
          riddle evaluate --routers models/\(name),policies/premium-first.yaml --report report.html

      5. Write the file that production reads.

          riddle export models/\(name) --to \(name).riddle

      6. Decide.

          echo "Our billing job deadlocks while it writes the orders; find the cause step by step" | riddle score \(name).riddle --explain

      Later: `riddle runs list` shows the runs, `riddle runs repro models/\(name)` rebuilds one byte for byte,
      `riddle compare` says what a new one changed, `riddle --help` lists the rest.

      """
  }
}
