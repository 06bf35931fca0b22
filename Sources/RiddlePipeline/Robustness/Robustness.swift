import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// What is done to a router's queries.
public struct RobustnessPlan: Equatable, Sendable {
  /// Families of perturbations that are applied.
  public var families = Set(Perturbation.Family.allCases)
  /// Tokens of a gadget; 0 searches none.
  public var gadgetTokens = 10
  /// Tokens that are tried at each step of the search.
  public var candidatesPerStep = 64
  /// Most queries that a gadget is searched on; the other half of the data judges it.
  public var searchQueries = 400
  /// Passes that exchange tokens after the last was appended.
  public var passes = 2
  /// Distinct units in which a token of the data must occur.
  public var support = GadgetVocabulary.minimumSupport
  /// What counts as one in intervals; nil takes conversations, groups that are families, or near-duplicates.
  public var unit: ResamplingUnit?
  /// Coverage of the intervals.
  public var confidence = 0.95
  /// Seed of typos, prefixes and of the halves.
  public var seed: UInt64 = 1

  /// The documented defaults.
  public init() {}

  /// Prefixes of random tokens that a gadget is compared with.
  public static let randomPrefixes = 20
  /// Fewest queries of each half for a gadget.
  public static let minimumHalf = 10
}

/// Applies perturbations to the queries of `data` and searches gadgets, and says what moves.
///
/// - Parameters:
///   - name: the router's, for the report.
///   - rows: which queries these are, in words.
///   - hasOutcomes: whether the outcomes of `data` are the router's candidates'; without them costs and qualities stay
///     undefined.
///   - paraphrases: other texts of a query by its identifier.
///   - progress: told what is being done and how many decisions were made of it.
/// - Returns: the same report at any number of threads.
public func measureRobustness(
  of router: Router, name: String, on data: Dataset, rows: String, hasOutcomes: Bool,
  paraphrases: [String: [String]] = [:], plan: RobustnessPlan,
  progress: ((String, Int) -> Void)? = nil
) -> RobustnessReport {
  let data = data.withDuplicateKeys()
  let meter = RouteMeter(router, data)
  let (clusters, unit) = robustnessUnits(data, by: plan.unit)
  let outcomes = hasOutcomes ? data.outcomes : nil
  let before = meter.routes { meter.texts[$0] }.map { $0 ?? 0 }
  var report = RobustnessReport(
    router: name, candidates: router.candidates.map { String(decoding: $0.name, as: UTF8.self) },
    rows: rows, queries: data.count,
    shares: router.candidates.indices.map { k in
      Double(before.count { $0 == k }) / Double(max(1, before.count))
    }, unit: unit, confidence: plan.confidence, seed: plan.seed)
  if !router.schema.embeddingMeans.isEmpty {
    report.warnings.append(
      "the router reads embeddings, and those of the changed texts are unknown: every query keeps its own, so the routes look steadier than they are"
    )
  }
  if Set(before).count == 1 {
    report.warnings.append(
      "every query goes to \(report.candidates[before.first ?? 0]): routes that never differ cannot change much"
    )
  }

  var isSteady = [Bool](repeating: true, count: data.count)
  var appliesBenign = false
  let ids = data.ids
  let texts = data.texts
  for perturbation in Perturbation.allCases where plan.families.contains(perturbation.family) {
    progress?(perturbation.rawValue, data.count)
    let after = meter.routes { i in
      let text = perturbation.apply(to: texts[i], id: ids[i], seed: plan.seed)
      return text.utf8.elementsEqual(texts[i].utf8) ? nil : Array(text.utf8)
    }
    report.changes.append(
      RouteChanges(
        perturbation.rawValue, family: perturbation.family, before: before, after: after,
        outcomes: outcomes, clusters: clusters, confidence: plan.confidence))
    if perturbation.family.isBenign {
      appliesBenign = true
      for i in after.indices { if let route = after[i], route != before[i] { isSteady[i] = false } }
    }
  }
  if plan.families.contains(.paraphrase), !paraphrases.isEmpty {
    let changes = paraphraseChanges(
      meter, data, before: before, outcomes: outcomes, clusters: clusters,
      paraphrases: paraphrases, plan: plan)
    // Benign ones stand before hostile ones.
    let place = report.changes.firstIndex { !$0.family.isBenign } ?? report.changes.count
    report.changes.insert(changes, at: place)
    if changes.queries == 0 {
      report.warnings.append(
        "no paraphrase belongs to an attacked query: their ids must be those of the data")
    }
  }
  if appliesBenign {
    report.everyBenign = clusteredShare(
      isSteady, clusters: clusters, confidence: plan.confidence)
  }
  if plan.gadgetTokens > 0 {
    attackWithGadgets(
      meter, data, before: before, outcomes: outcomes, clusters: clusters, plan: plan,
      report: &report, progress: progress)
  }
  return report
}

/// The unit of every row: as ``resamplingUnits(_:by:)`` says, and families of near-duplicates where that is every query by
/// itself and nobody asked for it.
private func robustnessUnits(
  _ data: Dataset, by unit: ResamplingUnit?
) -> (clusters: [Int], name: String) {
  let (clusters, name) = resamplingUnits(data, by: unit)
  if let clusters { return (clusters, name) }
  if unit == .query { return (Array(0..<data.count), name) }
  return (data.duplicateClusters, "family of near-duplicates")
}

private func paraphraseChanges(
  _ meter: RouteMeter, _ data: Dataset, before: [Int], outcomes: OutcomeTable?, clusters: [Int],
  paraphrases: [String: [String]], plan: RobustnessPlan
) -> RouteChanges {
  var rows: [Int] = []
  var after: [Int?] = []
  for k in 0..<(paraphrases.values.map(\.count).max() ?? 0) {
    let ids = data.ids
    let texts = data.texts
    let routes = meter.routes { i in
      guard let list = paraphrases[ids[i]], k < list.count,
        !list[k].utf8.elementsEqual(texts[i].utf8)
      else { return nil }
      return Array(list[k].utf8)
    }
    for i in routes.indices where routes[i] != nil {
      rows.append(i)
      after.append(routes[i])
    }
  }
  return RouteChanges(
    "paraphrases", family: .paraphrase, before: rows.map { before[$0] }, after: after,
    outcomes: outcomes?.rows(rows), clusters: rows.map { clusters[$0] },
    confidence: plan.confidence)
}

/// Searches a prefix for each direction on one half of the units and judges it on the other.
private func attackWithGadgets(
  _ meter: RouteMeter, _ data: Dataset, before: [Int], outcomes: OutcomeTable?, clusters: [Int],
  plan: RobustnessPlan, report: inout RobustnessReport, progress: ((String, Int) -> Void)?
) {
  let isSearched = clusters.map { unit in
    StableHash.mixed(UInt64(bitPattern: Int64(unit)) &+ StableHash.mixed(plan.seed)) & 1 == 0
  }
  let half = data.texts.indices.filter { isSearched[$0] }
  let judged = data.texts.indices.filter { !isSearched[$0] }
  guard min(half.count, judged.count) >= RobustnessPlan.minimumHalf else {
    report.warnings.append(
      "no gadget was searched: the halves that search and judge have \(half.count) and \(judged.count) queries of different units, at least \(RobustnessPlan.minimumHalf) each are needed"
    )
    return
  }
  let families = data.duplicateClusters
  let vocabulary = GadgetVocabulary(
    texts: half.map { data.texts[$0] },
    partitions: [half.map { families[$0] }, half.map { clusters[$0] }], support: plan.support
  ).tokens
  let searched = GadgetSearch.spread(half, limit: plan.searchQueries)
  let units = judged.map { clusters[$0] }
  let routes = judged.map { before[$0] }
  let last = report.candidates.count - 1
  let table = outcomes?.rows(judged)
  let random = randomPrefixes(vocabulary, plan).map { meter.routes(prefix: $0, rows: judged) }
  for direction in GadgetAttack.Direction.allCases {
    let search = GadgetSearch(
      meter: meter, rows: searched, vocabulary: vocabulary, length: plan.gadgetTokens,
      candidates: plan.candidatesPerStep, passes: plan.passes, direction: direction)
    let found = search.found { progress?("\(direction.rawValue) gadget", $0) }
    let after = meter.routes(prefix: GadgetSearch.bytes(found.tokens), rows: judged)
    let canMove = routes.indices.filter {
      direction == .upgrade ? routes[$0] < last : routes[$0] > 0
    }
    func moves(_ after: [Int]) -> [Bool] {
      canMove.map { direction == .upgrade ? after[$0] > routes[$0] : after[$0] < routes[$0] }
    }
    func share(_ isCounted: [Bool], _ units: [Int]) -> Figure {
      clusteredShare(isCounted, clusters: units, confidence: plan.confidence)
    }
    let movable = canMove.map { units[$0] }
    let changes = RouteChanges(
      direction.rawValue, family: .hostile, before: routes, after: after, outcomes: table,
      clusters: units, confidence: plan.confidence)
    report.gadgets.append(
      GadgetAttack(
        direction: direction, tokens: found.tokens, searchQueries: searched.count,
        judgedQueries: judged.count, attackable: canMove.count,
        moved: share(moves(after), movable),
        movedAtRandom: share(
          random.flatMap(moves), random.flatMap { _ in movable }),
        shareBefore: share(routes.map { $0 > 0 }, units),
        shareAfter: share(after.map { $0 > 0 }, units), dollars: changes.dollars,
        quality: changes.quality, decisions: found.decisions))
  }
}

/// Prefixes of random tokens that a gadget is compared with.
private func randomPrefixes(_ vocabulary: [String], _ plan: RobustnessPlan) -> [[UInt8]] {
  var stream = SplitMix64(seed: plan.seed, stream: "random gadgets")
  return (0..<RobustnessPlan.randomPrefixes).map { _ in
    GadgetSearch.bytes(
      (0..<plan.gadgetTokens).map { _ in vocabulary[stream.below(vocabulary.count)] })
  }
}
