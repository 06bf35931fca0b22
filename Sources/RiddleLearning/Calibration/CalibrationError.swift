/// Expected calibration error over bins of equal mass: Σ (rows of bin / n) · |mean p − mean y| (Naeini, Cooper & Hauskrecht,
/// 2015, with quantile bins). nil without rows.
///
/// Rows sorted by p are cut into `bins` runs whose sizes differ by at most one, longer runs first; rows of equal p share
/// their mean label, so that the order of the input does not matter. The same definition as the evaluator's, kept here
/// because a judge must not depend on what it judges.
///
/// - Parameters:
///   - probabilities: n values in [0, 1].
///   - labels: n values in [0, 1].
public func calibrationError(
  probabilities: [Double], labels: [Double], bins: Int = 15
) -> Double? {
  precondition(
    probabilities.count == labels.count,
    "\(probabilities.count) probabilities for \(labels.count) labels")
  let n = labels.count
  if n == 0 { return nil }
  let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
  var shared = [Double](repeating: 0, count: n)  // labels in ascending order of p
  var start = 0
  while start < n {
    var end = start
    var sum = 0.0
    while end < n && probabilities[order[end]] == probabilities[order[start]] {
      sum += labels[order[end]]
      end += 1
    }
    for i in start..<end { shared[i] = sum / Double(end - start) }
    start = end
  }
  var error = 0.0
  var next = 0
  for bin in 0..<bins {
    let size = n / bins + (bin < n % bins ? 1 : 0)
    var difference = 0.0
    for i in next..<(next + size) { difference += probabilities[order[i]] - shared[i] }
    error += abs(difference)
    next += size
  }
  return error / Double(n)
}
