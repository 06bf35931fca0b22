/// What a window of production came to, beside the window before it.
public struct ReviewReport: Equatable, Sendable, Codable {
  /// Version of this report.
  public var format = "riddle-review-1"
  /// The window's first moment, ISO 8601.
  public var from: String
  /// The first moment behind it.
  public var until: String
  /// The window before, of the same length.
  public var before: String
  /// Coverage of the intervals.
  public var confidence: Double
  /// What was counted in the window.
  public var counts: Counts
  /// The same of the window before.
  public var countsBefore: Counts
  /// What satisfaction is: `satisfaction` as users said it, or `quality` where nobody said anything.
  public var basis: String
  /// Tiers, cheapest first.
  public var tiers: [Tier]
  /// 1 − cost / cost of the strongest alone, signed.
  public var savings: Change
  /// Dollars a query.
  public var cost: Change
  /// Share of complex queries that went to the cheapest tier.
  public var missed: Change
  /// Share of queries that paid for more than one candidate.
  public var escalated: Change
  /// Worth of the cheapest tier's answers to complex queries.
  public var complexCheap: Change
  /// What should be looked at.
  public var alarms: [Alarm]
  /// At least 90 % accuracy on every tier and 40 % savings or more.
  public var wellTuned: Verdict
  /// Go or no-go for each task type.
  public var tasks: [Task]
  /// What to do.
  public var advice: [Advice]
  /// What a reader of the figures must know.
  public var notes: [String]

  /// Numbers of rows.
  public struct Counts: Equatable, Sendable, Codable {
    /// Decisions.
    public var decisions: Int
    /// Conversations, or decisions where none are named: what counts as one in the intervals.
    public var units: Int
    /// Decisions with satisfaction.
    public var satisfaction: Int
    /// Decisions with quality.
    public var quality: Int
    /// Decisions of which the right candidate is known.
    public var withTruth: Int
    /// Complex queries, by what was needed or by `--complex-tasks`.
    public var complex: Int
    /// Decisions whose costs are mean prices of their candidates, no bills.
    public var expectedCosts: Int
  }

  /// A figure now and before.
  public struct Change: Equatable, Sendable, Codable {
    /// In the window.
    public var now: Figure
    /// In the window before.
    public var before: Figure
    /// Now − before.
    public var difference: Figure
    /// Rows that the figure of now rests on.
    public var rows: Int
    /// Conversations among them.
    public var units: Int
  }

  /// One candidate's tier.
  public struct Tier: Equatable, Sendable, Codable {
    /// The candidate.
    public var name: String
    /// Share of decisions.
    public var share: Change
    /// Worth of its answers.
    public var satisfaction: Change
    /// Share of its answers that are of low worth.
    public var low: Change
    /// Of the queries that needed this tier, the share that went there.
    public var accuracy: Change
    /// Dollars a query.
    public var cost: Change
    /// Milliseconds.
    public var latency: Change
  }

  /// Whether an alarm rings, by its interval.
  public enum State: String, Sendable, Codable {
    /// The whole interval lies beyond the line.
    case rings
    /// The whole interval lies on the good side.
    case quiet
    /// More rows would tell.
    case undecided
  }

  /// An alarm.
  public struct Alarm: Equatable, Sendable, Codable {
    /// `tighten` or `route-more`.
    public var name: String
    /// Whether it rings.
    public var state: State
    /// What is measured.
    public var figure: Figure
    /// Rows that were measured.
    public var rows: Int
    /// The line.
    public var limit: Double
    /// In words.
    public var meaning: String
  }

  /// PASS, FAIL or UNDECIDED with its reasons.
  public struct Verdict: Equatable, Sendable, Codable {
    /// The verdict.
    public var verdict: GateVerdict
    /// What it rests on, a sentence each.
    public var reasons: [String]
  }

  /// A task type.
  public struct Task: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Worth of the answers it got.
    public var satisfaction: Figure
    /// Rows that were measured.
    public var rows: Int
    /// `go`, `no-go` or `undecided`.
    public var verdict: String
  }

  /// A piece of advice.
  public struct Advice: Equatable, Sendable, Codable {
    /// `routing-wrong`, `too-conservative` or `total-cost`.
    public var name: String
    /// Whether it holds.
    public var state: State
    /// What it rests on.
    public var figure: Figure
    /// In words.
    public var meaning: String
  }
}
