import Foundation
import RiddleTestSupport
import Testing

/// `riddle headroom` as a user runs it.
@Suite struct HeadroomTests {
  private func headroom(_ arguments: [String], _ log: String) throws -> ProgramResult {
    try withFolder { folder in
      try folder.write("log.jsonl", log)
      return try runRiddle(
        ["headroom", "log.jsonl", "--replicates", "60"] + arguments, in: folder)
    }
  }

  private func report(_ arguments: [String], _ log: String) throws -> [String: Any] {
    let result = try headroom(arguments + ["--json", "--quiet"], log)
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try result.object()["headroom"] as? [String: Any])
  }

  @Test func learnableDataCanPayAndEveryFigureHasAnInterval() throws {
    let report = try report(
      ["--candidates", "tiny,huge"], SyntheticLog.text(SyntheticLog.rows(1200)))
    #expect(report["verdict"] as? String == "can-pay")
    #expect((report["sentence"] as? String)?.hasPrefix("routing can pay:") == true)
    let room = try #require(report["headroom"] as? [String: Any])
    let names = [
      "gap", "ties", "strong_wins", "oracle_saving", "adequate_saving", "adequate_quality",
      "random_band",
    ]
    for name in names {
      let figure = try #require(room[name] as? [String: Any])
      let value = try #require(figure["value"] as? Double, "\(name)")
      #expect(try #require(figure["low"] as? Double, "\(name)") <= value)
      #expect(try #require(figure["high"] as? Double, "\(name)") >= value)
    }
    #expect(room["segment_field"] as? String == "task_type")
    #expect((room["segments"] as? [Any])?.count == 2)
    let probe = try #require(report["learnability"] as? [String: Any])
    let figures = try #require(probe["figures"] as? [String: Any])
    let auc = try #require((figures["auc"] as? [String: Any])?["low"] as? Double)
    #expect(auc > 0.6)
  }

  /// The same outcomes dealt to other queries: as much to save, nothing to read.
  @Test func textsThatSayNothingAreWarnedOf() throws {
    let rows = SyntheticLog.rows(1200)
    let dealt = rows.enumerated().map { i, row in
      var copy = row
      copy.quality = rows[(i * 7 + 13) % rows.count].quality
      return copy
    }
    let report = try report(["--candidates", "tiny,huge"], SyntheticLog.text(dealt))
    #expect(["little-learnable", "undecided"].contains(report["verdict"] as? String))
    let warnings = try #require(report["warnings"] as? [String])
    #expect(warnings.contains { $0.hasPrefix("little is learnable from the text") })
  }

  @Test func theTextEndsWithWarningsAndBeginsWithTheVerdict() throws {
    let result = try headroom(
      ["--candidates", "tiny,middle,huge"], SyntheticLog.text(SyntheticLog.rows(400)))
    #expect(result.status == 0, "\(result.errors)")
    let first = result.output.split(separator: "\n").first ?? ""
    #expect(first.contains("a perfect router saves"))
    for word in [
      "always ask", "labels to tell 0.02 apart", "random routing, APGR",
      "probe on text, AUC", "by task_type",
    ] { #expect(result.output.contains(word), "\(word)") }
  }

  @Test func aStrongCandidateThatIsNotBetterLeavesNoHeadroom() throws {
    let rows = SyntheticLog.rows(400).map { row in
      var copy = row
      copy.quality = [1, 1, row.quality[0]]
      return copy
    }
    let report = try report(["--candidates", "tiny,huge"], SyntheticLog.text(rows))
    #expect(report["verdict"] as? String == "no-headroom")
    #expect((report["sentence"] as? String)?.contains("always ask tiny") == true)
    let warnings = try #require(report["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("'huge' is dearer than 'tiny' and worse") })
  }

  @Test func fewRowsAreUndecidedNotACrash() throws {
    for count in [1, 2, 5, 30] {
      let report = try report(
        ["--candidates", "tiny,huge"], SyntheticLog.text(SyntheticLog.rows(count)))
      #expect(report["verdict"] as? String != "can-pay", "\(count) rows")
      #expect(report["sentence"] as? String != nil)
    }
  }

  @Test func everyoneEqualIsNoHeadroom() throws {
    let rows = SyntheticLog.rows(400).map { row in
      var copy = row
      copy.quality = [1, 1, 1]
      return copy
    }
    let report = try report(["--candidates", "tiny,huge"], SyntheticLog.text(rows))
    #expect(report["verdict"] as? String == "no-headroom")
    #expect(report["learnability"] == nil)
  }

  @Test(arguments: [
    (["headroom"], 64), (["headroom", "a.jsonl", "--data", "b.jsonl"], 64),
    (["headroom", "a.jsonl", "--difference", "0"], 64),
    (["headroom", "a.jsonl", "--confidence", "nan"], 64),
    (["headroom", "a.jsonl", "--segment", "nonsense"], 64),
    (["headroom", "a.jsonl", "--tiers", "one"], 64), (["headroom", "missing.jsonl"], 66),
  ])
  func badUsageSaysWhatToDo(arguments: [String], status: Int) throws {
    try withFolder { folder in
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == Int32(status), "\(result.errors)")
      #expect(!result.errors.isEmpty && result.output.isEmpty)
    }
  }

  @Test func sameSeedSameBytes() throws {
    let log = SyntheticLog.text(SyntheticLog.rows(300))
    let arguments = ["--candidates", "tiny,huge", "--json", "--quiet", "--seed", "3"]
    #expect(try headroom(arguments, log).output == headroom(arguments, log).output)
  }
}
