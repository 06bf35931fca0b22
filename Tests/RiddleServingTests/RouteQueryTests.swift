import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleServing

/// Request bodies as clients send them, and as attackers do.
@Suite("Request bodies")
struct RouteQueryTests {
  private func read(_ json: String) throws(BadRequest) -> RouteQuery {
    try RouteQuery(reading: Array(json.utf8).span)
  }

  private func text(_ query: RouteQuery) -> String { String(decoding: query.text, as: UTF8.self) }

  @Test("the last message of a user is the query, and its turn is counted")
  func lastUserMessage() throws {
    let query = try read(
      #"{"model":"auto","stream":true,"messages":[{"role":"system","content":"s"},{"role":"user","content":"one"},"#
        + #"{"role":"assistant","content":"no"},{"content":"two \u00e9\n\ud83d\ude20","role":"user"},{"role":"tool","content":"x"}]}"#
    )
    #expect(text(query) == "two é\n😠")
    #expect(query.context.turn == 2)
    #expect(query.model == "auto")
    #expect(query.isStream)
    #expect(query.abstention == nil)
  }

  @Test("text parts are joined, other parts are noticed")
  func parts() throws {
    let query = try read(
      #"{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}},{"type":"input_text","text":"b"},"c"]}]}"#
    )
    #expect(text(query) == "a\nb\nc")
    #expect(query.hasOtherParts)
    #expect(query.abstention == nil)
    let image = try read(
      #"{"messages":[{"role":"user","content":"first"},{"role":"user","content":[{"type":"image_url"}]}]}"#
    )
    #expect(image.abstention == .noText)
    #expect(try read(#"{"input":" \n"}"#).abstention == .emptyText)
  }

  @Test("metadata, user and identifiers are facts; nested values are not")
  func facts() throws {
    let query = try read(
      #"{"input":"q","user":"u","request_id":7,"metadata":{"user_tier":"premium","turn":3,"workflow":"w","flag":true,"n":1.50,"deep":{"a":[1]},"none":null}}"#
    )
    #expect(query.user == "u")
    #expect(query.id == "7")
    #expect(query.context.userTier == "premium")
    #expect(query.context.turn == 3)
    #expect(query.context.metadata == ["workflow": "w", "flag": "true", "n": "1.50"])
  }

  @Test("a name with escapes is the name that it spells")
  func escapedNames() throws {
    let query = try read(
      #"{"m\u006fdel":"small","messages":[{"r\u006fle":"us\u0065r","cont\u0065nt":"hidden"}],"us\u0065rs":"no","x":"\u0075ser"}"#
    )
    #expect(query.model == "small" && text(query) == "hidden" && query.user == nil)
  }

  @Test("nobody in particular is nobody, and identifiers have an end")
  func identities() throws {
    #expect(try read(#"{"input":"q","user":"","id":""}"#).user == nil)
    #expect(try read(#"{"input":"q","user":"","id":""}"#).id == nil)
    let long = String(repeating: "é", count: 600)
    let named = try read("{\"input\":\"q\",\"user\":\"x\(long)\",\"id\":\"\(long)\"}")
    // The cut never tears a character: 1023 bytes, not 1024 with half of one.
    #expect(named.user == "x" + String(repeating: "é", count: 511))
    #expect(named.id == String(repeating: "é", count: 512))
    let digits = String(repeating: "7", count: 3000)
    #expect(try read("{\"input\":\"q\",\"id\":\(digits)}").id?.utf8.count == 1024)
    var query = try read(#"{"input":"q"}"#)
    query.setHeader("x-request-id", to: long)
    #expect(query.id?.utf8.count == 1024)
  }

  @Test("headers mean what they say, others nothing")
  func headers() throws {
    var query = try read(#"{"input":"q"}"#)
    query.setHeader("x-model-tier", to: "premium")
    query.setHeader("x-conversation-id", to: "c")
    query.setHeader("x-riddle-override", to: "large")
    query.setHeader("x-other", to: "no")
    #expect(query.context.metadata == ["x-model-tier": "premium", "override": "large"])
    #expect(query.context.conversation == "c")
  }

  @Test("messages win over a plain input, in any order")
  func messagesWin() throws {
    #expect(
      text(try read(#"{"input":"easy","messages":[{"role":"user","content":"hard"}]}"#)) == "hard")
    #expect(
      text(try read(#"{"messages":[{"role":"user","content":"hard"}],"input":"easy"}"#)) == "hard")
  }

  @Test(
    "what is not strict JSON with a query is refused",
    arguments: [
      "", " ", "{", "}", "[]", "null", "1", "\"a\"", "{}", #"{"input":}"#, #"{"input":"a"}}"#,
      #"{"input":"a",}"#, #"{"input" "a"}"#, #"{input:"a"}"#, #"{"input":"a","input":"b"}"#,
      #"{"messages":[],"messages":[]}"#, #"{"input":"\ud800"}"#, #"{"input":"\udc00\ud800"}"#,
      #"{"input":"\u12"}"#, #"{"input":"\q"}"#, "{\"input\":\"a\u{1}\"}", #"{"input":01}"#,
      #"{"input":"a","x":01}"#, #"{"input":"a","x":1.}"#, #"{"input":"a","x":-}"#,
      #"{"input":"a","x":1e}"#, #"{"input":"a","x":tru}"#, #"{"input":"a","x":+1}"#,
      #"{"messages":{"role":"user"}}"#, #"{"messages":[1]}"#, #"{"input":"a","stream":"yes"}"#,
      #"{"model":"riddle","mod\u0065l":"most-expensive","input":"a"}"#,
      #"{"messages":[],"\u006dessages":[{"role":"user","content":"a"}]}"#,
    ])
  func refused(_ json: String) {
    #expect(throws: BadRequest.self) { try RouteQuery(reading: Array(json.utf8).span) }
  }

  @Test("containers are walked 64 deep and no deeper")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      #"{"input":"a","x":"# + String(repeating: "[", count: depth)
        + String(repeating: "]", count: depth) + "}"
    }
    #expect(text(try read(nested(63))) == "a")
    #expect(throws: BadRequest.self) { try read(nested(64)) }
    #expect(throws: BadRequest.self) { try read(nested(100_000)) }
  }

  @Test("bytes that are no UTF-8 are refused")
  func invalidUTF8() {
    let bytes = Array(#"{"input":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8)
    #expect(throws: BadRequest.self) { try RouteQuery(reading: bytes.span) }
  }

  @Test("any damage to a good body is read or refused, and never traps")
  func damage() {
    let good = Array(
      #"{"messages":[{"role":"user","content":[{"type":"text","text":"a\u00e9"},{"type":"x"}]}],"metadata":{"a":1.5e3,"b":null}}"#
        .utf8)
    var random = SplitMix64(seed: 3)
    var readable = 0
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0...random.below(3) where !bytes.isEmpty {
        switch random.below(3) {
        case 0: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: random.below(bytes.count))
        default: bytes = Array(bytes.prefix(random.below(bytes.count) + 1))
        }
      }
      if (try? RouteQuery(reading: bytes.span)) != nil { readable += 1 }
    }
    #expect(readable > 100 && readable < 19_900)
  }
}
