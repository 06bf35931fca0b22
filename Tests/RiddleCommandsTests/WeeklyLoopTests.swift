import Foundation
import Testing

/// Drift, retrain, promote, rollback: the weeks after the first training.
@Suite struct WeeklyLoopTests {
  /// Every `step`-th row of the embedded set, before or from 2026-04-13 on.
  private static func supportDesk(step: Int, isNew: Bool) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "gzip -dc '\(root.path)/datasets/support-desk/support-desk.jsonl.gz'",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    var lines = ""
    for (number, line) in text.split(separator: "\n").enumerated() where number % step == 0 {
      guard let time = line.range(of: "\"time\":\"") else { continue }
      let day = line[time.upperBound...].prefix(10)
      if (day >= "2026-04-13") == isNew { lines += line + "\n" }
    }
    return lines
  }

  private static let quick = [
    "--candidates", "small,large", "--model", "tree", "--no-side-by-side", "--replicates", "0",
  ]

  @Test("six weeks are quiet, the last two are loud, the retraining is a diff, and back again")
  func supportDesk() throws {
    try withFolder { folder in
      try folder.write("old.jsonl", try Self.supportDesk(step: 4, isNew: false))
      try folder.write("new.jsonl", try Self.supportDesk(step: 4, isNew: true))
      try succeed(["import", "old.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        ["train", "--store", "s.sqlite", "--output", "m/one", "--quiet"] + Self.quick, in: folder)
      try succeed(
        ["promote", "m/one", "--store", "s.sqlite", "--to", "live.riddle", "--quiet"], in: folder)
      let drift = [
        "drift", "--store", "s.sqlite", "--permutations", "99", "--alpha", "0.02", "--window",
        "14d", "--router", "none", "--json", "--quiet",
      ]
      let calm = try runRiddle(
        drift + ["--gate", "--reference", "2026-03-02..2026-03-29"], in: folder)
      #expect(calm.status == 0, "\(calm.output.suffix(2000))")
      try succeed(["import", "new.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let loud = try runRiddle(
        drift + ["--gate", "--reference", "2026-03-02..2026-04-12", "--report", "d.html"],
        in: folder)
      #expect(loud.status == 1)
      let found = try #require(try loud.object()["drift"] as? [String: Any])
      let moved = try #require(found["moved"] as? [[String: Any]])
      #expect(moved.contains { $0["name"] as? String == "domain" })
      let page = try folder.text("d.html")
      #expect(page.contains("DRIFT") && page.contains("domain"))
      let kept = try runRiddle(
        [
          "retrain", "--store", "s.sqlite", "--output", "m/two", "--window", "7d",
          "--replicates", "100", "--json", "--quiet",
        ], in: folder)
      #expect(kept.status == 0, "\(kept.errors)")
      let change = try folder.text("m/two/CHANGE.md")
      for heading in [
        "## Data", "## Figures", "## Thresholds and guarantees", "## Changed decisions",
        "## Features whose part changed", "## What moved in the data", "riddle promote m/two",
      ] { #expect(change.contains(heading), "\(heading)") }
      // Ids, never texts.
      for line in try folder.text("new.jsonl").split(separator: "\n").prefix(200) {
        let query =
          try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["query"]
          as? String
        if let query, query.count > 20 { #expect(!change.contains(query)) }
      }
      try succeed(["promote", "m/two", "--store", "s.sqlite", "--quiet"], in: folder)
      #expect(try folder.bytes("live.riddle") == folder.bytes("m/two/router.riddle"))
      try succeed(["rollback", "--store", "s.sqlite", "--quiet"], in: folder)
      #expect(try folder.bytes("live.riddle") == folder.bytes("m/one/router.riddle"))
    }
  }

  /// A world in which new words become the hard ones from week 5 on; every text is one of its kind.
  private static func world(from first: Int, to last: Int) -> String {
    var state: UInt64 = UInt64(first) &* 77 &+ 5
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    var text = ""
    for week in first...last {
      for i in 0..<130 {
        let isHard = random() < 0.5
        let words = week <= 4 ? ("prove", "reset") : ("reset", "prove")
        // Five words of its own, so that no two texts are near-duplicates.
        let own = (0..<6).map { _ in "w\(Int(random() * 1e6))" }.joined(separator: " ")
        let day = (week - 1) * 7 + i % 7
        let date =
          day < 31
          ? String(format: "2026-03-%02d", day + 1) : String(format: "2026-04-%02d", day - 30)
        text +=
          "{\"id\":\"w\(week)-\(i)\",\"query\":\"\(isHard ? words.0 : words.1) \(isHard ? words.0 : words.1) \(own)\",\"task_type\":\"\(isHard ? words.0 : words.1)\",\"time\":\"\(date)T0\(i % 9):00:00Z\",\"outcomes\":{\"small\":{\"quality\":\(isHard ? 0 : 1),\"cost_usd\":0.001},\"large\":{\"quality\":1,\"cost_usd\":0.01}}}\n"
      }
    }
    return text
  }

  @Test("a world that turns round promotes the challenger, once")
  func promotes() throws {
    try withFolder { folder in
      try folder.write("old.jsonl", Self.world(from: 1, to: 3))
      try folder.write("new.jsonl", Self.world(from: 5, to: 8))
      try succeed(["import", "old.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        ["train", "--store", "s.sqlite", "--output", "m/one", "--quiet"] + Self.quick, in: folder)
      try succeed(
        ["promote", "m/one", "--store", "s.sqlite", "--to", "live.riddle", "--quiet"], in: folder)
      try succeed(["import", "new.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let retrain = [
        "retrain", "--store", "s.sqlite", "--output", "m/two", "--replicates", "200", "--promote",
        "--json", "--quiet",
      ]
      let made = try runRiddle(retrain, in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let verdict = try #require(try made.object()["verdict"] as? [String: Any])
      #expect(verdict["promoted"] as? Bool == true, "\(verdict)")
      #expect(try folder.bytes("live.riddle") == folder.bytes("m/two/router.riddle"))
      let document = try folder.bytes("m/two/CHANGE.md")
      // The challenger's command rebuilds its bytes.
      let manifest = try #require(
        try JSONSerialization.jsonObject(with: Data(try folder.bytes("m/two/run.json")))
          as? [String: Any])
      let command = try #require(manifest["command"] as? String)
      #expect(command.hasPrefix("riddle train ") && command.contains("--until"))
      let words = command.split(separator: " ").dropFirst().map(String.init)
      let weights = try folder.bytes("m/two/router.riddle")
      try succeed(words + ["--quiet"], in: folder)
      #expect(try folder.bytes("m/two/router.riddle") == weights)
      // Another run finds the challenger in production, trained as it would train again: nothing changes.
      var again = retrain
      again[4] = "m/three"
      let second = try runRiddle(again + ["--gate"], in: folder)
      #expect(second.status == 1)
      #expect(try folder.bytes("live.riddle") == weights)
      #expect(try folder.bytes("m/two/CHANGE.md") == document)
      // Once more into the folder of the router in production: nothing to do. Named as a path it is refused.
      let own = try succeed(["retrain", "--store", "s.sqlite", "--output", "m/two"], in: folder)
      #expect(own.output.contains("nothing to do"))
      let named = ["retrain", "--store", "s.sqlite", "--champion", "m/two", "--output", "m/two"]
      #expect(try runRiddle(named, in: folder).status == 64)
    }
  }

  @Test("a log without times, with too few rows or without a champion is refused by name")
  func refused() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(60)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let timeless = try runRiddle(["drift", "--store", "s.sqlite"], in: folder)
      #expect(timeless.status == 65)
      #expect(timeless.errors.contains("--current"))
      let champion = try runRiddle(["retrain", "--store", "s.sqlite", "--output", "m"], in: folder)
      #expect(champion.status == 66)
      #expect(champion.errors.contains("riddle promote"))
      for words in [
        ["drift"], ["drift", "log.jsonl", "--window", "7"],
        ["drift", "log.jsonl", "--reference", "x..y"],
        ["drift", "log.jsonl", "--permutations", "10"],
        ["drift", "log.jsonl", "--router", "production"],
        ["retrain", "--store", "s.sqlite", "--output", "m", "--window", "0d"],
      ] { #expect(try runRiddle(words, in: folder).status == 64, "\(words)") }
      try folder.write("empty.jsonl", "")
      #expect(try runRiddle(["drift", "empty.jsonl"], in: folder).status == 65)
      // Two logs need no times; other rows of one kind are no drift, and one row is no sample.
      try folder.write(
        "other.jsonl", SyntheticLog.text(SyntheticLog.rows(60, seed: 2, prefix: "r")))
      let same = try succeed(
        [
          "drift", "log.jsonl", "--current", "other.jsonl", "--permutations", "99", "--alpha",
          "0.02",
          "--json", "--quiet",
        ], in: folder)
      #expect(same.output.contains("\"verdict\" : \"quiet\""))
      try folder.write("one.jsonl", SyntheticLog.text(SyntheticLog.rows(1)))
      let one = try succeed(
        ["drift", "log.jsonl", "--current", "one.jsonl", "--json", "--quiet"], in: folder)
      #expect(one.output.contains("\"verdict\" : \"undecided\""))
    }
  }

  @Test("what schedule prints is a script that sh reads, and units that systemd accepts")
  func schedule() throws {
    try withFolder { folder in
      let hostile = "a b'$(touch pwned)`x`%n.sqlite"
      try succeed(
        [
          "schedule", "--store", hostile, "--logs", "logs/*.jsonl", "--candidates", "s,l",
          "--systemd", "--write", "ops", "--promote", "--to", "live $x.riddle", "--quiet",
        ], in: folder)
      func run(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, said)
      }
      let syntax = try run("bash", ["-n", "ops/riddle-weekly.sh"])
      #expect(syntax.0 == 0, "\(syntax.1)")
      #expect(try run("sh", ["-n", "ops/riddle-weekly.sh"]).0 == 0)
      // Run for real with a program that only says its arguments: every path arrives as one word, unexpanded.
      let script = try folder.text("ops/riddle-weekly.sh")
      let lines = script.split(separator: "\n").map {
        $0.hasPrefix("riddle=") ? "riddle=\"$PWD/say\"" : String($0)
      }
      try folder.write("dry.sh", lines.joined(separator: "\n") + "\n")
      try folder.write("say", "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done; echo\n")
      chmod(folder.file("say"), 0o755)
      let ran = try run("sh", ["dry.sh"])
      #expect(ran.0 == 0, "\(ran.1)")
      #expect(!folder.has("pwned"))
      let log = try #require(folder.files().first { $0.hasPrefix("reports/") })
      let said = try folder.text(log)
      #expect(said.contains("<\(folder.file(hostile))>") || said.contains("/\(hostile)>"))
      #expect(said.contains("/live $x.riddle>"))
      #expect(said.contains("/logs/*.jsonl>"))
      #expect(said.contains("end, status 0"))
      let units = try run(
        "systemd-analyze", ["verify", "ops/riddle-weekly.service", "ops/riddle-weekly.timer"])
      if units.0 == 127 {
        print("systemd-analyze is not here: the units were not verified")
      } else {
        #expect(!units.1.contains("riddle-weekly.service:"), "\(units.1)")
        #expect(!units.1.contains("riddle-weekly.timer:"), "\(units.1)")
      }
      let cron = try succeed(["schedule", "--store", hostile, "--crontab"], in: folder).output
      let line = try #require(cron.split(separator: "\n").first { $0.hasPrefix("17 4 ") })
      #expect(line.hasPrefix("17 4 * * 1 /bin/sh /"))
    }
  }
}
