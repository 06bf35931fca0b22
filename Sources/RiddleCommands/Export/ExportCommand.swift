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

      --as writes other forms: json to read; c, one C99 file that needs nothing \
      else and gives the same margins to the bit; swift, a file that compiles the weights into a \
      program that has RiddleRuntime; onnx, the numbers from features to \
      margins, probabilities and the candidate; sql, one query over a table of \
      features, for routers without hashed n-grams. The features come from \
      riddle score --features.

      EXAMPLES
        riddle export models/desk --to router.riddle
        riddle export models/wide --to router.riddle --precision int8 \\
          --data log.jsonl.gz --tolerance 0.005
        riddle export models/desk --to router.json --as json
        riddle export models/desk --to desk.c --as c --name desk
        riddle export models/desk --to router.onnx --as onnx
        riddle export models/tree --to router.sql --as sql --table features --key id
        riddle export models/desk --to DeskRouter.swift --as swift --name DeskRouter
        riddle export models/desk --to explained.riddle --with-ngrams
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Option(name: [.customLong("to"), .customLong("output")], help: "File to write.")
  var destination: String

  @Option(
    name: .customLong("as"),
    help:
      "riddle (the weight file), json (readable, not scored from), c, swift, onnx or sql.")
  var form: ExportedForm = .riddle

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

  @Option(
    help:
      "Name in generated source: riddle_NAME_decide in C (default router), an enumeration in Swift (default GeneratedRouter)."
  )
  var name: String?

  @Option(help: "With --as sql: the table that is read.")
  var table: String = "features"

  @Option(help: "With --as sql: the table's column that tells rows apart.")
  var key: String = "id"

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard tolerance >= 0, tolerance <= 1 else {
      throw ValidationError("--tolerance must lie between 0 and 1")
    }
    if let name, !ExportedForm.isIdentifier(name) {
      throw ValidationError(
        "--name must be a name in source code: a letter, then letters, digits and _")
    }
    guard !table.isEmpty, !key.isEmpty else {
      throw ValidationError("--table and --key must not be empty")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      let exported = precision.map { requantised(opened.router, to: $0) } ?? opened.router
      let bytes = try encodeWeightFile(withNgrams ? naming(exported, opened) : exported)
      let decoded = try Router(decoding: bytes.span)
      let comparison = try RouterComparison(opened.router, decoded, texts: comparedTexts(opened))
      guard Double(comparison.changed) <= tolerance * Double(comparison.queries) else {
        throw CommandFailure(
          .gateFailed,
          "\(comparison.changed) of \(comparison.queries) decisions change, --tolerance allows a share of \(tolerance); nothing was written"
        )
      }
      try Files.write(
        form.content(
          of: decoded, weightFile: bytes, columns: opened.columnNames,
          names: .init(symbol: name, table: table, key: key)), to: destination)
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
        switch form {
        case .riddle: output.note("next: riddle inspect \(destination) --verify")
        case .sql: output.note("its table: riddle score \(router) --features --csv")
        case .onnx: output.note("its inputs: riddle score \(router) --features")
        case .c: output.note("compile it: cc -std=c99 -O3 -c \(destination)")
        case .json, .swift: break
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

  /// The probes, and the queries of --data.
  private func comparedTexts(_ opened: OpenedRouter) throws -> [RouterComparison.Query] {
    var texts = opened.router.probes.map {
      RouterComparison.Query(text: $0.text, context: $0.context, embedding: [])
    }
    if data.isEmpty { return texts }
    let dimension = opened.router.schema.embeddingMeans.count
    var source = DataOptions()
    source.data = data
    source.reading = reading
    for query in try source.readLog(output: output).log {
      guard let text = query.text else { continue }
      let vector = query.embedding?.values ?? []
      texts.append(
        .init(
          text: Array(text.utf8), context: requestContext(query.context),
          embedding: vector.count == dimension ? vector : []))
    }
    return texts
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
