import RiddlePolicyFiles

/// A setting and the values it takes: `threshold=0:1:0.05` or `gate.threshold=0.5,0.7,0.9`.
struct SweepSpec: Equatable {
  let setting: String
  let values: [Double]

  /// Most values of one sweep.
  static let mostValues = 1000

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw CommandFailure(
        .usage,
        "--sweep \(text): expected SETTING=FROM:TO:STEP or SETTING=VALUE,VALUE,…, for example threshold=0:1:0.05"
      )
    }
    setting = parts[0]
    if parts[1].contains(":") {
      let ends = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
      guard ends.count == 3, let from = ends[0], let to = ends[1], let step = ends[2],
        from.isFinite, to.isFinite, step.isFinite, step > 0, to >= from
      else {
        throw CommandFailure(
          .usage, "--sweep \(text): expected FROM:TO:STEP with FROM ≤ TO and STEP above 0")
      }
      let count = ((to - from) / step + 1e-9).rounded(.down) + 1
      guard count <= Double(Self.mostValues) else {
        throw CommandFailure(
          .usage, "--sweep \(text): \(Int(min(count, 1e9))) values; at most \(Self.mostValues)")
      }
      // Multiples of the step, rounded to twelve digits: 0.15, not 0.15000000000000002.
      values = (0..<Int(count)).map { ((from + Double($0) * step) * 1e12).rounded() / 1e12 }
    } else {
      let list = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      guard !list.isEmpty, list.count <= Self.mostValues,
        list.allSatisfy({ $0?.isFinite ?? false })
      else { throw CommandFailure(.usage, "--sweep \(text): expected numbers after =") }
      values = list.compactMap { $0 }
    }
  }

  /// The change that sets one value.
  func override(_ value: Double) -> PolicyOverride { PolicyOverride(key: setting, value: value) }
}
