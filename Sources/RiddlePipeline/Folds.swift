import RiddleData
import RiddleLearning
import RiddleRuntime

/// The folds of the plan: by a hash of what must stay together, near-duplicates included, so that what the split keeps
/// together the folds keep together too; or by time; or by segment.
func crossValidation(
  _ data: Dataset, plan: TrainingPlan, split: Split
) throws(LearningError) -> CrossValidation {
  let unit: SplitUnit =
    switch plan.foldsBy {
    case .time: .time
    case .group: .group
    case .text: .text
    case .conversation: .conversation
    case .segment: .segment
    case nil: split.unit
    }
  switch unit {
  case .time:
    // Rows without a time count as the oldest.
    let times = data.contexts.map { $0.time?.count ?? .min }
    return CrossValidation(try FoldAssignment.forward(times, foldCount: plan.folds))
  case .segment:
    let field = split.segmentField ?? plan.segmentField ?? .suggested(for: data.contexts)
    let keys = SplitUnits(data, unit: .text).keys
    // Segments are whole: near-duplicates across them would join all of them into one.
    let segments = data.contexts.indices.map { i in
      field?.value(of: data.contexts[i]).map { StableHash.hash($0.utf8) } ?? keys[i]
    }
    return CrossValidation(
      try FoldAssignment.grouped(segments, foldCount: plan.folds, seed: plan.seed))
  case .group where plan.foldsBy == .group:
    return CrossValidation(
      try FoldAssignment.grouped(
        SplitUnits(data, unit: .group).keys, foldCount: plan.folds, seed: plan.seed))
  case .text, .group, .conversation:
    let folds = SplitUnits(data, unit: unit).keys.map { key in
      Int(StableHash.mixed(key &+ StableHash.mixed(plan.seed &+ 1)) % UInt64(plan.folds))
    }
    return try CrossValidation(folds: folds, foldCount: plan.folds)
  }
}
