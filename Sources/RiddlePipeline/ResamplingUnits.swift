import RiddleData

/// What is resampled together, because its rows depend on one another.
public enum ResamplingUnit: String, CaseIterable, Sendable {
  /// Queries of one conversation.
  case conversation
  /// Queries of one group. Few large groups make wide intervals: they say what other groups would do.
  case group
  /// Every query by itself.
  case query

  /// Conversations where rows name them, groups where these are families of near-duplicates, else single queries.
  static func suggested(for data: Dataset) -> ResamplingUnit {
    if data.contexts.contains(where: { $0.conversation != nil }) { return .conversation }
    return SplitUnit.suggested(for: data.contexts) == .group ? .group : .query
  }
}

/// The unit of every row, numbered by first row, and what a unit is; nil for single queries. Rows without the field
/// stand for themselves.
func resamplingUnits(_ data: Dataset, by unit: ResamplingUnit? = nil) -> (
  clusters: [Int]?, name: String
) {
  let unit = unit ?? .suggested(for: data)
  if unit == .query { return (nil, unit.rawValue) }
  var numbers: [String: Int] = [:]
  var next = 0
  let clusters = data.contexts.map { context in
    let key = unit == .conversation ? context.conversation : context.group
    if let key, let known = numbers[key] { return known }
    if let key { numbers[key] = next }
    next += 1
    return next - 1
  }
  return (clusters, unit.rawValue)
}
