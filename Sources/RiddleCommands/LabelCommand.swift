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
      let (oracle, target, threshold) = labels.resolved()
      let found: Found
      if let path = source.store, source.tiers == nil {
        found = try label(storeAt: path, oracle, target, threshold)
      } else {
        // A labelling names every query: none is left out for memory.
        var all = source
        all.mostRows = .max
        let loaded = try all.load(output: output)
        let table = loaded.dataset.outcomes
        found = Found(
          summary: OutcomeSummary(
            table, oracle: oracle, target: target, qualityThreshold: threshold),
          noise: LabelNoise(loaded.dataset, target: target, qualityThreshold: threshold),
          omitted: loaded.dataset.omitted)
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
      }
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              labelling: source.store == nil ? nil : name, oracle: oracle.name,
              target: target.rawValue, quality_threshold: threshold,
              omitted: found.omitted, outcomes: found.summary, label_noise: found.noise)))
      } else {
        Console.print(
          LabelReport(
            summary: found.summary, omitted: found.omitted, oracle: oracle, target: target,
            threshold: threshold, noise: found.noise
          ).text(width: Console.width))
        if let path = source.store {
          output.note(
            "kept as labelling '\(name)'; next: riddle train --store \(path) --output models/NAME")
        }
      }
    }
  }

  /// Labels the log of a store as it is read, in constant memory.
  private func label(
    storeAt path: String, _ oracle: Oracle, _ target: LabelTarget, _ threshold: Double
  ) throws -> Found {
    let store = try Store.open(path: path, mode: .readWrite)
    let names = try source.storeCandidates(store)
    var labels = StreamedLabels(
      candidates: names, oracle: oracle, target: target, qualityThreshold: threshold,
      prices: try source.prices(of: names))
    let progress = Progress("labelling", unit: "queries", quiet: output.quiet)
    let total = try store.counts().queries
    try store.saveLabelling(
      Labelling(
        name: name, candidates: names, oracle: oracle, target: target, qualityThreshold: threshold),
      picks: { chunk in
        let picks = labels.add(chunk)
        progress.update(labels.read, fraction: Double(labels.read) / Double(max(1, total)))
        return picks
      },
      atEnd: { try source.requireRows(labels.summary.queries, labels.read, labels.omitted, names) }
    )
    progress.finish()
    try store.close()
    return Found(summary: labels.summary, noise: labels.noise, omitted: labels.omitted)
  }

  private struct Found {
    var summary: OutcomeSummary
    var noise: LabelNoise?
    var omitted: Dataset.Omitted
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
