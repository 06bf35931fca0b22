import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline

struct HeadroomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headroom",
    abstract: "Before any training: can routing pay on these data at all?",
    discussion: """
      What a perfect router would save at no loss of quality, how far luck alone gets at this \
      number of rows, how many labels a difference takes, whether the prices make sense, and \
      whether a small model that never sees the rows it is judged on reads anything off the \
      text. Ends with a verdict; every figure has an interval.

      EXAMPLES
        riddle headroom log.jsonl.gz
        riddle headroom log.jsonl.gz --candidates small,large --json
        riddle headroom --store desk.sqlite --candidates small,medium,large
        riddle headroom a.jsonl b.jsonl --candidates small,large --segment domain
      """)

  @Argument(help: "Log files, or a store.")
  var files: [String] = []

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions

  @Option(help: "Field of the per-segment table: task_type, domain, group or user_tier.")
  var segment: String?

  @Option(
    help: ArgumentHelp(
      "Difference of mean quality whose label needs are shown.", valueName: "points"))
  var difference: Double = 0.02

  @Option(help: "Bootstrap replicates of the intervals; 0 for none.")
  var replicates: Int = 1000

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "Seed of the replicates and of the probe's folds.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    try labels.requireNamedTarget()
    if !files.isEmpty { try source.take(files) }
    guard source.store != nil || !source.data.isEmpty else {
      throw ValidationError("give a log file, or --store FILE (made by `riddle import`)")
    }
    try Replicates.check(replicates)
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    guard difference > 0, difference < 1 else {
      throw ValidationError("--difference must lie between 0 and 1, for example 0.02")
    }
    let fields = ["task_type", "domain", "group", "user_tier"]
    if let segment, !fields.contains(segment) {
      throw ValidationError("--segment must be one of \(fields.joined(separator: ", "))")
    }
  }

  func run() throws {
    try reportingFailures {
      let loaded = try source.load(output: output)
      var report = try HeadroomReport(
        loaded.dataset, segmentField: segment,
        settings: HeadroomSettings(
          oracle: labels.resolved().oracle, replicates: replicates, confidence: confidence,
          seed: seed, difference: difference))
      if let sampling = loaded.sampling { report.warnings.insert(sampling, at: 0) }
      if output.json {
        Console.print(
          try JSONOutput.text(Result(headroom: report, inputs: loaded.inputs)))
      } else {
        Console.print(HeadroomText(report, width: Console.width).text)
      }
    }
  }

  private struct Result: Encodable {
    var kind = "headroom"
    var headroom: HeadroomReport
    var inputs: [LoadedData.Input]
  }
}
