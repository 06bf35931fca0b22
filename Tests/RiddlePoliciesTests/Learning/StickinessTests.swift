import RiddleData
import Testing

@testable import RiddlePolicies

@Suite("Conversations that stick")
struct StickinessTests {
  @Test("a conversation that started strong stays; one that started weak is passed on")
  func sticks() throws {
    var policy = Stickiness(from: 1)
    func turn(_ conversation: String?) -> Request { request(conversation: conversation) }
    #expect(policy.next(turn("a"), after: []) == nil)
    policy.observe(served(turn("a"), by: 2))
    policy.observe(served(turn("b"), by: 0))
    policy.observe(served(turn("c"), by: 1))
    #expect(policy.next(turn("a"), after: [])?.asked == [2])
    #expect(policy.next(turn("b"), after: []) == nil)
    #expect(policy.next(turn("c"), after: [])?.asked == [1])
    #expect(policy.next(turn(nil), after: []) == nil)
    // The first answer decides: an escalation afterwards does not stick …
    policy.observe(served(turn("b"), by: 2))
    #expect(policy.next(turn("b"), after: []) == nil)
    // … nor does a turn answered by a cheaper one end it.
    policy.observe(served(turn("a"), by: 0))
    #expect(policy.next(turn("a"), after: [])?.asked == [2])
  }

  @Test("with the highest an escalation sticks too")
  func highest() {
    var policy = Stickiness(from: 2, sticksToHighest: true)
    let turn = request(conversation: "a")
    for candidate in [0, 1] { policy.observe(served(turn, by: candidate)) }
    #expect(policy.next(turn, after: []) == nil)
    policy.observe(served(turn, by: 2))
    policy.observe(served(turn, by: 0))
    #expect(policy.next(turn, after: [])?.asked == [2])
  }

  @Test("an error is no start")
  func failures() {
    var policy = Stickiness(from: 0)
    policy.observe(served(request(conversation: "a"), by: 2, failure: .error))
    #expect(policy.next(request(conversation: "a"), after: []) == nil && policy.remembered == 0)
  }

  @Test("memory is bounded, keeps what is written again, and forgets the rest", arguments: 1...9)
  func bounded(capacity: Int) {
    var memory = BoundedMemory<Int>(capacity: capacity)
    for key in 0..<1000 as Range<UInt64> {
      memory.set(7777, to: 1)
      memory.set(key, to: Int(key))
      #expect(memory.count <= max(2, capacity))
      #expect(memory[key] == Int(key))
      if capacity >= 4 { #expect(memory[7777] == 1) }
    }
    #expect(memory[0] == nil)
  }

  @Test("a million conversations leave room for as many as were asked for")
  func conversations() {
    var policy = Stickiness(from: 1, capacity: 50)
    for id in 0..<2_000 { policy.observe(served(request(conversation: "c\(id)"), by: 2)) }
    #expect(policy.remembered <= 50)
    #expect(policy.next(request(conversation: "c1999"), after: [])?.asked == [2])
    #expect(policy.next(request(conversation: "c0"), after: []) == nil)
  }
}
