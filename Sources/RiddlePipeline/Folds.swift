import RiddleData
import RiddleLearning
import RiddleRuntime

/// The folds of the plan: by a hash of what must stay together, so that what the split keeps together the folds keep
/// together too, or by time.
func crossValidation(
  _ data: Dataset, plan: TrainingPlan, split: Split
) throws(LearningError) -> CrossValidation {
  let unit: SplitUnit
  switch plan.foldsBy {
  case .time:
    // Rows without a time count as the oldest.
    let times = data.contexts.map { $0.time?.count ?? .min }
    return CrossValidation(try FoldAssignment.forward(times, foldCount: plan.folds))
  case .group:
    let groups = (0..<data.count).map { i in
      RowFingerprint.unit(.group, text: data.texts[i], context: data.contexts[i])
    }
    return CrossValidation(
      try FoldAssignment.grouped(groups, foldCount: plan.folds, seed: plan.seed))
  case .text: unit = .text
  case .conversation: unit = .conversation
  case nil: unit = split.unit
  }
  let folds = (0..<data.count).map { i in
    let hash = RowFingerprint.unit(unit, text: data.texts[i], context: data.contexts[i])
    return Int(StableHash.mixed(hash &+ StableHash.mixed(plan.seed &+ 1)) % UInt64(plan.folds))
  }
  return try CrossValidation(folds: folds, foldCount: plan.folds)
}
