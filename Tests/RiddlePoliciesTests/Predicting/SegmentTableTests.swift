import RiddleData
import RiddlePolicies
import Testing

@Suite("Segment table")
struct SegmentTableTests {
  @Test("A19: means of small segments are pulled to the mean over all")
  func shrinks() {
    // Candidate 0: a = 1, 1, b = 0, 0, 0, 1; overall ½. Candidate 1: always ¾.
    let segments = ["a", "b", "b", "a", "b", "b"]
    let qualities = [1, 0.75, 0, 0.75, 0, 0.75, 1, 0.75, 0, 0.75, 1, 0.75]
    let table = SegmentTable.fit(
      segments: segments, qualities: qualities, candidateCount: 2, shrink: .fixed(2))
    #expect(table.segments.map(\.name) == ["a", "b"] && table.segments.map(\.count) == [2, 4])
    let a = table.predictions(for: "a")
    #expect(a.map(\.quality) == [0.75, 0.75])
    #expect(abs(table.predictions(for: "b")[0].quality - 1.0 / 3) < 1e-15)
    // (2 · (1 − ¾)² + 2 · (¼ + (½ − ¾)²)) / 4 = 3/16, over n + m = 4.
    #expect(abs(a[0].standardError - (3.0 / 16 / 4).squareRoot()) < 1e-15)
    #expect(a[1].standardError == 0)
    // An unseen segment: σ / √m.
    let unseen = table.predictions(for: "c")
    #expect(unseen == table.overall && table.predictions(for: nil) == table.overall)
    #expect(unseen[0].quality == 0.5)
    #expect(abs(unseen[0].standardError - (0.25 / 2.0).squareRoot()) < 1e-15)
  }

  @Test("without shrinkage segments keep their means; with much they lose them")
  func extremes() {
    let segments = ["a", "a", "b", "b"]
    func fit(_ m: Double) -> SegmentTable {
      SegmentTable.fit(
        segments: segments, qualities: [1, 0.5, 0, 0], candidateCount: 1, shrink: .fixed(m))
    }
    #expect(fit(0).predictions(for: "a")[0].quality == 0.75)
    #expect(abs(fit(0).predictions(for: "a")[0].standardError - 0.25 / 2.0.squareRoot()) < 1e-15)
    #expect(fit(0).predictions(for: "c")[0].quality == 0.375)
    #expect(abs(fit(1e9).predictions(for: "a")[0].quality - 0.375) < 1e-8)
  }

  @Test("the estimated strength is that of a mixed model on balanced data")
  func estimated() throws {
    for golden in try BanditGolden.load().segments {
      var stream = SplitMix64(seed: golden.seed)
      var (segments, qualities): ([String], [Double]) = ([], [])
      for s in 0..<golden.count {
        let centre = 0.5 + golden.spread * (stream.unit() - 0.5)
        for _ in 0..<golden.size {
          segments.append("s\(s)")
          qualities.append(centre + (stream.unit() - 0.5) / 2)
        }
      }
      let table = SegmentTable.fit(
        segments: segments, qualities: qualities, candidateCount: 1, shrink: .estimated)
      // An iterative fit that stops about 2 · 10⁻⁴ short of the optimum.
      #expect(abs(table.strengths[0] / golden.strength - 1) < 1e-3, "\(table.strengths)")
    }
  }

  @Test(
    "segments that differ by no more than chance are one; too few for an estimate have the standard"
  )
  func estimateEdges() {
    let alike = SegmentTable.fit(
      segments: ["a", "a", "b", "b"], qualities: [0, 1, 1, 0], candidateCount: 1,
      shrink: .estimated)
    #expect(alike.strengths == [.infinity])
    #expect(alike.predictions(for: "a") == [Prediction(quality: 0.5)])
    for segments in [["a", "a"], ["a", "b"]] {
      let table = SegmentTable.fit(
        segments: segments, qualities: [0, 1], candidateCount: 1, shrink: .estimated)
      #expect(table.strengths == [20])
    }
    // No spread within, some between: nothing is pulled.
    let sharp = SegmentTable.fit(
      segments: ["a", "a", "b", "b"], qualities: [1, 1, 0, 0], candidateCount: 1,
      shrink: .estimated)
    #expect(sharp.strengths == [0])
    #expect(sharp.predictions(for: "a") == [Prediction(quality: 1)])
  }

  @Test("unknown qualities do not count, not even a whole column of them")
  func unknown() {
    let table = SegmentTable.fit(
      segments: ["a", "a", "b"], qualities: [1, .nan, .nan, .nan, 0, .nan], candidateCount: 2,
      shrink: .fixed(1))
    #expect(table.predictions(for: "a").map(\.quality) == [0.75, 0.5])
    #expect(table.predictions(for: "a")[1].standardError == 0.5)
    let empty = SegmentTable.fit(segments: [], qualities: [], candidateCount: 2)
    #expect(empty.predictions(for: "a").map(\.quality) == [0.5, 0.5])
  }

  @Test("the order of rows changes nothing")
  func permuted() {
    var stream = SplitMix64(seed: 8)
    let rows = (0..<100).map { _ in
      (segment: "s\(stream.below(7))", quality: Double(stream.below(5)) / 4)
    }
    func fit(_ rows: [(segment: String, quality: Double)]) -> SegmentTable {
      SegmentTable.fit(
        segments: rows.map(\.segment), qualities: rows.map(\.quality), candidateCount: 1,
        shrink: .estimated)
    }
    let (one, other) = (fit(rows), fit(rows.reversed()))
    for s in 0..<7 {
      let (a, b) = (one.predictions(for: "s\(s)")[0], other.predictions(for: "s\(s)")[0])
      #expect(abs(a.quality - b.quality) < 1e-14)
      #expect(abs(a.standardError - b.standardError) < 1e-14)
    }
  }

  @Test("a table by hand")
  func byHand() {
    let table = SegmentTable(
      segments: [
        .init(name: "z", predictions: [Prediction(quality: 1)]),
        .init(name: "b", predictions: [Prediction(quality: 0.5)]),
      ], overall: [Prediction(quality: 0.25)])
    #expect(table.predictions(for: "z")[0].quality == 1)
    #expect(table.predictions(for: "b")[0].quality == 0.5)
    #expect(table.predictions(for: "a")[0].quality == 0.25)
    #expect(table.predictions(for: "zz")[0].quality == 0.25)
  }
}
