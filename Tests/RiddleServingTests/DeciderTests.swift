import Foundation
import RiddleData
import RiddlePolicies
import RiddleRuntime
import RiddleTestSupport
import Synchronization
import Testing

@testable import RiddleServing

/// Decisions as bytes.
@Suite("Decisions")
struct DeciderTests {
  /// Keeps what it is given.
  private final class Kept: Sendable {
    let records = Mutex<[DecisionRecord]>([])
  }

  private struct Reply: Decodable {
    var model: String
    var tier: Int
    var score: Double?
    var probability: Double?
    var threshold: Double?
    var stage: String
    var router_version: String
    var abstained: Bool
    var request_id: String
    var latency_us: Double
  }

  private struct BatchReply: Decodable {
    var decisions: [Reply]
    var router_version: String
  }

  private static let candidates = ["c0", "c1", "c2"]

  private func served(_ router: Router?, checksum: String = "a", policy: LivePolicy? = nil)
    -> ServedRouter
  {
    ServedRouter(
      router: router, candidates: Self.candidates,
      checksum: String(repeating: checksum, count: 64), name: "test", policy: policy,
      stagesWithoutText: ["user_tier"])
  }

  private func decider(_ slot: RouterSlot, _ metrics: ServerMetrics, kept: Kept? = nil) -> Decider {
    final class Box: Sendable {
      let clock = Atomic<Int64>(0)
    }
    let box = Box()
    var settings = Decider.Settings(
      now: { box.clock.add(1500, ordering: .relaxed).newValue },
      wallTime: { Microseconds(1_750_000_000_000_000) }, makeID: { "made" })
    if let kept {
      settings.keep = { record in kept.records.withLock { $0.append(record) } }
    }
    return Decider(slot: slot, metrics: metrics, settings: settings)
  }

  private func decode(_ reply: Decider.Reply) throws -> Reply {
    #expect(reply.status == 200)
    return try JSONDecoder().decode(Reply.self, from: Data(reply.body))
  }

  private func decode(batch reply: Decider.Reply) throws -> BatchReply {
    #expect(reply.status == 200)
    return try JSONDecoder().decode(BatchReply.self, from: Data(reply.body))
  }

  private func body(_ text: String) throws -> [UInt8] {
    Array(try JSONEncoder().encode(["input": text]))
  }

  /// What the runtime alone decides.
  private func decisions(_ router: Router, _ texts: [String]) -> [Decision] {
    var scratch = router.makeScratch()
    return texts.map {
      router.decide(Array($0.utf8).span, context: RequestContext(), scratch: &scratch)
    }
  }

  @Test("a decision over HTTP has the bits of the runtime's", arguments: GeneratedKind.allCases)
  func sameBits(_ kind: GeneratedKind) throws {
    let router = generatedRouter(kind: kind, seed: 4)
    let decider = decider(RouterSlot(served(router)), ServerMetrics())
    let texts = generatedTexts(200, seed: 9).filter { $0.contains { $0 > 0x20 } }
      .compactMap { String(validating: $0, as: UTF8.self) }
    #expect(texts.count > 100)
    for (text, expected) in zip(texts, decisions(router, texts)) {
      let reply = try decode(answer(decider, try body(text)))
      #expect(reply.score?.bitPattern == expected.margin.bitPattern)
      #expect(reply.probability?.bitPattern == expected.probability.bitPattern)
      #expect(reply.tier == expected.candidate)
      #expect(reply.model == Self.candidates[expected.candidate])
    }
  }

  @Test("nothing is decided before a router is loaded")
  func loading() throws {
    let decider = decider(RouterSlot(), ServerMetrics())
    #expect(answer(decider, try body("a")).status == 503)
    #expect(batch(decider, Array(#"{"inputs":["a"]}"#.utf8)).status == 503)
  }

  @Test("a router that is replaced decides the next request, and a batch sees one")
  func replaces() throws {
    let slot = RouterSlot(served(generatedRouter(kind: .linearFloat, seed: 1), checksum: "a"))
    let metrics = ServerMetrics()
    let decider = decider(slot, metrics)
    #expect(try decode(answer(decider, try body("a"))).router_version == "aaaaaaaaaaaa")
    slot.replace(by: served(generatedRouter(kind: .tree, seed: 2), checksum: "b"))
    #expect(try decode(answer(decider, try body("a"))).router_version == "bbbbbbbbbbbb")
    let text = metrics.text(log: nil, inFlight: 0)
    #expect(text.contains(#"router_version="aaaaaaaaaaaa"} 1"#))
    #expect(text.contains(#"router_version="bbbbbbbbbbbb"} 1"#))
    let several = Array(#"{"inputs":["a","b",{"input":"c"}]}"#.utf8)
    for checksum in ["c", "d"] {
      slot.replace(by: served(generatedRouter(kind: .linearFloat, seed: 3), checksum: checksum))
      let reply = try decode(batch: batch(decider, several))
      #expect(reply.router_version == String(repeating: checksum, count: 12))
      #expect(reply.decisions.count == 3)
      #expect(Set(reply.decisions.map(\.router_version)) == [reply.router_version])
    }
  }

  @Test("queries of a batch keep their identifiers, and share nobody else's")
  func batchIdentifiers() throws {
    let kept = Kept()
    let decider = decider(
      RouterSlot(served(generatedRouter(kind: .linearFloat, seed: 1))), ServerMetrics(), kept: kept)
    let json = Array(#"{"inputs":["a",{"id":"own","input":"b"},{"id":"","input":"c"}]}"#.utf8)
    let long = String(repeating: "p", count: 2000)
    for (proxy, first, last) in [
      ("p", "p/0", "p/2"), (nil, "made", "made"),
      (long, String(long.prefix(1022)) + "/0", String(long.prefix(1022)) + "/2"),
    ] as [(String?, String, String)] {
      let answered = batch(decider, json) { query in
        if let proxy { query.setHeader("x-request-id", to: proxy) }
      }
      let found = try decode(batch: answered).decisions.map(\.request_id)
      #expect(found == [first, "own", last])
      #expect(kept.records.withLock { $0.suffix(3).map(\.requestID) } == found)
    }
  }

  @Test("without text the strongest is taken and the reason is counted")
  func abstains() throws {
    let metrics = ServerMetrics()
    let decider = decider(
      RouterSlot(served(generatedRouter(kind: .linearFloat, seed: 1))), metrics)
    let reply = try decode(answer(decider, try body(" ")))
    #expect(reply.abstained)
    #expect(reply.model == "c2")
    #expect(reply.score == nil)
    #expect(
      metrics.text(log: nil, inFlight: 0).contains(
        #"riddle_fallback_total{reason="empty_text"} 1"#))
  }

  @Test("a policy's stages that read no text decide without one, its others abstain")
  func policyWithoutText() throws {
    var policy = StagedPolicy(
      name: "p",
      stages: [UserTier(tiers: ["free": 0]), PromptLength(threshold: 10)], fallback: 1)
    policy.partNames = ["user_tier", "length"]
    let decider = decider(
      RouterSlot(served(nil, policy: LivePolicy(policy))), ServerMetrics())
    func route(_ json: String) throws -> Reply { try decode(answer(decider, Array(json.utf8))) }
    let free = try route(#"{"input":"","metadata":{"user_tier":"free"}}"#)
    #expect(free.model == "c0" && !free.abstained && free.stage == "user_tier")
    let unknown = try route(#"{"input":""}"#)
    #expect(unknown.model == "c2" && unknown.abstained)
    let long = try route(#"{"input":"more than ten characters"}"#)
    #expect(long.model == "c2" && !long.abstained && long.stage == "length")
  }

  @Test("the log gets what was answered")
  func logs() throws {
    let kept = Kept()
    let decider = decider(
      RouterSlot(served(generatedRouter(kind: .linearFloat, seed: 1))), ServerMetrics(), kept: kept)
    let json = #"{"id":"mine","input":"hello","user":"u","metadata":{"conversation":"c","turn":2}}"#
    let reply = try decode(answer(decider, Array(json.utf8)))
    let record = try #require(kept.records.withLock { $0.first })
    #expect(record.requestID == "mine" && reply.request_id == "mine")
    #expect(record.candidate == reply.model)
    #expect(record.score == reply.score)
    #expect(record.text == "hello")
    #expect(record.userID == "u" && record.conversation == "c" && record.turn == 2)
    #expect(record.decidedIn == 1500 && reply.latency_us == 1.5)
    #expect(try decode(answer(decider, try body("x"))).request_id == "made")
  }
}
