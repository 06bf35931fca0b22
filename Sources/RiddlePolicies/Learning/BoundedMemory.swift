/// A dictionary that forgets: two generations of at most half the capacity; what was not written again since the last change of
/// generation but one is dropped. O(1), deterministic.
struct BoundedMemory<Value: Sendable & Equatable>: Equatable, Sendable {
  private let half: Int
  private var young: [UInt64: Value] = [:]
  private var old: [UInt64: Value] = [:]

  /// Room for `capacity` entries, at least 2.
  init(capacity: Int) { half = max(1, capacity / 2) }

  /// The value of a key.
  subscript(key: UInt64) -> Value? { young[key] ?? old[key] }

  /// Writes a value.
  mutating func set(_ key: UInt64, to value: Value) {
    if young.count >= half && young[key] == nil {
      old = young
      young = [:]
    }
    young[key] = value
  }

  /// Number of entries, those that would be forgotten next included.
  var count: Int { young.count + old.keys.count { young[$0] == nil } }
}
