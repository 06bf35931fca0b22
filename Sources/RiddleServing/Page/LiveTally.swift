/// What came in since somebody last looked. Its size does not depend on how much that was.
struct LiveTally: Sendable {
  /// Candidates that are counted by name; later names share the place behind them.
  static let mostNames = 64
  /// Decisions that are kept.
  static let mostRecent = 200

  /// Decisions by name of the candidate.
  private(set) var decisions = [UInt32](repeating: 0, count: Self.mostNames + 1)
  /// Answers of the gateway by name of the candidate.
  private(set) var answers = [UInt32](repeating: 0, count: Self.mostNames + 1)
  /// Requests of the gateway that got no whole answer.
  private(set) var failures = 0
  /// Times of decisions, and of answers, see ``LatencyBins``.
  private(set) var deciding = [UInt32](repeating: 0, count: LatencyBins.count)
  private(set) var answering = [UInt32](repeating: 0, count: LatencyBins.count)
  /// Margins by router ``generation``, see ``ScoreDrift``.
  private(set) var margins = [UInt32](repeating: 0, count: ScoreDrift.bins)
  /// The router that the margins are of.
  private(set) var generation = -1
  /// Decisions at the candidates' mean costs.
  private(set) var expected = LiveMoney()
  /// Answers at what was paid.
  private(set) var paid = LiveMoney()
  /// A ring: ``next`` is the oldest once it is full.
  private var ring: [LiveDecision] = []
  private var next = 0
  /// Whether nothing came.
  private(set) var isEmpty = true

  init() { ring.reserveCapacity(Self.mostRecent) }

  /// Counts a decision or an answer.
  ///
  /// - Parameters:
  ///   - place: of the candidate's name.
  ///   - margin: of the ladder's first step; nil when nothing was scored.
  ///   - strongest: nano-dollars of always asking the strongest.
  mutating func add(
    _ decision: LiveDecision, place: Int, generation: Int, margin: Double?, cost: Int64?,
    strongest: Int64?
  ) {
    isEmpty = false
    let bin = LatencyBins.bin(decision.nanoseconds)
    if decision.isAnswer {
      if decision.isFailed { failures += 1 } else { answers[place] += 1 }
      answering[bin] += 1
      paid.add(cost, strongest: strongest)
    } else {
      decisions[place] += 1
      deciding[bin] += 1
      expected.add(cost, strongest: strongest)
    }
    if let margin, margin.isFinite {
      if self.generation != generation {
        // Another router: what is left of the one before, a second's worth, would be compared with the wrong margins.
        for index in margins.indices { margins[index] = 0 }
        self.generation = generation
      }
      margins[ScoreDrift.bin(margin)] += 1
    }
    if ring.count < Self.mostRecent {
      ring.append(decision)
    } else {
      ring[next] = decision
      next = next + 1 == Self.mostRecent ? 0 : next + 1
    }
  }

  /// The last decisions, oldest first.
  var recent: [LiveDecision] { Array(ring[next...] + ring[..<next]) }

  /// Forgets everything and keeps the memory.
  mutating func clear() {
    if isEmpty { return }
    for index in decisions.indices { decisions[index] = 0 }
    for index in answers.indices { answers[index] = 0 }
    for index in deciding.indices { deciding[index] = 0 }
    for index in answering.indices { answering[index] = 0 }
    for index in margins.indices { margins[index] = 0 }
    failures = 0
    expected = LiveMoney()
    paid = LiveMoney()
    ring.removeAll(keepingCapacity: true)
    next = 0
    isEmpty = true
  }
}
