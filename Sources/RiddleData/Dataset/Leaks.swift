/// What a training set and a test set share. Names rows by their ids, never by their texts.
public struct LeakReport: Equatable, Sendable, Codable {
  /// One way to share.
  public struct Finding: Equatable, Sendable, Codable {
    /// Rows of the training set that have a counterpart in the test set.
    public var trainRows: Int
    /// Rows of the test set that have a counterpart in the training set.
    public var testRows: Int
    /// Ids of the first such rows of the training set, in their order; at most ``LeakReport/listedRows``.
    public var trainIDs: [String]
    /// Ids of the first such rows of the test set, in their order; at most ``LeakReport/listedRows``.
    public var testIDs: [String]

    private enum CodingKeys: String, CodingKey {
      case trainRows = "train_rows"
      case testRows = "test_rows"
      case trainIDs = "train_ids"
      case testIDs = "test_ids"
    }

    /// Rows as a list with the first ids.
    public init(train: [Int], test: [Int], trainIDs: [String], testIDs: [String]) {
      trainRows = train.count
      testRows = test.count
      self.trainIDs = train.prefix(LeakReport.listedRows).map { trainIDs[$0] }
      self.testIDs = test.prefix(LeakReport.listedRows).map { testIDs[$0] }
    }
  }

  /// Most ids listed of a finding and side.
  public static let listedRows = 20

  /// Rows of the training set.
  public var train: Int
  /// Rows of the test set.
  public var test: Int
  /// Equal texts, letter case of A–Z and white space aside.
  public var prompts: Finding
  /// Equal conversations.
  public var conversations: Finding
  /// Near-duplicates with another text: Jaccard ≥ 0.8 of word 5-grams, directly or in a chain.
  public var nearDuplicates: Finding
  /// Equal groups, for information: a split by text shares them rightly.
  public var groups: Finding

  private enum CodingKeys: String, CodingKey {
    case train, test, prompts, conversations, groups
    case nearDuplicates = "near_duplicates"
  }

  /// A report.
  public init(
    train: Int, test: Int, prompts: Finding, conversations: Finding, nearDuplicates: Finding,
    groups: Finding
  ) {
    self.train = train
    self.test = test
    self.prompts = prompts
    self.conversations = conversations
    self.nearDuplicates = nearDuplicates
    self.groups = groups
  }

  /// Whether no prompt, conversation or near-duplicate is shared.
  public var isClean: Bool {
    prompts.testRows == 0 && conversations.testRows == 0 && nearDuplicates.testRows == 0
  }
}

/// What `train` and `test` share: prompts, conversations, near-duplicates, and groups.
///
/// Near-duplicates are searched over both sets together. A row with an equal text on the other side counts as a shared
/// prompt, not as a near-duplicate too.
///
/// - Complexity: see ``NearDuplicates/clusters(texts:threshold:)``.
public func leaks(train: Dataset, test: Dataset) -> LeakReport {
  let prints = (
    train: train.texts.map { RowFingerprint.text($0) },
    test: test.texts.map { RowFingerprint.text($0) }
  )
  let families = NearDuplicates.keys(texts: train.texts + test.texts)
  let (familiesOfTrain, familiesOfTest) = (families[..<train.count], families[train.count...])
  let (textsOfTrain, textsOfTest) = (Set(prints.train), Set(prints.test))
  let shared = Set(familiesOfTrain).intersection(familiesOfTest)
  func nearRows(_ families: ArraySlice<UInt64>, _ prints: [UInt64], equal: Set<UInt64>) -> [Int] {
    zip(families, prints).enumerated().filter {
      shared.contains($0.element.0) && !equal.contains($0.element.1)
    }.map(\.offset)
  }
  func finding<Key: Hashable>(_ a: [Key?], _ b: [Key?]) -> LeakReport.Finding {
    sharedRows(a, b, train: train.ids, test: test.ids)
  }
  return LeakReport(
    train: train.count, test: test.count, prompts: finding(prints.train, prints.test),
    conversations: finding(train.contexts.map(\.conversation), test.contexts.map(\.conversation)),
    nearDuplicates: .init(
      train: nearRows(familiesOfTrain, prints.train, equal: textsOfTest),
      test: nearRows(familiesOfTest, prints.test, equal: textsOfTrain), trainIDs: train.ids,
      testIDs: test.ids),
    groups: finding(train.contexts.map(\.group), test.contexts.map(\.group)))
}

/// The rows of both sides whose key is on the other side too; rows without a key share nothing.
private func sharedRows<Key: Hashable>(
  _ a: [Key?], _ b: [Key?], train: [String], test: [String]
) -> LeakReport.Finding {
  let (inA, inB) = (Set(a.compactMap { $0 }), Set(b.compactMap { $0 }))
  return LeakReport.Finding(
    train: a.indices.filter { a[$0].map { inB.contains($0) } == true },
    test: b.indices.filter { b[$0].map { inA.contains($0) } == true }, trainIDs: train,
    testIDs: test)
}
