/// Shares and durations as people write them in options.
enum Amounts {
  /// A share in [0, 1]: `0.05` or `5%`.
  static func share(_ text: some StringProtocol) -> Double? {
    let isPercentage = text.last == "%"
    guard let number = Double(isPercentage ? String(text.dropLast()) : String(text)) else {
      return nil
    }
    let share = isPercentage ? number / 100 : number
    return share >= 0 && share <= 1 ? share : nil
  }

  /// A duration in µs, 0 to 30 days: a number and `us`, `ms`, `s`, `min` or `h`; without a unit none is guessed.
  static func microseconds(_ text: some StringProtocol) -> Int64? {
    let units: [(name: String, microseconds: Double)] = [
      ("us", 1), ("ms", 1e3), ("min", 60e6), ("s", 1e6), ("h", 3600e6),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.name) }),
      let number = Double(String(text.dropLast(unit.name.count)))
    else { return nil }
    let amount = (number * unit.microseconds).rounded()
    return amount >= 0 && amount <= 30 * 86_400e6 ? Int64(amount) : nil
  }
}
