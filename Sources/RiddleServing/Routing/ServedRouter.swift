import RiddleData
import RiddlePipeline
import RiddlePolicies
import RiddleRuntime

/// Everything that decides, at one point in time: a router, a policy, or both over one ladder. Never changes; a reload makes another.
public final class ServedRouter: Sendable {
  /// The trained router; nil when the policy decides without one.
  public let router: Router?
  /// The ladder, cheapest first.
  public let candidates: [String]
  /// SHA-256 of the weight file, or of the policy file where there is no router; 64 hexadecimal digits.
  public let checksum: String
  /// SHA-256 of the policy file; nil without one.
  public let policyChecksum: String?
  /// The first 12 digits of ``checksum``, and behind a plus sign those of a policy beside a router.
  public let version: String
  /// What decisions are logged under.
  public let name: String
  /// The policy; nil when the router alone decides.
  public let policy: LivePolicy?
  /// Where each candidate answers, in the ladder's order; empty without a gateway.
  public let upstreams: [UpstreamTarget]
  /// Whether the policy reads predictions of the router's own heads.
  let predictsByRouter: Bool
  /// Kinds of the policy's stages that read neither the text nor the router's score: they decide queries without text too.
  let stagesWithoutText: Set<String>
  /// Position that answers when the router abstains.
  public let abstainsTo: Int
  /// Expected nano-dollars of a query by candidate; nil unknown.
  public let prices: [Int64?]
  /// Which requests the decisions act on.
  public let exposure: Exposure

  /// Names what moved a decision; nil without a router.
  let explainer: Explainer?
  let quotedNames: [[UInt8]]
  let quotedVersion: [UInt8]
  /// By head: below and at or above its threshold.
  let reasons: [(stays: String, climbs: String)]

  /// A router's parts.
  ///
  /// - Parameters:
  ///   - candidates: the ladder, cheapest first, 2 to 64; the router's own where there is one.
  ///   - abstainsTo: position that answers when there is no text; nil means the strongest.
  ///   - exposure: which requests the decisions act on; nil means all.
  public init(
    router: Router?, candidates: [String], checksum: String, policyChecksum: String? = nil,
    name: String, policy: LivePolicy? = nil, stagesWithoutText: Set<String> = [],
    predictsByRouter: Bool = false, abstainsTo: Int? = nil, upstreams: [UpstreamTarget] = [],
    prices: [Int64?]? = nil, exposure: Exposure? = nil
  ) {
    precondition(
      upstreams.isEmpty || upstreams.count == candidates.count,
      "\(upstreams.count) upstreams for \(candidates.count) candidates")
    precondition(
      candidates.count >= 2 && candidates.count <= 64,
      "a ladder has 2 to 64 candidates, got \(candidates.count)")
    precondition(router != nil || policy != nil, "a router or a policy decides; there is neither")
    self.router = router
    self.candidates = candidates
    self.checksum = checksum
    self.policyChecksum = policyChecksum
    let short = String(checksum.prefix(12))
    version =
      router != nil && policyChecksum != nil
      ? short + "+" + (policyChecksum ?? "").prefix(12) : short
    self.name = name
    self.policy = policy
    self.stagesWithoutText = stagesWithoutText
    self.upstreams = upstreams
    self.predictsByRouter = predictsByRouter
    self.abstainsTo = abstainsTo ?? candidates.count - 1
    self.prices =
      prices
      ?? router.map { $0.candidates.map { $0.meanCost < 0 ? nil : $0.meanCost } }
      ?? candidates.map { _ in nil }
    self.exposure = exposure ?? Exposure(share: 1, control: candidates.count - 1)
    explainer = router.map { Explainer($0) }
    quotedNames = candidates.map { JSONText.quoted($0) }
    quotedVersion = JSONText.quoted(version)
    reasons = candidates.map {
      (
        "margin below the threshold: \($0) is expected to be enough",
        "margin at or above the threshold: \($0) is not expected to be enough"
      )
    }
  }

  /// The ladder's top.
  public var strongest: Int { candidates.count - 1 }

  /// Memory for this router's queries; one per thread.
  public func makeScratch() -> FeatureVector {
    router?.makeScratch() ?? FeatureVector(schema: FeatureSchema(bucketBits: 0, wordOrders: 0))
  }

  /// The request as policies see it, with what the router says of it.
  ///
  /// - Parameter id: the identifier that chance is drawn from.
  public func request(
    _ query: RouteQuery, id: String, scratch: inout FeatureVector
  ) -> Request {
    var request = Request(
      id: id, text: String(decoding: query.text, as: UTF8.self), context: query.context,
      candidateCount: candidates.count)
    guard let router, query.abstention == nil else { return request }
    // The decision is the same one; what is wanted are the features it leaves behind.
    _ = router.decide(query.text.span, context: query.runtimeContext, scratch: &scratch)
    var margins: InlineArray<64, Double> = InlineArray(repeating: 0)
    router.writeStepMargins(scratch, to: &margins)
    request.margins = router.thresholds.indices.map { margins[$0] }
    if router.rule == .ladder {
      request.probability = router.calibration[0].probability(ofMargin: margins[0])
    }
    if predictsByRouter {
      request.predictions = router.calibration.indices.map { head in
        Prediction(
          quality: router.calibration[head].probability(
            ofMargin: router.model.margin(scratch, head: head)))
      }
    }
    return request
  }
}
