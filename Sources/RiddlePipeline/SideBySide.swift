import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleRuntime

/// The same settings judged under several splits: how much of a figure is owed to test rows that are like training rows.
///
/// Each line fits the trained router's settings again (features, penalties, smoothing, numbers of trees and weights of a
/// stack as found; without hardening) on the folds of its split, and judges every fold by the fit that did not see it. AUC and APGR are
/// put together from the folds' own: see ``FoldedScores``. Random splits keep nothing together; the others hold out what a new customer,
/// a new subject or next month would bring.
public struct SideBySide: Equatable, Sendable, Codable {
  /// One split.
  public struct Line: Equatable, Sendable, Codable {
    /// What is kept together, or held out.
    public var name: String
    /// Fits, each judged on rows of its own.
    public var folds: Int
    /// Rows judged.
    public var rows: Int
    /// Rows left out because they repeat a row that was fitted, or share its conversation.
    public var leftOut: Int
    /// What the intervals resample.
    public var resampled: String
    /// AUC of "must climb above the cheapest".
    public var auc: Figure
    /// Average gap recovered over all call shares.
    public var apgr: Figure
    /// Whether the router itself was split this way.
    public var isOwn: Bool
    /// Why there are no figures.
    public var failure: String?

    private enum CodingKeys: String, CodingKey {
      case name, folds, rows, resampled, auc, apgr, failure
      case leftOut = "left_out"
      case isOwn = "is_own"
    }
  }

  /// Rows that took part: all, or a sample by hash of what stays together.
  public var rows: Int
  /// Confidence of the intervals.
  public var confidence: Double
  /// Whether the router was hardened and these fits are not; nil when neither is.
  public var withoutHardening: Bool?
  /// The splits, from the most flattering on.
  public var lines: [Line]

  private enum CodingKeys: String, CodingKey {
    case rows, confidence, lines
    case withoutHardening = "without_hardening"
  }

  /// Folds of each split but that by time, which has one.
  public static let folds = 3
  /// Most rows that take part.
  public static let sampledRows = 30_000
  /// Fewest rows that are worth it.
  public static let minimumRows = 100

  /// Judges the settings of `trained` under every split that the data allow; nil below ``minimumRows``.
  ///
  /// - Parameters:
  ///   - data: what the router was trained on, all sides. Their labels are read: this describes the data and the settings;
  ///     it chooses nothing.
  ///   - segmentField: field whose segments are held out; nil takes ``SegmentField/suggested(for:)``.
  ///   - journal: keeps finished fits; see ``FitJournal``.
  /// - Throws: ``PipelineError`` when the settings cannot be fitted at all.
  public init?(
    _ data: Dataset, trained: TrainedRouter, plan: TrainingPlan,
    segmentField: SegmentField? = nil, replicates: Int = 400,
    journal: (any FitJournal)? = nil
  ) throws(PipelineError) {
    guard data.count >= Self.minimumRows else { return nil }
    let data = Self.sampled(data.withDuplicateKeys(), seed: plan.seed)
    let refit = try Refit(data, trained: trained, plan: plan, journal: journal)
    rows = data.count
    confidence = 0.95
    withoutHardening = plan.hardening.isEmpty ? nil : true
    let splits = SplitProtocol.all(
      data, split: trained.split, segmentField: segmentField, seed: plan.seed)
    lines = zip(splits, refit.margins(splits)).map { held, margins in
      Self.line(held, margins, data, plan: plan, replicates: replicates)
    }
  }

  /// Rows by ascending text fingerprint, whole families of near-duplicates, at most ``sampledRows`` of them: the
  /// order of the log changes nothing.
  private static func sampled(_ data: Dataset, seed: UInt64) -> Dataset {
    let prints = data.texts.map { RowFingerprint.text($0) }
    let families = data.duplicateKeys ?? prints
    let order = data.ids.indices.sorted {
      (families[$0], prints[$0], data.ids[$0]) < (families[$1], prints[$1], data.ids[$1])
    }
    var kept = order
    if order.count > sampledRows {
      var end = sampledRows
      while end < order.count && families[order[end]] == families[order[end - 1]] { end += 1 }
      kept = Array(order[..<end])
    }
    return data.rows(kept)
  }

  private static func line(
    _ held: SplitProtocol, _ margins: Result<[Double], PipelineError>, _ data: Dataset,
    plan: TrainingPlan, replicates: Int
  ) -> Line {
    var line = Line(
      name: held.name, folds: held.foldCount, rows: held.judged.count, leftOut: held.leftOut,
      resampled: held.resampled, auc: .undefined, apgr: .undefined, isOwn: held.isOwn)
    do throws(PipelineError) {
      let margins = try margins.get()
      let judged = data.rows(held.judged)
      let policy = ScoredPolicy(
        name: "router", kind: "", margins: margins,
        thresholds: [Double](repeating: 0, count: data.outcomes.candidates.count - 1))
      let settings = EvaluationSettings(
        oracle: plan.oracle, target: plan.target.judged, qualityThreshold: plan.qualityThreshold,
        replicates: replicates, seed: plan.seed)
      do {
        let scores = try FoldedScores(
          judged.outcomes, policy: policy, folds: held.judged.map { held.folds[$0] },
          clusters: held.clusters.map { clusters in held.judged.map { clusters[$0] } },
          settings: settings)
        (line.auc, line.apgr) = (scores.auc, scores.apgr)
      } catch {
        throw .evaluation(error)
      }
    } catch {
      line.failure = "\(error)"
    }
    return line
  }
}
