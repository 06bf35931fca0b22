import Foundation
import RiddleTestSupport
import Testing

/// `riddle store …` and `riddle query` as a person types them.
@Suite struct StoreCommandTests {
  private func store(in folder: TemporaryFolder, label: Bool = false) throws {
    let log = (0..<40).map { i in
      """
      {"id":"q\(i)","query":"\(i % 2 == 0 ? "reset my password" : "write to ann\(i)@example.org") \(i)",\
      "domain":"\(i % 4 == 0 ? "account" : "mail")","time":"2026-03-\(10 + i % 10)T00:00:00Z","metadata":{"user_id":"u\(i % 5)"},\
      "outcomes":{"small":{"quality":\(i % 2),"cost_usd":0.001},"large":{"quality":1,"cost_usd":0.01}}}
      """
    }
    try folder.write("log.jsonl", log.joined(separator: "\n"))
    _ = try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
    if label { _ = try succeed(["label", "--store", "s.sqlite", "--quiet"], in: folder) }
  }

  @Test func checkSaysSoundFindingsOrDamagedByItsStatus() throws {
    try withFolder { folder in
      try store(in: folder, label: true)
      let sound = try succeed(["store", "check", "s.sqlite"], in: folder)
      #expect(sound.output.contains("queries") && sound.output.contains("sound:"))
      let json = try succeed(["store", "check", "s.sqlite", "--json"], in: folder).object()
      #expect(json["verdict"] as? String == "sound")
      _ = try succeed(["store", "redact", "s.sqlite", "--quiet"], in: folder)
      let stale = try runRiddle(["store", "check", "s.sqlite"], in: folder)
      #expect(stale.status == 1 && stale.output.contains("FINDING labels"), "\(stale.output)")
      var bytes = try folder.bytes("s.sqlite")
      // The head of a page: free space in the middle of one may hold anything.
      for i in (4 * 8192)..<(4 * 8192 + 100) { bytes[i] = 0x5a }
      try folder.write("d.sqlite", bytes)
      let damaged = try runRiddle(["store", "check", "d.sqlite"], in: folder)
      #expect(damaged.status == 65, "\(damaged.output) \(damaged.errors)")
      #expect(try runRiddle(["store", "check", "none.sqlite"], in: folder).status == 66)
      #expect(try runRiddle(["store", "check", "log.jsonl"], in: folder).status == 65)
    }
  }

  @Test func exportImportsToTheSameHash() throws {
    try withFolder { folder in
      try store(in: folder)
      let report = try succeed(
        ["store", "export", "s.sqlite", "--output", "out.jsonl.gz", "--json", "--quiet"], in: folder
      ).object()
      #expect(report["rows"] as? Int == 40)
      _ = try succeed(["import", "out.jsonl.gz", "--store", "t.sqlite", "--quiet"], in: folder)
      let copy = try succeed(["store", "check", "t.sqlite", "--json"], in: folder).object()
      #expect(
        (copy["check"] as? [String: Any])?["content_hash"] as? String == report["content_hash"]
          as? String)
      let first = try folder.bytes("out.jsonl.gz")
      _ = try succeed(
        ["store", "export", "t.sqlite", "--output", "out.jsonl.gz", "--quiet"], in: folder)
      #expect(try folder.bytes("out.jsonl.gz") == first)
      #expect(!folder.files().contains { $0.hasSuffix(".tmp") })
      let lines = try succeed(
        ["store", "export", "s.sqlite", "--domain", "account", "--quiet"], in: folder
      ).lines()
      #expect(lines.count == 10 && lines.allSatisfy { $0["domain"] as? String == "account" })
      let window = try succeed(
        [
          "store", "export", "s.sqlite", "--since", "2026-03-12", "--until", "2026-03-14T00:00:00Z",
          "--quiet",
        ],
        in: folder
      ).lines()
      #expect(window.count == 8)
      let names = try succeed(
        ["store", "export", "s.sqlite", "--table", "outcomes", "--quiet"], in: folder
      ).lines()
      #expect(
        names.count == 80 && names[0]["candidate"] as? String == "large"
          && names[0]["query"] as? String == "q0")
      for wrong in [
        ["--table", "nowhere"], ["--since", "yesterday"],
        ["--since", "2026-03-02", "--until", "2026-03-01"],
        ["--json"], ["--table", "outcomes", "--domain", "x"],
      ] {
        #expect(
          try runRiddle(["store", "export", "s.sqlite"] + wrong, in: folder).status == 64,
          "\(wrong)")
      }
      let lost = try runRiddle(
        ["store", "export", "s.sqlite", "--output", "no/folder/x.jsonl"], in: folder)
      #expect(lost.status == 74)
    }
  }

  @Test func redactionsSayWhatTheyDoAndErasedUsersStayAway() throws {
    try withFolder { folder in
      try store(in: folder, label: true)
      let before = try folder.bytes("s.sqlite")
      let plan = try succeed(
        ["store", "redact", "s.sqlite", "--dry-run", "--json", "--quiet"], in: folder
      ).object()
      let found = (plan["report"] as? [String: Any])?["found"] as? [String: Any]
      #expect(found?["email"] as? Int == 20)
      #expect(try folder.bytes("s.sqlite") == before)
      _ = try succeed(
        ["store", "redact", "s.sqlite", "--erase-user", "u3", "--dry-run"], in: folder)
      let erased = try succeed(["store", "redact", "s.sqlite", "--erase-user", "u3"], in: folder)
      #expect(erased.output.contains("queries: 8 removed"))
      #expect(!String(decoding: try folder.bytes("s.sqlite"), as: UTF8.self).contains("ann33@"))
      let again = try succeed(
        ["import", "log.jsonl", "--store", "s.sqlite", "--json", "--quiet"], in: folder
      ).object()
      #expect(
        again["inserted"] as? Int == 0 && again["unchanged"] as? Int == 32
          && again["left_out"] as? Int == 8)
      try folder.write("own.txt", "word = passw[a-z]+\n")
      let own = try succeed(
        ["store", "redact", "s.sqlite", "--only", "ssn", "--patterns", "own.txt"], in: folder)
      #expect(own.output.contains("found 16 word"), "\(own.output)")
      for wrong in [
        ["--only", "nonsense"], ["--erase-user", ""], ["--user-field", "x"],
        ["--erase-user", "x", "--hash-text"],
      ] {
        #expect(
          try runRiddle(["store", "redact", "s.sqlite"] + wrong, in: folder).status == 64,
          "\(wrong)")
      }
      #expect(
        try runRiddle(["store", "redact", "s.sqlite", "--patterns", "none"], in: folder).status
          == 66)
      try folder.write("bad.txt", "a = (\n")
      #expect(
        try runRiddle(["store", "redact", "s.sqlite", "--patterns", "bad.txt"], in: folder).status
          == 65)
    }
  }

  @Test func vacuumSaysHowMuchRoomItNeeds() throws {
    try withFolder { folder in
      try store(in: folder)
      let room = try succeed(["store", "vacuum", "s.sqlite", "--dry-run", "--json"], in: folder)
        .object()
      #expect((room["needed_bytes"] as? Int ?? 0) > 0 && room["is_enough"] as? Bool == true)
      let done = try succeed(["store", "vacuum", "s.sqlite"], in: folder)
      #expect(done.output.contains("before") && done.errors.contains("needs up to"))
    }
  }

  @Test func sqlReadsAndNothingElse() throws {
    try withFolder { folder in
      try store(in: folder)
      let table = try succeed(
        ["store", "sql", "s.sqlite", "SELECT domain, count(*) AS n FROM queries GROUP BY 1"],
        in: folder)
      #expect(table.output == "domain    n\n───────────\naccount  10\nmail     30\n")
      let json = try succeed(
        ["store", "sql", "s.sqlite", "SELECT name, NULL FROM candidates ORDER BY 1", "--json"],
        in: folder
      ).object()
      #expect(json["columns"] as? [String] == ["name", "NULL"])
      #expect((json["rows"] as? [[Any]])?.count == 2)
      let empty = try succeed(
        ["store", "sql", "s.sqlite", "SELECT 1 WHERE 0", "--json"], in: folder
      ).object()
      #expect((empty["rows"] as? [Any])?.isEmpty == true)
      for wrong in ["DELETE FROM queries", "SELECT 1; SELECT 2", "ATTACH 'x' AS y", "SELEC"] {
        let result = try runRiddle(["store", "sql", "s.sqlite", wrong], in: folder)
        #expect(result.status == 64 && result.output.isEmpty && !result.errors.isEmpty, "\(wrong)")
      }
      #expect(!folder.has("x"))
    }
  }

  @Test func queriesAreFoundByTheirWordsAndNothingCanBeInjected() throws {
    try withFolder { folder in
      try store(in: folder, label: true)
      let found = try succeed(["query", "s.sqlite", "PASSWORD reset", "--limit", "2"], in: folder)
      #expect(found.output.contains("[reset] my [password]") && found.output.contains("20 queries"))
      #expect(found.output.contains("small 0  ") || found.output.contains("small 0\n"))
      #expect(found.errors.contains("indexing 40 queries, once"))
      let again = try succeed(
        ["query", "s.sqlite", "password", "--domain", "account", "--json"], in: folder)
      #expect(again.errors.isEmpty)
      let object = try again.object()
      #expect(object["total"] as? Int == 10 && object["method"] as? String == "index")
      let labelled = try succeed(["query", "s.sqlite", "--label", "small", "--json"], in: folder)
        .object()
      #expect(labelled["total"] as? Int == 20 && labelled["method"] as? String == "filter")
      let quoted = try succeed(["query", "s.sqlite", "\" OR 1 --", "--json"], in: folder).object()
      #expect(quoted["total"] as? Int == 0)
      #expect(
        try succeed(["query", "s.sqlite", "reset OR ann1", "--expression", "--json"], in: folder)
          .object()["total"] as? Int == 21)
      #expect(
        try succeed(["query", "s.sqlite", "--index", "--rebuild"], in: folder).output.contains(
          "40 queries"))
      for wrong in [
        ["\"open", "--expression"], ["?!"], ["x", "--index"], ["x", "--limit", "0"], ["--rebuild"],
        ["--expression"],
      ] {
        let result = try runRiddle(["query", "s.sqlite"] + wrong, in: folder)
        #expect(result.status == 64 && !result.errors.isEmpty, "\(wrong): \(result.errors)")
      }
      let unknown = try runRiddle(["query", "s.sqlite", "--candidate", "huge"], in: folder)
      #expect(unknown.status == 65 && unknown.errors.contains("large"))
    }
  }

  @Test func textsCannotSteerTheTerminal() throws {
    try withFolder { folder in
      try folder.write(
        "log.jsonl",
        #"{"id":"a\u001b[2J","query":"red \u001b[31m alert\u0007 \u202eevil","outcomes":{"m":{"quality":1}}}"#
      )
      _ = try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      for arguments in [
        ["query", "s.sqlite", "alert"], ["query", "s.sqlite"],
        ["store", "sql", "s.sqlite", "SELECT id, text FROM queries"],
      ] {
        let output = try succeed(arguments, in: folder).output
        #expect(output.contains("alert") || output.contains("[alert]"))
        #expect(
          !output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e },
          "\(arguments)")
      }
    }
  }

  /// Labelling a store reads it piece by piece; the figures are those of the file read at once, to the last digit.
  @Test(arguments: [
    ["--oracle", "best-quality"], ["--target", "strong-wins"], ["--price", "tiny=0.5"], [],
  ])
  func labelsOfAStoreAreThoseOfItsLog(options: [String]) throws {
    try withFolder { folder in
      var lines = SyntheticLog.text(SyntheticLog.rows())
      lines +=
        #"{"id":"no-text","query":null,"outcomes":{"tiny":{"quality":1},"huge":{"quality":1}}}"#
        + "\n"
      lines += #"{"id":"one","query":"x","outcomes":{"tiny":{"quality":1}}}"# + "\n"
      lines +=
        #"{"id":"free","query":"y","outcomes":{"tiny":{"quality":1,"cost_usd":0},"huge":{"quality":null}}}"#
        + "\n"
      try folder.write("log.jsonl", lines)
      _ = try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let common = ["--candidates", "tiny,huge", "--json", "--quiet"] + options
      var stored = try succeed(["label", "--store", "s.sqlite"] + common, in: folder).object()
      let direct = try succeed(["label", "--data", "log.jsonl"] + common, in: folder).object()
      #expect(stored.removeValue(forKey: "labelling") as? String == "default")
      #expect(NSDictionary(dictionary: stored) == NSDictionary(dictionary: direct))
      let counts = try succeed(
        ["store", "sql", "s.sqlite", "SELECT count(*) FROM labels", "--json"], in: folder
      ).object()
      #expect(
        (counts["rows"] as? [[Int]])?.first?.first
          == ((direct["outcomes"] as? [String: Any])?["queries"] as? Int))
    }
  }
}
