/// Which of a log's scores is the quality, and how a score becomes a number from 0 to 1.
public struct ScoreRule: Equatable, Sendable {
  /// The score's name; nil when the log has only one.
  public var name: String?
  /// The scale of the numbers; 0 to 1 when nil.
  public var low = 0.0
  /// The scale's upper end.
  public var high = 1.0

  /// The only score of the log, or the one called `name`, on a scale from `low` to `high`.
  public init(name: String? = nil, low: Double = 0, high: Double = 1) {
    self.name = name
    self.low = low
    self.high = high
  }

  /// The quality that a score's number or word says; nil when it says none.
  func quality(value: LogValue, label: LogValue) -> Double? {
    if let truth = value.truth { return truth ? 1 : 0 }
    if let number = value.decimal?.double {
      let quality = (number - low) / (high - low)
      return quality >= 0 && quality <= 1 ? quality : nil
    }
    return (label.text ?? value.text).flatMap(Self.worth)
  }

  /// What a word says: 1, 0, or nothing.
  static func worth(_ word: String) -> Double? {
    switch word.lowercased().filter({ $0 != " " && $0 != "-" && $0 != "_" }) {
    case "pass", "passed", "correct", "true", "yes", "good", "positive", "thumbsup", "up",
      "relevant", "helpful", "success", "👍":
      1
    case "fail", "failed", "incorrect", "false", "no", "bad", "negative", "thumbsdown", "down",
      "notrelevant", "irrelevant", "unhelpful", "failure", "👎":
      0
    default: nil
    }
  }
}

/// Scores by what they are about. Several of one thing are averaged.
struct ScoreTable {
  let rule: ScoreRule
  private var sums: [String: (total: Double, count: Int)] = [:]
  private(set) var names: Set<String> = []
  /// Every score's name, asked for or not.
  private(set) var found: Set<String> = []
  /// Scores that say no quality: outside the scale, or a word without a known meaning.
  private(set) var unread = 0
  /// Scores that were taken.
  private(set) var taken = 0

  init(_ rule: ScoreRule) { self.rule = rule }

  /// Adds a score of `target`, unless it has another name than the one that was asked for.
  mutating func add(_ target: String, name: String, value: LogValue, label: LogValue) {
    found.insert(name)
    if let wanted = rule.name, wanted != name { return }
    names.insert(name)
    guard let quality = rule.quality(value: value, label: label) else {
      unread += 1
      return
    }
    taken += 1
    let known = sums[target] ?? (0, 0)
    sums[target] = (known.total + quality, known.count + 1)
  }

  /// The mean of the scores of `target`; nil without any.
  func quality(of target: String) -> Double? {
    sums[target].map { $0.total / Double($0.count) }
  }

  /// Why it cannot be told which score is meant; nil when it can.
  var fault: String? {
    guard rule.name == nil, names.count > 1 else { return nil }
    return "has scores of several names: \(names.sorted().joined(separator: ", "))\n"
      + "  Say which one is the quality: --score NAME"
  }

  /// What to say at the end.
  var notes: [String] {
    guard unread > 0 else { return [] }
    return [
      "\(unread) scores lie outside \(rule.low) to \(rule.high) or are words of no known meaning, and were not read; "
        + "--score-range LOW,HIGH says the scale"
    ]
  }
}
