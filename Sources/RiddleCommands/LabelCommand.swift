import ArgumentParser
import Foundation
import RiddleData
import RiddlePipeline
import RiddleReport
import RiddleStore

struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Name the right candidate of every query; show what a perfect router would save.",
    discussion: """
      With --store the labelling is kept there and `riddle train --store` uses it; with \
      --data it is only shown. --judge asks an LLM instead: it grades stored answers or rates \
      queries, keeps each verdict as it comes, and goes on where a stopped run left off.

      Oracles
        cheapest-adequate  the cheapest candidate of at least the threshold quality;
                           none adequate: the cheapest
        best-quality       the best quality, ties to the cheapest

      Targets (what a router learns)
        weak-fails         every candidate up to here is inadequate
        strong-wins        some dearer candidate beats every candidate up to here

      EXAMPLES
        riddle label --store desk.sqlite --candidates small,large
        riddle label --data log.jsonl.gz --candidates small,medium,large \\
          --quality-threshold 0.75
        riddle label --judge --store desk.sqlite --judge-model llama \\
          --endpoint http://127.0.0.1:8000/v1 --dry-run
        riddle label --judge --store desk.sqlite --judge-model gpt-5-mini \\
          --endpoint https://api.openai.com/v1 --mode difficulty \\
          --budget 5.00 --price-in 0.25 --price-out 2.00 --dry-run
        riddle label --suggest 200 --router models/desk --store desk.sqlite
      """)

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions

  @Option(help: "Name of the labelling in the store.")
  var name: String = "default"

  @OptionGroup(title: "Judge") var judge: JudgeOptions
  @OptionGroup(title: "Suggest") var suggestion: SuggestOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try labels.refuseUtility()
    try labels.requireNamedTarget()
    if judge.judge && source.store == nil {
      throw ValidationError("--judge keeps its verdicts in a store: give --store FILE")
    }
    if judge.judge && suggestion.suggest != nil {
      throw ValidationError("give --judge or --suggest, not both: first pick, then judge")
    }
  }

  func run() throws {
    try reportingFailures {
      if judge.judge { return try askJudge() }
      if let count = suggestion.suggest {
        return try SuggestRun(count: count, options: suggestion, source: source, output: output)
          .run()
      }
      let loaded = try source.load(output: output)
      let (oracle, target, threshold) = labels.resolved()
      let table = loaded.dataset.outcomes
      let noise = LabelNoise(
        loaded.dataset, target: target, qualityThreshold: threshold)
      let summary = OutcomeSummary(
        table, oracle: oracle, target: target, qualityThreshold: threshold)
      if let path = source.store {
        let store = try Store.open(path: path, mode: .readWrite)
        let verdicts = zip(loaded.dataset.ids, oracle.picks(table)).map {
          LabelVerdict(queryID: $0, verdict: $1)
        }
        try store.saveLabelling(
          Labelling(
            name: name, candidates: table.candidates, oracle: oracle, target: target,
            qualityThreshold: threshold), verdicts: verdicts)
        try store.close()
      }
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              labelling: source.store == nil ? nil : name, oracle: oracle.name,
              target: target.rawValue, quality_threshold: threshold,
              omitted: loaded.dataset.omitted, outcomes: summary, label_noise: noise)))
      } else {
        Console.print(
          LabelReport(
            summary: summary, omitted: loaded.dataset.omitted, oracle: oracle, target: target,
            threshold: threshold, noise: noise
          ).text(width: Console.width))
        if let path = source.store {
          output.note(
            "kept as labelling '\(name)'; next: riddle train --store \(path) --output models/NAME")
        }
      }
    }
  }

  private func askJudge() throws {
    let names = source.candidates?.split(separator: ",").map {
      String($0).trimmingCharacters(in: .whitespaces)
    }
    try JudgeCommand(
      options: judge, storePath: source.store ?? "", candidates: names,
      threshold: labels.resolved().qualityThreshold,
      tiers: source.tierNames ?? ["simple", "moderate", "complex"], output: output
    ).run()
  }

  private struct Result: Encodable {
    var labelling: String?
    var oracle: String
    var target: String
    var quality_threshold: Double
    var omitted: Dataset.Omitted
    var outcomes: OutcomeSummary
    var label_noise: LabelNoise?
  }
}
