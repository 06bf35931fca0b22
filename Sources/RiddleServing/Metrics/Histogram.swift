/// Counts of values by upper bound, as Prometheus keeps them.
struct Histogram: Sendable {
  /// Inclusive upper bounds, increasing; what lies above them all is counted in ``count`` alone.
  let bounds: [Double]
  /// Values in each bucket that lie in no lower one.
  private(set) var counts: [Int]
  /// Values in all.
  private(set) var count = 0
  /// Their sum.
  private(set) var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count)
  }

  mutating func observe(_ value: Double) {
    count += 1
    sum += value
    for index in bounds.indices where value <= bounds[index] {
      counts[index] += 1
      return
    }
  }

  /// Appends the lines of `name` in Prometheus' text format, version 0.0.4.
  ///
  /// - Parameter labels: further labels, as `key="value",` with the comma; empty for none.
  func append(_ name: String, labels: String = "", to out: inout String) {
    var total = 0
    for (bound, count) in zip(bounds, counts) {
      total += count
      out += "\(name)_bucket{\(labels)le=\"\(bound)\"} \(total)\n"
    }
    out += "\(name)_bucket{\(labels)le=\"+Inf\"} \(count)\n"
    let only = labels.isEmpty ? "" : "{\(labels.dropLast())}"
    out += "\(name)_sum\(only) \(sum)\n\(name)_count\(only) \(count)\n"
  }
}
