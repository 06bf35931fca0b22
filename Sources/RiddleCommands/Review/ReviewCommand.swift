import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleReport
import RiddleStore

struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Review a week of production: satisfaction, savings, misses, alarms, advice.",
    discussion: """
      Reads decisions and feedback of a store; see riddle score --log, riddle decisions import, \
      riddle feedback import. Every figure has an interval in which a conversation counts as one, and \
      stands beside that of the window before. What the interval does not decide is undecided.

      A query is complex when the cheapest candidate is known not to be enough: by the \
      best_candidate of feedback, else by the latest labels of the store. --complex-tasks names \
      complex task types instead. Alarms: the cheapest tier below 85 % on complex queries \
      (tighten), the cheapest tier at 98 % or more (route more). Well tuned: 90 % accuracy on \
      every tier and 40 % savings. Go: a task type with a lower bound of 95 %. Status 1 with --gate \
      when an alarm rings.

      EXAMPLES
        riddle review --store desk.sqlite
        riddle review --store desk.sqlite --until 2026-04-27 --report week.html
        riddle review --store desk.sqlite --complex-tasks code,debug --gate
      """)

  @Option(help: "Store to read.")
  var store: String

  @Option(help: "Length of the window: 7d, 24h, 2w.")
  var window = "7d"

  @Option(
    help:
      "End of the window, which no longer counts: a date, which begins at 00:00 UTC, or a time with its zone. Default: behind the day of the last decision."
  )
  var until: String?

  @Option(
    help: ArgumentHelp(
      "The tiers, cheapest first. Default: the alternatives of the last decision, else by mean cost.",
      valueName: "small,large"))
  var candidates: String?

  @Option(
    help: ArgumentHelp(
      "Task types whose queries are complex, whatever is known of the single query.",
      valueName: "code,debug"))
  var complexTasks: String?

  @Option(help: "Coverage of the intervals.")
  var confidence = 0.95

  @Option(help: "Write the review as an HTML page.")
  var report: String?

  @Flag(help: "End with status 1 when an alarm rings.")
  var gate = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
  }

  func run() throws {
    try reportingFailures {
      let span = try TimeOption.span(window, "--window")
      let opened = try Store.open(path: store, mode: .readOnly)
      let known = try opened.decisionSpan()
      guard known.count > 0, let last = known.last else {
        throw CommandFailure(
          .malformedData,
          "\(store): holds no decision; log some with riddle score ROUTER --log \(store), or riddle decisions import FILE --store \(store)"
        )
      }
      let day: Int64 = 86_400_000_000
      // Whole days where the window has them: the day of the last decision is the window's last.
      let behind = span.count % day == 0 ? (last.count / day + 1) * day : last.count + 1
      let end = try until.map { try TimeOption.time($0, "--until") } ?? Microseconds(behind)
      let start = Microseconds(end.count - span.count)
      let earlier = Microseconds(start.count - span.count)
      let plan = try plan(opened, from: earlier, until: end)
      func count(_ from: Microseconds, _ until: Microseconds) throws -> ReviewCounts {
        var counts = ReviewCounts(plan)
        try opened.forEachJudgedDecision(from: from, until: until) { counts.add($0) }
        counts.finish()
        return counts
      }
      var settings = ReviewSettings()
      settings.confidence = confidence
      let found = RiddleEvaluation.review(
        try count(start, end), before: try count(earlier, start), from: start.timeText,
        until: end.timeText, beforeFrom: earlier.timeText, settings: settings)
      if let report {
        let name = URL(fileURLWithPath: store).lastPathComponent
        try Files.write(
          ReviewTables.page(
            found, title: "\(name), \(window) until \(end.timeText)",
            reproduction: [RunManifest.reproducingCommand()]), to: report)
      }
      if output.json {
        Console.print(try JSONOutput.text(found))
      } else {
        Console.write(ReviewTables.text(found, width: Console.width), to: .standardOutput)
        if let report { output.note("\(report): the review as a page") }
      }
      if gate && found.alarms.contains(where: { $0.state == .rings }) {
        throw ExitCode(ExitStatus.gateFailed.rawValue)
      }
    }
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The tiers: as asked for, else what the last decision could choose from, else by mean cost.
  private func plan(_ store: Store, from: Microseconds, until: Microseconds) throws
    -> ReviewCounts.Plan
  {
    let decided = try store.decidedCandidates(from: from, until: until)
    return ReviewCounts.Plan(
      names: decided.names,
      ladder: try CandidateOrder.order(decided, asked: candidates, requiresAll: true),
      complexTasks: complexTasks.map { Set(Self.names($0)) })
  }
}
