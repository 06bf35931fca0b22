import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import Testing

@testable import RiddleCommands

/// From the words of a command line to a world.
@Suite struct WorldOptionsTests {
  private static let missing = OutcomeTable.missingLatency

  /// `n` rows of two candidates; latencies in µs, or none.
  private static func dataset(
    _ n: Int, candidates: [String] = ["small", "large"], times: Bool = true,
    latency: (Int, Int) -> Int64? = { Int64(100_000 * (1 + $0 % 7) * (1 + 3 * $1)) }
  ) -> Dataset {
    Dataset(
      log: (0..<n).map { i in
        LoggedQuery(
          id: "\(i)", text: "query \(i)",
          context: QueryContext(time: times ? Microseconds(Int64(i) * 50_000) : nil),
          outcomes: candidates.enumerated().map { k, name in
            CandidateOutcome(
              candidate: name,
              outcome: Outcome(quality: 1, latency: latency(i, k).map(Microseconds.init)))
          })
      }, candidates: candidates)
  }

  private static let trace = """
    model,latency_ms,error
    small,100,
    small,200,
    small,,429
    small,50,boom
    x/y:z,1000,
    x/y:z,2000,
    dead,,boom

    """

  private func build(
    _ arguments: [String], _ data: Dataset = dataset(100), trace: String = Self.trace,
    arrivals: String = "t_s\n0\n0.01\n0.02\n"
  ) throws -> (world: World, warnings: [String], inputs: [EvaluationReport.Input]) {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try folder.write("trace.csv", trace)
    try folder.write("arrivals.csv", arrivals)
    let words = arguments.map {
      $0 == "trace.csv" || $0 == "arrivals.csv" ? "\(folder.path)/\($0)" : $0
    }
    return try WorldOptions.parse(words).world(for: data)
  }

  private func refusal(_ arguments: [String], _ data: Dataset = dataset(100)) -> String {
    do {
      let built = try build(arguments, data)
      Issue.record("\(arguments) made a world: \(built.warnings)")
      return ""
    } catch {
      let failure = commandFailure(error)
      if let own = error as? CommandFailure {
        #expect(own.status == .usage || own.status == .malformedData)
        return failure.message
      }
      return WorldOptions.message(for: error)
    }
  }

  @Test("without options the world is the log")
  func log() throws {
    let built = try build([])
    #expect(built.world.isLog && built.warnings.isEmpty && built.inputs.isEmpty)
    #expect(built.world.arrival(of: 3) == 150_000)
  }

  @Test("latencies that the log lacks are reported with candidate and count, never 0")
  func missing() throws {
    let data = Self.dataset(10) { $1 == 0 ? ($0 < 4 ? nil : 5000) : nil }
    let built = try build([], data)
    #expect(built.warnings.count == 2)
    #expect(built.warnings[0].contains("candidate small in 4 of 10 rows"))
    #expect(built.warnings[1].contains("candidate large in all 10 rows"))
    #expect(
      built.world.call(row: 0, candidate: 0, attempt: 0, at: nil, timeout: 1)
        == Call(latency: Self.missing))
  }

  @Test("a fit is reported with its distance, over the latencies there are")
  func fitted() throws {
    let data = Self.dataset(70) { $0 < 7 && $1 == 0 ? nil : Int64(100_000 * (1 + $0 % 7)) }
    let built = try build(["--latency", "fitted"], data)
    #expect(built.warnings.contains { $0.contains("small") && $0.contains("7 of 70 rows") })
    #expect(
      built.warnings.contains {
        $0.contains("fitted to 63 latencies") && $0.contains("Kolmogorov-Smirnov distance 0.")
      })
    let calls = (0..<70).map {
      built.world.call(row: $0, candidate: 0, attempt: 0, at: nil, timeout: nil)
    }
    #expect(calls.allSatisfy { $0.failure == nil && $0.latency > 0 })
    let none = Self.dataset(5) { _, k in k == 0 ? 5 : nil }
    #expect(
      refusal(["--latency", "fitted"], none).contains("candidate large has 0 latencies above 0"))
  }

  @Test("a trace gives latencies and failures; names may hold colons, slashes and equals signs")
  func traced() throws {
    let data = Self.dataset(4000, candidates: ["small", "a=b:c"])
    let built = try build(
      ["--latency", "trace", "--trace", "trace.csv", "--trace-map", "a=b:c=x/y:z"], data)
    #expect(built.inputs.map(\.role) == ["trace"] && built.inputs[0].name == "trace.csv")
    #expect(built.inputs[0].sha256.count == 64)
    let calls = (0..<4000).map {
      built.world.call(row: $0, candidate: 0, attempt: 0, at: nil, timeout: nil)
    }
    #expect(Set(calls.filter { $0.failure == nil }.map(\.latency)) == [100_000, 200_000])
    #expect(Set(calls.filter { $0.failure == .error }.map(\.latency)) == [50_000])
    // One in four each: four standard errors are 110 of 4000.
    for failure in [CallFailure.error, .rateLimited] {
      #expect(abs(calls.count { $0.failure == failure } - 1000) < 110)
    }
    #expect(
      built.warnings.contains {
        $0.hasPrefix("candidate small: of 4000 first calls") && $0.contains("rate_limited")
      })
    #expect(
      Set(
        (0..<100).map {
          built.world.call(row: $0, candidate: 1, attempt: 0, at: nil, timeout: nil).latency
        })
        == [1_000_000, 2_000_000])
    // What is asked for replaces what the trace shows.
    let calm = try build(
      [
        "--latency", "trace", "--trace", "trace.csv", "--trace-map", "a=b:c=x/y:z",
        "--fault", "small:error=0", "--fault", "small:rate-limited=0%",
      ], data)
    #expect(calm.world.profiles()[0].availability == 1)
  }

  @Test("a fit to a trace")
  func fittedTrace() throws {
    let built = try build([
      "--latency", "fitted", "--trace", "trace.csv", "--trace-map", "large=x/y:z",
    ])
    #expect(built.warnings.contains { $0.contains("large: lognormal fitted to 2 latencies") })
    // The trace's failures come with it.
    #expect(built.world.profiles()[0].availability < 0.8)
  }

  @Test("faults of all candidates come first, one candidate's own win")
  func faults() throws {
    let built = try build([
      "--fault", "small:error=0", "--fault", "all:error=100%", "--fault", "all:error-latency=3ms",
    ])
    #expect(
      built.world.call(row: 0, candidate: 0, attempt: 0, at: nil, timeout: nil).failure == nil)
    #expect(
      built.world.call(row: 0, candidate: 1, attempt: 0, at: nil, timeout: nil)
        == Call(latency: 3000, failure: .error))
    #expect(built.warnings == ["candidate large: of 100 first calls, 100 error"])
    let down = try build([
      "--fault", "large:outage=0.4-60%", "--fault", "large:refusal-latency=2s",
      "--fault", "large:outage=1970-01-01T00:00:00Z/1970-01-01T00:00:00.1Z",
    ])
    #expect(down.warnings == ["candidate large: of 100 first calls, 22 outage"])
    #expect(
      down.world.call(row: 1, candidate: 1, attempt: 0, at: nil, timeout: nil)
        == Call(latency: 2_000_000, failure: .outage))
    let slow = try build(["--fault", "small:slow=1x10"])
    #expect(
      slow.world.call(row: 0, candidate: 0, attempt: 0, at: nil, timeout: nil).latency == 1_000_000)
  }

  @Test("a rate limit goes by the rows' times, or by arrivals that are given")
  func rateLimit() throws {
    // 20 rows a second.
    let own = try build(["--fault", "large:rate-limit=5/s"])
    #expect(own.warnings == ["candidate large: of 100 first calls, 75 rate_limited"])
    let timeless = Self.dataset(9, times: false)
    #expect(
      refusal(["--fault", "large:rate-limit=5/s"], timeless).contains("9 of 9 rows have none"))
    let given = try build(
      ["--fault", "large:rate-limit=5/min", "--arrivals", "arrivals.csv"], timeless)
    #expect(given.inputs.map(\.role) == ["arrivals"])
    #expect(given.warnings == ["candidate large: of 9 first calls, 4 rate_limited"])
    #expect(given.world.arrival(of: 4) == 40_000)
    let never = try build(["--fault", "large:rate-limit=500/s"])
    #expect(never.warnings.contains { $0.contains("never reached") })
    let past = try build([
      "--fault", "large:outage=2001-01-01T00:00:00Z/2001-01-02T00:00:00Z",
    ])
    #expect(past.warnings.contains { $0.contains("no row arrives during its outage") })
  }

  @Test("rows are replayed at the arrivals that the world counts by")
  func timed() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try folder.write("arrivals.csv", "t_ms\n0\n10\n20\n")
    let options = try WorldOptions.parse([
      "--arrivals", "\(folder.path)/arrivals.csv", "--fault", "large:rate-limit=2/s",
    ])
    for data in [Self.dataset(8), Self.dataset(8, times: false)] {
      let timed = try options.timed(data)
      let (world, own) = (try options.world(for: data).world, try options.world(for: timed).world)
      for row in 0..<8 {
        #expect(timed.contexts[row].time?.count == world.arrival(of: row))
        #expect(own.arrival(of: row) == world.arrival(of: row))
        #expect(
          own.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
            == world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil))
      }
      #expect(timed.ids == data.ids && timed.outcomes == data.outcomes)
    }
    let plain = try WorldOptions.parse([])
    #expect(try plain.timed(Self.dataset(8)) == Self.dataset(8))
  }

  @Test("the seed decides the draws")
  func seeds() throws {
    func latencies(_ seed: String) throws -> [Int64] {
      let world = try build(["--latency", "fitted", "--fault-seed", seed]).world
      return (0..<20).map {
        world.call(row: $0, candidate: 0, attempt: 0, at: nil, timeout: nil).latency
      }
    }
    #expect(try latencies("3") == latencies("3"))
    #expect(try latencies("3") != latencies("4"))
  }

  @Test(
    "what is wrong is said with the option and what would be right",
    arguments: [
      (["--latency", "trace"], "--latency trace needs --trace FILE"),
      (["--trace", "trace.csv"], "--trace needs --latency trace"),
      (["--trace-map", "small=x"], "--trace-map needs --trace FILE"),
      (["--latency", "slow"], "slow"),
      (["--latency", "trace", "--trace", "trace.csv"], "--trace-map large=MODEL"),
      (
        ["--latency", "trace", "--trace", "trace.csv", "--trace-map", "large=nope"],
        "dead, small, x/y:z"
      ),
      (
        ["--latency", "trace", "--trace", "trace.csv", "--trace-map", "huge=dead"],
        "the candidates are small, large"
      ),
      (
        ["--latency", "trace", "--trace", "trace.csv", "--trace-map", "large"],
        "expected candidate=model"
      ),
      (
        [
          "--latency", "trace", "--trace", "trace.csv", "--trace-map", "large=dead",
          "--trace-map", "large=x/y:z",
        ], "candidate large is dead already"
      ),
      (
        ["--latency", "trace", "--trace", "trace.csv", "--trace-map", "large=dead"],
        "none of the 1 requests to model dead was answered"
      ),
      (["--latency", "trace", "--trace", "-"], "expected a file"),
      (["--fault", "huge:error=0.1"], "all or one of small, large"),
      (["--fault", "small:error=1.5"], "from 0 to 1"),
      (["--fault", "small:error=nan"], "from 0 to 1"),
      (["--fault", "small:error=-1"], "from 0 to 1"),
      (["--fault", "small:error="], "from 0 to 1"),
      (["--fault", "small"], "error-latency=300ms"),
      (["--fault", "small:crash=1"], "no such setting"),
      (["--fault", "small:error-latency=300"], "with its unit"),
      (["--fault", "small:error-latency=-3s"], "with its unit"),
      (["--fault", "small:refusal-latency=1e99h"], "with its unit"),
      (["--fault", "small:rate-limit=10"], "per s, min, h or d"),
      (["--fault", "small:rate-limit=-1/s"], "per s, min, h or d"),
      (["--fault", "small:outage=0.6-0.4"], "the earlier first"),
      (["--fault", "small:outage=0.4"], "the earlier first"),
      (["--fault", "small:outage=2025-01-31/2025-02-01"], "two times with their zone"),
      (["--fault", "small:slow=0.5"], "slow=0.05x10"),
      (["--fault", "small:slow=0.5xinf"], "slow=0.05x10"),
      (
        ["--fault", "small:error=0.6", "--fault", "small:rate-limited=0.6"], "more than all"
      ),
    ])
  func refusals(_ arguments: [String], _ expected: String) {
    let message = refusal(arguments)
    #expect(message.contains(expected), "\(message)")
  }

  @Test("candidates' names may hold colons: the longest that fits is meant")
  func colons() throws {
    let data = Self.dataset(10, candidates: ["llama", "llama:8b"])
    let built = try build(["--fault", "llama:8b:error=1"], data)
    #expect(built.warnings == ["candidate llama:8b: of 10 first calls, 10 error"])
  }

  @Test(
    "on the published requests: measured shares of refusals, and fits that are called poor",
    .enabled(if: realTrace != nil, "RIDDLE_DATA names no folder"))
  func realRequests() throws {
    let trace = try #require(realTrace)
    let data = Self.dataset(3000, candidates: ["small", "large"])
    let map = [
      "--trace", trace, "--trace-map", "small=lepton/llama-2-7b-chat",
      "--trace-map", "large=groq/llama-2-70b-chat",
    ]
    let built = try WorldOptions.parse(["--latency", "trace"] + map).world(for: data)
    let profiles = built.world.profiles()
    // 20 of 150 requests were answered; four standard errors of 3000 draws are 0.025.
    #expect(abs(profiles[0].availability - 20 / 150.0) < 0.025)
    #expect(profiles[1].availability == 1)
    let p50 = try #require(profiles[1].p50)
    #expect(abs(p50 - 805_000) < 10_000)
    #expect(built.warnings.contains { $0.contains("small") && $0.contains("20 requests") })
    let fitted = try WorldOptions.parse(["--latency", "fitted"] + map).world(for: data)
    // Distances by scipy.stats.kstest: 0.122 and 0.094.
    #expect(fitted.warnings[0].contains("0.122: a poor fit"))
    #expect(fitted.warnings[1].hasSuffix("0.094"))
  }

  @Test("a trace that cannot be read names its file and line")
  func badTrace() {
    #expect {
      try build(
        ["--latency", "trace", "--trace", "trace.csv"], Self.dataset(3),
        trace: "model,latency_ms\na,x\n")
    } throws: {
      let failure = commandFailure($0)
      return failure.status == .malformedData && failure.message.contains("trace.csv: line 2")
    }
  }
}

private let realTrace = ProcessInfo.processInfo.environment["RIDDLE_DATA"].map {
  "\($0)/traces/llmperf_2023_requests.csv.gz"
}
