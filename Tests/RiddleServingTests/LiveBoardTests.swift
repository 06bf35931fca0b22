import Foundation
import RiddleData
import RiddlePolicies
import RiddleTestSupport
import Testing

@testable import RiddleServing

/// What the live page shows.
@Suite("Live board")
struct LiveBoardTests {
  private struct Snapshot: Decodable {
    struct Candidate: Decodable {
      var name: String
      var is_current: Bool
      var decisions: Int
      var answers: Int
      var hour: Int
      var mean_cost_nanodollars: Int?
    }
    struct Money: Decodable {
      var requests: Int
      var spent_nanodollars: Int
      var strongest_nanodollars: Int
      var saved_nanodollars: Int
    }
    struct Drift: Decodable {
      var reference: Int
      var compared: Int
      var psi: Double?
    }
    struct Load: Decodable {
      var version: String?
    }
    struct Shown: Decodable {
      var kind: String
      var candidate: String
      var request_id: String
      var paid_nanodollars: Int?
    }
    var decisions: Int
    var answers: Int
    var failures: Int
    var lost: Int
    var candidates: [Candidate]
    var money: [String: Money]
    var drift: Drift
    var slots: [[Int?]]
    var loads: [Load]
    var recent: [Shown]
  }

  private static let start: Int64 = 1_750_000_000_000_000

  private func served(
    _ names: [String] = ["c0", "c1", "c2"], checksum: String = "a", prices: [Int64?]? = nil
  ) -> ServedRouter {
    ServedRouter(
      router: generatedRouter(kind: .linearFloat, seed: 1), candidates: names,
      checksum: String(repeating: checksum, count: 64), name: "test", prices: prices)
  }

  private func board() -> LiveBoard { LiveBoard(since: Microseconds(Self.start)) }

  private func snapshot(_ board: LiveBoard, after seconds: Int64 = 0, decisions: Int = 200) throws
    -> Snapshot
  {
    let time = Microseconds(Self.start + seconds * 1_000_000)
    return try JSONDecoder().decode(
      Snapshot.self, from: Data(board.snapshot(at: time, decisions: decisions)))
  }

  private func decide(
    _ candidate: Int, _ cell: LiveCell, _ board: LiveBoard, _ served: ServedRouter,
    id: String = "q", margin: Double? = nil, after seconds: Int64 = 0
  ) {
    var decision = RouteDecision(candidate: candidate, stage: "router", reason: "because")
    decision.margin = margin
    cell.decided(
      decision, ladder: board.ladder(of: served), served: served, id: id,
      time: Microseconds(Self.start + seconds * 1_000_000), nanoseconds: 30_000)
  }

  @Test("every decision of every decider is counted once")
  func counts() throws {
    let board = board()
    let served = served()
    board.serves(served, at: Microseconds(Self.start))
    let cells = [board.makeCell(), board.makeCell()]
    for number in 0..<70 { decide(number % 7 == 0 ? 2 : 0, cells[number % 2], board, served) }
    let first = try snapshot(board)
    #expect(first.candidates.map(\.name) == ["c0", "c1", "c2"])
    #expect(first.candidates.map(\.decisions) == [60, 0, 10])
    #expect(first.candidates.map(\.hour) == [60, 0, 10])
    #expect(first.decisions == 70 && first.answers == 0 && first.lost == 0)
    #expect(first.slots.count == 1)
    #expect(first.slots.first?.suffix(3) == [60, 0, 10])
    decide(1, cells[0], board, served, after: 20)
    let second = try snapshot(board, after: 20)
    #expect(second.candidates.map(\.decisions) == [60, 1, 10])
    #expect(second.slots.map { $0[0] } == [2, 0])
  }

  @Test("what is older than an hour is in the sums only")
  func hour() throws {
    let board = board()
    let served = served()
    board.serves(served, at: Microseconds(Self.start))
    decide(0, board.makeCell(), board, served)
    // Cells are emptied once a second; what is in one belongs to the time when it is emptied.
    #expect(try snapshot(board).candidates[0].hour == 1)
    #expect(try snapshot(board, after: 3500).candidates[0].hour == 1)
    let later = try snapshot(board, after: 3700)
    #expect(later.candidates[0].hour == 0 && later.candidates[0].decisions == 1)
    #expect(later.slots.isEmpty)
  }

  @Test("memory does not grow with decisions, names or what callers write")
  func bounds() throws {
    let board = board()
    let cell = board.makeCell()
    let long = String(repeating: "é", count: 100_000)
    let served = served()
    board.serves(served, at: Microseconds(Self.start))
    for number in 0..<1000 { decide(0, cell, board, served, id: "\(number)" + long) }
    let shown = try snapshot(board).recent
    #expect(shown.count == LiveTally.mostRecent)
    #expect(shown.first?.request_id.hasPrefix("999é") == true)
    #expect(shown.allSatisfy { $0.request_id.utf8.count < 80 })
    #expect(try snapshot(board, decisions: 5).recent.count == 5)
    for number in 0..<100 {
      let other = self.served(["a\(number)", "b\(number)"], checksum: "b")
      board.serves(other, at: Microseconds(Self.start))
      decide(1, cell, board, other)
    }
    let many = try snapshot(board)
    #expect(many.candidates.count <= LiveTally.mostNames + 1)
    #expect(many.candidates.reduce(0) { $0 + $1.decisions } == 1100)
    #expect(many.loads.count == LiveBoard.mostMarks)
  }

  @Test("no word of a query is in it")
  func text() throws {
    let board = board()
    let served = served()
    let slot = RouterSlot(served)
    board.serves(served, at: Microseconds(Self.start))
    var settings = Decider.Settings(
      now: { 0 }, wallTime: { Microseconds(Self.start) }, makeID: { "made" })
    settings.topFeatures = 50
    settings.live = board
    let decider = Decider(slot: slot, metrics: ServerMetrics(), settings: settings)
    let body = #"{"input":"why does the quokka migrate, dear quokka"}"#
    #expect(answer(decider, Array(body.utf8)).status == 200)
    let json = String(decoding: board.snapshot(at: Microseconds(Self.start)), as: UTF8.self)
    #expect(json.contains(#""decisions":1,"#))
    for word in ["quokka", "migrate", "dear"] { #expect(!json.contains(word)) }
    #expect(LiveDecision.publicName("\"quokka\"") == "a word")
    #expect(LiveDecision.publicName("log_tokens") == "log_tokens")
  }

  @Test("savings are whole nano-dollars, and only of what is known")
  func money() throws {
    let board = board()
    let cell = board.makeCell()
    let served = served(prices: [100, nil, 1001])
    board.serves(served, at: Microseconds(Self.start))
    for candidate in [0, 0, 1, 2] { decide(candidate, cell, board, served) }
    let money = try #require(try snapshot(board).money["expected"])
    #expect(money.requests == 3)
    #expect(money.spent_nanodollars == 1201 && money.strongest_nanodollars == 3003)
    #expect(money.saved_nanodollars == 1802)
    var sum = LiveMoney()
    sum.add(.max, strongest: .max)
    sum.add(1, strongest: .max)
    sum.add(-1, strongest: 5)
    sum.add(nil, strongest: 5)
    #expect(sum == LiveMoney(requests: 2, spent: .max, strongest: .max))
    #expect(sum.saved == 0)
  }

  @Test("the gateway's requests count at what was paid")
  func gateway() throws {
    let board = board()
    let served = served(prices: [100, 500, 1000])
    board.serves(served, at: Microseconds(Self.start))
    func serve(_ candidate: Int, cost: Int64?, isComplete: Bool = true) {
      let policy = StagedPolicy(
        name: "p", stages: [Static(candidate: candidate)], fallback: candidate)
      let request = Request(id: "r", text: "x", context: QueryContext(), candidateCount: 3)
      var serving = Serving()
      while let ask = serving.next(request, policy) {
        for candidate in ask.candidates {
          serving.receive(Attempt(candidate: candidate, cost: cost))
        }
      }
      board.answered(
        serving, request, served: served, id: "r", time: Microseconds(Self.start),
        nanoseconds: 2_000_000_000, isComplete: isComplete)
    }
    serve(0, cost: 320)
    // The strongest answered: always asking it would have cost the same.
    serve(2, cost: 4000)
    serve(1, cost: nil)
    serve(0, cost: 300, isComplete: false)
    let shown = try snapshot(board)
    #expect(shown.answers == 3 && shown.failures == 1 && shown.decisions == 0)
    let paid = try #require(shown.money["paid"])
    #expect(paid.requests == 3)
    #expect(paid.spent_nanodollars == 4620 && paid.strongest_nanodollars == 6000)
    #expect(shown.recent.map(\.kind).sorted() == ["answer", "answer", "answer", "failure"])
  }

  @Test("PSI of ten equal bins, half of them empty later, by hand")
  func stability() throws {
    func margins(_ bins: Range<Int>, _ count: UInt32) -> [UInt32] {
      (0..<ScoreDrift.bins).map { bins.contains($0) ? count : 0 }
    }
    var drift = ScoreDrift()
    drift.add(margins(200..<210, 99), at: Self.start)
    #expect(drift.reading(at: Self.start).index == nil)
    drift = ScoreDrift()
    drift.add(margins(200..<210, 100), at: Self.start)
    drift.add(margins(200..<205, 200), at: Self.start)
    let reading = drift.reading(at: Self.start)
    // Counts plus one half: 5 (200.5 − 100.5)/1005 ln (200.5/100.5) + 5 (0.5 − 100.5)/1005 ln (0.5/100.5).
    let index = try #require(reading.index)
    #expect(abs(index - 2.9820703618440643) < 1e-12)
    #expect(reading.compared == 1000 && reading.parts.count == 1)
    // An hour later nothing is left to compare.
    #expect(drift.reading(at: Self.start + 4_000_000_000).index == nil)
  }

  @Test("margins have bins wherever they lie")
  func marginBins() {
    #expect(ScoreDrift.bin(0) == 256 && ScoreDrift.bin(-0.01) == 255)
    #expect(ScoreDrift.bin(0.0625) == 257)
    #expect(ScoreDrift.bin(1e300) == 511 && ScoreDrift.bin(-1e300) == 0)
  }

  @Test("another version begins another reference; the same one, and a failed load, do not")
  func reloads() throws {
    let board = board()
    let cell = board.makeCell()
    let (old, new) = (served(), served(checksum: "b"))
    board.serves(old, at: Microseconds(Self.start))
    for _ in 0..<1200 { decide(0, cell, board, old, margin: 1) }
    #expect(try snapshot(board).drift.reference == 1200)
    board.serves(old, at: Microseconds(Self.start))
    board.failedToLoad(at: Microseconds(Self.start))
    for _ in 0..<150 { decide(0, cell, board, old, margin: -1) }
    let before = try snapshot(board)
    #expect(before.drift.reference == 1200 && before.drift.compared == 150)
    board.serves(new, at: Microseconds(Self.start))
    // A decision of the old one that was still under way.
    decide(0, cell, board, old, margin: 1)
    #expect(try snapshot(board).drift.reference == 0)
    decide(0, cell, board, new, margin: 1)
    let after = try snapshot(board)
    #expect(after.drift.reference == 1 && after.drift.compared == 0)
    #expect(
      after.loads.map(\.version) == [
        "aaaaaaaaaaaa", "aaaaaaaaaaaa", nil, "bbbbbbbbbbbb",
      ])
  }

  @Test("bins of times hold their own middle, and quantiles are right to an eighth")
  func times() throws {
    for bin in 0..<LatencyBins.count {
      #expect(LatencyBins.bin(LatencyBins.middle(bin)) == bin)
    }
    #expect(LatencyBins.bin(-5) == 0 && LatencyBins.bin(.max) == LatencyBins.count - 1)
    var counts = [UInt32](repeating: 0, count: LatencyBins.count)
    for time in 1...1000 { counts[LatencyBins.bin(Int64(time) * 1000)] += 1 }
    for (share, expected) in [(0.5, 500_000.0), (0.95, 950_000.0), (1.0, 1_000_000.0)] {
      let found = try #require(LatencyBins.quantile(share, of: counts[...]))
      #expect(abs(Double(found) / expected - 1) <= 0.125)
    }
    #expect(LatencyBins.quantile(0.5, of: ([0, 0] as [UInt32])[...]) == nil)
  }

  @Test("a page without any address of somewhere else")
  func page() {
    let html = LivePage.html
    #expect(html.contains("<style>" + LivePage.style + "</style>"))
    #expect(html.contains("<script>" + LivePage.script + "</script>"))
    // The one address is the name of SVG's elements, which nobody fetches.
    #expect(
      html.replacing("http://www.w3.org/2000/svg", with: "").contains("://") == false)
    for word in ["innerHTML", "insertAdjacentHTML", "document.write", "eval(", " src=", "@import"] {
      #expect(!html.contains(word))
    }
  }
}
