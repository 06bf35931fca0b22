import ArgumentParser
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddlePipeline
import RiddleRuntime
import RiddleStore

/// Flags of `riddle label --suggest`.
struct SuggestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Instead of labelling: pick this many unlabelled queries whose labels would help most.",
      valueName: "count"))
  var suggest: Int?

  @Option(help: "With --suggest: the router to improve, a weight file or the folder of a run.")
  var router: String?

  @Option(
    help: ArgumentHelp(
      "With --suggest: write ids and texts of the picks here, for the labelling tool.",
      valueName: "file.jsonl"))
  var output: String?

  @Flag(help: "With --suggest: print the texts too.")
  var showText = false

  @Option(help: "With --suggest: seed of the draws.")
  var suggestSeed: UInt64 = 1

  @OptionGroup var signature: SignatureOptions

  func validate() throws {
    if let suggest {
      if suggest < 1 { throw ValidationError("--suggest must be at least 1, got \(suggest)") }
      if router == nil {
        throw ValidationError("--suggest needs --router, the router whose doubts are to be settled")
      }
    } else if router != nil || output != nil || showText {
      throw ValidationError("--router, --output and --show-text go with --suggest COUNT")
    }
  }
}

/// Picks queries without complete outcomes, by the doubts of a router and their unlikeness.
struct SuggestRun {
  let count: Int
  let options: SuggestOptions
  let source: DataOptions
  let output: OutputOptions

  func run() throws {
    let opened = try OpenedRouter(path: options.router ?? "", options.signature)
    let log = try readQueries(opened)
    if log.open.isEmpty {
      output.note(
        "nothing to suggest: of \(log.read) queries \(log.withoutText) have no text, and the rest "
          + "have a judged outcome of every candidate of this router")
    }
    let schema = FeatureSchema(bucketBits: 16, wordOrders: 2)
    // One sketch of both: columns are standardised over the same rows.
    let both = log.open + log.labelled
    let features = FeaturizedRows(
      texts: both.map { $0.text ?? "" }, contexts: both.map { requestContext($0.context) },
      schema: schema)
    let sketch = QuerySketch(
      dense: Matrix(
        rowCount: features.count, columnCount: schema.denseCount, widening: features.dense),
      hashed: hashedRows(features))
    let doubts = doubts(opened.router, log.open)
    var suggestion = LabelSuggestion()
    suggestion.seed = options.suggestSeed
    let picks = suggestion.pick(
      distances: doubts.map(\.distance), sketches: sketch.rows(Array(log.open.indices)),
      labelled: sketch.rows(Array(log.open.count..<both.count)), count: count)
    let lines = picks.map { pick in
      let query = log.open[pick.row]
      let doubt = doubts[pick.row]
      return Line(
        id: query.id, candidate: opened.candidates[doubt.candidate],
        probability: doubt.probability, threshold: doubt.threshold,
        uncertainty: pick.uncertainty, reason: pick.reason.rawValue,
        query: options.showText ? query.text : nil)
    }
    if let path = options.output {
      var text = ""
      for pick in picks {
        let query = log.open[pick.row]
        text += try JSONOutput.text(Task(id: query.id, query: query.text ?? ""), pretty: false)
        text += "\n"
      }
      try Files.write(text, to: path)
      output.note("wrote \(picks.count) queries to \(path)")
    }
    if output.json {
      Console.print(
        try JSONOutput.text(
          Result(
            unlabelled: log.open.count, labelled: log.labelledCount,
            without_text: log.withoutText, seed: options.suggestSeed, suggestions: lines)))
    } else if !lines.isEmpty {
      Console.print(table(lines, open: log.open.count))
    }
  }

  /// Queries to choose from, and a sample of those labelled already.
  private struct Queries {
    var open: [LoggedQuery] = []
    var labelled: [LoggedQuery] = []
    var labelledCount = 0
    var withoutText = 0
    var read = 0

    mutating func add(_ query: LoggedQuery, _ candidates: [String]) {
      read += 1
      guard query.text != nil else {
        withoutText += 1
        return
      }
      if candidates.allSatisfy({ query.outcome(of: $0)?.quality != nil }) {
        labelledCount += 1
        if labelled.count < 2000 { labelled.append(query) }
      } else {
        open.append(query)
      }
    }
  }

  private func readQueries(_ opened: OpenedRouter) throws -> Queries {
    let candidates = opened.candidates
    var queries = Queries()
    if let path = source.store {
      let store = try Store.open(path: path, mode: .readOnly)
      try store.forEachQuery { queries.add($0, candidates) }
      if !opened.router.schema.embeddingMeans.isEmpty,
        let model = opened.metadata[RouterMetadata.embeddingModel]
      {
        let vectors = try store.embeddings(
          model: model, texts: queries.open.map { $0.text ?? "" })
        for i in queries.open.indices where vectors.isPresent[i] {
          queries.open[i].embedding = LoggedEmbedding(model: model, values: Array(vectors[i]))
        }
      }
      try store.close()
    } else {
      for query in try source.readLog(output: output).log { queries.add(query, candidates) }
    }
    return queries
  }

  /// The step of the ladder on which a query hangs.
  private struct Doubt {
    var candidate: Int
    var probability: Double
    var threshold: Double
    var distance: Double
  }

  /// Per query, the step up to the deciding one whose calibrated log-odds come closest to its threshold's.
  private func doubts(_ router: Router, _ queries: [LoggedQuery]) -> [Doubt] {
    var scratch = router.makeScratch()
    let featurizer = Featurizer(schema: router.schema)
    func probability(_ margin: Double, _ step: Int) -> Double {
      switch router.rule {
      case .ladder: router.calibration[step].probability(ofMargin: margin)
      case .values: min(1, max(0, (1 + margin) / 2))
      }
    }
    return queries.map { query in
      let vector = query.embedding?.values ?? []
      featurizer.featurize(
        (query.text ?? "").utf8Span.span, context: requestContext(query.context),
        embedding: vector.span, into: &scratch)
      let decision = router.decide(scratch)
      var margins: InlineArray<64, Double> = InlineArray(repeating: 0)
      router.writeStepMargins(scratch, to: &margins)
      var closest: Doubt?
      for step in 0...decision.head {
        let (p, t) = (
          probability(margins[step], step), probability(router.thresholds[step].value, step)
        )
        let distance = LabelSuggestion.logOdds(p) - LabelSuggestion.logOdds(t)
        if closest.map({ abs(distance) < abs($0.distance) }) ?? true {
          closest = Doubt(
            candidate: decision.candidate, probability: p, threshold: t, distance: distance)
        }
      }
      return closest
        ?? Doubt(candidate: decision.candidate, probability: 0, threshold: 0, distance: 0)
    }
  }

  private func table(_ lines: [Line], open: Int) -> String {
    var text = "\(lines.count) of \(open) unlabelled queries; their labels would help most\n\n"
    let width = min(40, max(2, lines.map(\.id.count).max() ?? 2))
    func padded(_ cell: String, _ width: Int) -> String {
      cell + String(repeating: " ", count: max(0, width - cell.count))
    }
    text += "  \(padded("id", width))  probability  threshold  reason\n"
    for line in lines {
      text += "  \(padded(line.id, width))  \(padded(fixed(line.probability), 11))"
      text += "  \(padded(fixed(line.threshold), 9))  \(explained(line.reason))\n"
      if let query = line.query { text += "    \(query.replacing("\n", with: " "))\n" }
    }
    return text
      + "\nTrain on their labels; calibrate and evaluate on random rows, because these are no sample of the traffic."
  }

  private func explained(_ reason: String) -> String {
    switch LabelSuggestion.Pick.Reason(rawValue: reason) {
    case .uncertain: "near the threshold"
    case .different: "unlike the labelled and the picked"
    default: "at random, to see what the router does not doubt"
    }
  }

  private func fixed(_ value: Double) -> String {
    let digits = String(Int((value * 1000).rounded()))
    return value >= 0.9995
      ? "1.000" : "0." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  private struct Line: Encodable {
    var id: String
    var candidate: String
    var probability: Double
    var threshold: Double
    var uncertainty: Double
    var reason: String
    var query: String?
  }

  private struct Task: Encodable {
    var id: String
    var query: String
  }

  private struct Result: Encodable {
    var unlabelled: Int
    var labelled: Int
    var without_text: Int
    var seed: UInt64
    var suggestions: [Line]
  }
}
