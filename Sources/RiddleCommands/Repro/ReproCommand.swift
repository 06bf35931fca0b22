import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleStore

struct ReproCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repro",
    abstract: "Recompute published figures, with pass or fail for each.",
    discussion: """
      riddle repro routellm reads RouteLLM's upstream folder and recomputes its weak, strong, \
      random and oracle figures; riddle repro arena checks the published vectors of the arena \
      score and of AIQ. Status 1 when a figure fails; --json prints the figures as data.

      EXAMPLES
        riddle repro routellm RouteLLM/routellm/evals
        riddle repro routellm mmlu.jsonl.gz --golden mmlu.json --json
        riddle repro arena
      """,
    subcommands: [ReproRouteLLMCommand.self, ReproArenaCommand.self])
}

struct ReproArenaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arena",
    abstract: "Check the published vectors of the arena score and of AIQ.",
    discussion: """
      Nothing is read: the vectors of RouterArena (arXiv 2510.00202) and of AIQ, in this \
      program's variant and in RouterBench's, are compiled in. Status 1 when one fails.

      EXAMPLES
        riddle repro arena
        riddle repro arena --json
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      try ReproOutput(figures: reproducedVectors()).finish(output)
    }
  }
}

struct ReproRouteLLMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routellm",
    abstract: "Recompute RouteLLM's weak, strong, random and oracle figures.",
    discussion: """
      Reads RouteLLM's upstream folder (a checkout, its evals folder, or one benchmark), or rows \
      of it as Riddle JSONL. Prompts in contaminated_prompts.jsonl beside a benchmark are left \
      out, as RouteLLM does.

      The number of rows decides which reference applies: MMLU with 14,037 rows, GSM8K with \
      1,307 and MT-Bench with 72 are compared with the published figures; --golden FILE \
      compares the benchmark with as many rows as the file says, every figure to 1e-9. Rows \
      that match no reference are said so, and their figures are printed unjudged.

      EXAMPLES
        riddle repro routellm RouteLLM/routellm/evals
        riddle repro routellm mmlu.jsonl.gz --golden mmlu.json
        riddle repro routellm evals --golden mmlu.json --golden gsm8k.json --json
      """)

  @Argument(help: "RouteLLM's folder, or JSON lines of its rows.")
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "Figures to compare with, as JSON; may be repeated.", valueName: "file"))
  var golden: [String] = []

  @Option(
    help: ArgumentHelp(
      "Names of the pair. Default: the candidates named mixtral-8x7b… and gpt-4-1106-preview.",
      valueName: "weak,strong"))
  var candidates: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if paths.isEmpty { throw ValidationError("name RouteLLM's folder, or files of its rows") }
    if let candidates, candidates.split(separator: ",").count != 2 {
      throw ValidationError("--candidates needs two names: weak,strong")
    }
  }

  func run() throws {
    try reportingFailures {
      var references = try golden.map { try GoldenPair(path: $0) }
      let (log, report) = try LogFile.read(paths: paths)
      for reject in report.firstRejects.prefix(3) { output.note("warning: rejected \(reject)") }
      let names = candidates?.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let benchmarks = BenchmarkRows.split(log, candidates: names)
      guard !benchmarks.isEmpty else {
        let found = Set(log.flatMap { $0.outcomes.map(\.candidate) }).sorted()
        throw CommandFailure(
          .malformedData,
          "no row has an outcome of both candidates; the data have \(found.joined(separator: ", ")), name the pair with --candidates weak,strong"
        )
      }
      var result = ReproOutput()
      if golden.isEmpty {
        let found = Self.goldenFiles(near: paths)
        references = found.compactMap { try? GoldenPair(path: $0) }.filter { reference in
          benchmarks.contains { $0.rows.count == reference.rows }
        }
        if !references.isEmpty {
          result.notes.append(
            "compared with \(references.map(\.name).joined(separator: ", ")), found beside the data"
          )
        }
      }
      var unmatched = references
      for benchmark in benchmarks {
        unmatched.removeAll { $0.rows == benchmark.rows.count }
        judge(benchmark, references: references, into: &result)
      }
      for reference in unmatched {
        let found = benchmarks.map { "\($0.rows.count)" }.joined(separator: ", ")
        result.notes.append(
          "\(reference.name): no benchmark has \(reference.rows) rows (found: \(found))")
        result.figures.append(
          ReproducedFigure(
            reference.name, "rows", expected: Double(reference.rows), computed: nil, tolerance: 0))
      }
      let removed = report.removed
      if removed > 0 { result.notes.append("\(removed) contaminated prompts left out") }
      if report.rejected > 0 {
        result.notes.append(
          "\(report.rejected) rows rejected, the first: \(report.firstRejects.first.map { "\($0)" } ?? "")"
        )
      }
      try result.finish(output)
    }
  }

  /// Files called `….golden.json` in the data's folder or up to three above it.
  private static func goldenFiles(near paths: [String]) -> [String] {
    var found: [String] = []
    for path in paths {
      var folder = URL(fileURLWithPath: path).resolvingSymlinksInPath()
      for _ in 0..<4 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() where name.hasSuffix(".golden.json") {
          let file = folder.appendingPathComponent(name).path
          if !found.contains(file) { found.append(file) }
        }
        if !found.isEmpty { break }
        folder.deleteLastPathComponent()
      }
    }
    return found
  }

  /// Compares a benchmark with every reference that its number of rows calls for.
  private func judge(
    _ benchmark: BenchmarkRows, references: [GoldenPair], into result: inout ReproOutput
  ) {
    let outcomes = benchmark.outcomes
    let n = benchmark.rows.count
    if benchmark.incomplete > 0 {
      result.notes.append(
        "\(benchmark.name): \(benchmark.incomplete) rows without an outcome of both candidates left out"
      )
    }
    let fact = PublishedPair.all.first { $0.name == benchmark.name }
    var isMatched = false
    if let fact, fact.rows == n {
      isMatched = true
      result.figures += fact.figures(
        outcomes, texts: benchmark.rows.map(\.text), random: benchmark.hashes)
    }
    for reference in references where reference.rows == n {
      isMatched = true
      var scores = benchmark.builtInScores
      for router in reference.routerNames where scores[router] == nil {
        scores[router] = benchmark.storedScores(router, paths: paths)
      }
      let (figures, skipped) = reference.compare(
        outcomes, scores: scores, subject: benchmark.name)
      result.figures += figures
      result.skipped += skipped
    }
    if isMatched { return }
    var note = "\(benchmark.name): \(n) rows match no known reference"
    if let fact {
      note += "; published figures are of \(fact.rows) rows"
      if n == fact.rowsWithContaminated {
        note +=
          ", without the prompts listed in contaminated_prompts.jsonl, which is missing beside the benchmark"
      }
    }
    note +=
      ". Unjudged: weak \(outcomes.weakScore), strong \(outcomes.strongScore), oracle \(outcomes.oracleScore)"
    result.notes.append(note)
  }
}
