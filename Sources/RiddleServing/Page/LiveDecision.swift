/// A decision as the live page lists it: what decided and why, and nothing of the query's text.
struct LiveDecision: Sendable {
  /// Microseconds since 1970.
  var time: Int64
  /// Whether a candidate was asked for an answer, rather than only named.
  var isAnswer = false
  /// Whether no whole answer reached the caller.
  var isFailed = false
  var candidate: String
  var stage: String
  var reason: String
  var score: Double?
  var threshold: Double?
  var probability: Double?
  var nanoseconds: Int64
  /// Nano-dollars that were paid; nil for a decision alone, and when unknown.
  var paid: Int64?
  var version: String
  var id: String
  var features: [(name: String, contribution: Double)] = []

  /// Most features that are kept.
  static let mostFeatures = 4

  /// A text of at most `most` bytes: callers choose some of them, and the page's memory is bounded.
  static func clipped(_ text: String, _ most: Int = 96) -> String {
    text.utf8.count <= most ? text : String(decoding: text.utf8.prefix(most), as: UTF8.self) + "…"
  }

  /// What a feature may be called on the page. The name of a word is the word, which is the query's text.
  static func publicName(_ feature: String) -> String {
    feature.utf8.first == UInt8(ascii: "\"") ? "a word" : clipped(feature, 48)
  }
}
