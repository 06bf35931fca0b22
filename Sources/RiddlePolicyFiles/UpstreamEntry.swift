import RiddlePolicies
import Yams

/// Where a candidate of the ladder answers, as the section `upstreams` of a policy file says it. A replay does not read it; a server does.
///
///     upstreams:                       # cheapest first
///       small:
///         base_url: http://127.0.0.1:9001/v1
///         key_env: SMALL_KEY           # name of the environment variable with the key, never the key
///         model: small-2026-05         # its name at the upstream
///         input_usd_per_million: 0.15
///         output_usd_per_million: 0.60
///       large: {base_url: "https://llm.example/v1", key_env: LARGE_KEY}
public struct UpstreamEntry: Equatable, Sendable {
  /// The candidate.
  public var candidate: String
  /// Address before `/chat/completions`, without a slash at its end.
  public var baseURL: String
  /// Environment variable that holds the key; nil sends none.
  public var keyVariable: String?
  /// The candidate's name at the upstream.
  public var model: String
  /// Microseconds until an answer is complete, or for a stream until it begins.
  public var timeout: Int64
  /// Calls at the same time; what comes beyond fails as if the upstream had refused it.
  public var concurrency: Int
  /// Nano-dollars of a million tokens of the request; nil when unknown.
  public var inputPrice: Int64?
  /// Nano-dollars of a million tokens of the answer; nil when unknown.
  public var outputPrice: Int64?
  /// Its usual speed, for policies that choose by it.
  public var speed: CandidateSpeed

  init(candidate: String, _ settings: Settings) throws(PolicyFileError) {
    self.candidate = candidate
    var url = try settings.text(
      "base_url", default: "", "address before /chat/completions, http or https")
    while url.hasSuffix("/") { url.removeLast() }
    guard settings.node == nil || url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw settings.failure(
        at: "base_url", "base_url must be an address such as https://llm.example/v1")
    }
    baseURL = url
    keyVariable = try settings.optionalText(
      "key_env", "environment variable with the key; left out: no key is sent")
    model = try settings.text(
      "model", default: candidate, "the candidate's name at the upstream; left out: the same")
    timeout = try settings.milliseconds(
      "timeout_ms", default: 60_000, "time for an answer, or for the beginning of a stream")
    concurrency = try settings.integer(
      "concurrency", default: 64, in: 1...100_000, "calls at the same time")
    inputPrice = try settings.optionalNumber(
      "input_usd_per_million", in: 0...1e6, "price of a million tokens read"
    ).map { Int64(($0 * 1e9).rounded()) }
    outputPrice = try settings.optionalNumber(
      "output_usd_per_million", in: 0...1e6, "price of a million tokens written"
    ).map { Int64(($0 * 1e9).rounded()) }
    speed = CandidateSpeed(
      p50: try settings.optionalMilliseconds("p50_ms", "median latency, for latency policies"),
      p95: try settings.optionalMilliseconds("p95_ms", "95th percentile of latency, for the same"),
      availability: try settings.number(
        "availability", default: 1, in: 0...1, "share of calls that are answered, for the same"))
    try settings.finish("an upstream")
  }

  /// Settings of one upstream, for documentation and for the schema.
  public static var fields: [SettingsField] {
    let settings = Settings(nil, path: "", names: CandidateNames(nil))
    _ = try? UpstreamEntry(candidate: "", settings)
    return settings.fields
  }

  /// Every upstream of the file, in its order.
  static func read(_ node: Node, path: String) throws(PolicyFileError) -> [UpstreamEntry] {
    guard let mapping = node.mapping, !mapping.isEmpty else {
      throw PolicyFileError(
        path: path, line: node.mark?.line, column: node.mark?.column,
        reason: "upstreams must map candidates to {base_url: …}")
    }
    var entries: [UpstreamEntry] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string, !name.isEmpty, value.mapping != nil else {
        throw PolicyFileError(
          path: path, line: value.mark?.line, column: value.mark?.column,
          reason: "an upstream is a candidate with {base_url: …}")
      }
      entries.append(
        try UpstreamEntry(
          candidate: name, Settings(value, path: path, names: CandidateNames(nil))))
    }
    return entries
  }
}
