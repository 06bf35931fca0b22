import ArgumentParser
import RiddlePipeline

/// What the intervals of a command count as one, and how much they cover.
struct IntervalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What counts as one in the intervals: conversation, group or query. Default: conversations where rows name them, groups that are families of near-duplicates, else queries (attack: families found here).",
      valueName: "unit"))
  var clusterBy: ResamplingUnit?

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  func validate() throws {
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
  }
}
