import RiddleData

extension TrainingPlan {
  /// How the plan splits rows with these contexts.
  ///
  /// - Throws: `PipelineError.unsupported` when the rows lack what it splits by.
  public func split(for contexts: [QueryContext]) throws(PipelineError) -> Split {
    let unit = splitUnit ?? .suggested(for: contexts)
    switch unit {
    case .text, .group, .conversation: break
    case .time:
      guard contexts.contains(where: { $0.time != nil }) else {
        throw .unsupported(
          "--split-by time needs the field \"time\", which no usable row has; use --split-by text")
      }
    case .segment:
      guard let field = segmentField ?? .suggested(for: contexts) else {
        throw .unsupported(
          "--split-by segment found no field that names segments; name one with --segment task_type, domain, group or user_tier"
        )
      }
      guard Set(contexts.compactMap { field.value(of: $0) }).count > 1 else {
        throw .unsupported(
          "--split-by segment needs at least two values of \(field.rawValue); use another --segment, or --split-by text"
        )
      }
      return Split(unit: unit, seed: seed, segmentField: field)
    }
    return Split(unit: unit, seed: seed)
  }
}
