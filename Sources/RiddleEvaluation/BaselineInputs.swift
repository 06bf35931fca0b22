import RiddleData
import RiddlePolicies
import RiddleRuntime

/// What the baseline wall and the resampling need to know of each evaluated row, as columns.
public struct BaselineInputs: Equatable, Sendable {
  /// Query length in Unicode scalars, one a row.
  public var lengths: [Double]
  /// Keyword score 0, ½ or 1 (``KeywordDifficulty``), one a row.
  public var keywordScores: [Double]
  /// A stable hash of each row's text or identifier: fixes the order in which rows are resampled and halved, so
  /// that no figure depends on the order of the input. Equal keys are treated as duplicates of one query.
  public var rowKeys: [UInt64]
  /// Segment of each row (task type, domain or group); nil for a log without segments.
  public var segments: [String]?
  /// Name of the field the segments come from.
  public var segmentField: String?
  /// What training rows say of each segment; nil fits the segment table cross-wise on the evaluated rows.
  public var trainingSegments: SegmentStatistics?
  /// Resampling unit of each row, for example its conversation; equal numbers belong together. Nil resamples rows.
  public var clusters: [Int]?
  /// Identifiers of the rows, to name where a router fails; nil names none.
  public var ids: [String]?
  /// What a cluster is, for the report: `conversation`, `group`, or `query`.
  public var clusterField: String

  /// Inputs from columns of one entry a row.
  public init(
    lengths: [Double], keywordScores: [Double], rowKeys: [UInt64], segments: [String]? = nil,
    segmentField: String? = nil, trainingSegments: SegmentStatistics? = nil,
    clusters: [Int]? = nil, clusterField: String = "query"
  ) {
    self.lengths = lengths
    self.keywordScores = keywordScores
    self.rowKeys = rowKeys
    self.segments = segments
    self.segmentField = segmentField
    self.trainingSegments = trainingSegments
    self.clusters = clusters
    self.clusterField = clusterField
  }

  /// Inputs measured from the rows' texts; row keys are ``StableHash`` values of the texts.
  public init(
    texts: [String], segments: [String]? = nil, segmentField: String? = nil,
    trainingSegments: SegmentStatistics? = nil, clusters: [Int]? = nil,
    clusterField: String = "query"
  ) {
    self.init(
      lengths: texts.map(PromptLength.score), keywordScores: texts.map(KeywordDifficulty.score),
      rowKeys: texts.map { StableHash.hash($0.utf8) }, segments: segments,
      segmentField: segmentField, trainingSegments: trainingSegments, clusters: clusters,
      clusterField: clusterField)
  }

  func validate(rows: Int, candidates: Int) throws(EvaluationError) {
    func check(_ column: String, _ count: Int) throws(EvaluationError) {
      guard count == rows else {
        throw .columnLength(column: column, expected: rows, actual: count)
      }
    }
    try check("lengths", lengths.count)
    try check("keyword scores", keywordScores.count)
    try check("row keys", rowKeys.count)
    if let segments { try check("segments", segments.count) }
    if let clusters { try check("clusters", clusters.count) }
    if let ids { try check("identifiers", ids.count) }
    if let training = trainingSegments, training.candidateCount != candidates {
      throw .columnLength(
        column: "candidates of the training segments", expected: candidates,
        actual: training.candidateCount)
    }
    for (row, length) in lengths.enumerated() where !length.isFinite {
      throw .nonFiniteScore(policy: "prompt-length", row: row, head: 0)
    }
    for (row, score) in keywordScores.enumerated() where !score.isFinite {
      throw .nonFiniteScore(policy: "keyword-rule", row: row, head: 0)
    }
  }

  /// The inputs of the rows at `indices`, in that order.
  func rows(_ indices: [Int]) -> BaselineInputs {
    var copy = self
    copy.lengths = indices.map { lengths[$0] }
    copy.keywordScores = indices.map { keywordScores[$0] }
    copy.rowKeys = indices.map { rowKeys[$0] }
    copy.segments = segments.map { s in indices.map { s[$0] } }
    copy.clusters = clusters.map { c in indices.map { c[$0] } }
    copy.ids = ids.map { d in indices.map { d[$0] } }
    return copy
  }
}
