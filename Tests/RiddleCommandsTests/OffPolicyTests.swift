import Foundation
import Testing

/// `riddle off-policy` as its users run it.
@Suite struct OffPolicyTests {
  /// A log of two candidates, "small" with probability 0.7: right on two of three queries; "large" always right.
  static func lines(_ count: Int, propensity: Bool = true) -> [String] {
    (0..<count).map { i in
      let isLarge = i % 10 < 3
      let quality = isLarge || i / 10 % 3 != 0 ? 1 : 0
      let known = propensity ? ",\"propensity\":\(isLarge ? "0.3" : "0.7")" : ""
      return
        "{\"id\":\"d\(i)\",\"query\":\"reset my password \(i)\",\"policy\":\"\(i % 2 == 0 ? "p" : "q")\",\"candidate\":\"\(isLarge ? "large" : "small")\",\"quality\":\(quality),\"cost_usd\":\(isLarge ? "0.002" : "0.0001")\(known)}"
    }
  }

  func withLog(
    _ count: Int = 900, propensity: Bool = true, _ body: (TemporaryFolder) throws -> Void
  ) throws {
    try withFolder { folder in
      try folder.write(
        "log.jsonl", Self.lines(count, propensity: propensity).joined(separator: "\n"))
      try body(folder)
    }
  }

  func targets(_ result: ProgramResult) throws -> [[String: Any]] {
    try #require(try result.object()["targets"] as? [[String: Any]])
  }

  func value(_ target: [String: Any], _ estimator: String, _ part: String = "value") throws
    -> [String: Double]
  {
    let all = try #require(target["estimates"] as? [[String: Any]])
    let one = try #require(all.first { $0["estimator"] as? String == estimator })
    return try #require(one[part] as? [String: Any]).compactMapValues { $0 as? Double }
  }

  @Test("estimates with intervals and paired differences, in JSON and as tables")
  func estimates() throws {
    try withLog { folder in
      let flags = ["off-policy", "log.jsonl", "--replicates", "100", "--seed", "3"]
      let result = try succeed(flags + ["--json"], in: folder)
      #expect(result.errors.isEmpty)
      let found = try targets(result)
      #expect(
        found.map { $0["name"] as? String } == ["always=large", "always=small", "uniform"])
      for (target, truth) in zip(found, [1, 2.0 / 3, 5.0 / 6]) {
        for estimator in ["ips", "snips", "dr"] {
          let figure = try value(target, estimator)
          #expect(abs((figure["value"] ?? 0) - truth) < 0.01)
          #expect((figure["low"] ?? 1) <= truth + 1e-9 && (figure["high"] ?? 0) >= truth - 1e-9)
          let difference = try value(target, estimator, "difference")
          // The log itself: 0.3 · 1 + 0.7 · 2/3.
          #expect(abs((difference["value"] ?? 9) - (truth - 0.3 - 1.4 / 3)) < 0.01)
        }
        let overlap = try #require(target["overlap"] as? [String: Any])
        #expect((overlap["effectiveSampleSize"] as? Double ?? 0) > 100)
      }
      #expect(try succeed(flags + ["--json"], in: folder).output == result.output)
      let text = try succeed(flags, in: folder).output
      for words in ["always=large", "snips", "dr-os", "ESS", "largest w", "0.767"] {
        #expect(text.contains(words), "\(words)")
      }
      let costs = try succeed(flags + ["--reward", "cost", "--json"], in: folder)
      let dollars = try value(try targets(costs)[0], "snips")["value"]
      #expect(abs((dollars ?? 0) - 0.002) < 1e-9)
    }
  }

  @Test("standard input and gzip are read; bad lines are named")
  func inputs() throws {
    try withLog { folder in
      let bytes = try folder.bytes("log.jsonl")
      let flags = ["off-policy", "-", "--replicates", "0", "--json"]
      let piped = try succeed(flags, input: bytes + Array("\n{\"id\":\"bad\"}\n".utf8), in: folder)
      #expect(
        piped.errors.contains("-:901: candidate: is missing") || piped.errors.contains("-:901:"))
      #expect(try piped.object()["rejected"] as? Int == 1)
      #expect(try piped.object()["decisions"] as? Int == 900)
    }
  }

  @Test("no propensities, no answer; a claim is said loudly")
  func propensities() throws {
    try withLog(propensity: false) { folder in
      let refused = try runRiddle(["off-policy", "log.jsonl"], in: folder)
      #expect(refused.status == 65 && refused.output.isEmpty)
      #expect(refused.errors.contains("--assume-propensities"))
      let flags = [
        "off-policy", "log.jsonl", "--assume-propensities", "empirical", "--replicates", "0",
      ]
      let text = try succeed(flags, in: folder).output
      #expect(text.contains("WARNING: propensities of 900 of 900 decisions are ASSUMED"))
      #expect(text.contains("choose one with --logging-policy"))
      let result = try succeed(flags + ["--json", "--logging-policy", "p"], in: folder)
      let claim = try #require(try result.object()["propensities"] as? [String: Any])
      #expect(claim["source"] as? String == "assumed")
      #expect(claim["assumption"] as? String == "empirical")
      let other = try runRiddle(flags + ["--logging-policy", "nobody"], in: folder)
      #expect(other.status == 65 && other.errors.contains("p, q"))
    }
  }

  @Test("weak support is refused with the flag that overrides it, and status 1")
  func refusal() throws {
    try withLog(90) { folder in
      let flags = ["off-policy", "log.jsonl", "--target", "always=large", "--replicates", "20"]
      let refused = try runRiddle(flags, in: folder)
      #expect(refused.status == 1)
      #expect(refused.output.contains("REFUSED always=large: the log is worth 27 decisions"))
      #expect(refused.output.contains("--allow-weak-support"))
      let json = try targets(try runRiddle(flags + ["--json"], in: folder))[0]
      #expect((json["estimates"] as? [Any])?.isEmpty == true)
      #expect((json["refusals"] as? [String])?.count == 1)
      let allowed = try succeed(flags + ["--allow-weak-support", "--json"], in: folder)
      #expect(abs((try value(try targets(allowed)[0], "snips")["value"] ?? 0) - 1) < 1e-9)
    }
  }

  @Test("extreme weights, rewards and settings give numbers or an error, never a crash or a defect")
  func extremes() throws {
    try withFolder { folder in
      let lines = (0..<200).map { i in
        let reward = ["1e9", "-1e9", "0"][i % 3]
        let propensity = i % 7 == 0 ? "1e-12" : "1"
        return
          "{\"id\":\"\(i)\",\"candidate\":\"\(i % 2)\",\"reward\":\(reward),\"propensity\":\(propensity)}"
      }
      try folder.write("log.jsonl", lines.joined(separator: "\n"))
      let flags = ["off-policy", "log.jsonl", "--replicates", "20", "--json"]
      let refused = try runRiddle(flags, in: folder)
      #expect(refused.status == 1)
      #expect(try targets(refused).count == 3)
      let allowed = try succeed(
        flags + ["--allow-weak-support", "--lambda", "0", "--tau", "1e300", "--clip", "1e-300"],
        in: folder)
      #expect(try targets(allowed).count == 3)
      for setting in [
        ["--clip", "inf"], ["--clip", "0"], ["--tau", "nan"], ["--lambda", "inf"],
        ["--lambda", "-1"], ["--replicates", "1"], ["--confidence", "1"], ["--reward", "joy"],
        ["--assume-propensities", "hope"], ["--replicates", "1000000000"],
      ] {
        #expect(try runRiddle(flags + setting, in: folder).status == 64, "\(setting)")
      }
      // One decision, one candidate: nothing to compare, and nothing breaks.
      try folder.write("one.jsonl", lines[1])
      let one = try runRiddle(["off-policy", "one.jsonl", "--allow-weak-support"], in: folder)
      #expect(one.status == 0, "\(one.errors)")
      try folder.write("empty.jsonl", "")
      #expect(try runRiddle(["off-policy", "empty.jsonl"], in: folder).status == 65)
    }
  }

  @Test("choices, a router and a reward model from files")
  func files() throws {
    try withLog { folder in
      let choices = (0..<900).map { "{\"id\":\"d\($0)\",\"candidate\":\"large\"}" }
      try folder.write("choices.jsonl", choices.joined(separator: "\n"))
      let model = (0..<900).map { "{\"id\":\"d\($0)\",\"q\":{\"small\":0.1,\"large\":0.2}}" }
      try folder.write("q.jsonl", model.joined(separator: "\n"))
      let flags = ["off-policy", "log.jsonl", "--replicates", "0", "--json"]
      let result = try targets(
        try succeed(
          flags + [
            "--target", "choices.jsonl", "--target", "always=large", "--reward-model", "q.jsonl",
          ], in: folder))
      for estimator in ["ips", "dm", "dr"] {
        let (a, b) = (try value(result[0], estimator), try value(result[1], estimator))
        #expect(a["value"] == b["value"])
      }
      #expect(abs((try value(result[0], "dm")["value"] ?? 0) - 0.2) < 1e-12)
      try folder.write("short.jsonl", choices.dropLast().joined(separator: "\n"))
      let short = try runRiddle(flags + ["--target", "short.jsonl"], in: folder)
      #expect(short.status == 65 && short.errors.contains("says nothing about 1 of 900"))
      let half = try runRiddle(flags + ["--reward-model", "choices.jsonl"], in: folder)
      #expect(half.status == 65)
      let missing = try runRiddle(flags + ["--target", "none.riddle"], in: folder)
      #expect(missing.status == 66)
      let unknown = try runRiddle(flags + ["--target", "always=none"], in: folder)
      #expect(unknown.status == 65 && unknown.errors.contains("large, small"))
    }
    // A router of other candidates has nothing to say here; one of the log's candidates has.
    let run = try Trained.pair.get()
    try withFolder { folder in
      try folder.write("log.jsonl", Self.lines(900).joined(separator: "\n"))
      let flags = ["off-policy", "log.jsonl", "--replicates", "0", "--json", "--target"]
      let stranger = try runRiddle(flags + [run.folder.file("pair")], in: folder)
      #expect(stranger.status == 65 && stranger.errors.contains("are not in the log"))
      let renamed = Self.lines(900).map {
        $0.replacingOccurrences(of: "\"small\"", with: "\"tiny\"")
          .replacingOccurrences(of: "\"large\"", with: "\"huge\"")
      }
      try folder.write("log.jsonl", renamed.joined(separator: "\n"))
      let own = try runRiddle(
        flags + [run.folder.file("pair"), "--allow-weak-support"], in: folder)
      #expect(own.status == 0, "\(own.errors)")
      let textless = renamed.map {
        $0.replacingOccurrences(of: "\"query\"", with: "\"prompt\"")
      }
      try folder.write("log.jsonl", textless.joined(separator: "\n"))
      let blind = try runRiddle(flags + [run.folder.file("pair")], in: folder)
      #expect(blind.status == 65 && blind.errors.contains("no \"query\""))
    }
  }

  @Test("the published bandit log's uniform part", .enabled(if: bandit != nil))
  func published() throws {
    let flags = [
      "off-policy", bandit ?? "", "--logging-policy", "random", "--target",
      "always=claude-opus-4-5-20251101", "--replicates", "100", "--json",
    ]
    let refused = try runRiddle(flags + ["--assume-propensities", "uniform"])
    #expect(refused.status == 1)
    let flagged = flags + ["--allow-weak-support", "--assume-propensities"]
    // 13 of the 14 rows that asked it were right.
    let empirical = try targets(try succeed(flagged + ["empirical"]))[0]
    #expect(abs((try value(empirical, "ips")["value"] ?? 0) - 13.0 / 14) < 1e-9)
    let uniform = try targets(try succeed(flagged + ["uniform"]))[0]
    #expect(abs((try value(uniform, "snips")["value"] ?? 0) - 13.0 / 14) < 1e-9)
    #expect(abs((try value(uniform, "ips")["value"] ?? 0) - 9 * 13.0 / 71) < 1e-9)
  }
}

private let bandit = ProcessInfo.processInfo.environment["RIDDLE_DATA"].map {
  "\($0)/bandit_conduit_gsm8k.jsonl.gz"
}
