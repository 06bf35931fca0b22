/// AUC of out-of-fold scores, whose rows come in groups, with an interval.
///
/// Scores of different folds come from different fits and are not compared: the AUC is the mean over the folds' own, weighted
/// by their pairs. Its variance sums each group's influence, (Obuchowski, 1997, doi:10.2307/2533958): with V a positive row's share of
/// negatives below it (ties ½) and a negative row's share of positives above it, a group's influence is Σ (V − AUC) / n over its
/// positive plus Σ (V − AUC) / m over its negative rows; the variance is G/(G − 1) Σ influence².
///
/// - Parameters:
///   - isPositive: whether a row belongs to the class that should score higher.
///   - groups: what belongs together.
///   - folds: the fold that scored each row.
///   - confidence: coverage of the two-sided interval.
/// - Returns: undefined when no fold has rows of both classes.
public func groupedAUC(
  scores: [Double], isPositive: [Bool], groups: [UInt64], folds: [Int], confidence: Double
) -> Figure {
  precondition(
    scores.count == isPositive.count && scores.count == groups.count
      && scores.count == folds.count, "\(scores.count) scores for \(isPositive.count) rows")
  var rowsOf: [Int: [Int]] = [:]
  for (row, fold) in folds.enumerated() { rowsOf[fold, default: []].append(row) }
  var parts: [(auc: Double, pairs: Double, influence: [(row: Int, value: Double)])] = []
  for fold in rowsOf.keys.sorted() {
    let rows = rowsOf[fold] ?? []
    let n = Double(rows.count { isPositive[$0] })
    let m = Double(rows.count) - n
    if n == 0 || m == 0 { continue }
    let placements = placements(rows.map { scores[$0] }, rows.map { isPositive[$0] })
    var sum = 0.0
    for (place, row) in rows.enumerated() where isPositive[row] { sum += placements[place] }
    let auc = sum / n
    parts.append(
      (
        auc, n * m,
        rows.enumerated().map { place, row in
          (row, (placements[place] - auc) / (isPositive[row] ? n : m))
        }
      ))
  }
  let pairs = parts.reduce(0) { $0 + $1.pairs }
  guard pairs > 0 else { return .undefined }
  let auc = parts.reduce(0) { $0 + $1.auc * $1.pairs } / pairs
  var influence: [UInt64: Double] = [:]
  for part in parts {
    for (row, value) in part.influence {
      influence[groups[row], default: 0] += value * part.pairs / pairs
    }
  }
  let count = Double(influence.count)
  guard count > 1 else { return Figure(auc) }
  // In order: a sum over a dictionary would differ from run to run in its last bits.
  let square = influence.keys.sorted().reduce(0) {
    $0 + (influence[$1] ?? 0) * (influence[$1] ?? 0)
  }
  let half = normalQuantile(0.5 + confidence / 2) * (count / (count - 1) * square).squareRoot()
  return Figure(auc, low: max(0, auc - half), high: min(1, auc + half))
}

/// For every positive row the share of negatives below it (ties count ½), for every negative row that of positives above it.
private func placements(_ scores: [Double], _ isPositive: [Bool]) -> [Double] {
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  let n = Double(isPositive.count { $0 })
  let m = Double(isPositive.count) - n
  var result = [Double](repeating: 0, count: scores.count)
  var (positives, negatives) = (0.0, 0.0)
  var start = 0
  while start < order.count {
    var end = start
    var (tiedPositives, tiedNegatives) = (0.0, 0.0)
    while end < order.count && scores[order[end]] == scores[order[start]] {
      if isPositive[order[end]] { tiedPositives += 1 } else { tiedNegatives += 1 }
      end += 1
    }
    for row in order[start..<end] {
      result[row] =
        isPositive[row]
        ? (negatives + tiedNegatives / 2) / m : (n - positives - tiedPositives / 2) / n
    }
    positives += tiedPositives
    negatives += tiedNegatives
    start = end
  }
  return result
}
