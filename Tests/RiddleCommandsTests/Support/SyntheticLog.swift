import Foundation

/// A seeded log of three candidates whose outcomes follow from the words of the query, with noise: small enough for
/// a second's training, learnable enough that every figure is defined.
enum SyntheticLog {
  /// What one row looks like before it is written.
  struct Row {
    var id: String
    var query: String
    var taskType: String
    var group: String
    var conversation: String
    var quality: [Double]
    var cost: [Double]
  }

  static let candidates = ["tiny", "middle", "huge"]

  static func rows(_ count: Int = 400, seed: UInt64 = 1, prefix: String = "q", ids: String? = nil)
    -> [Row]
  {
    var random = Stream(state: seed)
    let easy = ["reset", "opening", "invoice", "address", "hello", "password", "price", "order"]
    let hard = [
      "prove", "deadlock", "integral", "migrate", "optimise", "derive", "theorem", "race",
    ]
    let neutral = ["please", "today", "our", "the", "shop", "team", "about", "with", "and", "my"]
    return (0..<count).map { i in
      let difficulty = random.unit()
      var words: [String] = []
      for _ in 0..<(6 + random.below(14)) {
        let pick = random.unit()
        if pick < 0.5 {
          words.append(neutral[random.below(neutral.count)])
        } else {
          words.append(
            random.unit() < difficulty ? hard[random.below(8)] : easy[random.below(8)])
        }
      }
      let noise = random.unit() * 0.2 - 0.1
      let levels = [0.45, 0.75, 2.0]
      return Row(
        id: "\(ids ?? prefix)\(i)", query: words.joined(separator: " ") + " \(prefix)\(i)",
        taskType: difficulty > 0.5 ? "reasoning" : "support", group: "g\(i % 50)",
        conversation: "c\(i / 2)",
        quality: levels.map { difficulty + noise < $0 ? 1 : 0 },
        cost: [0.0001, 0.0009, 0.006].map { $0 * Double(words.count) / 10 })
    }
  }

  static func line(_ row: Row, candidates names: [String] = candidates) -> String {
    let outcomes = zip(names, zip(row.quality, row.cost)).map { name, outcome in
      "\"\(name)\":{\"quality\":\(outcome.0),\"cost_usd\":\(text(outcome.1))}"
    }
    return
      "{\"id\":\"\(row.id)\",\"query\":\"\(row.query)\",\"task_type\":\"\(row.taskType)\",\"group\":\"\(row.group)\",\"outcomes\":{\(outcomes.joined(separator: ","))}}"
  }

  static func text(_ rows: [Row]) -> String { rows.map { line($0) + "\n" }.joined() }

  private static func text(_ dollars: Double) -> String {
    let nano = Int((dollars * 1e9).rounded())
    let digits = String(nano)
    return "0." + String(repeating: "0", count: 9 - digits.count) + digits
  }

  /// SplitMix64 (Steele, Lea & Flood, 2014).
  struct Stream {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }

    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  }
}

/// Runs that several tests look at and none changes: made once.
enum Trained {
  struct Run: Sendable {
    var folder: TemporaryFolder
    var result: ProgramResult
  }

  /// Options that make a run cheap; every figure stays defined.
  static let quick = ["--l2", "1", "--bucket-bits", "10", "--replicates", "40"]

  /// `log.jsonl` and below `pair` a logistic router from tiny to huge.
  static let pair = Result { () throws -> Run in
    let folder = try TemporaryFolder()
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
    let result = try succeed(
      [
        "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "pair", "--seed",
        "7",
      ] + quick + ["--json", "--quiet"], in: folder)
    return Run(folder: folder, result: result)
  }

  /// `log.jsonl` and below `ladder` a tree per step from tiny over middle to huge.
  static let ladder = Result { () throws -> Run in
    let folder = try TemporaryFolder()
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
    let result = try succeed(
      [
        "train", "--data", "log.jsonl", "--candidates", "tiny,middle,huge", "--model", "tree",
        "--output", "ladder", "--seed", "7",
      ] + quick + ["--json", "--quiet"], in: folder)
    return Run(folder: folder, result: result)
  }
}
