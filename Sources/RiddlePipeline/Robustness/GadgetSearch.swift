import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// Greedy search for a prefix that moves the margins of all queries one way (Shafran et al., 2025, arXiv:2501.01818: their
/// query-independent confounder gadgets, with a full pass over the best candidates in place of random ones).
///
/// Every token of the vocabulary is first tried alone on at most ``screeningRows`` rows. The best ``candidates`` of them are
/// then appended one by one, each time the one that moves the mean margin of all search rows furthest, until ``length``
/// tokens stand or none helps; then every token is exchanged for the best other one, in order, until a pass changes nothing
/// or ``passes`` passes are made. Equal moves are decided by the order of the vocabulary: nothing is random.
struct GadgetSearch: Sendable {
  let meter: RouteMeter
  /// Rows that may be looked at.
  let rows: [Int]
  let vocabulary: [String]
  let length: Int
  let candidates: Int
  let passes: Int
  let direction: GadgetAttack.Direction

  static let screeningRows = 64

  /// A found prefix.
  struct Found: Equatable, Sendable {
    var tokens: [String]
    /// Decisions it took.
    var decisions: Int
  }

  /// Searches; `progress` hears of every tried set of prefixes with the decisions made so far.
  func found(progress: ((Int) -> Void)?) -> Found {
    var decisions = 0
    func values(_ prefixes: [[String]], _ rows: [Int]) -> [Double] {
      decisions += prefixes.count * rows.count
      defer { progress?(decisions) }
      let sign = direction == .upgrade ? 1.0 : -1.0
      return meter.meanMargins(prefixes: prefixes.map(Self.bytes), rows: rows).map { sign * $0 }
    }
    func best(_ values: [Double]) -> Int {
      values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }

    let sample = Self.spread(rows, limit: Self.screeningRows)
    let alone = values(vocabulary.map { [$0] }, sample)
    let tried = strongest(alone)
    var tokens: [String] = []
    var reached = values([[]], rows)[0]
    while tokens.count < length && !tried.isEmpty {
      let next = values(tried.map { tokens + [$0] }, rows)
      let choice = best(next)
      if !(next[choice] > reached) { break }
      tokens.append(tried[choice])
      reached = next[choice]
    }
    for _ in 0..<passes {
      var changes = false
      for position in tokens.indices {
        let others = tried.map { token in
          var copy = tokens
          copy[position] = token
          return copy
        }
        let next = values(others, rows)
        let choice = best(next)
        if next[choice] > reached {
          tokens = others[choice]
          reached = next[choice]
          changes = true
        }
      }
      if !changes { break }
    }
    return Found(tokens: tokens, decisions: decisions)
  }

  /// The tokens that push furthest when alone, strongest first.
  func strongest() -> [String] {
    let sample = Self.spread(rows, limit: Self.screeningRows)
    let sign = direction == .upgrade ? 1.0 : -1.0
    let prefixes = vocabulary.map { Self.bytes([$0]) }
    return strongest(meter.meanMargins(prefixes: prefixes, rows: sample).map { sign * $0 })
  }

  /// The best ``candidates`` tokens by what each does alone.
  private func strongest(_ alone: [Double]) -> [String] {
    let ranked = vocabulary.indices.sorted {
      alone[$0] != alone[$1] ? alone[$0] > alone[$1] : $0 < $1
    }
    return ranked.prefix(candidates).map { vocabulary[$0] }
  }

  /// What stands before a query: the tokens with a blank after each.
  static func bytes(_ tokens: [String]) -> [UInt8] {
    tokens.flatMap { Array($0.utf8) + [32] }
  }

  /// At most `limit` of the rows, evenly spaced.
  static func spread(_ rows: [Int], limit: Int) -> [Int] {
    if rows.count <= limit { return rows }
    return (0..<limit).map { rows[$0 * rows.count / limit] }
  }
}
