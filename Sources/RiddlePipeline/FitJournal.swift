import RiddleData
import RiddleLearning
import RiddleRuntime

/// Where a training run keeps the fits it has finished, so that one which was cut short need not do them again.
///
/// The fits that are kept are those of searches: every setting on every fold, every fold of every split side by side.
/// Their results are the numbers a later fit would give to the last bit, so a run that takes them from a journal writes
/// the same bytes as one that does not. Fits of all rows, which make the router, are always made.
public protocol FitJournal: Sendable {
  /// The numbers of a fit that was finished earlier; nil when it was not, or cannot be read.
  ///
  /// - Parameter key: stands for everything the fit depends on; see ``FitKey``.
  func numbers(for key: UInt64) -> [Double]?

  /// Keeps the numbers of a finished fit. Called from several threads; must not fail.
  func keep(_ numbers: [Double], for key: UInt64)
}

/// A 64-bit hash of everything a fit depends on: rows, features, targets, folds, settings. Two of a million fits share
/// one with probability 3·10⁻⁸.
struct FitKey: Sendable {
  private(set) var state: UInt64

  init() { state = StableHash.start }

  /// Adds 64 bits. Order counts.
  mutating func add(_ word: UInt64) {
    state = StableHash.mixed(state ^ word) &+ 0x9e37_79b9_7f4a_7c15
  }
  mutating func add(_ number: Double) { add(number.bitPattern) }
  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }
  mutating func add(_ text: String) { add(StableHash.hash(text.utf8)) }
  mutating func add(_ numbers: [Double]) {
    add(numbers.count)
    for number in numbers { add(number.bitPattern) }
  }
  mutating func add(_ numbers: [Int]) {
    add(numbers.count)
    for number in numbers { add(number) }
  }

  /// Adds every setting of a plan but the router's name, which no number depends on.
  mutating func add(_ plan: TrainingPlan) {
    var plain = plan
    plain.name = ""
    // Sets have no order of their own.
    plain.hardening = []
    add(plan.hardening.map(\.rawValue).sorted().joined(separator: ","))
    add(String(describing: plain))
  }

  /// Adds features of rows.
  mutating func add(_ features: FeaturizedRows) {
    add(features.count)
    add(features.schema.fingerprint)
    for value in features.dense { add(UInt64(value.bitPattern)) }
    add(features.keys.count)
    for key in features.keys { add(UInt64(key)) }
    add(features.rowStarts)
    for scale in features.wordScales { add(UInt64(scale.bitPattern)) }
    for scale in features.characterScales { add(UInt64(scale.bitPattern)) }
  }
}

/// A journal and the part of every key that some fits share.
struct FitKeeper: Sendable {
  private let journal: any FitJournal
  private let key: FitKey

  init(_ journal: any FitJournal, _ key: FitKey) {
    self.journal = journal
    self.key = key
  }

  /// The numbers of a fit: from the journal, or computed and kept.
  ///
  /// - Parameters:
  ///   - count: how many numbers there must be; a record with another count is not used.
  ///   - name: adds what tells this fit from the others of the same rows.
  static func numbers(
    _ keeper: FitKeeper?, count: Int, name: (inout FitKey) -> Void,
    compute: () throws(LearningError) -> [Double]
  ) throws(LearningError) -> [Double] {
    guard let keeper else { return try compute() }
    var key = keeper.key
    name(&key)
    if let known = keeper.journal.numbers(for: key.state), known.count == count { return known }
    let numbers = try compute()
    keeper.journal.keep(numbers, for: key.state)
    return numbers
  }
}
