import RiddleData

/// A made-up log in Riddle JSONL for a new project: requests to a shop's assistant that was asked twice, once with a
/// small and once with a large candidate. Written for this purpose; it stands for no real user and no real model.
///
/// Whether an answer is good is drawn from the kind of request, so there is something to learn and something that stays
/// chance.
enum ExampleLog {
  static let rowCount = 1200

  /// A kind of request: how its sentences are made, and how often each candidate is right.
  private struct Kind {
    var name: String
    var cores: [String]
    var small: Double
    var large: Double
    var words: Int
  }

  private static let kinds: [Kind] = [
    Kind(
      name: "lookup",
      cores: [
        "where is my {thing}", "what does the {thing} cost in {place}",
        "when will the {thing} for {place} arrive", "is the {thing} in stock in {colour}",
        "which shop near {place} has the {thing}",
      ], small: 0.96, large: 0.98, words: 40),
    Kind(
      name: "account",
      cores: [
        "how do I change the address of my account to {place}",
        "reset my password for the {team} page",
        "please cancel the newsletter about the {thing}", "add {place} as a second address",
        "who in the {team} team can see my invoices",
      ], small: 0.93, large: 0.97, words: 60),
    Kind(
      name: "writing",
      cores: [
        "write a kind note to {team} about the late {thing}",
        "shorten this offer for the {colour} {thing} to two lines",
        "turn these notes on {place} into an announcement for {team}",
      ], small: 0.72, large: 0.94, words: 180),
    Kind(
      name: "debug",
      cores: [
        "why does the {team} webhook fail only when the {thing} is {colour}",
        "explain this stack trace from the {place} server after the {thing} release",
        "our {team} job deadlocks while it writes the {thing}; find the cause step by step",
      ], small: 0.28, large: 0.86, words: 320),
    Kind(
      name: "analysis",
      cores: [
        "compare the two {thing} contracts from {place} and name every risk",
        "derive how the discount on the {thing} changes the margin of {team}, with the formula",
        "plan the move of the {team} database from {place} without an hour of downtime",
      ], small: 0.22, large: 0.83, words: 420),
  ]

  private static let words: [String: [String]] = [
    "thing": [
      "kettle", "lamp", "desk", "bicycle", "tent", "radio", "carpet", "drill", "scale", "mirror",
      "blanket", "clock", "ladder", "printer", "camera", "sofa", "heater", "fridge", "violin",
      "globe", "saddle", "easel",
    ],
    "place": [
      "Lisbon", "Oslo", "Graz", "Leeds", "Turin", "Ghent", "Cork", "Porto", "Basel", "Turku",
      "Malmo", "Split", "Brno", "Lyon", "Bergen", "Utrecht", "Tartu", "Nantes",
    ],
    "colour": [
      "green", "grey", "black", "white", "amber", "blue", "violet", "copper", "ivory", "crimson",
    ],
    "team": [
      "billing", "returns", "logistics", "marketing", "legal", "support", "design", "finance",
      "purchasing", "security",
    ],
  ]

  private static let openings = [
    "", "", "", "hello, ", "hi there, ", "quick question: ", "urgent: ", "good morning, ",
    "one more thing: ", "sorry to ask again, ",
  ]
  private static let closings = [
    "", "", "", ", thanks", ", please", ", order {number}", ", ticket {number}",
    ", since last {day}", ", before {day}", ", it is for {place}", ", my boss asks",
    ", I am in {place}",
  ]
  private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Sunday"]

  /// The log; the same bytes on every machine.
  static func text(names: [String]) -> String {
    var random = SplitMix64(seed: 20_261_122)
    func unit() -> Double { Double(random.next() >> 11) / 9_007_199_254_740_992 }
    func pick(_ list: [String]) -> String { list[Int(random.next() % UInt64(list.count))] }
    var out = ""
    for row in 1...rowCount {
      let kind = kinds[Int(random.next() % UInt64(kinds.count))]
      var query = pick(openings) + pick(kind.cores) + pick(closings)
      for (slot, list) in words.sorted(by: { $0.key < $1.key }) {
        while let range = query.firstRange(of: "{\(slot)}") {
          query.replaceSubrange(range, with: pick(list))
        }
      }
      query.replace("{day}", with: pick(days))
      query.replace("{number}", with: "\(10_000 + random.next() % 90_000)")
      // Half of what makes a request hard is common to both candidates.
      let shared = unit()
      let outcomes = names.enumerated().map { index, name -> String in
        let share = names.count > 1 ? Double(index) / Double(names.count - 1) : 0
        let right = kind.small + (kind.large - kind.small) * share
        let isGood = 0.5 * shared + 0.5 * unit() < 0.5 * right + 0.5 * right * right
        let out = max(12, Int(Double(kind.words) * (0.6 + 0.8 * unit())))
        // Nano-dollars: 100 a token for the cheapest, twenty times that for the dearest.
        let cost = Int(Double(out + query.utf8.count / 4) * 100 * (1 + 19 * share))
        let digits = String(cost)
        let dollars = "0." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        return
          "\"\(name)\":{\"quality\":\(isGood ? 1 : 0),\"cost_usd\":\(dollars),\"latency_ms\":\(300 + Int(Double(out) * (4 + 14 * share)))}"
      }
      let day = 1 + row * 28 / (rowCount + 1)
      let time =
        "2026-06-\(day < 10 ? "0" : "")\(day)T\(10 + row % 10):\(10 + row % 50):00Z"
      let tier = unit() < 0.2 ? "premium" : "standard"
      out +=
        "{\"id\":\"ex-\(row)\",\"query\":\"\(query)\",\"task_type\":\"\(kind.name)\",\"user_tier\":\"\(tier)\",\"conversation\":\"c-\((row + 1) / 2)\",\"time\":\"\(time)\",\"outcomes\":{\(outcomes.joined(separator: ","))}}\n"
    }
    return out
  }
}
