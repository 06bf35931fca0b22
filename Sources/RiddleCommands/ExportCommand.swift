import ArgumentParser
import Foundation
import RiddleData
import RiddleExport
import RiddlePipeline
import RiddleRuntime

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the file that production reads, and prove that it decides the same.",
    discussion: """
      Decodes the run's weight file, encodes it again (smaller with --precision int8), \
      decodes the result and compares decisions on the probes and on --data. More changed \
      decisions than --tolerance allows: nothing is written, exit status 1.

      EXAMPLES
        riddle export models/desk --to router.riddle
        riddle export models/wide --to router.riddle --precision int8 \\
          --data log.jsonl.gz --tolerance 0.005
        riddle export models/desk --to router.json --as json
        riddle export models/desk --to explained.riddle --with-ngrams
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case riddle, json
  }

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Option(name: [.customLong("to"), .customLong("output")], help: "File to write.")
  var destination: String

  @Option(
    name: .customLong("as"), help: "riddle (the weight file) or json (readable, not scored from).")
  var form: Form = .riddle

  @Option(help: "Store hashed weights as int8 or float32. Default: as they are.")
  var precision: StoredPrecision?

  @Option(
    parsing: .upToNextOption, help: "Log files whose queries the decisions are compared on as well."
  )
  var data: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Put the strings behind heavy hash buckets into the file, from the run's ngrams.json.",
      discussion:
        "They are n-grams of the training queries: only such as occur in at least 5 distinct texts, but look at them before the file leaves the house."
    ))
  var withNgrams = false

  @Option(help: "Share of the queries of --data whose decision may change.")
  var tolerance: Double = 0

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard tolerance >= 0, tolerance <= 1 else {
      throw ValidationError("--tolerance must lie between 0 and 1")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      let exported = try precision.map { try requantised(opened.router, to: $0) } ?? opened.router
      let bytes = try encodeWeightFile(withNgrams ? naming(exported, opened) : exported)
      let decoded = try Router(decoding: bytes.span)
      let comparison = try compare(opened.router, decoded)
      guard Double(comparison.changed) <= tolerance * Double(comparison.queries) else {
        throw CommandFailure(
          .gateFailed,
          "\(comparison.changed) of \(comparison.queries) decisions change, --tolerance allows a share of \(tolerance); nothing was written"
        )
      }
      switch form {
      case .riddle: try Files.write(bytes, to: destination)
      case .json:
        try Files.write(
          try JSONOutput.text(RouterDescription(decoded, file: bytes)) + "\n", to: destination)
      }
      let written = try Files.read(destination, what: "exported file")
      let result = Result(
        file: destination, bytes: written.count, sha256: Files.sha256(written),
        bytes_before: opened.bytes.count, compared_queries: comparison.queries,
        changed_decisions: comparison.changed, largest_margin_change: comparison.largest)
      if output.json {
        Console.print(try JSONOutput.text(result))
      } else {
        Console.print(
          "\(destination): \(result.bytes) bytes (was \(result.bytes_before)), sha256 \(result.sha256)"
        )
        Console.print(
          "compared on \(result.compared_queries) queries: \(result.changed_decisions) decisions change, largest change of a margin \(result.largest_margin_change)"
        )
        if form == .riddle {
          output.note("next: riddle inspect \(destination) --verify")
        }
      }
    }
  }

  /// The router with the n-grams of its run in the metadata.
  private func naming(_ router: Router, _ opened: OpenedRouter) throws -> Router {
    guard var ngrams = try opened.ngrams() else {
      throw CommandFailure(
        .inputMissing,
        "\(self.router): no \(RunFolder.ngramsName) of this router beside the weight file; give the folder of its run (a model that hashes words, trained without --stream)"
      )
    }
    ngrams.reweigh(for: router)
    let entry = Router.MetadataEntry(
      key: Array(RouterMetadata.ngrams.utf8),
      value: Array(try JSONOutput.text(ngrams, pretty: false).utf8))
    let others = router.metadata.filter { $0.key != entry.key }
    return router.replacing(
      metadata: (others + [entry]).sorted { $0.key.lexicographicallyPrecedes($1.key) })
  }

  /// The router with its hashed table in another precision and probes to match.
  private func requantised(_ router: Router, to precision: StoredPrecision) throws -> Router {
    func rounded(_ model: LinearModel) -> LinearModel {
      if model.hashed.count == 0 { return model }
      let weights = (0..<model.hashed.count).map { Double(model.hashed.weight(at: $0)) }
      return LinearModel(
        headCount: model.headCount, intercepts: model.intercepts, dense: model.dense,
        hashed: HashedWeights(
          rounding: weights, bucketBits: model.hashed.bucketBits, headCount: model.headCount,
          to: precision))
    }
    let smaller: RouterModel
    switch router.model {
    case .linear(let linear): smaller = .linear(rounded(linear))
    case .stack(let linear, let forest): smaller = .stack(rounded(linear), forest)
    case .tree, .forest: return router
    }
    let changed = router.replacing(model: smaller)
    return changed.replacing(probes: ProbeSet.probes(for: changed))
  }

  private func compare(_ a: Router, _ b: Router) throws -> (
    queries: Int, changed: Int, largest: Double
  ) {
    var texts = a.probes.map { ($0.text, $0.context, [Float]()) }
    let dimension = a.schema.embeddingMeans.count
    if !data.isEmpty {
      var source = DataOptions()
      source.data = data
      source.reading = reading
      for query in try source.readLog(output: output).log {
        guard let text = query.text else { continue }
        let vector = query.embedding?.values ?? []
        texts.append(
          (
            Array(text.utf8), requestContext(query.context),
            vector.count == dimension ? vector : []
          ))
      }
    }
    var first = a.makeScratch()
    var second = b.makeScratch()
    var changed = 0
    var largest = 0.0
    for (text, context, embedding) in texts {
      let x = a.decide(
        text.span, context: context, embedding: embedding.span, scratch: &first)
      let y = b.decide(
        text.span, context: context, embedding: embedding.span, scratch: &second)
      if x.candidate != y.candidate { changed += 1 }
      for head in 0..<a.model.headCount {
        largest = max(
          largest,
          abs(a.model.margin(first, head: head) - b.model.margin(second, head: head)))
      }
    }
    return (texts.count, changed, largest)
  }

  private struct Result: Encodable {
    var file: String
    var bytes: Int
    var sha256: String
    var bytes_before: Int
    var compared_queries: Int
    var changed_decisions: Int
    var largest_margin_change: Double
  }
}
