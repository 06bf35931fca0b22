/// What a line of the decision log says beyond its columns: an object of JSON.
public struct RecordExtras: Sendable {
  private var members: [(name: String, value: [UInt8])] = []

  /// Nothing.
  public init() {}

  /// Adds a text.
  public mutating func add(_ name: String, _ value: String) {
    members.append((name, JSONText.quoted(value)))
  }

  /// Adds a count.
  public mutating func add(_ name: String, _ value: Int) {
    members.append((name, Array(String(value).utf8)))
  }

  /// Adds yes or no.
  public mutating func add(_ name: String, _ value: Bool) {
    members.append((name, Array((value ? "true" : "false").utf8)))
  }

  mutating func add(arm: Arm?, wouldBe: String?) {
    if let arm { add("arm", arm.rawValue) }
    if let wouldBe { add("would_be", wouldBe) }
  }

  /// The object, names ascending; nil when there is nothing to say.
  public var text: String? {
    if members.isEmpty { return nil }
    var out: [UInt8] = []
    for (index, member) in members.sorted(by: { $0.name < $1.name }).enumerated() {
      out.append(index == 0 ? 0x7b : 0x2c)
      JSONText.append(quoted: member.name, to: &out)
      out.append(0x3a)
      out.append(contentsOf: member.value)
    }
    out.append(0x7d)
    return String(decoding: out, as: UTF8.self)
  }
}
