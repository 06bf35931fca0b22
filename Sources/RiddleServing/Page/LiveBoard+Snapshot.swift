import RiddleData

extension LiveBoard {
  /// Everything the page shows as one line of JSON, at `time`.
  ///
  /// - Parameter decisions: how many of the last ones are listed, newest first; at most 200 are kept.
  /// - Complexity: O(slots · candidates): some hundred microseconds, outside every lock.
  public func snapshot(at time: Microseconds, decisions: Int = 200) -> [UInt8] {
    let state = copy(at: time)
    let decided: Int = state.decisions.reduce(0, +)
    let answered: Int = state.answers.reduce(0, +)
    var json = SnapshotWriter()
    json.open("{")
    json.field("format", 1)
    json.field("time_ms", Int(time.count / 1000))
    json.field("started_ms", Int(state.started / 1000))
    json.field("decisions", decided)
    json.field("answers", answered)
    json.field("failures", state.failures)
    json.field("lost", lost)
    write(state.current, &json)
    let pieces = state.hour.pieces(at: time.count)
    let shown = shownPlaces(state)
    write(shown, state, pieces, &json)
    write(money: state, pieces, &json)
    write(latency: pieces, &json)
    write(drift: state.drift, at: time.count, &json)
    write(slots: pieces, shown, &json)
    write(state.marks, &json)
    json.key("recent")
    json.open("[")
    for decision in state.recent.suffix(max(0, decisions)).reversed() { write(decision, &json) }
    json.close("]")
    json.close("}")
    return json.bytes
  }

  private func write(_ current: Current?, _ json: inout SnapshotWriter) {
    json.key("router")
    guard let current else { return json.null() }
    json.open("{")
    json.field("name", current.name)
    json.field("version", current.version)
    json.field("loaded_ms", Int(current.loaded / 1000))
    json.close("}")
  }

  /// Places of names that are shown: the ladder of now, cheapest first, and whoever was chosen before.
  private func shownPlaces(_ state: State) -> [Int] {
    var places: [Int] = []
    let ladder = (state.current?.candidates ?? []).map {
      state.names.firstIndex(of: $0) ?? LiveTally.mostNames
    }
    for place in ladder + Array(state.decisions.indices)
    where !places.contains(place)
      && (ladder.contains(place) || state.decisions[place] + state.answers[place] > 0)
    {
      places.append(place)
    }
    return places
  }

  private func write(
    _ shown: [Int], _ state: State, _ pieces: [LiveHour.Piece], _ json: inout SnapshotWriter
  ) {
    json.key("candidates")
    json.open("[")
    for place in shown {
      let name = place < state.names.count ? state.names[place] : "others"
      let position = state.current?.candidates.firstIndex(of: name)
      let cost: Int64? = position.flatMap { state.current?.costs[$0] }
      var hour = 0
      for piece in pieces { hour += Int(piece.counts[piece.counts.startIndex + place]) }
      json.open("{")
      json.field("name", LiveDecision.clipped(name))
      json.field("is_current", position != nil)
      json.field("decisions", state.decisions[place])
      json.field("answers", state.answers[place])
      json.field("hour", hour)
      json.field("mean_cost_nanodollars", cost)
      json.close("}")
    }
    json.close("]")
  }

  private func write(
    money state: State, _ pieces: [LiveHour.Piece], _ json: inout SnapshotWriter
  ) {
    func put(_ key: StaticString, _ money: LiveMoney) {
      json.key(key)
      json.open("{")
      json.field("requests", money.requests)
      json.field("spent_nanodollars", money.spent)
      json.field("strongest_nanodollars", money.strongest)
      json.field("saved_nanodollars", money.saved)
      json.close("}")
    }
    var (expected, paid) = (LiveMoney(), LiveMoney())
    for piece in pieces {
      expected.add(piece.expected)
      paid.add(piece.paid)
    }
    json.key("money")
    json.open("{")
    put("expected", state.expected)
    put("paid", state.paid)
    put("expected_hour", expected)
    put("paid_hour", paid)
    json.close("}")
  }

  private func write(latency pieces: [LiveHour.Piece], _ json: inout SnapshotWriter) {
    func put(_ key: StaticString, _ counts: (LiveHour.Piece) -> ArraySlice<UInt32>) {
      var sum = [UInt32](repeating: 0, count: LatencyBins.count)
      for piece in pieces {
        for (bin, count) in counts(piece).enumerated() { sum[bin] += count }
      }
      let total: Int = sum.reduce(0) { $0 + Int($1) }
      json.key(key)
      json.open("{")
      json.field("requests", total)
      json.field("p50_ns", LatencyBins.quantile(0.5, of: sum[...]))
      json.field("p95_ns", LatencyBins.quantile(0.95, of: sum[...]))
      json.field("p99_ns", LatencyBins.quantile(0.99, of: sum[...]))
      json.close("}")
    }
    json.key("latency_hour")
    json.open("{")
    put("deciding") { $0.deciding }
    put("answering") { $0.answering }
    json.close("}")
  }

  private func write(drift: ScoreDrift, at time: Int64, _ json: inout SnapshotWriter) {
    let reading = drift.reading(at: time)
    json.key("drift")
    json.open("{")
    json.field("wanted", ScoreDrift.wanted)
    json.field("reference", drift.referenceCount)
    json.field("compared", reading.compared)
    json.field("psi", reading.index)
    json.field("noise", reading.noise)
    json.key("parts")
    json.open("[")
    for part in reading.parts {
      json.open("[")
      json.value(Int(part.start / 1000))
      json.value(part.index)
      json.close("]")
    }
    json.close("]")
    json.close("}")
  }

  /// Each slot: how many slots ago, times, and counts in the order of `candidates`.
  private func write(
    slots pieces: [LiveHour.Piece], _ shown: [Int], _ json: inout SnapshotWriter
  ) {
    json.field("slot_seconds", Int(LiveHour.width / 1_000_000))
    json.key("slots")
    json.open("[")
    for piece in pieces {
      json.open("[")
      json.value(piece.age)
      json.value(LatencyBins.quantile(0.5, of: piece.deciding))
      json.value(LatencyBins.quantile(0.95, of: piece.deciding))
      json.value(LatencyBins.quantile(0.5, of: piece.answering))
      json.value(LatencyBins.quantile(0.95, of: piece.answering))
      for place in shown { json.value(Int(piece.counts[piece.counts.startIndex + place])) }
      json.close("]")
    }
    json.close("]")
  }

  private func write(_ marks: [Mark], _ json: inout SnapshotWriter) {
    json.key("loads")
    json.open("[")
    for mark in marks {
      json.open("{")
      json.field("time_ms", Int(mark.time / 1000))
      json.field("version", mark.version)
      json.close("}")
    }
    json.close("]")
  }

  private func write(_ decision: LiveDecision, _ json: inout SnapshotWriter) {
    json.open("{")
    json.field("time_ms", Int(decision.time / 1000))
    json.field("kind", decision.isFailed ? "failure" : decision.isAnswer ? "answer" : "decision")
    json.field("candidate", LiveDecision.clipped(decision.candidate))
    json.field("stage", decision.stage)
    json.field("reason", decision.reason)
    json.field("score", decision.score)
    json.field("threshold", decision.threshold)
    json.field("probability", decision.probability)
    json.field("latency_ns", decision.nanoseconds)
    json.field("paid_nanodollars", decision.paid)
    json.field("router_version", decision.version)
    json.field("request_id", decision.id)
    json.key("features")
    json.open("[")
    for feature in decision.features {
      json.open("[")
      json.value(feature.name)
      json.value(feature.contribution)
      json.close("]")
    }
    json.close("]")
    json.close("}")
  }
}

/// Writes JSON and sets the commas.
private struct SnapshotWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  init() { bytes.reserveCapacity(1 << 15) }

  mutating func open(_ bracket: StaticString) {
    separate()
    JSONText.append(bracket, to: &bytes)
    needsComma = false
  }

  mutating func close(_ bracket: StaticString) {
    JSONText.append(bracket, to: &bytes)
    needsComma = true
  }

  mutating func key(_ name: StaticString) {
    separate()
    bytes.append(0x22)
    JSONText.append(name, to: &bytes)
    bytes.append(0x22)
    bytes.append(0x3a)
    needsComma = false
  }

  mutating func null() {
    separate()
    JSONText.append("null", to: &bytes)
  }

  mutating func value(_ number: Int) { value(Int64(number)) }

  mutating func value(_ number: Int64?) {
    guard let number else { return null() }
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  mutating func value(_ number: Double?) {
    separate()
    JSONText.append(number, to: &bytes)
  }

  mutating func value(_ text: String) {
    separate()
    JSONText.append(quoted: text, to: &bytes)
  }

  mutating func field(_ name: StaticString, _ number: Int) {
    key(name)
    value(number)
  }

  mutating func field(_ name: StaticString, _ number: Int64?) {
    key(name)
    value(number)
  }

  mutating func field(_ name: StaticString, _ number: Double?) {
    key(name)
    value(number)
  }

  mutating func field(_ name: StaticString, _ flag: Bool) {
    key(name)
    separate()
    JSONText.append(flag ? "true" : "false", to: &bytes)
  }

  mutating func field(_ name: StaticString, _ text: String?) {
    key(name)
    if let text { value(text) } else { null() }
  }

  private mutating func separate() {
    if needsComma { bytes.append(0x2c) }
    needsComma = true
  }
}
