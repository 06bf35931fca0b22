import Glibc
import RiddleData

/// One decision as a dashboard counts it.
public struct DailyDecision: Sendable {
  /// The decision; its unit is any number that is the same for one conversation, and −1 for none.
  public var judged: JudgedDecision
  /// When, in microseconds since 1970.
  public var time: Int64
  /// The router's probability.
  public var probability: Double?
  /// For example billing, medical, legal.
  public var domain: String?

  /// A decision at a time.
  public init(judged: JudgedDecision, time: Int64) {
    self.judged = judged
    self.time = time
  }
}

/// Counts decisions by day (or longer periods) in one pass in order of time.
///
/// Memory: what one period needs for its conversations, and the aggregates.
public struct DashboardCounts: Sendable {
  /// Width of a score's bin.
  static let scoreBins = 100
  /// Bins of latency in an octave: 9 % wide each.
  static let latencySteps = 8.0
  /// Most segments that are told apart.
  static let mostSegments = 1000
  static let microsecondsADay: Int64 = 86_400_000_000

  /// What is known of one period.
  struct Period: Sendable {
    var number: Int64
    var decisions = 0
    var byCandidate: [Candidate]
    var escalated = 0
    var cost = RatioMoments()
    var savings = RatioMoments()
    var quality = RatioMoments()
    var satisfaction = RatioMoments()
    var latency: [Int: Int] = [:]
    var scores = [Int](repeating: 0, count: DashboardCounts.scoreBins)
  }

  /// Sums of one candidate in a period.
  struct Candidate: Sendable {
    var decisions = 0
    var cost = (sum: 0.0, count: 0)
    var quality = (sum: 0.0, count: 0)
    var satisfaction = (sum: 0.0, count: 0)
  }

  /// A kind of queries.
  struct Segment: Sendable {
    var low = 0
    var judged = 0
    var worth = 0.0
  }

  /// A conversation's sums in the open period.
  private struct Open {
    var cost = (0.0, 0.0, 0)
    var savings = (0.0, 0.0, 0)
    var quality = (0.0, 0.0, 0)
    var satisfaction = (0.0, 0.0, 0)

    mutating func add(_ decision: JudgedDecision) {
      func put(_ slot: inout (Double, Double, Int), _ y: Double, _ x: Double) {
        slot.0 += y
        slot.1 += x
        slot.2 += 1
      }
      if let value = decision.cost {
        put(&cost, Double(value), 1)
        if let saved = decision.saved { put(&savings, Double(saved), Double(value + saved)) }
      }
      if let value = decision.quality { put(&quality, value, 1) }
      if let value = decision.satisfaction { put(&satisfaction, value, 1) }
    }

    func close(into period: inout Period) {
      func add(_ slot: (Double, Double, Int), _ moments: inout RatioMoments) {
        if slot.2 > 0 { moments.add(y: slot.0, x: slot.1, rows: slot.2) }
      }
      add(cost, &period.cost)
      add(savings, &period.savings)
      add(quality, &period.quality)
      add(satisfaction, &period.satisfaction)
    }
  }

  let names: [String]
  let daysAPeriod: Int64
  private(set) var periods: [Period] = []
  private(set) var segments: [String: Segment] = [:]
  private var open: [Int: Open] = [:]

  /// Nothing counted yet.
  ///
  /// - Parameters:
  ///   - names: candidates, by their position in the decisions.
  ///   - daysAPeriod: days that are counted as one, at least 1.
  public init(names: [String], daysAPeriod: Int = 1) {
    precondition(daysAPeriod >= 1, "a period has a day or more, got \(daysAPeriod)")
    self.names = names
    self.daysAPeriod = Int64(daysAPeriod)
  }

  /// Counts one decision; they come in order of time.
  public mutating func add(_ decision: DailyDecision) {
    // A candidate that came up after the names were read.
    guard decision.judged.candidate < names.count else { return }
    let day = decision.time / Self.microsecondsADay
    let number = day / daysAPeriod
    if periods.last?.number != number {
      closePeriod()
      periods.append(
        Period(
          number: number, byCandidate: Array(repeating: Candidate(), count: names.count)))
    }
    let judged = decision.judged
    let last = periods.count - 1
    periods[last].decisions += 1
    if judged.wasEscalated { periods[last].escalated += 1 }
    addCandidate(judged, to: last)
    if let latency = judged.latency {
      let bin = latency < 1 ? 0 : Int(log2(Double(latency)) * Self.latencySteps)
      periods[last].latency[bin, default: 0] += 1
    }
    if let probability = decision.probability {
      let bin = min(Self.scoreBins - 1, Int(probability * Double(Self.scoreBins)))
      periods[last].scores[max(0, bin)] += 1
    }
    if judged.unit < 0 {
      var own = Open()
      own.add(judged)
      own.close(into: &periods[last])
    } else {
      open[judged.unit, default: Open()].add(judged)
    }
    if let worth = judged.quality ?? judged.satisfaction {
      if let task = judged.taskType { add("task type", task, worth) }
      if let domain = decision.domain { add("domain", domain, worth) }
    }
  }

  /// Nothing more comes.
  public mutating func finish() { closePeriod() }

  private mutating func addCandidate(_ judged: JudgedDecision, to period: Int) {
    let k = judged.candidate
    periods[period].byCandidate[k].decisions += 1
    if let cost = judged.cost {
      periods[period].byCandidate[k].cost.sum += Double(cost)
      periods[period].byCandidate[k].cost.count += 1
    }
    if let quality = judged.quality {
      periods[period].byCandidate[k].quality.sum += quality
      periods[period].byCandidate[k].quality.count += 1
    }
    if let satisfaction = judged.satisfaction {
      periods[period].byCandidate[k].satisfaction.sum += satisfaction
      periods[period].byCandidate[k].satisfaction.count += 1
    }
  }

  private mutating func add(_ kind: String, _ name: String, _ worth: Double) {
    let key = "\(kind): \(name)"
    guard segments[key] != nil || segments.count < Self.mostSegments else { return }
    segments[key, default: Segment()].judged += 1
    segments[key, default: Segment()].worth += worth
    if worth < 0.5 { segments[key, default: Segment()].low += 1 }
  }

  private mutating func closePeriod() {
    guard !periods.isEmpty else { return }
    // In a fixed order: sums of doubles depend on it.
    for unit in open.keys.sorted() {
      open[unit]?.close(into: &periods[periods.count - 1])
    }
    open.removeAll(keepingCapacity: true)
  }
}
