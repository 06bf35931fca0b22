import Foundation
import RiddleData
import RiddlePolicies
import RiddleRuntime
import RiddleTestSupport
import Synchronization
import Testing

@testable import RiddleServing

/// Shadow mode and shares of callers.
@Suite struct ExposureTests {
  private func query(_ user: String) -> RouteQuery {
    var query = RouteQuery()
    query.user = user
    query.text = Array("a question".utf8)
    return query
  }

  @Test("a caller stays on its side, and a larger share keeps whoever a smaller one routed")
  func sticky() {
    let users = (0..<20_000).map { query("user \($0)") }
    var routed: Set<Int> = []
    for percent in [0, 1, 10, 50, 90, 100] {
      let exposure = Exposure(share: Double(percent) / 100, control: 2)
      let now = Set(users.indices.filter { exposure.acts(on: users[$0], id: "any \($0)") })
      let again = Set(users.indices.filter { exposure.acts(on: users[$0], id: "other \($0)") })
      #expect(now == again && now.isSuperset(of: routed))
      // Four standard deviations of a binomial count.
      let expected = Double(percent * 200)
      #expect(
        abs(Double(now.count) - expected) <= 4 * (expected * (1 - expected / 20_000)).squareRoot())
      routed = now
    }
    let conversation = Exposure(share: 0.5, control: 0)
    var turns = RouteQuery()
    turns.context.conversation = "c"
    #expect(conversation.acts(on: turns, id: "1") == conversation.acts(on: turns, id: "2"))
  }

  @Test("callers without a name are not one caller")
  func unnamed() throws {
    let exposure = Exposure(share: 0.5, control: 0)
    let found = readQuery(#"{"input":"a question","user":"","metadata":{"user_id":""}}"#)
    let query = try #require(found)
    let routed = (0..<1000).count { exposure.acts(on: query, id: "\($0)") }
    #expect((400...600).contains(routed))
  }

  @Test("in shadow mode the control answers, and the log says what was decided")
  func shadow() throws {
    let router = generatedRouter(kind: .linearFloat, seed: 4)
    let names = router.candidates.map { String(decoding: $0.name, as: UTF8.self) }
    let make = { (share: Double) in
      ServedRouter(
        router: router, candidates: names, checksum: String(repeating: "a", count: 64),
        name: "test", exposure: Exposure(share: share, control: names.count - 1))
    }
    let box = KeptRecords()
    var settings = Decider.Settings(
      now: { 0 }, wallTime: { Microseconds(1_750_000_000_000_000) }, makeID: { "made" })
    settings.keep = { record in box.records.withLock { $0.append(record) } }
    var plain: [String] = []
    for share in [1.0, 0] {
      let slot = RouterSlot()
      slot.replace(by: make(share))
      let decider = Decider(slot: slot, metrics: ServerMetrics(), settings: settings)
      for i in 0..<50 {
        let body = Array(
          "{\"input\":\"Why is row \(i) of the \(i % 7 == 0 ? "proof" : "bill") wrong?\"}".utf8)
        let reply = answer(decider, body)
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])
        let model = try #require(object["model"] as? String)
        if share == 1 {
          #expect(object["arm"] == nil && object["would_be"] == nil)
          plain.append(model)
        } else {
          #expect(model == names.last)
          #expect(object["arm"] as? String == "control")
          #expect(object["would_be"] as? String == plain[i])
        }
      }
    }
    let records = box.records.withLock { $0 }
    #expect(records.count == 100)
    #expect(records[..<50].allSatisfy { !($0.extras ?? "").contains("arm") })
    for (record, name) in zip(records[50...], plain) {
      #expect(record.candidate == names.last && record.stage == "control")
      // It was said of the choice that was held back.
      #expect(record.confidence == nil)
      #expect(record.extras?.contains("\"arm\":\"control\"") == true)
      #expect(record.extras?.contains("\"would_be\":\"\(name)\"") == true)
    }
  }
}

private final class KeptRecords: Sendable {
  let records = Mutex<[DecisionRecord]>([])
}
