extension Dataset {
  /// Rows whose right candidate was given by hand: candidate k is good enough from tier k on.
  ///
  /// Quality is 1 for the candidates of the row's tier and above and 0 below, so "the cheaper ones fail" is "the tier is
  /// higher". Costs are those of the log, where it has outcomes of the candidates.
  ///
  /// - Parameters:
  ///   - tiers: names from simplest to hardest; at least two.
  ///   - candidates: the candidate of each tier.
  /// - Throws: ``TierError`` for a tier that is not in the list.
  public init(
    log: some Sequence<LoggedQuery>, tiers: [String], candidates: [String],
    embeddingModel: String? = nil
  ) throws(TierError) {
    precondition(tiers.count == candidates.count, "\(tiers.count) tiers, \(candidates.count) names")
    var ranks: [String: Int] = [:]
    for (rank, tier) in tiers.enumerated() { ranks[tier] = rank }
    var rows: [LoggedQuery] = []
    for (row, query) in log.enumerated() {
      var query = query
      let rank = query.tier.map { ranks[$0] }
      if let tier = query.tier, rank == .some(nil) {
        throw TierError(row: row, tier: tier, expected: tiers)
      }
      query.outcomes = candidates.enumerated().map { k, name in
        let logged = query.outcome(of: name)
        let quality = rank.flatMap { $0 }.map { k >= $0 ? 1.0 : 0 }
        return CandidateOutcome(
          candidate: name, outcome: Outcome(quality: quality, cost: logged?.cost))
      }
      rows.append(query)
    }
    self.init(log: rows, candidates: candidates, embeddingModel: embeddingModel)
  }
}

/// A row with a tier that nobody announced.
public struct TierError: Error, Equatable, CustomStringConvertible {
  /// Position of the row, from 0.
  public var row: Int
  /// Its tier.
  public var tier: String
  /// The tiers that were expected.
  public var expected: [String]

  /// The error.
  public init(row: Int, tier: String, expected: [String]) {
    self.row = row
    self.tier = tier
    self.expected = expected
  }

  /// What is wrong, and what to do.
  public var description: String {
    "row \(row + 1): tier \"\(tier.prefix(40))\" is none of \(expected.joined(separator: ", ")); name all tiers, simplest first"
  }
}
