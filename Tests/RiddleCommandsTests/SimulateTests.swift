import Foundation
import RiddleData
import Testing

/// `riddle simulate`, `riddle optimize` and `riddle policy`, as a user runs them.
@Suite struct SimulateTests {
  /// Rows in which the small candidate is right when its confidence is high, three candidates, conversations of three turns.
  private static let log: String = {
    var stream = SplitMix64(seed: 21)
    return (0..<240).map { i in
      let isHard = i % 4 == 0
      let answers = [
        "small": isHard ? "x\(i % 3)" : "a", "medium": isHard ? "y" : "a", "large": "a",
      ]
      let quality = ["small": isHard ? 0 : 1, "medium": i % 8 == 0 ? 0 : 1, "large": 1]
      let confidence = isHard ? 0.3 + 0.2 * stream.unit() : 0.7 + 0.3 * stream.unit()
      let costs = ["small": 0.001, "medium": 0.003, "large": 0.01]
      let latency = ["small": 300, "medium": 900, "large": 2500]
      let outcomes = ["small", "medium", "large"].map { name in
        """
        "\(name)":{"quality":\(quality[name] ?? 0),"cost_usd":\(costs[name] ?? 0),"latency_ms":\
        \(latency[name] ?? 0),"answer":"\(answers[name] ?? "")","confidence":\(confidence),"gate_score":\
        \(quality[name] ?? 0)}
        """
      }.joined(separator: ",")
      let tier = ["free", "standard", "premium"][i % 3]
      let second = String(format: "%02d", i % 60)
      return """
        {"id":"q\(i)","query":"\(isHard ? "design and compare" : "reset") number \(i)","conversation":"c\(i / 3)",\
        "turn":\(i % 3 + 1),"user_tier":"\(tier)","domain":"\(tier)","task_type":"\(isHard ? "hard" : "easy")","time":\
        "2026-03-0\(1 + i / 60)T00:\(second):00Z","embedding":[\(isHard ? 1 : 0),\(isHard ? 0 : 1),0.\(i)],\
        "metadata":{"x-model-tier":"\(i % 5 == 0 ? "gold" : "economy")"},"outcomes":{\(outcomes)}}
        """
    }.joined(separator: "\n")
  }()
  private static let ladder = ["--candidates", "small,medium,large", "--quiet"]

  private func withLog(_ body: (TemporaryFolder) throws -> Void) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.log + "\n")
      try body(folder)
    }
  }

  private func simulate(
    _ policies: [String: String], _ more: [String] = [], in folder: TemporaryFolder
  ) throws -> ProgramResult {
    var arguments = ["simulate", "log.jsonl", "--replicates", "80"] + Self.ladder + more
    for (name, text) in policies.sorted(by: { $0.key < $1.key }) {
      try folder.write(name, text)
      arguments += ["--policy", name]
    }
    return try runRiddle(arguments, in: folder)
  }

  private func policy(_ report: [String: Any], _ index: Int = 0) throws -> [String: Any] {
    try #require((report["policies"] as? [[String: Any]])?[index])
  }

  private func value(_ figure: Any?) -> Double? { (figure as? [String: Any])?["value"] as? Double }

  @Test func aCascadePaysForItsFailedStepsAndWaitsForThem() throws {
    try withLog { folder in
      let result = try simulate(
        ["c.yaml": "stages: [{cascade: {ladder: [small, large], threshold: 0.6}}]\n"], ["--json"],
        in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.object()
      let found = try policy(report)
      // 60 of 240 are hard: their cost is 0.011, the others' 0.001.
      #expect(value(found["escalated"]) == 0.25)
      let router = try #require(
        ((report["evaluation"] as? [String: Any])?["routers"] as? [[String: Any]])?.first)
      #expect(abs((value(router["cost_usd"]) ?? 0) - 0.0035) < 1e-12)
      #expect(value(router["quality"]) == 1)
      let latency = try #require(found["latency_ms"] as? [String: Any])
      #expect(value(latency["p50"]) == 300 && value(latency["p95"]) == 2800)
      #expect((value(found["saved_at_equal_quality"]) ?? 0) > 0.4)
    }
  }

  @Test func aScoresFileThatSaysWhatItAskedIsReplayedWithWhatItPaid() throws {
    try withLog { folder in
      try folder.write(
        "own.jsonl",
        (0..<240).map {
          "{\"id\":\"q\($0)\",\"candidate\":\"large\",\"asked\":[\"small\",\"large\"]}\n"
        }.joined())
      let result = try runRiddle(
        ["simulate", "log.jsonl", "--policy", "own.jsonl", "--replicates", "0", "--json"]
          + Self.ladder, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let found = try policy(try result.object())
      #expect(value(found["escalated"]) == 1 && value(found["calls"]) == 2)
      // Always large at the price of small and large.
      #expect(abs((value(found["saved_at_equal_quality"]) ?? 0) + 0.1) < 1e-9)
      let latency = try #require(found["latency_ms"] as? [String: Any])
      #expect(latency["unknown"] as? Int == 240)
    }
  }

  @Test func sweepsReportsAndDecisionLogsAreWritten() throws {
    try withLog { folder in
      let result = try simulate(
        ["c.yaml": "stages: [{cascade: {threshold: 0.6}}]\n"],
        [
          "--sweep", "threshold=0:1:0.5", "--report", "out.html", "--decisions", "d.jsonl",
          "--json",
        ], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.object()
      let sweep = try #require((report["sweeps"] as? [[String: Any]])?.first)
      let points = try #require(sweep["points"] as? [[String: Any]])
      #expect(points.map { $0["value"] as? Double } == [0, 0.5, 1])
      #expect(value(points[0]["escalated"]) == 0)
      let page = try folder.text("out.html")
      #expect(page.contains("id=\"replay\"") && page.contains("class=\"frontier\""))
      #expect(!page.contains("design and compare"))
      let lines = try folder.text("d.jsonl").split(separator: "\n")
      #expect(lines.count == 240)
      let line = try #require(
        try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
      for key in ["candidate", "propensity", "stage", "alternatives", "decided_by", "cost_usd"] {
        #expect(line[key] != nil, "\(key)")
      }
      // What was decided can be evaluated off-policy.
      let judged = try runRiddle(
        ["off-policy", "d.jsonl", "--target", "always=large", "--quiet", "--allow-weak-support"],
        in: folder)
      #expect(judged.status == 0 || judged.status == 1, "\(judged.errors)")
    }
  }

  @Test func learningPoliciesGoInTimeOrderAndTellTheirRegret() throws {
    try withLog { folder in
      let text = "stages: [{epsilon_greedy: {reward: quality, seed: 3}}]\ndefault: large\n"
      let first = try simulate(["e.yaml": text], ["--json"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let found = try policy(try first.object())
      #expect(found["learns"] as? Bool == true)
      let regret = try #require(found["regret"] as? [String: Any])
      #expect(regret["seeds"] as? Int == 10 && regret["best"] as? Int == 2)
      #expect((value(regret["versus_best"] ?? regret["versusBest"]) ?? -1) > 0)
      let again = try simulate(["e.yaml": text], ["--json"], in: folder)
      #expect(again.output == first.output)
    }
  }

  @Test func failuresAreInjectedAndSurvived() throws {
    try withLog { folder in
      let fault = ["--fault", "large:outage=0-1", "--json"]
      let bare = try simulate(["a.yaml": "stages: [{static: {ask: large}}]\n"], fault, in: folder)
      #expect(value(try policy(try bare.object())["failed"]) == 1)
      let saved = try simulate(
        [
          "a.yaml":
            "stages: [{static: {ask: large}}]\nguards: [{retry: {times: 0}}]\ndefault: large\n"
        ], fault, in: folder)
      let found = try policy(try saved.object())
      #expect(value(found["failed"]) == 0)
      let shares = try #require(found["shares"] as? [[String: Any]])
      #expect(value(shares[1]["share"]) == 1)
    }
  }

  @Test func theWallStandsInTheSameWorldAsThePolicies() throws {
    try withLog { folder in
      let result = try simulate(
        [
          "a.yaml": "stages: [{static: {ask: small}}]\ndefault: small\n",
          "b.yaml": "stages: [{latency_sla: {sla_ms: 5000}}]\nguards: [{retry: {times: 0}}]\n",
        ], ["--fault", "small:outage=0.5-1", "--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.object()
      let evaluation = try #require(report["evaluation"] as? [String: Any])
      let router = try #require((evaluation["routers"] as? [[String: Any]])?.first)
      let wall = try #require((evaluation["baselines"] as? [[String: Any]])?.first)
      #expect(value(router["quality"]) == value(wall["quality"]))
      // Calls that failed in the replay are no sign of a careless log.
      let warnings = try #require(evaluation["warnings"] as? [String])
      #expect(!warnings.contains { $0.contains("cost exactly 0") })
      let fixed = try #require((report["fixed"] as? [[String: Any]])?.first)
      let point = try #require(fixed["point"] as? [String: Any])
      #expect(value(point["quality"]) == value(wall["quality"]) && value(point["failed"]) == 0.5)
      // Nobody knows an outage beforehand: the fastest candidate is asked until it fails.
      let shares = try #require(try policy(report, 1)["shares"] as? [[String: Any]])
      #expect((value(shares[0]["share"]) ?? 0) > 0.45)
    }
  }

  @Test func theBestFeasiblePolicyIsConfirmedOnOtherRows() throws {
    try withLog { folder in
      try folder.write("c.yaml", "stages: [{cascade: {ladder: [small, large], threshold: 0.6}}]\n")
      let common =
        ["optimize", "log.jsonl", "--policy", "c.yaml", "--sweep", "threshold=0:1:0.25"]
        + Self.ladder
      let found = try runRiddle(
        common + ["--budget", "5", "--unit", "usd/1000", "--sla", "3s", "--json"], in: folder)
      #expect(found.status == 0, "\(found.errors)")
      let report = try found.object()
      let best = try #require(report["best"] as? [String: Any])
      #expect((best["verdicts"] as? [String]) == ["PASS", "PASS"])
      #expect((report["chosen_on"] as? Int ?? 0) + (report["confirmed_on"] as? Int ?? 0) == 240)
      let none = try runRiddle(common + ["--budget", "0.1", "--unit", "usd/1000"], in: folder)
      #expect(none.status == 1)
      #expect(none.output.contains("Nothing keeps all limits"))
      let traffic = try runRiddle(common + ["--budget", "1"], in: folder)
      #expect(traffic.status <= 1, "\(traffic.errors)")
    }
  }

  @Test(arguments: [
    ("stages: [{cascad: {}}]\n", "did you mean 'cascade'?"),
    ("stages: [{classifier: {threshold: 0.5}}]\n", "needs a router's probability"),
    ("stages: [{utility: {lambda: 1}}]\n", "needs predictions"),
    ("predict: {by: nobody}\nstages: [{utility: {lambda: 1}}]\n", "no row has the field 'nobody'"),
    ("predict: {with: neighbours}\nstages: [utility]\n", "carry no embeddings"),
    ("stages: [{static: {ask: huge}}]\n", "'huge' is not one of the candidates"),
  ])
  func brokenPolicies(text: String, complaint: String) throws {
    try withLog { folder in
      let result = try simulate(["p.yaml": text], in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
  }

  @Test(arguments: ["threshold", "threshold=1:0:0.1", "threshold=a", "threshold=0:1:0", "nobody=1"])
  func brokenSweeps(sweep: String) throws {
    try withLog { folder in
      let result = try simulate(
        ["c.yaml": "stages: [{cascade: {threshold: 0.6}}]\n"], ["--sweep", sweep], in: folder)
      #expect(result.status == 64 || result.status == 65)
      #expect(result.errors.contains("--sweep") || result.errors.contains("sweep one of"))
    }
  }

  @Test func neighboursDecideByEmbedding() throws {
    try withLog { folder in
      let result = try simulate(
        ["n.yaml": "predict: {with: neighbours, count: 20}\nstages: [{utility: {lambda: 20}}]\n"],
        ["--embedding-model", "log", "--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let shares = try #require(try policy(try result.object())["shares"] as? [[String: Any]])
      #expect((value(shares[0]["share"]) ?? 0) > 0.5 && (value(shares[2]["share"]) ?? 0) > 0.1)
    }
  }

  // MARK: policy check, kinds, schema

  @Test func lintsNameTheLineAndEndWithOne() throws {
    try withLog { folder in
      try folder.write(
        "p.yaml",
        """
        stages:
          - rules:
              - {name: short, when: {max_length: 400}, ask: small}
              - {name: medical, when: {domain: medical}, ask: large}
              - {name: again, when: {max_length: 100}, ask: medium}
          - keywords
          - static: {ask: large}
          - latency_sla: {sla_ms: 10}

        """)
      let result = try runRiddle(["policy", "check", "p.yaml"], in: folder)
      #expect(result.status == 1)
      for check in ["shadowed-risk", "unreachable-rule", "unreachable-stage"] {
        #expect(result.output.contains("[\(check)]"), "\(result.output)")
      }
      try folder.write("s.yaml", "stages: [{latency_sla: {sla_ms: 10}}]\n")
      try folder.write("a.yaml", "stages: [{agreement: {cheap: [medium, large], strong: large}}]\n")
      try folder.write("g.yaml", "stages: [{cascade: {calibrate: false}}]\ndefault: large\n")
      let data =
        ["policy", "check", "s.yaml", "a.yaml", "g.yaml", "--data", "log.jsonl"] + Self.ladder
      let found = try runRiddle(data, in: folder)
      #expect(found.status == 1)
      for check in ["infeasible-sla", "dear-escalation", "uncalibrated-gate"] {
        #expect(found.output.contains("[\(check)]"), "\(found.output)")
      }
    }
  }

  @Test func kindsAndSchemaAgreeWithTheCommittedFile() throws {
    let kinds = try runRiddle(["policy", "kinds", "--json"])
    #expect(kinds.status == 0 && kinds.output.contains("\"agreement\""))
    #expect(try runRiddle(["policy", "kinds", "cascade"]).output.contains("threshold"))
    #expect(try runRiddle(["policy", "kinds", "nobody"]).status == 64)
    let schema = try runRiddle(["policy", "schema"])
    let committed = try String(
      contentsOf: repository.appendingPathComponent("datasets/policies/policy.schema.json"),
      encoding: .utf8)
    #expect(schema.output == committed)
  }

  // MARK: the examples

  private var repository: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  private var examples: [String] {
    get throws {
      let folder = repository.appendingPathComponent("datasets/policies")
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".yaml") }.sorted().map { folder.appendingPathComponent($0).path }
    }
  }

  @Test func everyExampleIsCommentedAndPassesTheCheck() throws {
    let files = try examples
    #expect(files.count >= 38)
    for file in files {
      #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("#"), "\(file)")
    }
    let result = try runRiddle(["policy", "check"] + files)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func everyExampleIsReplayedInOneTable() throws {
    try withLog { folder in
      // Examples with a router have its ladder, small and large; agreement needs three candidates.
      let pair = try examples.filter { !$0.contains("agreement") && !$0.contains("neighbours") }
      var arguments = [
        "simulate", "log.jsonl", "--candidates", "small,large", "--quiet", "--json", "--replicates",
        "0", "--rows", "all",
      ]
      for file in pair { arguments += ["--policy", file] }
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let policies = try #require(try result.object()["policies"] as? [[String: Any]])
      #expect(policies.count == pair.count)
      for file in try examples.filter({ !pair.contains($0) }) {
        let one = try runRiddle(
          [
            "simulate", "log.jsonl", "--policy", file, "--replicates", "0", "--embedding-model",
            "log",
          ] + Self.ladder, in: folder)
        #expect(one.status == 0, "\(file): \(one.errors)")
      }
    }
  }
}
