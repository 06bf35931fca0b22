import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleReport
import RiddleStore

struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Write one page with production day by day: shares, quality, money, drift, latency.",
    discussion: """
      One static HTML file that loads nothing, from the decisions and feedback of a store: per day \
      the share of each candidate, quality and satisfaction, cost and savings with their bands, \
      escalations, latency; by week how far the router's scores have moved from those of the first \
      weeks; the kinds of queries that fail most; deployments and new routers as marks. It holds \
      aggregates only: its size does not grow with the number of decisions. More than 400 days \
      are added up to longer periods. --json prints the aggregates.

      EXAMPLES
        riddle dashboard --store desk.sqlite --output dashboard.html
        riddle dashboard --store desk.sqlite --candidates small,medium,large --json
      """)

  @Option(help: "Store to read.")
  var store: String

  @Option(name: .customLong("output"), help: "The page to write.")
  var page: String?

  @Option(
    help: ArgumentHelp(
      "Candidates, cheapest first. Default: the alternatives of the last decision, else by mean cost.",
      valueName: "small,large"))
  var candidates: String?

  @Option(help: "Coverage of the bands.")
  var confidence = 0.95

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard page != nil || output.json else {
      throw ValidationError("give --output page.html, or --json")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
  }

  /// Most periods on the page.
  private static let mostPeriods: Int64 = 400

  func run() throws {
    try reportingFailures {
      let opened = try Store.open(path: store, mode: .readOnly)
      let span = try opened.decisionSpan()
      guard span.count > 0, let first = span.first, let last = span.last else {
        throw CommandFailure(
          .malformedData,
          "\(store): holds no decision; log some with riddle score ROUTER --log \(store), or riddle decisions import FILE --store \(store)"
        )
      }
      let days = (last.count - first.count) / 86_400_000_000 + 1
      let decided = try opened.decidedCandidates(
        from: first, until: Microseconds(last.count + 1))
      let order = try CandidateOrder.order(
        decided, asked: candidates, requiresAll: false)
      var counts = DashboardCounts(
        names: decided.names,
        daysAPeriod: Int((days + Self.mostPeriods - 1) / Self.mostPeriods))
      let progress = Progress("reading", unit: "decisions", quiet: output.quiet)
      var done = 0
      try opened.forEachDecisionInTime { decision in
        var daily = DailyDecision(judged: decision.judged, time: decision.time.count)
        daily.probability = decision.probability
        daily.domain = decision.domain
        counts.add(daily)
        done += 1
        if done % 8192 == 0 {
          progress.update(done, fraction: Double(done) / Double(span.count))
        }
      }
      counts.finish()
      progress.finish()
      let marks = try opened.routerMarks().map {
        DashboardReport.Mark(time: $0.time.count, what: $0.what)
      }
      let found = counts.report(order: order, marks: marks, confidence: confidence)
      if let page {
        let name = URL(fileURLWithPath: store).lastPathComponent
        try Files.write(
          DashboardPage.render(
            found, title: name, reproduction: [RunManifest.reproducingCommand()]), to: page)
      }
      if output.json {
        Console.print(try JSONOutput.text(found))
      } else if let page {
        Console.print(
          "\(page): \(span.count) decisions in \(found.periods.count) \(found.daysAPeriod == 1 ? "days" : "periods of \(found.daysAPeriod) days")"
        )
      }
    }
  }
}
