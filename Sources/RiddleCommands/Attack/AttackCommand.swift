import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleStore

struct AttackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Do routes hold when queries are written differently, by accident or on purpose?",
    discussion: """
      Every query is decided again in other letter case, with other white space, with typos, \
      behind a harmless token, before a thank-you, without punctuation, in other words (with \
      --paraphrases), and with characters that only look the same. Then one prefix for all \
      queries is searched that pushes routes up, and one that pushes them down: found on one \
      half of the queries, judged on the other. Where the data hold outcomes of the router's \
      candidates, so do dollars and quality. Rows seen in training are left out.

      Token strings are printed if they are built in or occur in at least 5 distinct texts.

      --require-unchanged is passed when the lower end of the interval of every benign \
      perturbation reaches the share; else the exit status is 1.

      EXAMPLES
        riddle attack router.riddle log.jsonl.gz
        riddle attack models/desk --store desk.sqlite --require-unchanged 0.95
        riddle attack models/desk log.jsonl --paraphrases paraphrases.jsonl --json
        riddle attack models/desk log.jsonl --families case --gadget-tokens 0
        riddle attack models/desk log.jsonl --card
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Argument(
    help:
      "Log files, or a store; or queries alone: JSON lines with \"query\", or .txt with one a line."
  )
  var files: [String] = []

  @OptionGroup var source: DataOptions

  @Option(help: "Rows to attack: held-out or all.")
  var rows: RowChoice = .heldOut

  @Option(
    help: ArgumentHelp(
      "Paraphrases: JSON lines with \"id\" or \"query\", and \"paraphrase\" or \"paraphrases\"; or lines of id or query, tab, paraphrase.",
      valueName: "file"))
  var paraphrases: String?

  @Option(
    help: ArgumentHelp(
      "Kinds of change, separated by commas: case, whitespace, typos, prefix, suffix, punctuation, paraphrase, hostile. Default: all.",
      valueName: "kinds"))
  var families: String?

  @OptionGroup(title: "Gadget search") var search: GadgetOptions

  @Option(
    help: ArgumentHelp(
      "Exit with status 1 unless every benign change leaves at least this share of the routes unchanged, by the lower end of its interval.",
      valueName: "share"))
  var requireUnchanged: Double?

  @OptionGroup var sampling: IntervalOptions

  @Option(help: "Seed of typos, prefixes and of the halves.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Model of the embeddings, for routers that read them. Default: the one they were trained with.",
      valueName: "name"))
  var embeddingModel: String?

  @Flag(
    help:
      "Write robustness.json into the run's folder and the tables into its MODEL_CARD.md.")
  var card = false

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    if !files.isEmpty { try source.take(files) }
    guard source.store != nil || !source.data.isEmpty else {
      throw ValidationError(
        "give the router and then log files, or --store FILE (made by `riddle import`)")
    }
    guard !source.data.contains("-") else {
      throw ValidationError(
        "an attack reads its data more than once; save standard input to a file")
    }
    if let requireUnchanged, !(0...1).contains(requireUnchanged) {
      throw ValidationError("--require-unchanged must lie between 0 and 1, for example 0.95")
    }
    let chosen = try chosenFamilies()
    guard families == nil || chosen.contains(.paraphrase) == (paraphrases != nil) else {
      throw ValidationError(
        paraphrases == nil
          ? "--families paraphrase needs a list: --paraphrases FILE"
          : "--paraphrases FILE is read for --families paraphrase; add it to the kinds, or leave --families out"
      )
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      let folder = try card ? CardFolder(beside: opened) : nil
      let (data, hasOutcomes, sampling) = try load(opened)
      let judged = try JudgedRows(data, seen: try opened.seenRows(), choice: rows)
      let warnings =
        [sampling].compactMap { $0 } + judged.warnings
        + (try embeddingWarnings(opened.router, name: opened.name, on: judged.data))
      let progress = Progress("attacking", unit: "decisions", quiet: output.quiet)
      var report = measureRobustness(
        of: opened.router, name: opened.name, on: judged.data,
        rows: judged.selection.description, hasOutcomes: hasOutcomes,
        paraphrases: try paraphrases.map { try ParaphraseFile.read($0, for: judged.data) } ?? [:],
        plan: try plan(), progress: { _, decisions in progress.update(decisions) })
      progress.finish()
      report.warnings = warnings + report.warnings
      guard !report.changes.isEmpty || !report.gadgets.isEmpty else {
        throw CommandFailure(
          .malformedData,
          "nothing to judge: no query has a paraphrase in the list, and no other change was asked for with --families"
        )
      }
      try folder?.write(report)
      try show(report)
      if let share = requireUnchanged, report.verdict(requiring: share) != .pass {
        throw ExitCode(ExitStatus.gateFailed.rawValue)
      }
    }
  }

  private func plan() throws -> RobustnessPlan {
    var plan = search.plan
    plan.families = try chosenFamilies()
    plan.unit = sampling.clusterBy
    plan.confidence = sampling.confidence
    plan.seed = seed
    return plan
  }

  private func chosenFamilies() throws -> Set<Perturbation.Family> {
    guard let families else { return Set(Perturbation.Family.allCases) }
    return Set(
      try families.split(separator: ",").map { word in
        let name = word.trimmingCharacters(in: .whitespaces)
        guard let family = Perturbation.Family(rawValue: name) else {
          throw ValidationError(
            "--families \(name): no such kind; there are \(Perturbation.Family.allCases.map(\.rawValue).joined(separator: ", "))"
          )
        }
        return family
      })
  }

  /// The rows with outcomes of the router's candidates, or with texts alone where the log has none of theirs.
  private func load(_ opened: OpenedRouter) throws -> (
    data: Dataset, hasOutcomes: Bool, sampling: String?
  ) {
    let log: [LoggedQuery]
    var sampling: String?
    var rejected = 0
    if let store = source.store {
      let sample = try StoreSample(
        try Store.open(path: store, mode: .readOnly), most: source.mostRows, keepsAnswers: false,
        before: nil)
      log = sample.log
      sampling = sample.sentence
    } else if source.data.allSatisfy({ $0.hasSuffix(".txt") || $0.hasSuffix(".txt.gz") }) {
      log = try QueryLines.read(source.data)
    } else {
      var quiet = output
      quiet.quiet = true
      let read = try source.readLog(output: quiet)
      rejected = read.report.rejected + read.report.conflicts
      log = read.log.isEmpty ? try QueryLines.read(source.data) : read.log
      if read.log.isEmpty { rejected = 0 }
    }
    let named = Set(log.lazy.flatMap(\.outcomes).map(\.candidate))
    let asked = source.candidates != nil || source.tiers != nil
    let embeddings = embeddingModel ?? opened.metadata[RouterMetadata.embeddingModel]
    if asked || opened.candidates.allSatisfy({ named.contains($0) }) {
      let loaded = try source.load(
        fallbackCandidates: opened.candidates, embeddingModel: embeddings, output: output)
      let width = loaded.dataset.outcomes.candidates.count
      guard width == opened.candidates.count else {
        throw CommandFailure(
          .usage,
          "the router's ladder has \(opened.candidates.count) candidates (\(opened.candidates.joined(separator: ", "))), --candidates names \(width)"
        )
      }
      let names = loaded.dataset.outcomes.candidates
      if names != opened.candidates {
        guard names.sorted() != opened.candidates.sorted() else {
          throw CommandFailure(
            .usage,
            "the router's ladder is \(opened.candidates.joined(separator: ", ")), --candidates has another order"
          )
        }
        output.note(
          "warning: dollars and quality are those of \(names.joined(separator: ", ")), not of the router's \(opened.candidates.joined(separator: ", "))"
        )
      }
      return (loaded.dataset, true, loaded.sampling)
    }
    if embeddings != nil {
      throw CommandFailure(
        .malformedData,
        "the router reads embeddings and the data have no outcomes of \(opened.candidates.joined(separator: ", ")); attack it on a log with both"
      )
    }
    let data = Dataset(textsOf: log)
    guard data.count > 0 else {
      throw CommandFailure(
        .malformedData,
        "no query with a text among \(log.count) rows; see them with `riddle inspect`")
    }
    if rejected > 0 { output.note("warning: \(rejected) rows rejected; see `riddle import`") }
    output.note(
      "no outcomes of \(opened.candidates.joined(separator: ", ")) in these data: routes are compared, dollars and quality are not known"
    )
    return (data, false, sampling)
  }

  private func show(_ report: RobustnessReport) throws {
    if output.json {
      let gate = requireUnchanged.map {
        Result.Gate(
          share: $0, verdict: report.verdict(requiring: $0), weakest: report.weakest?.name)
      }
      Console.print(try JSONOutput.text(Result(robustness: report, gate: gate)))
      return
    }
    let tables = RobustnessTables.tables(report)
    for table in tables { Console.print(table.text(width: Console.width) + "\n") }
    if let share = requireUnchanged { Console.print(gateSentence(report, share)) }
    // Tables say what to be warned of; without one it is said here.
    if tables.isEmpty { for warning in report.warnings { output.note("warning: \(warning)") } }
  }

  private func gateSentence(_ report: RobustnessReport, _ share: Double) -> String {
    let verdict = report.verdict(requiring: share)
    guard let weakest = report.weakest else {
      return "\(verdict.rawValue): no benign change was applied, nothing shows that routes hold"
    }
    return
      "\(verdict.rawValue): at least \(FigureFormat.percent.text(share)) unchanged under every benign change; the weakest is \(weakest.name) with \(FigureFormat.percent.text(weakest.unchanged))"
  }

  private struct Result: Encodable {
    struct Gate: Encodable {
      var share: Double
      var verdict: RobustnessReport.Verdict
      var weakest: String?
    }

    var kind = "robustness"
    var robustness: RobustnessReport
    var gate: Gate?
  }
}

/// How gadgets are searched.
struct GadgetOptions: ParsableArguments {
  @Option(help: "Tokens of a gadget; 0 searches none.")
  var gadgetTokens: Int = 10

  @Option(help: "Tokens tried at each step, the best of the vocabulary when alone.")
  var candidatesPerStep: Int = 64

  @Option(help: "Queries that a gadget is searched on at most; those of the other half judge it.")
  var queries: Int = 400

  @Option(
    help:
      "Distinct texts in which a token of the data must occur to be tried and printed, at least 5.")
  var tokenSupport: Int = GadgetVocabulary.minimumSupport

  func validate() throws {
    guard (0...64).contains(gadgetTokens) else {
      throw ValidationError("--gadget-tokens must lie between 0 and 64")
    }
    guard (1...4096).contains(candidatesPerStep) else {
      throw ValidationError("--candidates-per-step must lie between 1 and 4096")
    }
    guard (10...100_000).contains(queries) else {
      throw ValidationError("--queries must lie between 10 and 100000")
    }
    guard tokenSupport >= GadgetVocabulary.minimumSupport else {
      throw ValidationError(
        "--token-support must be at least \(GadgetVocabulary.minimumSupport): what few people wrote is not printed"
      )
    }
  }

  var plan: RobustnessPlan {
    var plan = RobustnessPlan()
    plan.gadgetTokens = gadgetTokens
    plan.candidatesPerStep = candidatesPerStep
    plan.searchQueries = queries
    plan.support = tokenSupport
    return plan
  }
}

extension OpenedRouter {
  /// What is known of the rows it was trained on.
  func seenRows() throws -> SeenRows {
    if let rows = try trainingRows() { return .fingerprints([rows]) }
    guard let unit = metadata[RouterMetadata.splitUnit], let splitUnit = SplitUnit(rawValue: unit),
      let seed = metadata[RouterMetadata.seed].flatMap({ UInt64($0) })
    else { return .unknown }
    return .split(Split(unit: splitUnit, seed: seed))
  }
}
