import Foundation
import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleLearning
import RiddleLinearAlgebra
import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// Version of this program, in manifests and `--version`.
let riddleVersion = "0.1.0"

/// The folder of one run: manifest, weight file, evaluation, report, model card, fingerprints of the training rows.
struct RunFolder {
  static let routerName = "router.riddle"
  static let trainingRowsName = "training-rows.bin"
  static let manifestName = "run.json"
  /// Decisions on the judged rows, for `riddle compare`: ``RecordedRows``.
  static let judgedRowsName = "judged-rows.bin"
  static let evaluationName = "evaluation.json"
  static let reportName = "report.html"
  static let cardName = "MODEL_CARD.md"
  /// What the router looks at: ``GlobalExplanation``.
  static let explanationName = "explanation.json"
  /// Strings behind heavy hash buckets: ``NGramStrings``.
  static let ngramsName = "ngrams.json"
  /// How routes hold under changed queries: ``RobustnessReport``.
  static let robustnessName = "robustness.json"

  let path: String

  func file(_ name: String) -> String { path + "/" + name }
}

/// `run.json`: what went in, what was set, what came out. Holds no date and no machine: the same run gives the same
/// bytes.
struct RunManifest: Codable {
  var format = "riddle-run/1"
  var name: String
  /// Rebuilds the run; paths below `RIDDLE_DATA` are written as that variable.
  var command: String
  var versions: [String: String]
  var inputs: [LoadedData.Input]
  var settings: Settings
  var split: SplitCounts
  var schema: Schema
  var heads: [TrainedRouter.HeadReport]
  var steps: [TrainedRouter.StepReport]
  /// What the run found out about the data.
  var findings: RunFindings?
  var artefacts: [String: Artefact]
  /// SHA-256 of the judged rows; nil when none were kept.
  var judged_rows_sha256: String?
  var warnings: [String]

  struct Settings: Codable {
    var candidates: [String]
    var model: String
    var target: String
    var oracle: String
    var quality_threshold: Double
    var features: String
    var bucket_bits: Int
    var word_orders: Int
    var characters: String?
    var penalties: [Double]
    var folds: Int
    var threshold: String
    var precision: String
    var seed: UInt64
    /// Model whose embeddings are read.
    var embedding_model: String?
    /// What made routes harder to move; absent when nothing did.
    var harden: [String]?
    /// Share of the n-grams that kept their weight; absent without "clip".
    var clip_quantile: Double?
  }

  struct SplitCounts: Codable {
    var unit: String
    var seed: UInt64
    var train: Int
    var calibrate: Int
    var test: Int
    /// Field whose segments are held out.
    var segment_field: String?
    /// What was kept together and left out; nil in runs with --stream and of earlier versions.
    var kept: SplitSummary?
    /// By part, SHA-256 of the ids of its queries, each followed by a line feed, in the order of the log; nil in runs of
    /// earlier versions.
    var ids_sha256: [String: String]?
    /// When the first and the last query arrived that was fitted or calibrated on, ISO 8601; nil where the log has no times.
    var first_time: String?
    var last_time: String?

    init(_ trained: TrainedRouter) {
      unit = trained.split.unit.rawValue
      seed = trained.split.seed
      train = trained.rowCount(.train)
      calibrate = trained.rowCount(.calibrate)
      test = trained.rowCount(.test)
      segment_field = trained.split.segmentField?.rawValue
      kept = trained.splitSummary
    }

    init(_ assignment: SplitAssignment) {
      unit = assignment.split.unit.rawValue
      seed = assignment.split.seed
      train = assignment.rows(.train).count
      calibrate = assignment.rows(.calibrate).count
      test = assignment.rows(.test).count
      segment_field = assignment.split.segmentField?.rawValue
      kept = assignment.summary
    }

    /// What decided, what is kept together, and how many rows that concerns.
    var sentence: String {
      let what: String =
        switch SplitUnit(rawValue: unit) {
        case .time: "by time (oldest 60 % train, newest 20 % test)"
        case .segment: "by segment (whole segments of \(segment_field ?? "") are held out)"
        default: "by \(unit)"
        }
      var parts = ["split \(what): train \(train), calibrate \(calibrate), test \(test)"]
      guard let kept else { return parts[0] }
      let isCut =
        unit == "time" || unit == "segment" || kept.droppedFromTest + kept.droppedFromCalibrate > 0
      let together =
        ["text", "time", "segment"].contains(unit) ? "equal texts" : "equal texts and \(unit)s"
      parts.append(
        "\(isCut ? "never on two sides" : "kept together"): \(together), and near-duplicates (\(kept.nearDuplicateRows) rows in \(kept.nearDuplicateFamilies) families)"
      )
      if kept.joinedUnits > 0 {
        parts.append(
          "near-duplicates joined \(kept.joinedUnits) \(unit)s; the largest set has \(kept.largestComponent) rows"
        )
      }
      if kept.droppedFromTest + kept.droppedFromCalibrate > 0 {
        parts.append(
          "left out as repeats of an earlier side: \(kept.droppedFromTest) rows of test, \(kept.droppedFromCalibrate) of calibrate"
        )
      }
      if let held = kept.heldOutSegments {
        parts.append(
          "held out: \(held.prefix(20).joined(separator: ", "))\(held.count > 20 ? ", …" : "")")
      }
      return parts.joined(separator: "; ")
    }
  }

  struct Schema: Codable {
    var featurizer_version: UInt16
    var fingerprint: String
    var dense_columns: Int
    var buckets: Int
  }

  struct Artefact: Codable {
    var bytes: Int
    var sha256: String
  }

  init(
    trained: TrainedRouter, plan: TrainingPlan, candidates: [String], inputs: [LoadedData.Input],
    artefacts: [String: Artefact], findings: RunFindings?, command: String
  ) {
    name = plan.name
    self.command = command
    versions = [
      "riddle": riddleVersion, "swift": "6.3", "openblas": openBLASVersion(),
    ]
    self.inputs = inputs
    settings = Settings(
      candidates: candidates, model: plan.model.rawValue, target: plan.target.rawValue,
      oracle: plan.oracle.name, quality_threshold: plan.qualityThreshold,
      features: plan.features.rawValue, bucket_bits: plan.bucketBits,
      word_orders: plan.wordOrders,
      characters: plan.characters.map { "\($0.lowerBound)-\($0.upperBound)" },
      penalties: plan.penalties, folds: plan.folds, threshold: plan.thresholdRule.description,
      precision: plan.precision.rawValue, seed: plan.seed,
      embedding_model: trained.schema.embeddingModel,
      harden: plan.hardening.isEmpty ? nil : plan.hardening.map(\.rawValue).sorted(),
      clip_quantile: plan.hardening.contains(.clip) ? plan.clipQuantile : nil)
    split = SplitCounts(trained)
    let schema = trained.router.schema
    self.schema = Schema(
      featurizer_version: schema.version,
      fingerprint: "0x" + String(schema.fingerprint, radix: 16),
      dense_columns: schema.denseCount, buckets: schema.usesHashing ? 1 << schema.bucketBits : 0)
    heads = trained.heads
    steps = trained.steps
    self.artefacts = artefacts
    self.findings = findings
    warnings = trained.warnings
  }

  /// This run's arguments, those of settings included, as a shell would take them, without those that change no result.
  static func reproducingCommand() -> String {
    let root = ProcessInfo.processInfo.environment["RIDDLE_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    let arguments = Invocation.arguments.filter {
      !["--quiet", "--no-quiet", "--json", "--no-json", "--fresh"].contains($0)
    }
    let words = arguments.map { word in
      if let root, word.hasPrefix(root + "/") {
        return "\"$RIDDLE_DATA\"/" + ShellWord.quoted(String(word.dropFirst(root.count + 1)))
      }
      return ShellWord.quoted(word)
    }
    return (["riddle"] + words).joined(separator: " ")
  }
}

/// The version number inside OpenBLAS's configuration, without the processor it found.
private func openBLASVersion() -> String {
  let words = BLASInformation.description.split(separator: " ")
  return words.first { $0.first?.isNumber ?? false }.map(String.init) ?? "unknown"
}
