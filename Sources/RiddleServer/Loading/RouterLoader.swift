import Crypto
import Foundation
import RiddleData
import RiddlePipeline
import RiddlePolicies
import RiddlePolicyFiles
import RiddleRuntime
import RiddleServing
import RiddleTrust

/// Reads a weight file and a policy file, and proves them before anything is served by them.
struct RouterLoader: Sendable {
  let settings: ServerSettings

  /// The files that are read. The policy file is asked for its router, since it may name another one now.
  func paths() -> [String] {
    var router = settings.router
    if router == nil, let path = settings.policy,
      let bytes = try? Self.read(path, what: "policy file", most: 1 << 20),
      let document = try? PolicyDocument(text: String(decoding: bytes, as: UTF8.self), path: path)
    {
      router = document.routerPath.map(besidePolicy)
    }
    let file = router.map(Self.weightFile)
    let signature = settings.publicKeys.isEmpty ? nil : file.map { $0 + RouterSignature.fileSuffix }
    return [settings.policy, file, signature].compactMap { $0 }
  }

  /// Reads, decodes and replays the probes inside the weight file.
  ///
  /// - Parameter before: what is served now: a policy that has learned is kept when no byte of what makes it changed.
  func load(replacing before: ServedRouter? = nil) throws -> ServedRouter {
    var document: PolicyDocument?
    var policyBytes: [UInt8]?
    if let path = settings.policy {
      let bytes = try Self.read(path, what: "policy file", most: 1 << 20)
      policyBytes = bytes
      document = try PolicyDocument(text: String(decoding: bytes, as: UTF8.self), path: path)
    }
    let routerPath = settings.router ?? document?.routerPath.map(besidePolicy)
    let upstreams = try document?.upstreams() ?? []
    guard let routerPath else {
      guard let document, let policyBytes else {
        throw LoadError("neither a router nor a policy is named; name a weight file")
      }
      return try withoutRouter(document, policyBytes, upstreams, before)
    }
    let file = Self.weightFile(routerPath)
    let bytes = try Self.read(file, what: "weight file", most: WeightFileLayout.maximumLength)
    try checkSignature(bytes, of: file)
    let router = try Self.decode(bytes, path: file)
    let candidates = router.candidates.map { String(decoding: $0.name, as: UTF8.self) }
    let checksum = Self.sha256(bytes)
    let policyChecksum = policyBytes.map(Self.sha256)
    let ordered = try Self.ordered(upstreams, candidates: candidates, path: settings.policy ?? "")
    let name = document?.name ?? Self.name(of: router, path: file)
    var policy: LivePolicy?
    var plan: PolicyPlan?
    if let document {
      var facts = facts(candidates, ordered)
      facts.prices = zip(facts.prices, router.candidates).map { $1.meanCost < 0 ? $0 : $1.meanCost }
      if router.rule == .ladder { facts.thresholds = router.thresholds.map(\.value) }
      let read = try document.plan(candidates: candidates, name: name)
      try check(read, router: router, path: document.path)
      plan = read
      let isSame = before?.checksum == checksum && before?.policyChecksum == policyChecksum
      policy = isSame ? before?.policy : nil
      if policy == nil { policy = LivePolicy(read.policy(facts)) }
    }
    return ServedRouter(
      router: router, candidates: candidates, checksum: checksum,
      policyChecksum: policyChecksum, name: name, policy: policy,
      stagesWithoutText: Self.stagesWithoutText(plan), predictsByRouter: plan?.predictor != nil,
      abstainsTo: try abstention(candidates), upstreams: try targets(ordered),
      exposure: try exposure(candidates))
  }

  private func withoutRouter(
    _ document: PolicyDocument, _ bytes: [UInt8], _ upstreams: [UpstreamEntry],
    _ before: ServedRouter?
  ) throws -> ServedRouter {
    let candidates = upstreams.map(\.candidate)
    guard (2...64).contains(candidates.count) else {
      throw LoadError(
        "\(document.path): without a router the ladder is what upstreams: names, cheapest first; it names \(candidates.count), name 2 to 64"
      )
    }
    let name = document.name ?? "policy"
    let plan = try document.plan(candidates: candidates, name: name)
    try check(plan, router: nil, path: document.path)
    let checksum = Self.sha256(bytes)
    let kept = before?.checksum == checksum ? before?.policy : nil
    return ServedRouter(
      router: nil, candidates: candidates, checksum: checksum, policyChecksum: checksum,
      name: name, policy: kept ?? LivePolicy(plan.policy(facts(candidates, upstreams))),
      stagesWithoutText: Self.stagesWithoutText(plan), abstainsTo: try abstention(candidates),
      upstreams: try targets(upstreams), exposure: try exposure(candidates))
  }

  // MARK: proofs

  /// Over the very bytes that are decoded after it; keys are read each time, so that they can be exchanged.
  private func checkSignature(_ bytes: [UInt8], of file: String) throws {
    guard !settings.publicKeys.isEmpty else { return }
    let keys = try settings.publicKeys.map {
      try SigningKeys.publicKey(
        try Self.read($0, what: "public key", most: SigningKeys.mostBytes), path: $0)
    }
    let path = file + RouterSignature.fileSuffix
    let isSigned = FileManager.default.fileExists(atPath: path)
    try RouterSignature(
      beside: file,
      isSigned ? try Self.read(path, what: "signature", most: RouterSignature.mostBytes) : nil
    ).check(bytes, of: file, against: keys)
  }

  /// What a server cannot know is refused when it starts, not when the first request needs it.
  private func check(_ plan: PolicyPlan, router: Router?, path: String) throws {
    if plan.needs.router && router == nil {
      throw LoadError("\(path): a stage needs a router; name one with router: FILE")
    }
    switch plan.predictor {
    case nil:
      if plan.needs.predictions {
        throw LoadError("\(path): a stage needs predictions; say predict: {with: router}")
      }
    case .router:
      guard let router, case .values(let values) = router.rule, values.link == .independent,
        router.calibration.count == router.candidates.count
      else {
        throw LoadError(
          "\(path): the router does not predict each candidate's success; train one with --target success"
        )
      }
    case .segments, .neighbours:
      throw LoadError(
        "\(path): predict: {with: segments} and {with: neighbours} are fitted on a log, which a server has not; say {with: router}"
      )
    }
  }

  private static func stagesWithoutText(_ plan: PolicyPlan?) -> Set<String> {
    Set((plan?.stages ?? []).filter { !$0.needs.text && !$0.needs.router }.map(\.kind))
  }

  private func abstention(_ candidates: [String]) throws -> Int? {
    try settings.abstainTo.map { try position(of: $0, option: "--abstain-to", candidates) }
  }

  private func exposure(_ candidates: [String]) throws -> Exposure {
    let control = try settings.control.map { try position(of: $0, option: "--control", candidates) }
    return Exposure(share: settings.share, control: control ?? candidates.count - 1)
  }

  private func position(of name: String, option: String, _ candidates: [String]) throws -> Int {
    guard let index = candidates.firstIndex(of: name) else {
      throw LoadError(
        "\(option) \(name): no such candidate; the candidates are \(candidates.joined(separator: ", "))",
        .settings)
    }
    return index
  }

  /// The upstreams with their keys out of the environment.
  private func targets(_ upstreams: [UpstreamEntry]) throws -> [UpstreamTarget] {
    try upstreams.map { entry in
      var key: String?
      if let variable = entry.keyVariable {
        key = ProcessInfo.processInfo.environment[variable]
        guard let key, !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
          throw LoadError(
            "upstream '\(entry.candidate)': the environment variable \(variable) holds no key; set it, or leave key_env out",
            .settings)
        }
      }
      return UpstreamTarget(
        address: entry.baseURL + "/chat/completions", model: entry.model, key: key,
        timeout: entry.timeout, concurrency: entry.concurrency, inputPrice: entry.inputPrice,
        outputPrice: entry.outputPrice)
    }
  }

  private func facts(_ candidates: [String], _ upstreams: [UpstreamEntry]) -> PolicyFacts {
    var facts = PolicyFacts.unknown(candidates: candidates)
    if !upstreams.isEmpty { facts.speeds = upstreams.map(\.speed) }
    return facts
  }

  /// The upstreams in the ladder's order; every candidate has one, or none has.
  private static func ordered(
    _ upstreams: [UpstreamEntry], candidates: [String], path: String
  ) throws -> [UpstreamEntry] {
    if upstreams.isEmpty { return [] }
    if let stranger = upstreams.first(where: { !candidates.contains($0.candidate) }) {
      throw LoadError(
        "\(path): upstream '\(stranger.candidate)' is no candidate of the router; the candidates are \(candidates.joined(separator: ", "))"
      )
    }
    return try candidates.map { name in
      guard let entry = upstreams.first(where: { $0.candidate == name }) else {
        throw LoadError("\(path): candidate '\(name)' has no upstream; add one under upstreams:")
      }
      return entry
    }
  }

  // MARK: files

  private func besidePolicy(_ path: String) -> String {
    guard !path.hasPrefix("/"), let policy = settings.policy else { return path }
    return URL(fileURLWithPath: policy).deletingLastPathComponent().appendingPathComponent(path)
      .path
  }

  static func weightFile(_ path: String) -> String {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? path + "/router.riddle" : path
  }

  private static func read(_ path: String, what: String, most: Int) throws -> [UInt8] {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw LoadError(
        "\(path): \(what) cannot be read; check the path and its permissions",
        .missing)
    }
    guard data.count <= most else {
      throw LoadError("\(path): \(data.count) bytes are too many for a \(what), at most \(most)")
    }
    return Array(data)
  }

  private static func decode(_ bytes: [UInt8], path: String) throws -> Router {
    let router: Router
    do throws(WeightFileError) {
      router = try Router(decoding: bytes.span)
    } catch {
      throw LoadError("\(path): \(RefusedFile.describe(error, bytes))")
    }
    if let probe = router.firstFailingProbe() {
      throw LoadError(
        "\(path): probe \(probe) of \(router.probes.count) gives another score than when it was written; export it again"
      )
    }
    return router
  }

  private static func name(of router: Router, path: String) -> String {
    let key = Array(RouterMetadata.name.utf8)
    if let entry = router.metadata.first(where: { $0.key == key }), !entry.value.isEmpty {
      return String(decoding: entry.value, as: UTF8.self)
    }
    return URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }

  static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
