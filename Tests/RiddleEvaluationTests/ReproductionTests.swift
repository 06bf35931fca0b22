import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct ReproductionTests {
  /// RouteLLM's published outcomes are four counts; every published figure that they determine follows.
  @Test("the published figures follow from the published counts", arguments: [0, 1])
  func counts(index: Int) throws {
    let fact = PublishedPair.all[index]
    let outcomes: [(Double, Double)] = zip(
      [(1.0, 1.0), (0, 1), (1, 0), (0, 0)],
      [fact.counts.both, fact.counts.strong, fact.counts.weak, fact.counts.neither ?? 0]
    ).flatMap { outcome, count in (0..<count).map { _ in outcome } }
    let pair = PairOutcomes(weak: outcomes.map(\.0), strong: outcomes.map(\.1))
    let figures = fact.figures(pair, texts: nil, random: nil)
    #expect(figures.count == 14)
    for figure in figures {
      #expect(figure.passes, "\(figure.name): \(figure.expected), \(figure.computed ?? .nan)")
    }
    // One row moved from one cell to another is noticed by the figures that depend on it.
    var weak = pair.weak
    weak[0] = 0
    let moved = fact.figures(
      PairOutcomes(weak: weak, strong: pair.strong), texts: nil, random: nil)
    #expect(moved.filter { !$0.passes }.map(\.name).contains("weak score"))
    #expect(moved.filter { !$0.passes }.map(\.name).contains("both right"))
  }

  @Test("graded answers are scaled by ten, right and wrong by a hundred")
  func scale() {
    #expect(PairOutcomes(weak: [0, 1], strong: [1, 1]).scale == 100)
    #expect(PairOutcomes(weak: [0, 1], strong: [0.95, 1]).scale == 10)
    let graded = PairOutcomes(weak: [0.5, 0.9, 0.8], strong: [0.9, 0.9, 0.7])
    expectClose(graded.weakScore, 10 * 2.2 / 3)
    expectClose(graded.oracleScore, 10 * 2.6 / 3)
    // Half of the gap of 0.3 is 0.15 of the only win of 0.4: three eighths of a row of three.
    expectClose(graded.plateauShare(recovering: 0.5) ?? .nan, 100 * 0.375 / 3)
    #expect(graded.plateauShare(recovering: 2) == nil)
  }

  @Test("the published vectors of arena score and AIQ")
  func vectors() {
    let figures = reproducedVectors()
    #expect(figures.count == 10)
    for figure in figures { #expect(figure.passes, "\(figure.subject): \(figure.name)") }
  }

  @Test("an undefined or different number fails")
  func failing() {
    func passes(_ computed: Double?) -> Bool {
      ReproducedFigure("s", "n", expected: 1, computed: computed, tolerance: 0.1).passes
    }
    #expect(passes(1.05) && passes(1))
    #expect(!passes(nil) && !passes(.nan) && !passes(1.2) && !passes(.infinity))
  }
}
