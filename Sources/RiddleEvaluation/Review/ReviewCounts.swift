import RiddleData

/// Counts a window of decisions in one pass: what a review is made of.
///
/// Memory depends on the number of candidates and task types, not on that of decisions.
public struct ReviewCounts: Sendable {
  /// What a review wants to know before it counts.
  public struct Plan: Sendable {
    /// Names of the candidates, in any order.
    public var names: [String]
    /// Positions in `names`, cheapest first: the tiers.
    public var ladder: [Int]
    /// Task types that count as complex; nil takes a query for complex when the cheapest candidate is known not to be enough.
    public var complexTasks: Set<String>?
    /// Values below this are low quality.
    public var lowQuality = 0.5

    /// A plan for candidates in a ladder.
    public init(names: [String], ladder: [Int], complexTasks: Set<String>? = nil) {
      self.names = names
      self.ladder = ladder
      self.complexTasks = complexTasks
    }
  }

  /// What satisfaction is measured by.
  enum Basis: Int, CaseIterable { case satisfaction, quality }

  /// A figure that is counted.
  enum Slot: Hashable {
    /// Share of decisions by tier.
    case share(Int)
    /// Worth of a tier's answers.
    case worth(Basis, Int)
    /// Share of a tier's answers of low worth.
    case low(Basis, Int)
    /// Worth of the cheapest tier's answers to complex queries.
    case complexCheap(Basis)
    /// Share of complex queries that went to the cheapest tier.
    case missed
    /// Share of the queries that needed a tier which went there.
    case accuracy(Int)
    /// Mean cost of a tier's decisions, and of all of them.
    case cost(Int?)
    case savings
    case escalated
    /// Mean latency of a tier's answers, in milliseconds.
    case latency(Int)
    /// Worth of the answers to a task type.
    case task(Basis, String)
  }

  /// Most task types that are told apart.
  static let mostTasks = 1000

  let plan: Plan
  private let rank: [Int?]
  private(set) var decisions = 0
  private(set) var units = 0
  private(set) var judged = [0, 0]
  private(set) var complex = 0
  /// Decisions whose costs are mean prices.
  private(set) var expectedCosts = 0
  private(set) var withTruth = 0
  private(set) var unknownTruth = 0
  private var indices: [Slot: Int] = [:]
  private var moments: [RatioMoments] = []
  private var open: [(y: Double, x: Double, rows: Int)] = []
  private var touched: [Int] = []
  private var tasks: Set<String> = []
  private var unit: Int?

  /// Nothing counted yet.
  public init(_ plan: Plan) {
    self.plan = plan
    var rank = [Int?](repeating: nil, count: plan.names.count)
    for (tier, candidate) in plan.ladder.enumerated() { rank[candidate] = tier }
    self.rank = rank
  }

  /// Task types met, by name.
  var taskTypes: [String] { tasks.sorted() }

  /// Counts one decision; those of one unit come one after the other.
  public mutating func add(_ decision: JudgedDecision) {
    // A candidate that came up after the names were read.
    guard decision.candidate < rank.count else { return }
    if decision.unit != unit {
      closeUnit()
      unit = decision.unit
      units += 1
    }
    decisions += 1
    guard let tier = rank[decision.candidate] else { return }
    for k in plan.ladder.indices { put(.share(k), k == tier ? 1 : 0, 1) }
    put(.escalated, decision.wasEscalated ? 1 : 0, 1)
    if let cost = decision.cost {
      if decision.isCostExpected { expectedCosts += 1 }
      put(.cost(nil), Double(cost), 1)
      put(.cost(tier), Double(cost), 1)
      if let saved = decision.saved { put(.savings, Double(saved), Double(cost) + Double(saved)) }
    }
    if let latency = decision.latency { put(.latency(tier), Double(latency) / 1000, 1) }
    var isComplex: Bool?
    if let needed = decision.needed {
      if let right = rank[needed] {
        withTruth += 1
        put(.accuracy(right), right == tier ? 1 : 0, 1)
        isComplex = right > 0
      } else {
        unknownTruth += 1
      }
    }
    if let names = plan.complexTasks {
      isComplex = decision.taskType.map { names.contains($0) }
    }
    if isComplex == true {
      complex += 1
      put(.missed, tier == 0 ? 1 : 0, 1)
    }
    for (basis, value) in [
      (Basis.satisfaction, decision.satisfaction), (.quality, decision.quality),
    ] {
      guard let value else { continue }
      judged[basis.rawValue] += 1
      put(.worth(basis, tier), value, 1)
      put(.low(basis, tier), value < plan.lowQuality ? 1 : 0, 1)
      if isComplex == true && tier == 0 { put(.complexCheap(basis), value, 1) }
      guard let task = decision.taskType else { continue }
      if tasks.contains(task) || tasks.count < Self.mostTasks {
        tasks.insert(task)
        put(.task(basis, task), value, 1)
      }
    }
  }

  /// Nothing more comes.
  public mutating func finish() { closeUnit() }

  /// What was counted of a figure.
  subscript(_ slot: Slot) -> RatioMoments {
    indices[slot].map { moments[$0] } ?? RatioMoments()
  }

  private mutating func put(_ slot: Slot, _ y: Double, _ x: Double) {
    let index: Int
    if let known = indices[slot] {
      index = known
    } else {
      index = moments.count
      indices[slot] = index
      moments.append(RatioMoments())
      open.append((0, 0, 0))
    }
    if open[index].rows == 0 { touched.append(index) }
    open[index].y += y
    open[index].x += x
    open[index].rows += 1
  }

  private mutating func closeUnit() {
    for index in touched {
      moments[index].add(y: open[index].y, x: open[index].x, rows: open[index].rows)
      open[index] = (0, 0, 0)
    }
    touched.removeAll(keepingCapacity: true)
  }
}
