import RiddleData
import RiddlePipeline
import RiddleRuntime

/// A router in readable form: everything but the hashed table and the trees' nodes, which are counted.
struct RouterDescription: Encodable {
  var kind = "router"
  /// Of the file, not of what would be written now.
  var format_version: UInt32
  var bytes: Int
  var sha256: String
  var candidates: [Candidate]
  var model: String
  var heads: [Head]
  var schema: Schema
  var hashed_weights: Int
  var precision: String?
  var nodes: Int?
  var kept_buckets: Int?
  /// The text of the policy file inside.
  var policy: String?
  var probes: Int
  var metadata: [String: String]

  /// The kind of promise as one word.
  static func name(_ guarantee: Router.Threshold.Guarantee) -> String {
    switch guarantee {
    case .none: "none"
    case .meanLoss: "mean-loss"
    case .asymptoticMeanLoss: "asymptotic-mean-loss"
    case .lossShare: "loss-share"
    }
  }

  struct Candidate: Encodable {
    var name: String
    var mean_cost_usd: Double?
    var prices: Prices?
  }

  /// Dollars per million tokens.
  struct Prices: Encodable {
    var input: Double?
    var cached_input: Double?
    var output: Double?

    init?(_ prices: Router.Prices) {
      if prices == .unknown { return nil }
      func dollars(_ count: Int64) -> Double? { count < 0 ? nil : NanoDollars(count).dollars }
      input = dollars(prices.input)
      cached_input = dollars(prices.cachedInput)
      output = dollars(prices.output)
    }
  }

  struct Head: Encodable {
    var above: String
    var threshold: Double
    var guarantee: String
    var probability_at_threshold: Double
    var calibration: String
    var slope: Double
    var offset: Double
    var intercept: Double?
    var dense_weights: [String: Double]?
  }

  struct Schema: Encodable {
    var featurizer_version: UInt16
    var fingerprint: String
    var columns: [String]
    var buckets: Int
    var word_orders: Int
    var characters: String?
  }

  /// - Parameter file: the weight file that `router` was decoded from.
  init(_ router: Router, file: [UInt8]) {
    format_version = WeightFileLayout.statedVersion(of: file.span) ?? WeightFileLayout.version
    bytes = file.count
    sha256 = Files.sha256(file)
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let entries = router.metadata.map { (text($0.key), text($0.value)) }
    metadata = Dictionary(entries, uniquingKeysWith: { first, _ in first })
    if let strings = metadata[RouterMetadata.ngrams] {
      metadata[RouterMetadata.ngrams] = "\(strings.utf8.count) bytes of n-grams behind hash buckets"
    }
    let names = featureNames(router.schema)
    let stored = metadata[RouterMetadata.columns]?.split(separator: "\n").map(String.init) ?? []
    let columns = stored.count == names.count ? stored : names
    candidates = router.candidates.map {
      Candidate(
        name: text($0.name),
        mean_cost_usd: $0.meanCost < 0 ? nil : NanoDollars($0.meanCost).dollars,
        prices: Prices($0.prices))
    }
    let schema = router.schema
    self.schema = Schema(
      featurizer_version: schema.version,
      fingerprint: "0x" + String(schema.fingerprint, radix: 16), columns: columns,
      buckets: schema.usesHashing ? 1 << schema.bucketBits : 0, word_orders: schema.wordOrders,
      characters: schema.characterMinimum > 0
        ? "\(schema.characterMinimum)-\(schema.characterMaximum)" : nil)
    probes = router.probes.count
    policy = router.policy.isEmpty ? nil : text(router.policy)
    var linear: LinearModel?
    switch router.model {
    case .linear(let part):
      model = "logistic"
      linear = part
    case .tree(let tree):
      model = "tree"
      nodes = tree.nodes.count
    case .forest(let forest):
      model = "boosted"
      nodes = forest.nodes.count
    case .stack(let part, let forest):
      model = "stack"
      linear = part
      nodes = forest.nodes.count
    }
    hashed_weights = linear?.hashed.count ?? 0
    kept_buckets = linear?.hashed.keptBuckets?.count
    switch linear?.hashed.storage {
    case .float32(let weights) where !weights.isEmpty: precision = "float32"
    case .float16: precision = "float16"
    case .int8: precision = "int8"
    default: precision = nil
    }
    let isLadder = router.rule == .ladder
    heads = router.thresholds.enumerated().map { head, threshold in
      let (name, slope, offset): (String, Double, Double) =
        switch router.calibration[isLadder ? head : 0] {
        case .identity: ("identity", 1, 0)
        case .platt(let slope, let offset): ("platt", slope, offset)
        case .isotonic(let map): ("isotonic, \(map.margins.count) knots", 1, 0)
        }
      var description = Head(
        above: text(router.candidates[head].name), threshold: threshold.value,
        guarantee: Self.name(threshold.guarantee),
        probability_at_threshold: isLadder
          ? router.calibration[head].probability(ofMargin: threshold.value)
          : min(1, max(0, (1 + threshold.value) / 2)), calibration: name, slope: slope,
        offset: offset)
      if let linear, isLadder {
        description.intercept = linear.intercepts[head]
        description.dense_weights = Dictionary(
          columns.enumerated().map {
            ($1, Double(linear.dense[head * linear.denseCount + $0]))
          }, uniquingKeysWith: { first, _ in first })
      }
      return description
    }
  }
}
