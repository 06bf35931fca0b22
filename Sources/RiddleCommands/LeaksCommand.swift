import ArgumentParser
import Foundation
import RiddleData
import RiddlePipeline
import RiddleReport
import RiddleStore

struct LeaksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaks",
    abstract: "Check that training and test data share no prompt, conversation or near-duplicate.",
    discussion: """
      A check that fails: exit status 1 when anything is shared, 0 when nothing is. Rows are \
      named by their ids, never by their texts. Prompts are equal when they differ in letter \
      case and white space at most; near-duplicates share at least 0.8 of their word 5-grams \
      (Jaccard), directly or in a chain. Shared groups are counted and fail nothing.

      Three forms
        --train A --test B    two sets of logs
        LOG --split-by UNIT   the sides `riddle train` would make of a log
        ROUTER --data NEW     new logs against the rows a router was trained on

      EXAMPLES
        riddle leaks --train week1.jsonl week2.jsonl --test week3.jsonl
        riddle leaks log.jsonl.gz --split-by text --seed 7
        riddle leaks desk.sqlite --split-by segment --segment domain
        riddle leaks models/desk --data new-week.jsonl.gz --json
      """)

  @Argument(help: "A log or store to split, or a weight file or run folder to hold against --data.")
  var input: String?

  @Option(parsing: .upToNextOption, help: "Logs or stores to train on.")
  var train: [String] = []

  @Option(parsing: .upToNextOption, help: "Logs or stores to test on.")
  var test: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Logs or stores to hold against a router's training rows.")
  var data: [String] = []

  @Option(help: "Split of LOG: text, group, conversation, time or segment. Default: as train.")
  var splitBy: SplitUnit?

  @Option(
    help: ArgumentHelp(
      "Field whose segments --split-by segment holds out.", valueName: "field"))
  var segment: SegmentField?

  @Option(help: "Seed of the split of LOG.")
  var seed: UInt64 = 1

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let comparesLogs = !train.isEmpty || !test.isEmpty
    if comparesLogs && (train.isEmpty || test.isEmpty) {
      throw ValidationError("give both --train and --test")
    }
    if comparesLogs && (input != nil || !data.isEmpty) {
      throw ValidationError("--train and --test stand alone, without ROUTER, LOG or --data")
    }
    if !comparesLogs && input == nil {
      throw ValidationError(
        "give --train A --test B, or a LOG with --split-by, or a ROUTER with --data")
    }
    if !data.isEmpty && (splitBy != nil || segment != nil) {
      throw ValidationError("--split-by and --segment split a LOG; a ROUTER has its split")
    }
    if comparesLogs && (splitBy != nil || segment != nil) {
      throw ValidationError("--split-by and --segment split a LOG; leave out --train and --test")
    }
  }

  func run() throws {
    try reportingFailures {
      let isClean: Bool
      if !train.isEmpty {
        isClean = try show(
          .init(checks: [
            .init(
              train: "train", test: "test",
              report: leaks(train: try read(train), test: try read(test)))
          ]))
      } else if let input, !data.isEmpty {
        isClean = try checkRouter(input)
      } else {
        isClean = try checkSplit(input ?? "")
      }
      if !isClean { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  // MARK: logs

  /// The rows with a text, of logs and stores alike.
  private func read(_ paths: [String]) throws -> Dataset {
    var log: [LoggedQuery] = []
    var files: [String] = []
    for path in paths {
      if Self.isStore(path) {
        log += try Store.open(path: path, mode: .readOnly).readLog()
      } else {
        files.append(path)
      }
    }
    if !files.isEmpty {
      var source = DataOptions()
      source.data = files
      source.reading = reading
      log += try source.readLog(output: output).log
    }
    let rows = Dataset(textsOf: log)
    guard rows.count > 0 else {
      throw CommandFailure(
        .malformedData,
        "\(paths.joined(separator: ", ")): no row has a text (\(log.count) rows read); a leak check needs texts"
      )
    }
    if rows.omitted.withoutText > 0 {
      output.note("warning: \(rows.omitted.withoutText) rows without a text are not checked")
    }
    return rows
  }

  private static func isStore(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    let magic = try? file.read(upToCount: 15)
    try? file.close()
    return magic.map { Array($0) == Array("SQLite format 3".utf8) } ?? false
  }

  private func checkSplit(_ path: String) throws -> Bool {
    let rows = try read([path]).withDuplicateKeys()
    var plan = TrainingPlan(splitUnit: splitBy, seed: seed)
    plan.segmentField = segment
    let assignment = try plan.split(for: rows.contexts).assignment(of: rows)
    let (fitted, calibrated) = (assignment.rows(.train), assignment.rows(.calibrate))
    let tested = assignment.rows(.test)
    return try show(
      .init(
        split: RunManifest.SplitCounts(assignment),
        checks: [
          .init(
            train: "train", test: "calibrate",
            report: leaks(train: rows.rows(fitted), test: rows.rows(calibrated))),
          .init(
            train: "train and calibrate", test: "test",
            report: leaks(
              train: rows.rows((fitted + calibrated).sorted()), test: rows.rows(tested))),
        ]))
  }

  fileprivate struct Check: Encodable {
    var train: String
    var test: String
    var report: LeakReport
  }

  private struct Result: Encodable {
    var clean: Bool
    var split: RunManifest.SplitCounts?
    var checks: [Check]

    init(split: RunManifest.SplitCounts? = nil, checks: [Check]) {
      clean = checks.allSatisfy(\.report.isClean)
      self.split = split
      self.checks = checks
    }
  }

  private func show(_ result: Result) throws -> Bool {
    if output.json {
      Console.print(try JSONOutput.text(result))
      return result.clean
    }
    if let split = result.split { Console.print(split.sentence + "\n") }
    for check in result.checks {
      Console.print(check.table.text(width: Console.width))
      for line in check.rows { Console.print(line) }
      Console.print("")
    }
    Console.print(
      result.clean
        ? "clean: no prompt, conversation or near-duplicate is shared" : "LEAK: see the rows above")
    return result.clean
  }

  // MARK: a router

  private struct RouterResult: Encodable {
    var clean: Bool
    var not_checked: [String] = []
    var router: String
    /// What stayed together in the router's split.
    var unit: String
    var rows: Int
    var prompts: Seen
    var conversations: Seen?
    var near_duplicates: Seen?
    var groups: Seen?
  }

  private struct Seen: Encodable {
    var rows: Int
    var ids: [String]

    init(_ rows: [Int], _ data: Dataset) {
      self.rows = rows.count
      ids = rows.prefix(LeakReport.listedRows).map { data.ids[$0] }
    }
  }

  private func checkRouter(_ path: String) throws -> Bool {
    let router = try OpenedRouter(path: path, signature)
    guard let trained = try router.trainingRows() else {
      throw CommandFailure(
        .inputMissing,
        "\(router.path): its list of training rows (\(RunFolder.trainingRowsName)) is not beside it; give the folder that `riddle train` wrote, or compare logs with --train and --test"
      )
    }
    let rows = try read(data)
    let shared = (0..<rows.count).map {
      trained.sharing(text: rows.texts[$0], context: rows.contexts[$0])
    }
    func seen(_ what: TrainingRows.Shared) -> Seen {
      Seen(shared.indices.filter { shared[$0].contains(what) }, rows)
    }
    var result = RouterResult(
      clean: true, router: router.name, unit: trained.unit.rawValue, rows: rows.count,
      prompts: seen(.text))
    switch trained.unit {
    case .text: break
    case .group: result.groups = seen(.unit)
    case .conversation, .time, .segment: result.conversations = seen(.unit)
    }
    if trained.recognisesNearDuplicates {
      result.near_duplicates = seen(.nearDuplicate)
    } else {
      output.note(
        "warning: the router's list of training rows has no signatures: near-duplicates are not recognised; train again without --stream"
      )
    }
    result.clean = [result.prompts, result.conversations, result.near_duplicates].allSatisfy {
      ($0?.rows ?? 0) == 0
    }
    // What was not recorded cannot be called clean.
    let unchecked =
      (result.conversations == nil && rows.contexts.contains { $0.conversation != nil }
        ? ["conversations"] : [])
      + (result.near_duplicates == nil ? ["near-duplicates"] : [])
    result.not_checked = unchecked
    let isProven = result.clean && unchecked.isEmpty
    if output.json {
      Console.print(try JSONOutput.text(result))
      return isProven
    }
    let found: [(String, Seen?)] = [
      ("prompts", result.prompts), ("conversations", result.conversations),
      ("near-duplicates", result.near_duplicates), ("groups (for information)", result.groups),
    ]
    Console.print(
      ModelTable(
        title: "\(rows.count) rows against the training rows of \(router.name)",
        columns: ["shared with training", "rows"],
        rows: found.map { name, seen in [name, seen.map { "\($0.rows)" } ?? "not recorded"] }
      ).text(width: Console.width))
    for (name, seen) in found.dropLast() {
      if let seen, seen.rows > 0 { Console.print(idLine(name, seen.rows, seen.ids)) }
    }
    Console.print(
      !result.clean
        ? "\nLEAK: see the rows above"
        : isProven
          ? "\nclean: no row is known to have been seen in training"
          : "\nNOT PROVEN CLEAN: the list of training rows says nothing of \(unchecked.joined(separator: " and ")); compare the logs themselves with `riddle leaks --train LOG --test LOG`"
    )
    return isProven
  }
}

extension LeaksCommand.Check {
  fileprivate var findings: [(name: String, finding: LeakReport.Finding)] {
    [
      ("prompts", report.prompts), ("conversations", report.conversations),
      ("near-duplicates", report.nearDuplicates),
    ]
  }

  fileprivate var table: ModelTable {
    ModelTable(
      title: "\(train) (\(report.train) rows) → \(test) (\(report.test) rows)",
      columns: ["shared", "rows of \(train)", "rows of \(test)"],
      rows: (findings + [("groups (for information)", report.groups)]).map {
        [$0.name, "\($0.finding.trainRows)", "\($0.finding.testRows)"]
      })
  }

  /// The ids of shared rows, one line a finding and side.
  fileprivate var rows: [String] {
    findings.filter { $0.finding.testRows > 0 }.flatMap { name, finding in
      [
        idLine("\(name), \(train)", finding.trainRows, finding.trainIDs),
        idLine("\(name), \(test)", finding.testRows, finding.testIDs),
      ]
    }
  }
}

/// Ids in one line, control characters made visible.
private func idLine(_ name: String, _ count: Int, _ ids: [String]) -> String {
  let listed = ids.map { id in
    String(
      String.UnicodeScalarView(
        id.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
  return
    "\(name): \(listed.joined(separator: ", "))\(count > ids.count ? ", … (\(count) in all)" : "")"
}
