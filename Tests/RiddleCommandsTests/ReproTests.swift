import Foundation
import Testing

/// `riddle repro` as its users run it.
@Suite struct ReproTests {
  /// A folder in RouteLLM's layout whose GSM8K has the published counts of right answers.
  static func gsm8k(rows counts: [Int] = [739, 382, 94, 92]) -> String {
    var lines = ["prompt,mistralai/Mixtral-8x7B-Instruct-v0.1,gpt-4-1106-preview"]
    for (outcome, count) in zip(["True,True", "False,True", "True,False", "False,False"], counts) {
      // Lengths do not matter here but must differ.
      for _ in 0..<count { lines.append("question \(lines.count * 7919 % 10_007),\(outcome)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func figures(_ result: ProgramResult) throws -> [[String: Any]] {
    try #require(try result.object()["figures"] as? [[String: Any]])
  }

  func write(_ folder: TemporaryFolder, _ table: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("evals/gsm8k"), withIntermediateDirectories: true)
    try folder.write("evals/gsm8k/gsm8k_responses.csv", table)
  }

  @Test func arenaVectorsPass() throws {
    let text = try succeed(["repro", "arena"]).output
    #expect(text.contains("10 passed, 0 failed"))
    #expect(text.components(separatedBy: "PASS").count == 11 && !text.contains("FAIL"))
    let found = try figures(try succeed(["repro", "arena", "--json"]))
    #expect(found.allSatisfy { $0["passes"] as? Bool == true })
  }

  @Test("the published figures of GSM8K, and what fails when a row changes")
  func published() throws {
    try withFolder { folder in
      try write(folder, Self.gsm8k())
      let flags = ["repro", "routellm", "evals", "--json"]
      let result = try runRiddle(flags, in: folder)
      let failed = try figures(result).filter { $0["passes"] as? Bool != true }
      // The prompts here are not GSM8K's: only the figures that read them may differ.
      #expect(
        Set(failed.compactMap { $0["name"] as? String }).isSubset(of: [
          "prompt length's APGR", "random router's APGR",
        ]))
      #expect(result.status == (failed.isEmpty ? 0 : 1))
      // One right answer more: the same number of rows, other figures.
      try write(folder, Self.gsm8k(rows: [740, 382, 94, 91]))
      let changed = try runRiddle(["repro", "routellm", "evals"], in: folder)
      #expect(changed.status == 1)
      #expect(changed.output.contains("FAIL") && changed.output.contains("GSM8K: weak score"))
    }
  }

  @Test("MMLU's published figures, the keyword rule's among them")
  func mmlu() throws {
    try withFolder { folder in
      let counts = [8816, 2496, 742, 1983]
      var lines = ["prompt,mistralai/Mixtral-8x7B-Instruct-v0.1,gpt-4-1106-preview"]
      // Of the rows that go up, 878 are strong wins and 338 weak wins: PGR 540 / 1754. Long prompts are complex.
      let up = [2223, 878, 338, 0]
      for (k, outcome) in ["True,True", "False,True", "True,False", "False,False"].enumerated() {
        for i in 0..<counts[k] {
          let tail = i < up[k] ? String(repeating: "x", count: 501) : ""
          lines.append("question \(lines.count) of many about law\(tail),\(outcome)")
        }
      }
      try FileManager.default.createDirectory(
        atPath: folder.file("mmlu/responses"), withIntermediateDirectories: true)
      try folder.write(
        "mmlu/responses/mmlu_law.csv", lines.joined(separator: "\n") + "\n")
      let result = try runRiddle(["repro", "routellm", ".", "--json"], in: folder)
      let found = try figures(result)
      let byName = Dictionary(
        uniqueKeysWithValues: found.map {
          ($0["name"] as? String ?? "", $0["passes"] as? Bool ?? false)
        })
      #expect(byName.count == 18)
      let failed = byName.filter { !$0.value }.keys
      #expect(Set(failed).isSubset(of: ["prompt length's APGR", "random router's APGR"]))
    }
  }

  @Test("contaminated prompts are left out; without their list it says what is missing")
  func contaminated() throws {
    try withFolder { folder in
      // 12 rows more than published: the ones RouteLLM leaves out.
      var table = Self.gsm8k()
      for i in 0..<12 { table += "contaminated \(i),True,True\n" }
      try write(folder, table)
      let without = try runRiddle(["repro", "routellm", "evals"], in: folder)
      #expect(without.status == 1)  // nothing compared is nothing proven
      #expect(without.output.contains("match no known reference"))
      #expect(without.output.contains("contaminated_prompts.jsonl, which is missing"))
      let list = (0..<12).map { "{\"eval_prompt\":\"contaminated \($0)\"}" }
      try folder.write(
        "evals/gsm8k/contaminated_prompts.jsonl", list.joined(separator: "\n"))
      let result = try runRiddle(["repro", "routellm", "evals", "--json"], in: folder)
      let rows = try #require(try figures(result).first { $0["name"] as? String == "rows" })
      #expect(rows["computed"] as? Double == 1307 && rows["passes"] as? Bool == true)
      #expect(
        (try result.object()["notes"] as? [String])?.contains("12 contaminated prompts left out")
          == true)
    }
  }

  @Test("a golden file is compared figure by figure")
  func golden() throws {
    try withFolder { folder in
      try write(folder, Self.gsm8k(rows: [2, 1, 0, 1]))
      let right = """
        {"rows":4,"weak_score":50,"strong_score":75,"oracle_best_of_two":75,
         "weak_wrong_strong_right":0.25,"strong_wrong_weak_right":0,"new_figure":1,
         "routers":{"mystery":{"APGR":1},"cheat":{"CPT50":12.5}},
         "optimal_accuracy_by_strong_pct":{"0":50,"50":75}}
        """
      try folder.write("right.json", right)
      let flags = ["repro", "routellm", "evals", "--golden"]
      let result = try runRiddle(flags + ["right.json", "--json"], in: folder)
      let byName = Dictionary(
        uniqueKeysWithValues: try figures(result).map {
          ($0["name"] as? String ?? "", $0["passes"] as? Bool ?? false)
        })
      for name in [
        "rows", "weak_score", "strong_score", "oracle_best_of_two", "weak_wrong_strong_right",
        "strong_wrong_weak_right", "optimal_accuracy_by_strong_pct.0",
        "optimal_accuracy_by_strong_pct.50",
      ] {
        #expect(byName[name] == true, "\(name)")
      }
      #expect(byName["cheat.CPT50"] != nil)
      let skipped = try #require(try result.object()["skipped"] as? [[String: Any]])
      #expect(skipped.map { $0["name"] as? String } == ["new_figure", "routers.mystery"])
      try folder.write("wrong.json", right.replacingOccurrences(of: ":75,", with: ":75.00001,"))
      #expect(try runRiddle(flags + ["wrong.json"], in: folder).status == 1)
      try folder.write("other.json", "{\"rows\":5,\"weak_score\":50}")
      let other = try runRiddle(flags + ["other.json"], in: folder)
      #expect(other.status == 1 && other.output.contains("no benchmark has 5 rows (found: 4)"))
      try folder.write("bad.json", "[]")
      #expect(try runRiddle(flags + ["bad.json"], in: folder).status == 65)
      #expect(try runRiddle(flags + ["none.json"], in: folder).status == 66)
    }
  }

  @Test("data without the pair are an error that names what there is")
  func strangers() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(20)))
      let result = try runRiddle(["repro", "routellm", "log.jsonl"], in: folder)
      #expect(result.status == 65 && result.errors.contains("huge, middle, tiny"))
      let named = try runRiddle(
        ["repro", "routellm", "log.jsonl", "--candidates", "tiny,huge"], in: folder)
      #expect(named.status == 1)
      #expect(named.output.contains("data: 20 rows match no known reference"))
    }
  }

  @Test(
    "the published rows, to 10⁻⁹", .enabled(if: data != nil),
    arguments: ["routellm_gsm8k", "routellm_mmlu", "routellm_mtbench"])
  func realRows(name: String) throws {
    let base = "\(data ?? "")/\(name)"
    let result = try runRiddle([
      "repro", "routellm", "\(base).jsonl.gz", "--golden", "\(base).golden.json", "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.object()["failed"] as? Int == 0)
    #expect((try result.object()["skipped"] as? [Any])?.isEmpty == true)
    #expect(try figures(result).count > 100)
  }

  @Test("the upstream folder, to 10⁻⁹", .enabled(if: data != nil))
  func realFolder() throws {
    let base = data ?? ""
    let result = try runRiddle([
      "repro", "routellm", "\(base)/upstream-layout/routellm", "--golden",
      "\(base)/routellm_mmlu.golden.json", "--golden", "\(base)/routellm_gsm8k.golden.json",
      "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try result.object()["failed"] as? Int == 0)
  }
}

private let data = ProcessInfo.processInfo.environment["RIDDLE_DATA"]
