import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Feedback")
struct FeedbackTests {
  private func read(_ path: String, range: ClosedRange<Double>? = nil) throws -> (
    [FeedbackRecord], FeedbackReader.Report
  ) {
    var reader = FeedbackReader()
    reader.ratingRange = range
    var report = FeedbackReader.Report()
    var found: [FeedbackRecord] = []
    try reader.read(path: path, into: &report) { record throws(StoreError) in found.append(record) }
    return (found, report)
  }

  @Test(
    "every way to say how content one was comes to a number from 0 to 1",
    arguments: [
      (#""satisfaction":0.75"#, 0.75), (#""satisfaction":true"#, 1), (#""score":0"#, 0),
      (#""thumbs":"up""#, 1), (#""thumbs":"DOWN""#, 0), (#""thumbs":1"#, 1), (#""thumb":-1"#, 0),
      (#""vote":"👍""#, 1), (#""rating":4,"rating_min":1,"rating_max":5"#, 0.75),
      (#""stars":"2","rating_min":0,"rating_max":4"#, 0.5),
    ])
  func satisfaction(_ field: String, _ value: Double) throws {
    let scratch = try Scratch()
    let (found, _) = try read(try scratch.file("f.jsonl", "{\"request_id\":\"r\",\(field)}\n"))
    #expect(found.map(\.satisfaction) == [value])
    #expect(found[0].source == "user")
  }

  @Test("CSV with its columns in any order, and JSON lines, say the same")
  func csv() throws {
    let scratch = try Scratch()
    let table = """
      best_candidate,thumbs,time,request_id,source,quality,comment
      large,down,2026-03-02T10:00:00Z,r1,review,0.25,"too, short"
      ,up,,r2,,,

      """
    let (found, report) = try read(try scratch.file("f.csv", table))
    let lines = """
      {"request_id":"r1","best":"large","thumbs":false,"timestamp":1772445600,"source":"review","quality":0.25,"comment":"too, short"}
      {"id":"r2","vote":"yes"}

      """
    #expect(try read(try scratch.file("f.jsonl", lines)).0 == found)
    #expect(report.rows == 2 && report.rejected == 0)
    #expect(report.fields.contains("thumbs: thumbs") && report.fields.count == 7)
    #expect(found[0].bestCandidate == "large" && found[0].comment == "too, short")
  }

  @Test(
    "a row that cannot be understood names its field",
    arguments: [
      (#"{"satisfaction":1}"#, "request_id"), (#"{"request_id":"r"}"#, nil),
      (#"{"request_id":"r","satisfaction":2}"#, "satisfaction"),
      (#"{"request_id":"r","thumbs":"maybe"}"#, "thumbs"),
      (#"{"request_id":"r","rating":3}"#, "rating"),
      (#"{"request_id":"r","rating":9,"rating_min":1,"rating_max":5}"#, "rating"),
      (#"{"request_id":"r","quality":-0.1}"#, "quality"),
      (#"{"request_id":"r","satisfaction":1,"time":"yesterday"}"#, "time"), (#"{"x"#, nil),
    ])
  func faults(_ line: String, _ field: String?) throws {
    let scratch = try Scratch()
    let (found, report) = try read(
      try scratch.file("f.jsonl", "\(line)\n{\"request_id\":\"g\",\"satisfaction\":1}\n"))
    #expect(found.map(\.requestID) == ["g"])
    #expect(report.firstRejects.map(\.field) == [field])
  }

  @Test("a table without a request's column, or of something else, is refused as a whole")
  func foreign() throws {
    let scratch = try Scratch()
    let path = try scratch.file("f.csv", "name,thumbs\na,up\n")
    #expect(throws: StoreError.self) { try read(path) }
    #expect(throws: StoreError.self) {
      try read(try scratch.file("bad.jsonl", "{\"a\":1}\n{\"a\":2}\n"))
    }
  }

  private func feedback(_ id: String, _ value: Double, time: Int64? = nil, source: String = "user")
    -> FeedbackRecord
  {
    var record = FeedbackRecord(requestID: id, source: source)
    record.satisfaction = value
    record.time = time.map { Microseconds($0) }
    return record
  }

  @Test("the last word counts, an older one does not, and the same again changes nothing")
  func lastWord() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    try store.append([DecisionRecord(requestID: "a", time: Microseconds(1), candidate: "small")])
    let said = [
      feedback("a", 1, time: 10), feedback("a", 0, time: 20), feedback("a", 0.5, time: 15),
      feedback("a", 1, source: "judge"), feedback("b", 1),
    ]
    var counts = try store.importFeedback(said)
    #expect(counts.inserted == 3 && counts.outdated == 2 && counts.withoutDecision == 1)
    counts = try store.importFeedback(said)
    #expect(counts.unchanged == 3 && counts.inserted == 0 && counts.replaced == 0)
    counts = try store.importFeedback([feedback("a", 1, time: 5)])
    #expect(counts.outdated == 1 && counts.replaced == 0)
    counts = try store.importFeedback([feedback("a", 1, time: 30), feedback("b", 0)])
    #expect(counts.replaced == 2)
    try store.append([DecisionRecord(requestID: "b", time: Microseconds(2), candidate: "small")])
    #expect(try store.importFeedback([]).withoutDecision == 0)
  }

  @Test("decisions come with the mean of what their sources said, conversation by conversation")
  func judged() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    var records: [DecisionRecord] = []
    for (i, conversation) in ["x", "y", "x", nil, nil].enumerated() {
      var record = DecisionRecord(
        requestID: "r\(i)", time: Microseconds(Int64(100 + i)), candidate: "small")
      record.conversation = conversation
      record.quality = 0.5
      records.append(record)
    }
    records[4].candidate = "large"
    records[4].alternatives = ["small", "large"]
    records[4].cost = NanoDollars(7)
    try store.append(records)
    var judge = feedback("r0", 0, source: "judge")
    judge.quality = 1
    judge.bestCandidate = "large"
    try #require(
      try store.importFeedback([feedback("r0", 1), judge, feedback("r3", 0.25)]).inserted == 3)
    var found: [JudgedDecision] = []
    try store.forEachJudgedDecision(from: Microseconds(100), until: Microseconds(104)) {
      found.append($0)
    }
    // Without a conversation each is its own unit; r4 lies behind the end.
    #expect(found.count == 4)
    #expect(Set(found.map(\.unit)).count == 3)
    let first = try #require(found.first { $0.needed != nil })
    #expect(first.satisfaction == 0.5 && first.quality == 1)
    let decided = try store.decidedCandidates(from: Microseconds(0), until: Microseconds(1000))
    #expect(first.needed.map { decided.names[$0] } == "large")
    #expect(decided.lastAlternatives == ["small", "large"])
    #expect(decided.names.map { $0 == "large" ? 1 : 4 } == decided.decisions)
    var timed: [Store.TimedDecision] = []
    try store.forEachDecisionInTime { timed.append($0) }
    #expect(timed.map(\.time.count) == [100, 101, 102, 103, 104])
    #expect(timed[0].judged.unit == timed[2].judged.unit && timed[3].judged.unit == -1)
    #expect(timed[0].judged.satisfaction == 0.5 && timed[3].judged.satisfaction == 0.25)
  }
}
