import Synchronization

/// What a server counts, and its text for Prometheus.
///
/// One lock, held for the time of a few additions; whoever reads copies the numbers first and writes its text outside.
public final class ServerMetrics: Sendable {
  private let state = Mutex(Numbers())

  /// The numbers themselves.
  struct Numbers {
    /// By series and candidate, see ``ServerMetrics/series(version:candidates:checksum:)``.
    var series: [Series] = []
    var seconds = Histogram(bounds: ServerMetrics.decisionSeconds)
    var scores = Histogram(bounds: (0...20).map { Double($0) / 20 })
    var counters = ServerMetrics.zeros
    var upstream: [String: Histogram] = [:]
    var current = 0
  }

  /// Decisions of one version of a router.
  struct Series {
    var version: String
    var checksum: String
    var candidates: [String]
    var counts: [Int]
  }

  /// Bounds of `riddle_decision_seconds`: 1 µs to 10 ms.
  static let decisionSeconds = [
    1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2,
  ]
  /// Bounds of `riddle_upstream_seconds`.
  static let upstreamSeconds = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
  ]

  /// Counters whose labels are known before anything happens stand at 0 from the start: an alert on their increase would not see a series
  /// that begins at 1.
  private static var zeros: [String: [String: Int]] {
    let reasons = Abstention.allCases.map { ("reason=\"\($0.rawValue)\"", 0) }
    return [
      Counted.reload.rawValue: ["result=\"success\"": 0, "result=\"failure\"": 0],
      Counted.fallback.rawValue: Dictionary(uniqueKeysWithValues: reasons),
    ]
  }

  /// Nothing counted yet.
  public init() {}

  // MARK: counting

  /// The series of a router's decisions, which ``decided(series:candidate:score:nanoseconds:)`` names; the same one for the same version.
  func series(version: String, candidates: [String], checksum: String) -> Int {
    state.withLock { numbers in
      if let index = numbers.series.firstIndex(where: {
        $0.version == version && $0.candidates == candidates
      }) {
        return index
      }
      numbers.series.append(
        Series(
          version: version, checksum: checksum, candidates: candidates,
          counts: [Int](repeating: 0, count: candidates.count)))
      return numbers.series.count - 1
    }
  }

  /// Names the router that decides from now on.
  public func serves(_ served: ServedRouter) {
    let index = series(
      version: served.version, candidates: served.candidates, checksum: served.checksum)
    state.withLock { $0.current = index }
  }

  /// Counts a decision.
  ///
  /// - Parameters:
  ///   - score: in [0, 1]; nil when nothing was scored.
  ///   - nanoseconds: how long the decision took.
  func decided(series: Int, candidate: Int, score: Double?, nanoseconds: Int64) {
    state.withLock { numbers in
      numbers.series[series].counts[candidate] += 1
      numbers.seconds.observe(Double(nanoseconds) / 1e9)
      if let score { numbers.scores.observe(score) }
    }
  }

  /// Adds `amount` to the counter `name` under `labels`, such as `reason="no_text"`.
  public func add(_ name: Counted, labels: String = "", _ amount: Int = 1) {
    state.withLock { numbers in
      let before = numbers.counters[name.rawValue]?[labels] ?? 0
      numbers.counters[name.rawValue, default: [:]][labels] = before.addingClamped(amount)
    }
  }

  /// Counts a call of a candidate: how it ended, and after how many microseconds.
  public func called(_ candidate: String, result: String, microseconds: Int64?) {
    let candidate = Self.escaped(candidate)
    state.withLock { numbers in
      let labels = "candidate=\"\(candidate)\",result=\"\(result)\""
      numbers.counters[Counted.upstreamCalls.rawValue, default: [:]][labels, default: 0] += 1
      guard let microseconds else { return }
      numbers.upstream[candidate, default: Histogram(bounds: Self.upstreamSeconds)]
        .observe(Double(microseconds) / 1e6)
    }
  }

  /// A counter with its meaning.
  public enum Counted: String, CaseIterable, Sendable {
    /// Requests that the router did not decide.
    case fallback = "riddle_fallback_total"
    /// Attempts to load a router.
    case reload = "riddle_reload_total"
    /// Requests that were turned away because too many were under way.
    case shed = "riddle_shed_total"
    /// Requests that could not be understood, were too large, came too slowly or lacked the token.
    case refused = "riddle_refused_total"
    /// Chat requests by what came of them.
    case chats = "riddle_chat_total"
    /// Calls of upstream candidates.
    case upstreamCalls = "riddle_upstream_calls_total"
    /// Nano-dollars paid for answers, as far as they are known.
    case spent = "riddle_spent_nanodollars_total"
    /// Feedback that was kept.
    case feedback = "riddle_feedback_total"

    var help: String {
      switch self {
      case .fallback: "Requests that the router did not decide, by reason."
      case .reload: "Attempts to load a router, by result."
      case .shed: "Requests turned away with 503 because too many were under way."
      case .refused: "Requests refused, by HTTP status."
      case .chats: "Chat requests, by result."
      case .upstreamCalls: "Calls of candidates, by result."
      case .spent: "Nano-dollars paid for answers, as far as known."
      case .feedback: "Feedback kept."
      }
    }
  }

  // MARK: text

  /// What the log of decisions says of itself.
  public struct LogCounts: Sendable {
    /// Lines written.
    public var written: Int
    /// Decisions lost because the queue was full or the log failed.
    public var dropped: Int
    /// Decisions that the log does not take: out of bounds, or with the request id of another one.
    public var refused: Int

    /// Counts.
    public init(written: Int, dropped: Int, refused: Int) {
      self.written = written
      self.dropped = dropped
      self.refused = refused
    }
  }

  /// Everything in Prometheus' text format, version 0.0.4.
  ///
  /// - Parameters:
  ///   - log: nil without a log.
  ///   - inFlight: requests under way.
  public func text(log: LogCounts?, inFlight: Int) -> String {
    let numbers = state.withLock { $0 }
    var out = ""
    func head(_ name: String, _ type: String, _ help: String) {
      out += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
    head("riddle_decisions_total", "counter", "Decisions, by chosen candidate and router version.")
    for series in numbers.series {
      for (candidate, count) in zip(series.candidates, series.counts) {
        out += "riddle_decisions_total{candidate=\"\(Self.escaped(candidate))\","
        out += "router_version=\"\(Self.escaped(series.version))\"} \(count)\n"
      }
    }
    head("riddle_decision_seconds", "histogram", "Time of one decision, without HTTP.")
    numbers.seconds.append("riddle_decision_seconds", to: &out)
    head(
      "riddle_score", "histogram",
      "Calibrated probability that a query must leave the cheap candidate.")
    numbers.scores.append("riddle_score", to: &out)
    head("riddle_router_info", "gauge", "The router that decides now.")
    if numbers.series.indices.contains(numbers.current) {
      let now = numbers.series[numbers.current]
      out += "riddle_router_info{sha256=\"\(Self.escaped(now.checksum))\","
      out += "version=\"\(Self.escaped(now.version))\"} 1\n"
    }
    for counter in Counted.allCases {
      head(counter.rawValue, "counter", counter.help)
      let values = numbers.counters[counter.rawValue] ?? [:]
      for (labels, value) in values.sorted(by: { $0.key < $1.key }) {
        out += labels.isEmpty ? counter.rawValue : "\(counter.rawValue){\(labels)}"
        out += " \(value)\n"
      }
    }
    head("riddle_upstream_seconds", "histogram", "Time of calls of candidates.")
    for (candidate, histogram) in numbers.upstream.sorted(by: { $0.key < $1.key }) {
      histogram.append(
        "riddle_upstream_seconds", labels: "candidate=\"\(candidate)\",", to: &out)
    }
    head("riddle_in_flight", "gauge", "Chat requests under way.")
    out += "riddle_in_flight \(inFlight)\n"
    if let log {
      head("riddle_log_written_total", "counter", "Decisions written to the log.")
      out += "riddle_log_written_total \(log.written)\n"
      head("riddle_log_dropped_total", "counter", "Decisions that the log lost.")
      out += "riddle_log_dropped_total \(log.dropped)\n"
      head(
        "riddle_log_refused_total", "counter",
        "Decisions that the log does not take: out of bounds, or a request id that it has already.")
      out += "riddle_log_refused_total \(log.refused)\n"
    }
    return out
  }

  /// A label's value with the format's three escapes.
  static func escaped(_ value: String) -> String {
    var out = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
