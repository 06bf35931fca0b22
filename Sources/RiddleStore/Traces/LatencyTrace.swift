import RiddleData

/// Measured requests to models: how long each took, and which failed.
///
/// Two tables are read, CSV with a header, plain or gzip; other columns are ignored.
///
/// | table | columns |
/// |---|---|
/// | llmperf (ray-project/llmperf-leaderboard) | `provider`, `model`, `end_to_end_s`, `error_code`, `error_msg`; the trace's model is `provider/model` |
/// | any | `model` (or `candidate`), `latency_ms` (or `latency_s`), perhaps `error` |
///
/// A request failed when `error_code`, `error_msg` or `error` says something: 429 is a rate limit, 408 and 504 a timeout, 503
/// an outage, everything else an error: llmperf's −1 (connection failed) and −100 (fewer tokens than asked for) too. A failed
/// request's latency may be blank; 0 means that it was not measured. An answered one needs a latency above 0.
public struct LatencyTrace: Equatable, Sendable {
  /// The requests to one model.
  public struct Model: Equatable, Sendable {
    /// The model's name in the trace.
    public var name: String
    /// Latencies of answered requests in µs, ascending.
    public var latencies: [Int64] = []
    /// Times in µs until errors, timeouts and outages were known, where measured, ascending. Refusals for the rate are not
    /// among them.
    public var errorLatencies: [Int64] = []
    /// Requests refused for their rate.
    public var rateLimited = 0
    /// Requests that failed otherwise.
    public var errors = 0

    /// All requests.
    public var requests: Int { latencies.count + rateLimited + errors }
    /// Share of requests refused for their rate.
    public var rateLimitedShare: Double { share(rateLimited) }
    /// Share of requests that failed otherwise.
    public var errorShare: Double { share(errors) }

    private func share(_ count: Int) -> Double {
      requests == 0 ? 0 : Double(count) / Double(requests)
    }
  }

  /// The models, by name.
  public var models: [Model]

  /// The requests to `name`.
  public func model(_ name: String) -> Model? { models.first { $0.name == name } }

  /// Reads a trace.
  ///
  /// - Throws: ``StoreError``; a line that is wrong ends the reading, with line and field.
  public static func read(path: String) throws(StoreError) -> LatencyTrace {
    let table = try TraceTable(path: path)
    let layout = try Layout(table)
    var index: [String: Int] = [:]
    var models: [Model] = []
    let count = try table.forEach { record throws(RowError) in
      var name = try record.name(layout.model)
      if let provider = layout.provider { name = try record.name(provider) + "/" + name }
      let failure = try layout.failure(record)
      let latency = try record.microseconds(
        layout.latency, places: layout.places, most: FieldRules.maximumLatency,
        mostText: "30 days")
      if failure == nil, (latency ?? 0) == 0 {
        throw RowError(
          field: table.columns[layout.latency],
          reason: "an answered request needs a latency above 0; a failed one an error")
      }
      let position = index[name] ?? models.count
      if position == models.count {
        index[name] = position
        models.append(Model(name: name))
      }
      switch failure {
      case nil: models[position].latencies.append(latency ?? 0)
      case .rateLimited?: models[position].rateLimited += 1
      case .error?, .timeout?, .outage?:
        models[position].errors += 1
        if let latency, latency > 0 { models[position].errorLatencies.append(latency) }
      }
    }
    guard count > 0 else {
      throw .badFormat(path: path, reason: "has a header and no request; expected one a line")
    }
    for i in models.indices {
      models[i].latencies.sort()
      models[i].errorLatencies.sort()
    }
    return LatencyTrace(models: models.sorted { $0.name < $1.name })
  }

  /// Which columns mean what.
  private struct Layout {
    var provider: Int?
    var model: Int
    var latency: Int
    /// Digits between the latency's unit and µs.
    var places: Int
    /// Numeric codes, or words.
    var error: Int?
    var message: Int?

    init(_ table: TraceTable) throws(StoreError) {
      let seconds = table.index(of: "end_to_end_s", "latency_s")
      guard let model = table.index(of: "model", "candidate"),
        let latency = table.index(of: "latency_ms") ?? seconds
      else {
        let found = table.columns.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
        let isArrivals = ArrivalTrace.column(table) != nil
        throw .badHeader(
          path: table.path, line: 1,
          reason:
            "a latency trace has columns model, latency_ms and perhaps error, or llmperf's provider, model, end_to_end_s, error_code; found \(found)"
            + (isArrivals ? "\n  This is a trace of arrivals: give it as --arrivals." : ""))
      }
      self.model = model
      self.latency = latency
      places = latency == seconds ? 6 : 3
      provider = table.index(of: "provider")
      error = table.index(of: "error_code", "error")
      message = table.index(of: "error_msg")
    }

    /// Why the request failed; nil when it was answered.
    func failure(_ record: TraceRecord) throws(RowError) -> CallFailure? {
      if let error, let text = try record.text(error) {
        if let code = record.integer(error) {
          switch code {
          case 0, 200: break
          case 429: return .rateLimited
          case 408, 504: return .timeout
          case 503: return .outage
          default: return .error
          }
        } else {
          switch text.lowercased() {
          case "false", "ok", "none", "null": break
          case "rate_limited", "rate-limited", "rate limited", "rate_limit", "ratelimit":
            return .rateLimited
          case "timeout", "timed out": return .timeout
          case "outage": return .outage
          default: return .error
          }
        }
      }
      if let message, try record.text(message) != nil { return .error }
      return nil
    }
  }
}
