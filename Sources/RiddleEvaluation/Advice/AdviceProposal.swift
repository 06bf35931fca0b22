import RiddleData

/// An action before it is judged: what every row would earn and pay then, and what must hold for it.
struct AdviceProposal {
  /// What counts as a gain.
  enum Goal {
    /// More quality, at no less worth.
    case quality
    /// More quality, unless it is decidedly dearer than it is worth.
    case repair
    /// Less cost, and no more quality lost than the tolerance.
    case saving
    /// More worth, quality − price · dollars.
    case worth
    /// More worth, and either more quality, or less cost at no more quality lost than the tolerance.
    case domination
  }

  /// A condition on a mean over some rows.
  struct Gate {
    var name: String
    /// One a row.
    var values: [Double]
    /// Rows that count.
    var members: [Bool]
    /// Must lie above this.
    var above: Double?
    /// Must lie below this.
    var below: Double?
    /// The condition in words.
    var bound: String
  }

  /// What to do.
  var finding: AdviceReport.Finding
  /// Actions of one family say much the same: only the most valuable is given.
  var family: String
  /// Quality and dollars of every row then, cross-fitted; nil when there is nothing to try.
  var outcomes: (quality: [Double], cost: [Double])?
  var gates: [Gate]
  var goal: Goal
  /// Whether the choice of all rows, the one that would be advised, is to leave everything as it is.
  var isUnchangedOnAllRows = false

  /// Something that could not even be looked at.
  static func impossible(_ kind: AdviceReport.Kind, _ action: String, _ reason: String)
    -> AdviceProposal
  {
    AdviceProposal(
      finding: .init(
        kind: kind, action: action, evidence: [], isSupported: false, reason: reason),
      family: "", outcomes: nil, gates: [], goal: .worth)
  }
}
