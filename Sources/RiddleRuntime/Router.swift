/// A trained router: features, model, calibration and thresholds of one weight file. Immutable; any number of
/// threads may share it, each with a ``FeatureVector`` of its own.
public struct Router: Equatable, Sendable {
  /// The features that are read.
  public var schema: FeatureSchema { featurizer.schema }
  /// The learned parameters.
  public let model: RouterModel
  /// One map per head from margin to probability.
  public let calibration: [CalibrationMap]
  /// How heads become a position on the ladder.
  public let rule: DecisionRule
  /// One threshold per step of the ladder, on the step's margin.
  public let thresholds: [Threshold]
  /// The ladder, cheapest first; one more than steps.
  public let candidates: [Candidate]
  /// The text of a policy file that uses the router; empty without one.
  public let policy: [UInt8]
  /// Stored queries with their expected results.
  public let probes: [Probe]
  /// The model card: UTF-8 keys in increasing order, with values.
  public let metadata: [MetadataEntry]
  private let featurizer: Featurizer

  /// A cut on a step's margin and the promise it carries.
  public struct Threshold: Equatable, Sendable {
    /// `margin >= value` climbs.
    public let value: Double
    /// What is promised about this threshold.
    public let guarantee: Guarantee

    /// Kinds of promise about the quality lost against always asking the dearest candidate. The metadata say how much, how
    /// sure and about which queries.
    public enum Guarantee: UInt32, Equatable, Sendable {
      /// Nothing is promised.
      case none = 0
      /// The mean loss stays below a limit, with a confidence that holds at any number of rows.
      case meanLoss = 1
      /// The same where only a large number of rows makes the confidence right.
      case asymptoticMeanLoss = 2
      /// The share of queries that lose anything, and so the mean loss too, stays below a limit.
      case lossShare = 3
    }

    /// A threshold.
    public init(value: Double, guarantee: Guarantee = .none) {
      self.value = value
      self.guarantee = guarantee
    }
  }

  /// A candidate of the ladder.
  public struct Candidate: Equatable, Sendable {
    /// UTF-8 name.
    public let name: [UInt8]
    /// Mean cost of a query in the training data, in nano-dollars; negative when unknown.
    public let meanCost: Int64
    /// What its tokens cost.
    public let prices: Prices

    /// A candidate.
    public init(name: [UInt8], meanCost: Int64, prices: Prices = .unknown) {
      self.name = name
      self.meanCost = meanCost
      self.prices = prices
    }
  }

  /// Prices of a million tokens in nano-dollars; −1 where unknown.
  public struct Prices: Equatable, Sendable {
    /// Tokens of the request.
    public let input: Int64
    /// Tokens of the request that the candidate has in its cache.
    public let cachedInput: Int64
    /// Tokens of the answer.
    public let output: Int64

    /// Nothing is known.
    public static let unknown = Prices(input: -1, cachedInput: -1, output: -1)

    /// Prices, none below −1.
    public init(input: Int64, cachedInput: Int64, output: Int64) {
      self.input = input
      self.cachedInput = cachedInput
      self.output = output
    }
  }

  /// One line of the model card.
  public struct MetadataEntry: Equatable, Sendable {
    /// UTF-8 key.
    public let key: [UInt8]
    /// UTF-8 value.
    public let value: [UInt8]

    /// An entry.
    public init(key: [UInt8], value: [UInt8]) {
      self.key = key
      self.value = value
    }
  }

  /// A router from its parts. `calibration` agrees with the model's heads, `thresholds` with `candidates − 1`.
  public init(
    schema: FeatureSchema, model: RouterModel, calibration: [CalibrationMap],
    rule: DecisionRule = .ladder, thresholds: [Threshold], candidates: [Candidate],
    policy: [UInt8] = [], probes: [Probe] = [], metadata: [MetadataEntry] = []
  ) {
    featurizer = Featurizer(schema: schema)
    self.model = model
    self.calibration = calibration
    self.rule = rule
    self.thresholds = thresholds
    self.candidates = candidates
    self.policy = policy
    self.probes = probes
    self.metadata = metadata
  }

  /// The router with other parts; what is not named stays.
  public func replacing(
    model: RouterModel? = nil, thresholds: [Threshold]? = nil, candidates: [Candidate]? = nil,
    policy: [UInt8]? = nil, probes: [Probe]? = nil, metadata: [MetadataEntry]? = nil
  ) -> Router {
    Router(
      schema: schema, model: model ?? self.model, calibration: calibration, rule: rule,
      thresholds: thresholds ?? self.thresholds, candidates: candidates ?? self.candidates,
      policy: policy ?? self.policy, probes: probes ?? self.probes,
      metadata: metadata ?? self.metadata)
  }

  /// Memory for this router's queries; one per thread.
  public func makeScratch() -> FeatureVector { FeatureVector(schema: schema) }

  /// Decides one query. Once `scratch` has grown to the longest query, nothing is allocated; nothing traps,
  /// whatever the bytes.
  @_optimize(speed)
  public func decide(
    _ text: Span<UInt8>, context: RequestContext, scratch: inout FeatureVector
  ) -> Decision {
    featurizer.featurize(text, context: context, into: &scratch)
    return decide(scratch)
  }

  /// Decides one query with its embedding: as many finite numbers as the schema has embedding columns. Another number
  /// of them counts as unknown, and an unknown embedding as the average one; callers that can, refuse it first.
  @_optimize(speed)
  public func decide(
    _ text: Span<UInt8>, context: RequestContext, embedding: Span<Float>,
    scratch: inout FeatureVector
  ) -> Decision {
    featurizer.featurize(
      text, context: context, embedding: embedding, into: &scratch)
    return decide(scratch)
  }

  /// Decides from features that were computed already.
  @_optimize(speed)
  public func decide(_ features: borrowing FeatureVector) -> Decision {
    switch rule {
    case .ladder:
      let last = thresholds.count - 1
      var step = 0
      while true {
        let margin = model.margin(features, head: step)
        let threshold = thresholds[step].value
        let climbs = margin >= threshold
        // Whether it is the last step is foreseen, whether it climbs is not.
        if step == last || !climbs {
          return Decision(
            candidate: climbs ? step + 1 : step, head: step, margin: margin, threshold: threshold,
            probability: calibration[step].probability(ofMargin: margin))
        }
        step += 1
      }
    case .values: return decideByValues(features)
    }
  }

  @inline(never)
  private func decideByValues(_ features: borrowing FeatureVector) -> Decision {
    let last = thresholds.count - 1
    var steps: InlineArray<64, Double> = InlineArray(repeating: 0)
    writeStepMargins(features, to: &steps)
    var step = 0
    while steps[step] >= thresholds[step].value && step < last { step += 1 }
    let margin = steps[step]
    let climbs = margin >= thresholds[step].value
    return Decision(
      candidate: climbs ? step + 1 : step, head: step, margin: margin,
      threshold: thresholds[step].value, probability: min(1, max(0, (1 + margin) / 2)))
  }

  /// Margins of the ladder's steps, one per candidate but the dearest, written to the front of `steps`: what the
  /// thresholds cut.
  public func writeStepMargins(
    _ features: borrowing FeatureVector, to steps: inout InlineArray<64, Double>
  ) {
    let heads = model.headCount
    switch rule {
    case .ladder:
      for head in 0..<heads { steps[head] = model.margin(features, head: head) }
    case .values(let values):
      var p: InlineArray<64, Double> = InlineArray(repeating: 0)
      for head in 0..<heads { p[head] = model.margin(features, head: head) }
      writeProbabilities(of: p, link: values.link, to: &p)
      values.writeSteps(probabilities: p, headCount: heads, to: &steps)
    }
  }

  /// Calibrated probability of every head's outcome from the heads' margins.
  public func writeProbabilities(
    of margins: InlineArray<64, Double>, link: OutcomeValues.Link,
    to p: inout InlineArray<64, Double>
  ) {
    let heads = calibration.count
    switch link {
    case .independent:
      for head in 0..<heads { p[head] = calibration[head].probability(ofMargin: margins[head]) }
    case .softmax:
      var largest = -Double.infinity
      for head in 0..<heads {
        p[head] = margins[head]
        if case .platt(let slope, let offset) = calibration[head] {
          p[head] = slope * margins[head] + offset
        }
        if p[head] > largest { largest = p[head] }
      }
      var sum = 0.0
      for head in 0..<heads {
        p[head] = exponential(p[head] - largest)
        sum += p[head]
      }
      for head in 0..<heads { p[head] /= sum }
    }
  }

  /// The first probe whose features or margins differ from what the writer stored; nil when all agree.
  public func firstFailingProbe() -> Int? {
    var scratch = makeScratch()
    for (index, probe) in probes.enumerated() {
      Featurizer(schema: schema).featurize(
        probe.text.span, context: probe.context, into: &scratch)
      if scratch.fingerprint != probe.featureFingerprint { return index }
      for head in 0..<model.headCount
      where model.margin(scratch, head: head).bitPattern != probe.margins[head].bitPattern {
        return index
      }
    }
    return nil
  }
}
