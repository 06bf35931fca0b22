import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite struct ArrivalOrderTests {
  private func dataset(_ times: [Int64?]) -> Dataset {
    Dataset(
      log: times.enumerated().map { i, time in
        LoggedQuery(
          id: "\(i)", text: "query \(i)", context: QueryContext(time: time.map(Microseconds.init)),
          outcomes: ["a", "b"].map {
            CandidateOutcome(candidate: $0, outcome: Outcome(quality: 1))
          })
      }, candidates: ["a", "b"])
  }

  @Test("without a trace the times are the log's own")
  func own() {
    #expect(rowTimes(of: dataset([5, nil, 3])) == [5, nil, 3])
  }

  @Test("a trace gives every row an arrival, in the log's order of time, from its first time on")
  func traced() {
    #expect(rowTimes(of: dataset([700, 500, 600]), arrivals: [0, 10, 30]) == [530, 500, 510])
    #expect(rowTimes(of: dataset([nil, 500, 600]), arrivals: [0, 10, 30]) == [0, 10, 30])
    #expect(rowTimes(of: dataset([]), arrivals: [0, 10]).isEmpty)
  }

  @Test("a short trace is repeated a mean gap later; arrivals never go back")
  func repeated() {
    let times = rowTimes(of: dataset([nil, nil, nil, nil, nil, nil, nil]), arrivals: [0, 10, 40])
    #expect(times == [0, 10, 40, 60, 70, 100, 120])
    #expect(rowTimes(of: dataset([nil, nil, nil]), arrivals: [0]) == [0, 1_000_000, 2_000_000])
  }

  @Test("rows that have a trace's arrivals keep them when they are given again")
  func givenTwice() {
    let arrivals: [Int64] = [0, 10, 10, 40]
    for own in [[nil, 7, 3, 3, nil, 9], [900, 700, 800, 700, 650, 900]] as [[Int64?]] {
      let data = dataset(own)
      let times = rowTimes(of: data, arrivals: arrivals)
      let timed = data.withTimes(times)
      #expect(timed.contexts.map { $0.time?.count } == times)
      #expect(rowTimes(of: timed) == times)
      #expect(rowTimes(of: timed, arrivals: arrivals) == times)
      #expect(timed.withTimes(own) == data)
    }
  }

  @Test("rows of equal arrival keep their order, and parts of a log meet without gap or overlap")
  func order() {
    let order = ArrivalOrder([7, 3, 7, 3], rows: 4)
    #expect(order.all == [1, 3, 0, 2])
    #expect(ArrivalOrder([7, nil, 3], rows: 3).all == [0, 1, 2])
    #expect(ArrivalOrder([7, nil, 3], rows: 3).timed == [2, 0])
    let all = ArrivalOrder([], rows: 997)
    let cuts = [0, 0.1, 0.3, 0.35, 0.7, 1]
    let parts = zip(cuts, cuts.dropFirst()).flatMap { all.rows(from: $0, to: $1) }
    #expect(parts == Array(0..<997))
  }
}
