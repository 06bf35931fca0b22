import Foundation
import RiddleRuntime

/// What the store keeps beside a threshold, as JSON.
struct StoredGuarantee: Codable {
  /// Kind of promise as one word, `none` where nothing is promised: ``RouterDescription/name(_:)``.
  var kind: String
  /// How the threshold was chosen.
  var rule: String?
  /// The promise as a sentence.
  var promise: String?

  /// A clause for people about a threshold of the store.
  static func text(_ json: String?) -> String {
    guard let json, let kept = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else {
      return "nothing is known of a promise"
    }
    let rule = kept.rule.map { "chosen as \(OneLine.of($0)), " } ?? ""
    if kept.kind == RouterDescription.name(.none) { return rule + "nothing promised" }
    return "\(rule)promised (\(OneLine.of(kept.kind)))"
      + (kept.promise.map { ": \(OneLine.of($0))" } ?? "")
  }
}
