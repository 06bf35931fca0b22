import RiddleData
import Testing

@testable import RiddleStore

@Suite("Labellings")
struct LabellingTests {
  let scratch: Scratch
  let store: Store
  let labelling = Labelling(
    name: "weekly", candidates: ["small", "large"],
    oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails, qualityThreshold: 0.5)

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(3))])
  }

  @Test("a labelling comes back with its verdicts, in the order of import")
  func roundTrip() throws {
    #expect(try store.latestLabelling() == nil)
    let verdicts = [
      LabelVerdict(queryID: "q/2", verdict: 0), LabelVerdict(queryID: "q/0", verdict: 1),
    ]
    let saved = try store.saveLabelling(labelling, verdicts: verdicts)
    #expect(try saved.logHash == store.contentHash())
    #expect(saved.lastImport == 1)
    #expect(try store.latestLabelling() == saved)
    #expect(try store.verdicts(of: saved) == verdicts.reversed())
    var other = labelling
    other.name = "best"
    other.oracle = .bestQuality
    other.target = .strongWins
    other.candidates = ["large", "small"]
    let best = try store.saveLabelling(other, verdicts: [])
    #expect(try store.latestLabelling() == best)
    #expect(try store.labelling(named: "weekly") == saved)
    // Saving under a known name replaces that labelling and makes it the latest.
    let again = try store.saveLabelling(labelling, verdicts: [])
    #expect(try store.latestLabelling() == again)
    #expect(try store.verdicts(of: again) == [])
    #expect(try store.counts().labellings == 2)
    #expect(try store.integrityProblems() == [])
  }

  @Test("labels do not change the log's hash")
  func hash() throws {
    let before = try store.contentHash()
    try store.saveLabelling(labelling, verdicts: [LabelVerdict(queryID: "q/0", verdict: 1)])
    #expect(try store.contentHash() == before)
  }

  @Test("unknown queries, candidates, names and verdicts are refused and nothing is saved")
  func refused() throws {
    func fails(_ labelling: Labelling, _ verdicts: [LabelVerdict]) {
      #expect(throws: StoreError.self) { try store.saveLabelling(labelling, verdicts: verdicts) }
    }
    fails(labelling, [LabelVerdict(queryID: "q/9", verdict: 0)])
    fails(labelling, [LabelVerdict(queryID: "q/1", verdict: 2)])
    fails(labelling, [LabelVerdict(queryID: "q/1", verdict: -1)])
    let twice = LabelVerdict(queryID: "q/1", verdict: 1)
    fails(labelling, [twice, twice])
    var other = labelling
    other.candidates = ["small", "huge"]
    fails(other, [])
    other = labelling
    other.name = ""
    fails(other, [])
    other = labelling
    other.qualityThreshold = 0.6
    fails(other, [])
    other.oracle = .bestQuality
    other.qualityThreshold = .nan
    fails(other, [])
    #expect(try store.counts().labellings == 0)
  }
}
