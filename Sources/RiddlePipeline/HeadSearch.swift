import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Margins of the held-out rows of one fold under one setting.
struct HeldOutFit: Sendable {
  var margins: [Double]
  /// Trees of the fit, if it has any.
  var trees = 0
}

/// Margins that held-out rows got from fits that did not see them, for each of several settings, and how well each
/// setting predicts.
struct OutOfFold<Setting: Sendable>: Sendable {
  let settings: [Setting]
  /// Margins of every row, one list per setting.
  let margins: [[Double]]
  /// Mean number of trees over folds, one per setting.
  let trees: [Int]
  /// Mean log loss of the margins after one slope and offset over all rows, and its standard error over folds: a
  /// setting that only shrinks or stretches margins is as good as another, because calibration follows.
  let losses: [(mean: Double, standardError: Double)]

  /// The first setting with the least loss; under the one-standard-error rule the first, that is the simplest, whose
  /// loss is within one standard error of it.
  func best(rule: SelectionRule) -> Int {
    let least = best { _ in true }
    if rule == .minimum { return least }
    let bound = losses[least].mean + losses[least].standardError
    return losses.firstIndex { $0.mean <= bound } ?? least
  }

  /// The first of the settings that pass with the least loss; at least one must pass.
  func best(where passes: (Setting) -> Bool) -> Int {
    var best: Int?
    for i in losses.indices where passes(settings[i]) {
      if losses[i].mean < losses[best ?? i].mean || best == nil { best = i }
    }
    return best ?? 0
  }

  /// Fits every setting on every fold's training rows.
  ///
  /// - Parameter fits: given the training rows and the held-out rows of a fold, fits the former under each setting in
  ///   order and gives margins of the latter.
  init(
    _ settings: [Setting], targets: [Double], folds: CrossValidation,
    fits: @Sendable ([Int], [Int]) throws(LearningError) -> [HeldOutFit]
  ) throws(LearningError) {
    let results = Shards.map(count: folds.foldCount) {
      fold -> Result<[HeldOutFit], LearningError> in
      do throws(LearningError) {
        return .success(try fits(folds.trainingRows(fold), folds.heldOutRows(fold)))
      } catch {
        return .failure(.fold(fold, error))
      }
    }
    var margins = [[Double]](
      repeating: [Double](repeating: 0, count: targets.count), count: settings.count)
    var trees = [Int](repeating: 0, count: settings.count)
    for (fold, result) in results.enumerated() {
      for (setting, made) in try result.get().enumerated() {
        for (row, value) in zip(folds.heldOutRows(fold), made.margins) {
          margins[setting][row] = value
        }
        trees[setting] += made.trees
      }
    }
    self.trees = trees.map { $0 / folds.foldCount }
    self.settings = settings
    self.margins = margins
    losses = margins.map { calibratedLoss($0, targets, folds) }
  }
}

/// Log loss of margins under the best single slope and offset, over all rows that were held out and as standard error
/// over folds.
private func calibratedLoss(
  _ allMargins: [Double], _ allTargets: [Double], _ folds: CrossValidation
) -> (mean: Double, standardError: Double) {
  let rows = folds.everHeldOut
  let margins = rows.map { allMargins[$0] }
  let targets = rows.map { allTargets[$0] }
  let fitted = try? PlattScaling().fit(margins: margins, targets: targets)
  let map = fitted?.model ?? .identity
  var sums = [Double](repeating: 0, count: folds.foldCount)
  var counts = [Double](repeating: 0, count: folds.foldCount)
  for i in margins.indices {
    let p = min(1 - 1e-12, max(1e-12, map.probability(ofMargin: margins[i])))
    let loss = -targets[i] * log(p) - (1 - targets[i]) * log(1 - p)
    sums[folds.folds[rows[i]]] += loss
    counts[folds.folds[rows[i]]] += 1
  }
  let mean = sums.reduce(0, +) / Double(max(1, margins.count))
  var variance = 0.0
  for (sum, count) in zip(sums, counts) where count > 0 {
    variance += count / Double(margins.count) * (sum / count - mean) * (sum / count - mean)
  }
  return (mean, (variance / Double(max(1, folds.foldCount - 1))).squareRoot())
}

extension CrossValidation {
  /// Rows that some fold holds out: with folds by time not those of the first span.
  var everHeldOut: [Int] { folds.indices.filter { folds[$0] >= 0 } }
}
