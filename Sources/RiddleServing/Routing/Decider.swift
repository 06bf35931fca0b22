import RiddleData
import RiddlePipeline
import RiddlePolicies
import RiddleRuntime
import Synchronization

/// Answers decision requests, one after the other: bytes of a body in, bytes of a response out, nothing awaited.
///
/// Each event loop has its own, since it holds the memory that queries are measured in; its lock is there for whoever breaks that rule.
public final class Decider: Sendable {
  /// What is the same for all deciders of a server.
  public struct Settings: Sendable {
    /// Features that a decision names, largest effect first; 0 names none.
    public var topFeatures = 3
    /// Longest query, in bytes, whose features are named: naming them looks every word up.
    public var longestExplained = 16_384
    /// Most queries in one batch.
    public var largestBatch = 4096
    /// A clock that only goes forward, in nanoseconds.
    public var now: @Sendable () -> Int64
    /// The time since 1970, UTC.
    public var wallTime: @Sendable () -> Microseconds
    /// An identifier for a request without one.
    public var makeID: @Sendable () -> String
    /// Takes decisions for the log; nil without one.
    public var keep: (@Sendable (DecisionRecord) -> Void)?
    /// What the live page shows; nil without one.
    public var live: LiveBoard?

    /// Settings with the caller's clocks.
    public init(
      now: @escaping @Sendable () -> Int64, wallTime: @escaping @Sendable () -> Microseconds,
      makeID: @escaping @Sendable () -> String
    ) {
      self.now = now
      self.wallTime = wallTime
      self.makeID = makeID
    }
  }

  /// What to send back.
  public struct Reply: Equatable, Sendable {
    /// HTTP status.
    public var status: Int
    /// JSON.
    public var body: [UInt8]

    /// A reply.
    public init(status: Int, body: [UInt8]) {
      self.status = status
      self.body = body
    }

    /// An error as JSON, with a next step.
    public static func failure(_ status: Int, _ message: String, next: String) -> Reply {
      var body: [UInt8] = []
      JSONText.append(#"{"error":{"message":"#, to: &body)
      JSONText.append(quoted: message, to: &body)
      JSONText.append(#","next":"#, to: &body)
      JSONText.append(quoted: next, to: &body)
      JSONText.append(#","code":"#, to: &body)
      body.append(contentsOf: String(status).utf8)
      JSONText.append("}}", to: &body)
      return Reply(status: status, body: body)
    }
  }

  private let slot: RouterSlot
  private let metrics: ServerMetrics
  private let settings: Settings
  private let memory: Mutex<Memory?>
  /// Where the live page finds what was decided here.
  private let cell: LiveCell?

  /// What belongs to one version of the router.
  private struct Memory: ~Copyable {
    let served: ServedRouter
    let version: Int
    let series: Int
    let ladder: LiveLadder?
    var scratch: FeatureVector
  }

  /// A decider of the router in `slot`.
  public init(slot: RouterSlot, metrics: ServerMetrics, settings: Settings) {
    self.slot = slot
    self.metrics = metrics
    self.settings = settings
    memory = Mutex(nil)
    cell = settings.live?.makeCell()
  }

  /// Calls `body` with the memory of the router that decides now; nil while the first one is loading.
  private func withMemory<Result>(_ body: (inout Memory) -> Result) -> Result? {
    memory.withLock { (memory: inout Memory?) -> Result? in
      if memory?.version != slot.version {
        guard let fresh = makeMemory() else { return nil }
        memory = consume fresh
      }
      guard var current = memory.take() else { return nil }
      let result = body(&current)
      memory = consume current
      return result
    }
  }

  /// Memory for the router that decides now; nil while the first one is loading.
  private func makeMemory() -> Memory? {
    // Read first: a router that comes between is noticed at the next request.
    let version = slot.version
    guard let served = slot.current else { return nil }
    return Memory(
      served: served, version: version,
      series: metrics.series(
        version: served.version, candidates: served.candidates, checksum: served.checksum),
      ladder: settings.live?.ladder(of: served), scratch: served.makeScratch())
  }

  /// The request as policies see it, with the router that decides now; nil while the first one is loading.
  public func request(_ query: RouteQuery, id: String) -> (served: ServedRouter, request: Request)?
  {
    withMemory { memory in
      (memory.served, memory.served.request(query, id: id, scratch: &memory.scratch))
    }
  }

  /// Answers `POST /v1/route`.
  ///
  /// - Parameter headers: facts of the request's headers, see ``RouteQuery/setHeader(_:to:)``.
  public func route(_ body: Span<UInt8>, headers: (inout RouteQuery) -> Void = { _ in }) -> Reply {
    let start = settings.now()
    var query: RouteQuery
    do throws(BadRequest) {
      query = try RouteQueryReader.read(body)
    } catch {
      return .failure(400, error.message, next: error.next)
    }
    headers(&query)
    return withMemory { memory in
      var out: [UInt8] = []
      out.reserveCapacity(640)
      answer(query, &memory, start: start, to: &out)
      return Reply(status: 200, body: out)
    } ?? Self.loading
  }

  /// Answers `POST /v1/route/batch`: every query by the same version of the router.
  ///
  /// In memory of its own: thousands of queries under the lock would hold up everybody else who decides here. A query keeps its own
  /// identifier; an identifier of the whole request, such as a proxy's, is one of each query with its number behind it.
  public func routeBatch(_ body: Span<UInt8>, headers: (inout RouteQuery) -> Void = { _ in })
    -> Reply
  {
    var queries: [RouteQuery]
    do throws(BadRequest) {
      queries = try RouteQueryReader.readBatch(body, most: settings.largestBatch)
    } catch {
      return .failure(400, error.message, next: error.next)
    }
    for index in queries.indices {
      let own = queries[index].id
      queries[index].id = nil
      headers(&queries[index])
      queries[index].id = own ?? queries[index].id.map { Self.numbered($0, index) }
    }
    guard var memory = makeMemory() else { return Self.loading }
    var out: [UInt8] = []
    out.reserveCapacity(64 + queries.count * 480)
    JSONText.append(#"{"decisions":["#, to: &out)
    for (index, query) in queries.enumerated() {
      if index > 0 { out.append(0x2c) }
      answer(query, &memory, start: settings.now(), waits: true, to: &out)
    }
    JSONText.append(#"],"router_version":"#, to: &out)
    out.append(contentsOf: memory.served.quotedVersion)
    out.append(0x7d)
    return Reply(status: 200, body: out)
  }

  /// The identifier of the query at `index` of a request that has one for all.
  private static func numbered(_ id: String, _ index: Int) -> String {
    let number = "/\(index)"
    return id.cut(to: RouteQuery.longestFact - number.utf8.count) + number
  }

  static let loading = Reply.failure(
    503, "no router is loaded yet", next: "wait until GET /readyz answers 200")

  /// - Parameter waits: whether the live page may be waited for: whoever is on no event loop would rather wait than not be counted.
  private func answer(
    _ query: RouteQuery, _ memory: inout Memory, start: Int64, waits: Bool = false,
    to out: inout [UInt8]
  ) {
    let id = query.id.flatMap { $0.isEmpty ? nil : $0 } ?? settings.makeID()
    let served = memory.served
    var decision = decide(query, id: id, &memory)
    let exposure = served.exposure
    if !exposure.isWhole, !decision.isBinding {
      if exposure.acts(on: query, id: id) {
        decision.arm = .routed
      } else {
        decision.holdBack(for: exposure.control)
      }
    }
    let nanoseconds = settings.now() - start
    metrics.decided(
      series: memory.series, candidate: decision.candidate, score: decision.probability,
      nanoseconds: nanoseconds)
    if let abstention = decision.abstention {
      metrics.add(.fallback, labels: "reason=\"\(abstention.rawValue)\"")
    }
    decision.append(to: &out, served: served, id: id, nanoseconds: nanoseconds)
    if settings.keep == nil && cell == nil { return }
    let time = settings.wallTime()
    if let cell, let ladder = memory.ladder {
      cell.decided(
        decision, ladder: ladder, served: served, id: id, time: time, nanoseconds: nanoseconds,
        waits: waits)
    }
    if let keep = settings.keep {
      keep(decision.record(query, served: served, id: id, time: time, nanoseconds: nanoseconds))
    }
  }

  private func decide(_ query: RouteQuery, id: String, _ memory: inout Memory)
    -> RouteDecision
  {
    let served = memory.served
    if let policy = served.policy { return decide(query, id: id, by: policy, &memory) }
    if let abstention = query.abstention {
      return RouteDecision(
        candidate: served.abstainsTo, stage: "abstained", reason: abstention.explanation,
        abstention: abstention)
    }
    guard let router = served.router else { preconditionFailure("neither router nor policy") }
    let found = router.decide(
      query.text.span, context: query.runtimeContext, scratch: &memory.scratch)
    let climbs = found.candidate > found.head
    let reason = served.reasons[found.head]
    var decision = RouteDecision(
      candidate: found.candidate, stage: "router", reason: climbs ? reason.climbs : reason.stays,
      score: found.margin, probability: found.probability, margin: found.margin,
      threshold: found.threshold,
      confidence: climbs ? found.probability : 1 - found.probability)
    decision.top = topFeatures(query, step: found.head, memory)
    return decision
  }

  /// The policy's first step. A query without text is decided only by stages that read none, such as the user's tier.
  private func decide(
    _ query: RouteQuery, id: String, by policy: LivePolicy, _ memory: inout Memory
  ) -> RouteDecision {
    let served = memory.served
    let request = served.request(query, id: id, scratch: &memory.scratch)
    let step = policy.next(request, after: [])
    let reason = step?.reason ?? Reason("no stage decided", isFlagged: true)
    var candidate = served.strongest
    if case .ask(let ask, _) = step { candidate = ask.candidates.first }
    if let abstention = query.abstention, !reason.isBinding,
      !served.stagesWithoutText.contains(reason.stage)
    {
      return RouteDecision(
        candidate: served.abstainsTo, stage: "abstained", reason: abstention.explanation,
        abstention: abstention)
    }
    var decision = RouteDecision(
      candidate: candidate, stage: reason.stage,
      reason: reason.detail.isEmpty ? reason.stage : reason.detail, score: reason.score,
      probability: request.probability, margin: request.margins.first,
      threshold: reason.threshold,
      confidence: reason.confidence.map { min(1, max(0, $0)) }, propensity: reason.propensity)
    decision.isBinding = reason.isBinding
    if !request.margins.isEmpty {
      let head = min(candidate, served.strongest - 1)
      decision.top = topFeatures(query, step: head, memory)
    }
    return decision
  }

  private func topFeatures(
    _ query: RouteQuery, step: Int, _ memory: borrowing Memory
  ) -> [(name: String, contribution: Double)] {
    guard settings.topFeatures > 0, query.text.count <= settings.longestExplained,
      let explainer = memory.served.explainer
    else { return [] }
    return explainer.largest(
      memory.scratch, text: query.text.span, step: step, limit: settings.topFeatures
    ).map { ($0.feature, $0.contribution) }
  }
}
