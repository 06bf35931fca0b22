import RiddleData

/// Conversations where rows name them, groups where these are families of near-duplicates, else single queries.
func resamplingUnits(_ data: Dataset) -> (clusters: [Int]?, name: String) {
  let field: (QueryContext) -> String?
  let name: String
  if data.contexts.contains(where: { $0.conversation != nil }) {
    field = { $0.conversation }
    name = "conversation"
  } else if SplitUnit.suggested(for: data.contexts) == .group {
    field = { $0.group }
    name = "group"
  } else {
    return (nil, "query")
  }
  var numbers: [String: Int] = [:]
  var next = 0
  let clusters = data.contexts.map { context in
    if let key = field(context), let known = numbers[key] { return known }
    if let key = field(context) { numbers[key] = next }
    next += 1
    return next - 1
  }
  return (clusters, name)
}
