import RiddleStore

/// Which model of a trace stands for which candidate.
struct TraceMap {
  /// One per candidate, in the order of the ladder.
  let models: [LatencyTrace.Model]

  /// Resolves `--trace-map` entries; a candidate without one needs a model of its own name.
  init(_ entries: [String], candidates: [String], trace: LatencyTrace) throws {
    let listed = trace.models.map(\.name).joined(separator: ", ")
    var chosen: [Int: String] = [:]
    for entry in entries {
      guard entry.contains("=") else {
        throw CommandFailure(
          .usage, "--trace-map \(entry): expected candidate=model; the trace has \(listed)")
      }
      // Names may hold "=": the longest candidate that fits is meant.
      let fitting = candidates.indices.filter { entry.hasPrefix(candidates[$0] + "=") }
      guard let k = fitting.max(by: { candidates[$0].count < candidates[$1].count }) else {
        throw CommandFailure(
          .usage,
          "--trace-map \(entry): no such candidate; the candidates are \(candidates.joined(separator: ", "))"
        )
      }
      if let other = chosen[k] {
        throw CommandFailure(
          .usage, "--trace-map \(entry): candidate \(candidates[k]) is \(other) already")
      }
      chosen[k] = String(entry.dropFirst(candidates[k].count + 1))
    }
    models = try candidates.enumerated().map { k, name in
      if let model = trace.model(chosen[k] ?? name) { return model }
      let given = chosen[k].map { "--trace-map \(name)=\($0): the trace has no model \($0)" }
      throw CommandFailure(
        .usage,
        (given
          ?? "the trace has no model called \(name); say which stands for it with --trace-map \(name)=MODEL")
          + "\n  Its models: \(listed)")
    }
  }
}
