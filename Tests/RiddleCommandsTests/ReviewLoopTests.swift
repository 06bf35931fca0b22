import Foundation
import Testing

/// From decisions to a reviewed week, as a user runs it: score --log, decisions, feedback, review, dashboard.
@Suite struct ReviewLoopTests {
  /// The committed router of small and large.
  static var router: String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "models/support-desk").path
  }

  /// Rows as logs have them: easy and hard queries of a fortnight, with what each answer was worth.
  static func rows(_ count: Int = 280) -> String {
    (0..<count).map { i in
      let isHard = i % 3 == 0
      let day = 1 + i * 14 / count
      return """
        {"id":"q\(i)","query":"\(isHard ? "Design a migration plan and explain why the deadlock in number \(i) happens under load" : "How do I reset password \(i)?")",\
        "conversation":"c\(i / 2)","turn":\(1 + i % 2),"user_tier":"free","task_type":"\(isHard ? "planning" : "how_to")","domain":"account",\
        "time":"2026-03-\(day < 10 ? "0" : "")\(day)T10:\(10 + i % 50):00Z","outcomes":{\
        "small":{"quality":\(isHard ? 0.25 : 1),"cost_usd":0.0002,"latency_ms":900},"large":{"quality":1,"cost_usd":0.004,"latency_ms":4000}}}
        """
    }.joined(separator: "\n") + "\n"
  }

  /// Feedback on every decision of `log`: content when the answer was good.
  static func feedback(_ log: String) throws -> String {
    var lines = ["request_id,thumbs,best_candidate"]
    for line in log.split(separator: "\n") {
      let decision = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let isHard = decision["task_type"] as? String == "planning"
      let quality = decision["quality"] as? Double ?? 0
      lines.append(
        "\(decision["request_id"] ?? ""),\(quality > 0.5 ? "up" : "down"),\(isHard ? "large" : "small")"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A folder with log.jsonl, d.jsonl (its decisions), f.csv and desk.sqlite.
  private func withWeek(_ body: (TemporaryFolder) throws -> Void) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      try succeed(["score", Self.router, "log.jsonl", "--log", "d.jsonl"], in: folder)
      try folder.write("f.csv", try Self.feedback(try folder.text("d.jsonl")))
      try succeed(["decisions", "import", "d.jsonl", "--store", "desk.sqlite"], in: folder)
      try succeed(["feedback", "import", "f.csv", "--store", "desk.sqlite"], in: folder)
      try body(folder)
    }
  }

  @Test func aReplayIsLoggedTheSameEveryTimeAtAnyNumberOfThreads() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      let plain = try succeed(["score", Self.router, "log.jsonl"], in: folder)
      for (name, threads) in [("a", "1"), ("b", "3")] {
        let logged = try succeed(
          ["score", Self.router, "log.jsonl", "--log", "\(name).jsonl", "--threads", threads],
          in: folder)
        #expect(logged.output == plain.output)
        #expect(logged.errors.contains("280 decisions logged"))
      }
      let log = try folder.text("a.jsonl")
      #expect(log == (try folder.text("b.jsonl")))
      let line = try #require(log.split(separator: "\n").first)
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let first = try #require(value as? [String: Any])
      for field in [
        "request_id", "time", "candidate", "alternatives", "propensity", "propensities", "policy",
        "router_sha256", "stage", "reason", "score", "probability", "threshold", "confidence",
        "quality", "cost_usd", "cost_saved_usd", "was_escalated", "latency_ms", "query",
        "query_hash", "conversation", "turn", "user_tier", "task_type", "domain",
      ] {
        #expect(first[field] != nil, "\(field)")
      }
      #expect(first["request_id"] as? String == "q0")
      #expect(first["time"] as? String == "2026-03-01T10:10:00Z")
    }
  }

  @Test func requestsWithoutAnIdGetOneThatIsPrintedAndStable() throws {
    try withFolder { folder in
      let input = Array("How do I reset it?\nHow do I reset it?\n\n".utf8)
      let first = try succeed(
        ["score", Self.router, "--log", "a.jsonl", "--log-features"], input: input, in: folder)
      let ids = try first.lines().compactMap { $0["id"] as? String }
      #expect(ids.count == 3 && Set(ids).count == 3)
      let again = try succeed(
        ["score", Self.router, "--log", "a.jsonl"], input: input, in: folder)
      #expect(try again.lines().compactMap { $0["id"] as? String } == ids)
      // Appended, not replaced.
      let lines = try folder.text("a.jsonl").split(separator: "\n")
      #expect(lines.count == 6)
      #expect(lines[0].contains("\"features\":[") && !lines[3].contains("\"features\""))
      #expect(lines[0].contains("\"decided_in_us\":"))
      #expect(lines[0].contains("\"cost_basis\":\"expected\""))
    }
  }

  @Test func textsAreHashedOrDroppedAndSamplesAreStable() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      try succeed(
        ["score", Self.router, "log.jsonl", "--log", "h.jsonl", "--log-text", "hash"], in: folder)
      try succeed(
        ["score", Self.router, "log.jsonl", "--log", "d.jsonl", "--log-text", "drop"], in: folder)
      #expect(!(try folder.text("h.jsonl")).contains("password"))
      #expect(try folder.text("h.jsonl").contains("query_hash"))
      #expect(!(try folder.text("d.jsonl")).contains("query_hash"))
      var sizes: [Int] = []
      for share in ["0.3", "0.3", "0.6"] {
        let name = "s\(sizes.count).jsonl"
        try succeed(
          ["score", Self.router, "log.jsonl", "--log", name, "--log-sample", share], in: folder)
        sizes.append(try folder.text(name).split(separator: "\n").count)
      }
      #expect(try folder.text("s0.jsonl") == folder.text("s1.jsonl"))
      #expect(sizes[0] > 40 && sizes[0] < 130 && sizes[2] > sizes[0])
    }
  }

  @Test func aStoreTakesDecisionsDirectlyAndTheSameAgainChangesNothing() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      try succeed(["score", Self.router, "log.jsonl", "--log", "s.sqlite"], in: folder)
      let again = try succeed(
        ["score", Self.router, "log.jsonl", "--log", "s.sqlite"], in: folder)
      #expect(again.errors.contains("280 were there already"))
      try succeed(["score", Self.router, "log.jsonl", "--log", "d.jsonl"], in: folder)
      let known = try succeed(
        ["decisions", "import", "d.jsonl", "--store", "s.sqlite", "--json"], in: folder)
      #expect(try known.object()["unchanged"] as? Int == 280)
      let out = try succeed(
        [
          "decisions", "export", "--store", "s.sqlite", "--from", "2026-03-03", "--until",
          "2026-03-05",
        ],
        in: folder)
      #expect(out.output.split(separator: "\n").count == 40)
      try folder.write("out.jsonl", out.output)
      // One schema: an exported log is off-policy input.
      let judged = try runRiddle(
        ["off-policy", "out.jsonl", "--target", "always=small", "--allow-weak-support", "--json"],
        in: folder)
      #expect(judged.status == 0, "\(judged.errors)")
    }
  }

  @Test func whatCameBeforeADamagedPlaceIsKept() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      try succeed(["score", Self.router, "log.jsonl", "--log", "d.jsonl"], in: folder)
      try packed(folder.file("d.jsonl"), to: folder.file("cut.jsonl.gz"), cutAfter: 4000)
      let cut = try runRiddle(
        ["decisions", "import", "cut.jsonl.gz", "--store", "s.sqlite"], in: folder)
      #expect(cut.status == 65 && cut.errors.contains("damaged gzip"), "\(cut.errors)")
      let kept = try #require(cut.errors.firstMatch(of: /(\d+) new decisions were kept/))
      let count = try #require(Int(kept.1))
      #expect(count > 0 && count < 280)
      let whole = try succeed(
        ["decisions", "import", "d.jsonl", "--store", "s.sqlite", "--json"], in: folder
      ).object()
      #expect(whole["unchanged"] as? Int == count && whole["inserted"] as? Int == 280 - count)
    }
  }

  @Test func aTornLineIsPassedOverAndAConflictIsListed() throws {
    try withFolder { folder in
      let line =
        #"{"request_id":"r1","time":"2026-03-02T00:00:00Z","candidate":"small"}"#
      try folder.write("torn.jsonl", line + "\n" + #"{"request_id":"r2","ti"#)
      let torn = try succeed(
        ["decisions", "import", "torn.jsonl", "--store", "s.sqlite", "--json"], in: folder)
      #expect(try torn.object()["torn"] as? Int == 1)
      #expect(try torn.object()["inserted"] as? Int == 1)
      try folder.write("other.jsonl", line.replacing("small", with: "large") + "\n" + line + "\n")
      let other = try succeed(
        ["decisions", "import", "other.jsonl", "--store", "s.sqlite", "--json"], in: folder)
      #expect(try other.object()["conflicts"] as? Int == 1)
      #expect(try folder.text("s.sqlite.rejects.jsonl").contains("decided before"))
    }
  }

  @Test func aWeekIsReviewedAndAnAlarmEndsTheGate() throws {
    try withWeek { folder in
      let page = try succeed(
        ["review", "--store", "desk.sqlite", "--json", "--report", "week.html"], in: folder)
      let report = try page.object()
      let counts = try #require(report["counts"] as? [String: Any])
      #expect(counts["decisions"] as? Int == 140 && counts["withTruth"] as? Int == 140)
      let before = try #require(report["countsBefore"] as? [String: Any])
      #expect(before["decisions"] as? Int == 140)
      let tiers = try #require(report["tiers"] as? [[String: Any]])
      #expect(tiers.map { $0["name"] as? String } == ["small", "large"])
      #expect((report["tasks"] as? [[String: Any]])?.count == 2)
      #expect(try folder.text("week.html").contains("Alarms and advice"))
      let text = try succeed(["review", "--store", "desk.sqlite"], in: folder)
      #expect(text.output.contains("Tiers, cheapest first"))
      // Every answer of the cheapest tier is content on how_to, so complex tasks named so are quiet; with everything
      // unhappy the alarm rings.
      let lines = try folder.text("f.csv").replacing(",up,", with: ",down,")
      try folder.write("bad.csv", lines)
      try succeed(["feedback", "import", "bad.csv", "--store", "desk.sqlite"], in: folder)
      let gate = try runRiddle(
        ["review", "--store", "desk.sqlite", "--complex-tasks", "how_to", "--gate", "--json"],
        in: folder)
      #expect(gate.status == 1)
      let alarms = try #require(try gate.object()["alarms"] as? [[String: Any]])
      let tighten = try #require(alarms.first { $0["name"] as? String == "tighten" })
      #expect(tighten["state"] as? String == "rings")
      let late = try succeed(
        ["review", "--store", "desk.sqlite", "--until", "2026-09-01", "--gate", "--json"],
        in: folder)
      let notes = try late.object()["notes"] as? [String] ?? []
      #expect(notes.contains { $0.contains("no decision in this window") })
    }
  }

  @Test func aDashboardHasAggregatesOnly() throws {
    try withWeek { folder in
      let result = try succeed(
        ["dashboard", "--store", "desk.sqlite", "--output", "page.html", "--json"], in: folder)
      let report = try result.object()
      let periods = try #require(report["periods"] as? [[String: Any]])
      #expect(periods.count == 14)
      let total = periods.compactMap { $0["decisions"] as? Int }.reduce(0, +)
      #expect(total == 280)
      let page = try folder.text("page.html")
      #expect(!page.contains("password") && !page.contains("q17"))
      #expect(page.contains("first decision of"))
      let again = try succeed(
        ["dashboard", "--store", "desk.sqlite", "--output", "again.html"], in: folder)
      #expect(again.output.contains("280 decisions in 14 days"))
    }
  }

  @Test(arguments: [
    ["review", "--store", "none.sqlite"], ["dashboard", "--store", "none.sqlite", "--json"],
    ["decisions", "import", "none.jsonl", "--store", "s.sqlite"],
    ["feedback", "import", "none.csv", "--store", "s.sqlite"],
    ["decisions", "export", "--store", "none.sqlite"],
  ])
  func whatIsMissingIs66AndLeavesNothing(arguments: [String]) throws {
    try withFolder { folder in
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == 66, "\(result.errors)")
      #expect(folder.files().isEmpty)
    }
  }

  @Test(arguments: [
    ["review", "--store", "desk.sqlite", "--window", "seven"],
    ["review", "--store", "desk.sqlite", "--until", "yesterday"],
    ["review", "--store", "desk.sqlite", "--confidence", "1"],
    ["dashboard", "--store", "desk.sqlite"], ["decisions", "import", "--store", "desk.sqlite"],
    ["feedback", "import", "f.csv", "--store", "desk.sqlite", "--rating-range", "5"],
    ["review", "--store", "desk.sqlite", "--candidates", "large"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    try withFolder { folder in
      try folder.write("f.csv", "request_id,thumbs\nr,up\n")
      try folder.write(
        "d.jsonl",
        #"{"request_id":"r1","time":"2026-03-02T00:00:00Z","candidate":"small"}"# + "\n"
          + #"{"request_id":"r2","time":"2026-03-02T00:00:00Z","candidate":"large"}"# + "\n")
      try succeed(["decisions", "import", "d.jsonl", "--store", "desk.sqlite"], in: folder)
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == 64, "\(result.status) \(result.errors)")
    }
  }

  @Test func aReaderThatStopsEarlyDoesNotStopTheLog() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.rows())
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "\"$0\" score \"$1\" log.jsonl --log d.jsonl --quiet | head -n 1 > /dev/null",
        try riddleProgram().path, Self.router,
      ]
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      try process.run()
      process.waitUntilExit()
      #expect(try folder.text("d.jsonl").split(separator: "\n").count == 280)
    }
  }
}
