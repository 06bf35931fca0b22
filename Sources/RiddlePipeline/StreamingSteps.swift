import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Featurizes one batch while the heads learn the batch before: what overlaps in a streaming run.
///
/// Each learner and each piece of the batch is one step; steps run on as many threads as there are. Learners see
/// pieces in the order of the rows, so no result depends on the threads.
package struct StreamingSteps {
  private let schema: FeatureSchema
  package private(set) var learners: [StreamingLogistic]
  /// Featurized, not yet learned.
  private var pending: [Piece] = []

  /// Pieces of a batch.
  static let pieceCount = 4

  /// Consecutive rows with their features.
  private struct Piece: Sendable {
    var features: FeaturizedRows
    /// Targets of every head.
    var targets: [[Double]]
  }

  private struct Step: Sendable {
    var learner: StreamingLogistic?
    var texts: ArraySlice<String> = []
    var contexts: ArraySlice<RequestContext> = []
    var targets: [[Double]] = []
    var piece: Piece?
    var error: LearningError?
  }

  /// Learners that have seen nothing, one a head.
  ///
  /// - Throws: `LearningError.invalidSetting`.
  package init(
    schema: FeatureSchema, heads: Int, settings: StreamingLogistic.Settings
  ) throws(LearningError) {
    self.schema = schema
    let learner = try StreamingLogistic(
      denseCount: schema.denseCount, bucketBits: schema.bucketBits, settings: settings)
    learners = [StreamingLogistic](repeating: learner, count: heads)
  }

  /// Learns the batch before and featurizes the next.
  ///
  /// - Parameter targets: one column a head, one value a text.
  /// - Throws: `LearningError` as ``StreamingLogistic/learn(_:)`` does.
  package mutating func push(
    texts: [String], contexts: [RequestContext], targets: [[Double]]
  ) throws(LearningError) {
    var steps = learners.map { Step(learner: $0) }
    // The steps own the learners now; a second owner would have every table copied.
    learners = []
    let heads = steps.count
    for range in Shards.ranges(of: texts.count, shards: Self.pieceCount) where !range.isEmpty {
      steps.append(
        Step(
          texts: texts[range], contexts: contexts[range],
          targets: targets.map { Array($0[range]) }))
    }
    let (schema, pending) = (schema, pending)
    Shards.update(&steps) { head, step in
      if !step.texts.isEmpty {
        step.piece = Piece(
          features: FeaturizedRows(
            texts: Array(step.texts), contexts: Array(step.contexts), schema: schema, shards: 1),
          targets: step.targets)
        return
      }
      do throws(LearningError) {
        for piece in pending {
          try step.learner?.learn(piece.features.compactRows(targets: piece.targets[head]))
        }
      } catch {
        step.error = error
      }
    }
    self.pending = steps.compactMap(\.piece)
    for head in 0..<heads {
      if let learner = steps[head].learner { learners.append(learner) }
      steps[head].learner = nil
    }
    if let error = steps.lazy.compactMap(\.error).first { throw error }
  }

  /// Learns what is pending.
  package mutating func finish() throws(LearningError) {
    try push(texts: [], contexts: [], targets: learners.map { _ in [] })
  }
}
