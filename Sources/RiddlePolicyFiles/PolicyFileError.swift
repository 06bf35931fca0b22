/// What is wrong with a policy file, and where.
public struct PolicyFileError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file.
  public var path: String
  /// Line, from 1; nil when it concerns the whole file.
  public var line: Int?
  /// Column, from 1.
  public var column: Int?
  /// What was expected and found, and what to try.
  public var reason: String

  /// File, line, column and reason.
  public var description: String {
    let place = line.map { ", line \($0)" + (column.map { ", column \($0)" } ?? "") } ?? ""
    return "\(path)\(place): \(reason)"
  }
}

/// The entry of `known` that `word` most likely meant: at most a third of its letters away.
package func nearest(_ word: String, in known: some Sequence<String>) -> String? {
  var best: (String, Int)?
  for candidate in known {
    let distance = editDistance(Array(word.utf8.prefix(64)), Array(candidate.utf8.prefix(64)))
    if distance < (best?.1 ?? .max) { best = (candidate, distance) }
  }
  guard let (name, distance) = best, distance * 3 <= max(3, word.utf8.count) else { return nil }
  return name
}

/// Least number of insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment: Damerau, CACM 7 (1964); no part is edited twice).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var before = [Int](repeating: 0, count: b.count + 1)
  var above = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in b.indices {
      let cost = a[i] == b[j] ? 0 : 1
      row[j + 1] = min(above[j] + cost, min(above[j + 1], row[j]) + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], before[j - 1] + 1)
      }
    }
    (before, above) = (above, row)
  }
  return above[b.count]
}
