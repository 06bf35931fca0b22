import Foundation
import RiddleTestSupport
import Testing

/// `riddle experiment` as a user runs it.
@Suite struct ExperimentTests {
  /// A made log: `share` of the users in the treatment, which costs a third and answers as `gain` says.
  static func log(_ users: Int, gain: Double, share: Double = 0.5, seed: UInt64 = 1) -> String {
    var random = SyntheticLog.Stream(state: seed)
    var text = ""
    for user in 0..<users {
      let isTreatment = random.unit() < share
      for turn in 0..<2 {
        let quality = random.unit() < 0.7 + (isTreatment ? gain : 0) ? 1 : 0
        text +=
          "{\"id\":\"\(user)-\(turn)\",\"arm\":\"\(isTreatment ? "treatment" : "control")\",\"user\":\(user),"
          + "\"quality\":\(quality),\"cost_usd\":\(isTreatment ? "0.001" : "0.003"),\"latency_ms\":\(800 + random.below(400)),"
          + "\"time\":\(1_763_700_000 + user)}\n"
      }
    }
    return text
  }

  private func read(_ arguments: [String], _ log: String) throws -> ProgramResult {
    try withFolder { folder in
      try folder.write("ab.jsonl", log)
      return try runRiddle(["experiment", "read", "ab.jsonl"] + arguments, in: folder)
    }
  }

  @Test func aPlanPrintsItsNumbersAndDays() throws {
    let arguments = [
      "experiment", "plan", "--metric", "proportion", "--baseline", "0.85", "--effect", "0.02",
      "--per-day", "1000",
    ]
    let text = try succeed(arguments).output
    #expect(text.contains("4722 requests per arm, 9444 in all"))
    #expect(text.contains("10 days"))
    #expect(text.contains("arcsine (Cohen's h) formula: 4720 and 4720"))
    let json = try succeed(arguments + ["--json"]).object()
    let plan = try #require((json["plans"] as? [[String: Any]])?.first)
    let size = try #require(plan["size"] as? [String: Any])
    #expect(size["control"] as? Int == 4722)
    #expect(size["days"] as? Int == 10)
    #expect((size["design"] as? [String: Any])?["power"] as? Double == 0.8)
  }

  @Test func aLogOfOutcomesIsMeasured() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(500)))
      let json = try succeed(
        ["experiment", "plan", "log.jsonl", "--candidates", "tiny,huge", "--json", "--quiet"],
        in: folder
      ).object()
      let measured = try #require(json["measured"] as? [String: Any])
      #expect(measured["rows"] as? Int == 500)
      let discordant = try #require(measured["discordant"] as? Double)
      let plans = try #require(json["plans"] as? [[String: Any]])
      let designs = plans.compactMap { ($0["size"] as? [String: Any])?["design"] as? [String: Any] }
      #expect(designs.map { $0["pairing"] as? String } == ["separate", "paired"])
      #expect(designs[1]["discordant"] as? Double == discordant)
      #expect(designs[0]["effect"] as? Double == 0.02)
    }
  }

  @Test func aRealDifferenceIsReadWithItsSaving() throws {
    let log = Self.log(1500, gain: 0.1, seed: 2)
    let text = try read([], log)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("treatment, quality: better"))
    #expect(text.output.contains("treatment, cost: better; saves 66.7%"))
    #expect(text.output.contains("as dealt"))
    let json = try read(["--json"], log).object()
    #expect(json["unit"] as? String == "user")
    let comparisons = try #require(json["comparisons"] as? [[String: Any]])
    #expect(comparisons.map { $0["measure"] as? String } == ["quality", "cost_usd", "latency_ms"])
    #expect(comparisons[0]["verdict"] as? String == "better")
    #expect(comparisons[2]["verdict"] as? String == "undecided")
    #expect(comparisons[2]["detectable_effect"] as? Double != nil)
    #expect(try read([], log).output == text.output)
    let sequential = try read(["--sequential", "--json"], log).object()
    let width = { (object: [String: Any]) throws -> Double in
      let list = try #require(object["comparisons"] as? [[String: Any]])
      let figure = try #require(list[0]["difference"] as? [String: Any])
      return try #require(figure["high"] as? Double) - (try #require(figure["low"] as? Double))
    }
    #expect(try width(sequential) > 1.3 * width(json))
  }

  @Test func aMismatchIsLoudAndFails() throws {
    let result = try read([], Self.log(1500, gain: 0.1, share: 0.4))
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("SAMPLE RATIO MISMATCH"))
    #expect(result.output.contains("undecided (the arms did not receive their shares)"))
    #expect(!result.output.contains("quality: better"))
    #expect(result.errors.contains("do not believe"))
    let json = try read(["--json"], Self.log(1500, gain: 0.1, share: 0.4))
    #expect(json.status == 1)
    #expect((try json.object()["sample_ratio"] as? [String: Any])?["mismatch"] as? Bool == true)
    #expect(try read(["--split", "60:40"], Self.log(1500, gain: 0.1, share: 0.4)).status == 0)
  }

  @Test func standardInputIsReadLikeAFile() throws {
    let log = Self.log(60, gain: 0)
    let plain = try read(["--json"], log).output
    let piped = try succeed(["experiment", "read", "-", "--json"], input: Array(log.utf8)).output
    #expect(plain == piped)
  }

  @Test(arguments: [
    (["read"], 64), (["read", "missing.jsonl"], 66), (["read", "empty"], 65),
    (["read", "one"], 65), (["read", "nan"], 65), (["read", "twice", "--control", "a"], 65),
    (["read", "twin"], 65),
    (["read", "broken"], 65), (["read", "armless"], 65), (["read", "csv"], 65),
    (["read", "good", "--control", "c"], 64), (["read", "good"], 64),
    (["read", "good", "--arms", "a,c"], 64), (["read", "three", "--arms", "a,b"], 65),
    (["read", "good", "--control", "a", "--split", "1:0"], 64),
    (["read", "good", "--control", "a", "--split", "1:1:1"], 64),
    (["read", "good", "--control", "a", "--confidence", "1"], 64),
    (["read", "good", "--control", "a", "--planned", "100"], 64),
    (["read", "good", "--control", "a", "--sequential", "--planned", "0"], 64),
    (["read", "good", "--control", "a", "--paired"], 65), (["plan"], 64),
    (["plan", "--baseline", "0.8"], 64), (["plan", "--baseline", "0.8", "--effect", "0"], 64),
    (["plan", "--baseline", "0.8", "--effect", "nan"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.3"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.1", "--power", "1"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.1", "--alpha", "0"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.1", "--paired"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.1", "--icc", "0.1"], 64),
    (["plan", "--metric", "mean", "--baseline", "0.8", "--effect", "0.1"], 64),
    (["plan", "--metric", "mean", "--sd", "-1", "--effect", "0.1"], 64),
    (["plan", "--baseline", "0.8", "--effect", "0.1", "--per-day", "0"], 64),
    (["plan", "good", "--baseline", "0.8"], 64), (["plan", "missing.jsonl"], 66),
  ])
  func badInputSaysWhatToDo(arguments: [String], status: Int) throws {
    try withFolder { folder in
      let a = #"{"id":"1","arm":"a","quality":1}"# + "\n"
      let b = #"{"id":"2","arm":"b","quality":0}"# + "\n"
      try folder.write("empty", "")
      try folder.write("one", a)
      try folder.write("good", a + b)
      try folder.write("three", a + b + #"{"id":"3","arm":"c","quality":0}"# + "\n")
      try folder.write("nan", a + #"{"id":"2","arm":"b","quality":NaN}"# + "\n")
      try folder.write("twice", a + b + a)
      try folder.write("twin", a + #"{"id":"1","arm":"control","quality":0}"# + "\n")
      try folder.write("broken", a + #"{"id":"2","arm":"b""#)
      try folder.write("armless", #"{"id":"2","quality":1}"# + "\n")
      try folder.write("csv", "id,arm,quality\n1,a,1\n2,b,0\n")
      let result = try runRiddle(["experiment"] + arguments, in: folder)
      #expect(result.status == Int32(status), "\(result.errors)\(result.output)")
      #expect(!result.errors.isEmpty && result.output.isEmpty)
    }
  }

  @Test(arguments: ["plan", "read"])
  func everyExampleOfTheHelpParses(command: String) throws {
    let help = try succeed(["experiment", command, "--help"]).output
    let part =
      try #require(help.components(separatedBy: "EXAMPLES").last)
      .components(separatedBy: "USAGE").first ?? ""
    let examples = part.split(separator: "\n").filter { $0.contains("riddle experiment") }
    #expect(examples.count >= 4)
    for example in examples {
      let words = example.split(separator: " ").dropFirst().map(String.init)
      try withFolder { folder in
        let result = try runRiddle(words, in: folder)
        #expect(result.status != 64 && result.status != 70, "\(example): \(result.errors)")
      }
    }
  }
}
