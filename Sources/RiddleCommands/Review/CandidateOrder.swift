import Foundation
import RiddleStore

/// Which candidate is the cheapest, the next, and so on: the tiers of a review and the order of a dashboard.
enum CandidateOrder {
  /// Positions in `decided.names`, cheapest first: as asked for, else what the last decision could choose from, else by mean cost.
  ///
  /// - Parameter requiresAll: whether an order that cannot be known, or leaves out one that decided, is an error; without it
  ///   candidates stand in the order in which the store met them.
  static func order(
    _ decided: Store.DecidedCandidates, asked: String?, requiresAll: Bool
  ) throws -> [Int] {
    let names = decided.names
    let used = names.indices.filter { decided.decisions[$0] > 0 }
    let costs = used.compactMap { decided.meanCost[$0] }
    let byCost = used.sorted {
      let (a, b) = (decided.meanCost[$0] ?? .infinity, decided.meanCost[$1] ?? .infinity)
      return a != b ? a < b : $0 < $1
    }
    if let asked {
      var ladder: [Int] = []
      for name in asked.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
        guard let place = names.firstIndex(of: name) else {
          throw CommandFailure(
            .malformedData,
            "--candidates: '\(name)' is no candidate of this store; there are \(names.joined(separator: ", "))"
          )
        }
        if !ladder.contains(place) { ladder.append(place) }
      }
      let forgotten = byCost.filter { !ladder.contains($0) }
      if requiresAll && !forgotten.isEmpty {
        throw CommandFailure(
          .usage,
          "--candidates leaves out \(forgotten.map { names[$0] }.joined(separator: ", ")), which decided in this time; name every tier"
        )
      }
      return ladder + forgotten
    }
    if let last = decided.lastAlternatives?.compactMap({ names.firstIndex(of: $0) }),
      Set(used).isSubset(of: Set(last))
    {
      return last
    }
    if requiresAll && costs.count < used.count {
      throw CommandFailure(
        .usage,
        "which candidate is the cheapest cannot be seen from these decisions; say it with --candidates \(used.map { names[$0] }.joined(separator: ","))"
      )
    }
    return byCost
  }
}
