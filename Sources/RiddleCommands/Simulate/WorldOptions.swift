import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleStore

/// How long calls take and which fail, in a replay.
struct WorldOptions: ParsableArguments {
  /// Where latencies come from.
  enum Latency: String, ExpressibleByArgument, CaseIterable { case log, fitted, trace }

  @Option(
    help:
      "Where latencies come from: log (what the rows say), fitted (a lognormal per candidate, fitted to the log or to --trace), or trace (drawn from --trace, with its failures)."
  )
  var latency: Latency = .log

  @Option(
    help: ArgumentHelp(
      "Measured requests: CSV or CSV.gz with model, latency_ms and perhaps error, or llmperf's table.",
      valueName: "file"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      "Which model of the trace stands for a candidate, such as small=lepton/llama-2-7b-chat. May be repeated.",
      valueName: "candidate=model"))
  var traceMap: [String] = []

  @Option(
    help: ArgumentHelp(
      "What goes wrong, such as small:error=0.05, large:rate-limit=10/s, large:outage=0.4-0.6, all:slow=0.02x10. May be repeated.",
      valueName: "candidate:setting"))
  var fault: [String] = []

  @Option(help: "Seed of drawn latencies and failures.")
  var faultSeed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Arrival times for the rows: CSV or CSV.gz with t_s or t_ms since the trace's start.",
      valueName: "file"))
  var arrivals: String?

  func validate() throws {
    if latency == .trace && trace == nil {
      throw ValidationError("--latency trace needs --trace FILE")
    }
    if latency == .log && trace != nil {
      throw ValidationError(
        "--trace needs --latency trace (its latencies) or fitted (fitted to it)")
    }
    if trace == nil && !traceMap.isEmpty { throw ValidationError("--trace-map needs --trace FILE") }
  }

  /// `data` with the arrivals of `--arrivals` as its rows' times; unchanged without it. A replay must ask at the times that the
  /// world counts its load by, so it is these rows that are replayed. Their world is the one of `data`: arrivals are
  /// given by rank, and ranks stay.
  func timed(_ data: Dataset) throws -> Dataset {
    arrivals == nil
      ? data : data.withTimes(rowTimes(of: data, arrivals: try arrivalOffsets()))
  }

  /// The world that these options describe for `data`.
  ///
  /// - Returns: the world; what its reader must know, missing latencies, quality of fits and share of failing calls among
  ///   it; and the files that were read besides the data.
  /// - Throws: ``CommandFailure`` when the options do not fit the data, `StoreError` when a file is not what it should be.
  func world(for data: Dataset) throws
    -> (world: World, warnings: [String], inputs: [EvaluationReport.Input])
  {
    let table = data.outcomes
    var inputs: [EvaluationReport.Input] = []
    var faults = [CandidateFaults](repeating: .none, count: table.candidates.count)
    let sources: [LatencySource]
    var warnings: [String]
    if let trace {
      let read = try LatencyTrace.read(path: try Self.file(trace, "--trace"))
      inputs.append(try Self.input(trace, role: "trace"))
      let models = try TraceMap(traceMap, candidates: table.candidates, trace: read).models
      (sources, warnings) = try tracedLatencies(models, table, &faults)
    } else if latency == .fitted {
      (sources, warnings) = try fittedLatencies(table)
    } else {
      sources = [LatencySource](repeating: .log, count: table.candidates.count)
      warnings = Self.missingLatencies(table)
    }
    let offsets = try arrivalOffsets()
    if let arrivals { inputs.append(try Self.input(arrivals, role: "arrivals")) }
    let times = rowTimes(of: data, arrivals: offsets)
    try inject(&faults, table.candidates, times)
    let world = World(
      table: table, latency: sources, faults: faults, seed: faultSeed, arrivals: times)
    warnings += Self.failures(of: world, faults, table.candidates)
    return (world, warnings, inputs)
  }

  // MARK: latencies

  /// What the log does not say, per candidate.
  private static func missingLatencies(_ table: OutcomeTable) -> [String] {
    if table.latency.allSatisfy({ $0 == OutcomeTable.missingLatency }) {
      return [
        "latency is missing for every candidate in all rows: waiting is unknown and nothing times out; draw latencies with --latency trace --trace FILE"
      ]
    }
    var warnings: [String] = []
    for (k, name) in table.candidates.enumerated() {
      let column = (0..<table.rowCount).map { table.latency[$0 * table.candidates.count + k] }
      let missing = column.count { $0 == OutcomeTable.missingLatency }
      let zeros = column.count { $0 == 0 }
      if missing == column.count {
        warnings.append(
          "latency is missing for candidate \(name) in all \(missing) rows: its latencies are unknown and never time out; draw them with --latency trace --trace FILE"
        )
      } else if missing > 0 {
        warnings.append(
          "latency is missing for candidate \(name) in \(missing) of \(column.count) rows: those calls' latencies are unknown and never time out; --latency fitted draws one for every call"
        )
      }
      if zeros > 0 {
        warnings.append(
          "latency is 0 for candidate \(name) in \(zeros) of \(column.count) rows: probably not measured"
        )
      }
    }
    return warnings
  }

  private func fittedLatencies(_ table: OutcomeTable) throws -> ([LatencySource], [String]) {
    var sources: [LatencySource] = []
    var warnings: [String] = []
    for (k, name) in table.candidates.enumerated() {
      let usable = (0..<table.rowCount).map { table.latency[$0 * table.candidates.count + k] }
        .filter { $0 > 0 }
      guard let fit = LognormalLatency(fitting: usable) else {
        throw CommandFailure(
          .malformedData,
          "--latency fitted: candidate \(name) has \(usable.count) latencies above 0 in the log's \(table.rowCount) rows, a fit needs 2; fit a trace with --trace FILE"
        )
      }
      if usable.count < table.rowCount {
        warnings.append(
          "latency is missing or 0 for candidate \(name) in \(table.rowCount - usable.count) of \(table.rowCount) rows: the fit is to the others, and draws one for every row"
        )
      }
      sources.append(.lognormal(fit))
      warnings.append(Self.describe(fit, of: name, usable))
    }
    return (sources, warnings)
  }

  /// Latencies of trace models, and their failures into `faults`.
  private func tracedLatencies(
    _ models: [LatencyTrace.Model], _ table: OutcomeTable, _ faults: inout [CandidateFaults]
  ) throws -> ([LatencySource], [String]) {
    var sources: [LatencySource] = []
    var warnings: [String] = []
    for (k, model) in models.enumerated() {
      let name = table.candidates[k]
      switch latency {
      case .fitted:
        guard let fit = LognormalLatency(fitting: model.latencies) else {
          throw CommandFailure(
            .malformedData,
            "--latency fitted: model \(model.name) has \(model.latencies.count) answered requests in the trace, a fit needs 2"
          )
        }
        sources.append(.lognormal(fit))
        warnings.append(Self.describe(fit, of: name, model.latencies))
      case .trace, .log:
        guard !model.latencies.isEmpty else {
          throw CommandFailure(
            .malformedData,
            "--latency trace: none of the \(model.requests) requests to model \(model.name) was answered; map candidate \(name) to another with --trace-map"
          )
        }
        sources.append(.empirical(model.latencies))
        if model.latencies.count < Self.fewLatencies {
          warnings.append(
            "candidate \(name): latencies are drawn from \(model.latencies.count) requests to \(model.name); their tail is not to be relied on"
          )
        }
      }
      faults[k].errorRate = model.errorShare
      faults[k].rateLimitedShare = model.rateLimitedShare
      if !model.errorLatencies.isEmpty {
        faults[k].errorLatency = .empirical(model.errorLatencies)
      }
    }
    return (sources, warnings)
  }

  /// Below this many measurements a p95 rests on fewer than five of them.
  private static let fewLatencies = 100
  /// Kolmogorov–Smirnov distance above which a fit's percentiles are not to be relied on.
  private static let poorFit = 0.1

  private static func describe(_ fit: LognormalLatency, of name: String, _ measured: [Int64])
    -> String
  {
    let distance = fit.ksDistance(to: measured)
    func seconds(_ level: Double) -> String {
      String(format: "%.3g s", fit.quantile(level) / 1e6)
    }
    let text =
      "candidate \(name): lognormal fitted to \(measured.count) latencies, median \(seconds(0.5)), p95 \(seconds(0.95)), p99 \(seconds(0.99)), Kolmogorov-Smirnov distance "
      + String(format: "%.3f", distance)
    return distance > poorFit
      ? text
        + ": a poor fit, its percentiles are not to be relied on; prefer the measured latencies"
      : text
  }

  // MARK: faults

  /// Puts every --fault into `faults`: those of all candidates first, so that one candidate's own wins.
  private func inject(_ faults: inout [CandidateFaults], _ names: [String], _ times: [Int64?])
    throws
  {
    let specs = try fault.map { try FaultSpec($0, candidates: names) }
    let timed = times.count { $0 != nil }
    for spec in specs {
      switch spec.setting {
      case .rateLimit where timed < times.count, .outage(.times) where timed < times.count:
        throw CommandFailure(
          .usage,
          "--fault \(spec.text): goes by the rows' times, and \(times.count - timed) of \(times.count) rows have none; give arrivals with --arrivals FILE"
        )
      default: break
      }
    }
    for spec in specs where spec.candidate == nil {
      for k in faults.indices { spec.apply(to: &faults[k]) }
    }
    for spec in specs { if let k = spec.candidate { spec.apply(to: &faults[k]) } }
    for (k, own) in faults.enumerated() where own.errorRate + own.rateLimitedShare > 1 {
      throw CommandFailure(
        .usage,
        "candidate \(names[k]): \(own.errorRate) of its calls fail and \(own.rateLimitedShare) are refused, more than all; lower error or rate-limited"
      )
    }
  }

  /// What becomes of every candidate's first calls, where something can go wrong.
  private static func failures(
    of world: World, _ faults: [CandidateFaults], _ names: [String]
  ) -> [String] {
    var notes: [String] = []
    for (k, name) in names.enumerated() where !faults[k].isNone {
      var counts: [CallFailure: Int] = [:]
      for row in 0..<world.rowCount {
        let call = world.call(row: row, candidate: k, attempt: 0, at: nil, timeout: nil)
        if let failure = call.failure { counts[failure, default: 0] += 1 }
      }
      let parts = CallFailure.allCases.compactMap { kind in
        counts[kind].map { "\($0) \(kind.rawValue)" }
      }
      notes.append(
        "candidate \(name): of \(world.rowCount) first calls, "
          + (parts.isEmpty ? "none fails" : parts.joined(separator: ", ")))
      let isNeverMet =
        (faults[k].rateLimit != nil && faults[k].rateLimitedShare == 0
          && counts[.rateLimited] == nil)
      if isNeverMet {
        notes.append("candidate \(name): its rate limit is never reached by the rows' arrivals")
      }
      if !faults[k].outages.isEmpty && counts[.outage] == nil {
        notes.append("candidate \(name): no row arrives during its outage")
      }
    }
    return notes
  }

  // MARK: files

  /// The arrivals of `--arrivals`, in µs since the first; none without it.
  private func arrivalOffsets() throws -> [Int64] {
    guard let arrivals else { return [] }
    return try ArrivalTrace.read(path: try Self.file(arrivals, "--arrivals"))
  }

  /// A file that is read twice, for its content and for its checksum: not standard input.
  private static func file(_ path: String, _ option: String) throws -> String {
    if path == "-" { throw CommandFailure(.usage, "\(option) -: expected a file") }
    return path
  }

  private static func input(_ path: String, role: String) throws -> EvaluationReport.Input {
    EvaluationReport.Input(
      role: role, name: URL(fileURLWithPath: path).lastPathComponent,
      sha256: try Files.sha256(ofFile: path))
  }
}
