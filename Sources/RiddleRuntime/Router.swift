/// A trained router: features, model, calibration and thresholds of one weight file. Immutable; any number of
/// threads may share it, each with a ``FeatureVector`` of its own.
public struct Router: Equatable, Sendable {
  /// The features that are read.
  public let schema: FeatureSchema
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
  /// Stored queries with their expected results.
  public let probes: [Probe]
  /// The model card: UTF-8 keys in increasing order, with values.
  public let metadata: [MetadataEntry]

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

    /// A candidate.
    public init(name: [UInt8], meanCost: Int64) {
      self.name = name
      self.meanCost = meanCost
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
    probes: [Probe] = [],
    metadata: [MetadataEntry] = []
  ) {
    self.schema = schema
    self.model = model
    self.calibration = calibration
    self.rule = rule
    self.thresholds = thresholds
    self.candidates = candidates
    self.probes = probes
    self.metadata = metadata
  }

  /// Memory for this router's queries; one per thread.
  public func makeScratch() -> FeatureVector { FeatureVector(schema: schema) }

  /// Decides one query. Once `scratch` has grown to the longest query, nothing is allocated; nothing traps,
  /// whatever the bytes.
  public func decide(
    _ text: Span<UInt8>, context: RequestContext, scratch: inout FeatureVector
  ) -> Decision {
    Featurizer(schema: schema).featurize(text, context: context, into: &scratch)
    return decide(scratch)
  }

  /// Decides one query with its embedding: as many finite numbers as the schema has embedding columns. Another number
  /// of them counts as unknown, and an unknown embedding as the average one; callers that can, refuse it first.
  public func decide(
    _ text: Span<UInt8>, context: RequestContext, embedding: Span<Float>,
    scratch: inout FeatureVector
  ) -> Decision {
    Featurizer(schema: schema).featurize(
      text, context: context, embedding: embedding, into: &scratch)
    return decide(scratch)
  }

  /// Decides from features that were computed already.
  public func decide(_ features: borrowing FeatureVector) -> Decision {
    let last = thresholds.count - 1
    var steps: InlineArray<64, Double> = InlineArray(repeating: 0)
    if case .values = rule { writeStepMargins(features, to: &steps) }
    var step = 0
    while true {
      let margin: Double
      let probability: Double
      switch rule {
      case .ladder:
        margin = model.margin(features, head: step)
        probability = calibration[step].probability(ofMargin: margin)
      case .values:
        margin = steps[step]
        probability = min(1, max(0, (1 + margin) / 2))
      }
      let climbs = margin >= thresholds[step].value
      if !climbs || step == last {
        return Decision(
          candidate: climbs ? step + 1 : step, head: step, margin: margin,
          threshold: thresholds[step].value, probability: probability)
      }
      step += 1
    }
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
