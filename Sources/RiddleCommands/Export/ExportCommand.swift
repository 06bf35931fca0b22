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
      Decodes the run's weight file, encodes it again (smaller with --precision or \
      --target-size), decodes the result and compares decisions on the probes and on --data. More \
      changed decisions than --tolerance allows: nothing is written, exit status 1.

      --target-size tries every precision and leaves out the lightest n-gram buckets until the file \
      fits, prints what each size costs (AUC and log loss where --data has outcomes, changed \
      decisions, margins) and writes the form with fewest changed decisions; among equals the one \
      with the lower log loss, then the smaller one. KB is 1000 bytes, KiB 1024.

      --policy carries a policy file, --prices the candidates' token prices inside the weight \
      file; `riddle inspect` shows both.

      --as writes other forms: json to read; c, one C99 file that needs nothing \
      else and gives the same margins to the bit; swift, a file that compiles the weights into a \
      program that has RiddleRuntime; onnx, the numbers from features to \
      margins, probabilities and the candidate; sql, one query over a table of \
      features, for routers without hashed n-grams. The features come from \
      riddle score --features. litellm writes a folder for LiteLLM's proxy: the router, \
      the C library of --library, adapters that fail towards the strongest candidate, a \
      config.yaml and verify.sh, which checks them.

      EXAMPLES
        riddle export models/desk --to router.riddle
        riddle export models/wide --to router.riddle --precision int8 \\
          --data log.jsonl.gz --tolerance 0.005
        riddle export models/desk --to small.riddle --target-size 64KB \\
          --data log.jsonl.gz --tolerance 0.005
        riddle export models/desk --to r.riddle --policy band.yaml \\
          --prices small=0.15/0.6 large=3/0.3/15
        riddle export r.riddle --to bare.riddle --policy none --prices none
        riddle export models/desk --to router.json --as json
        riddle export models/desk --to desk.c --as c --name desk
        riddle export models/desk --to router.onnx --as onnx
        riddle export models/tree --to router.sql --as sql --table features --key id
        riddle export models/desk --to DeskRouter.swift --as swift --name DeskRouter
        riddle export models/desk --to explained.riddle --with-ngrams
        riddle export models/desk --to plug --as litellm --library out/library
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Option(
    name: [.customLong("to"), .customLong("output")],
    help: "File to write; with --as litellm, a folder.")
  var destination: String

  @Option(
    name: [.customLong("as"), .customLong("target")],
    help:
      "riddle (the weight file), json (readable, not scored from), c, swift, onnx, sql or litellm (a folder)."
  )
  var form: ExportedForm = .riddle

  @Option(
    help:
      "Store hashed weights as float32, float16 or int8. Default: as they are; with --target-size, all are tried."
  )
  var precision: StoredPrecision?

  @Option(
    help: ArgumentHelp(
      "Largest length of the weight file: 64KB, 64KiB, 1MB or a number of bytes.",
      valueName: "size"))
  var targetSize: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Policy file to carry inside the weight file; none takes it out.", valueName: "file"))
  var policy: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Dollars per million tokens: name=input/output or name=input/cached/output, or a YAML or JSON file of name: {input, cached_input, output}; none takes them out.",
      valueName: "file|name=in/out"))
  var prices: [String] = []

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

  @Option(
    help: ArgumentHelp(
      "With --as litellm: the folder that `make library` made. Default: \(LiteLLMFolder.usualLibrary).",
      valueName: "folder"))
  var library: String?

  @Option(
    help: "Store that shall remember the written weight file, with the run that it was made from.")
  var store: String?

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
    if form == .swift, let name, ExportedForm.swiftKeywords.contains(name) {
      throw ValidationError(
        "--name \(name) is a word of the language; expected a name for a type, such as DeskRouter")
    }
    if targetSize != nil && form != .riddle {
      throw ValidationError(
        "--target-size is the length of the weight file: export that first, then --as from it")
    }
    if policy != nil && form != .riddle && form != .json {
      throw ValidationError("--policy is kept in a weight file; leave it out with --as \(form)")
    }
    if store != nil && form != .riddle {
      throw ValidationError("--store remembers weight files; leave it out with --as \(form)")
    }
    if library != nil && form != .litellm {
      throw ValidationError("--library is copied by --as litellm alone; leave it out")
    }
    guard destination != "-" else {
      throw ValidationError("--to names a file; an export is not written to standard output")
    }
    guard !table.isEmpty, !key.isEmpty else {
      throw ValidationError("--table and --key must not be empty")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      var changed = withNgrams ? try naming(opened.router, opened) : opened.router
      if let policy { changed = try AttachedParts.policy(policy, in: opened, changed) }
      if !prices.isEmpty {
        changed = try AttachedParts.prices(prices, in: opened, changed, output: output)
      }
      let sample = try ExportSample(opened, data: data, reading: reading, output: output)
      var search: SizeSearch?
      if let targetSize {
        output.note(targetSize.sentence)
        if data.isEmpty {
          output.note(
            "warning: without --data only \(sample.probeCount) probes are compared, and they say little about your queries"
          )
        }
        let found = try SizeSearch(
          changed, original: opened, limit: targetSize.bytes,
          precisions: precision.map { [$0] } ?? StoredPrecision.allCases, sample: sample)
        changed = found.chosen
        search = found
        if !output.json { Console.print(found.text(sample, width: Console.width)) }
      } else if let precision,
        let shrinking = RouterShrinking(changed, origin: Files.sha256(opened.bytes))
      {
        changed = try shrinking.smallestWhole(precision).router
      }
      try write(changed, opened, sample, search)
    }
  }

  /// Proves that the encoded router decides the same, and writes it.
  private func write(
    _ exported: Router, _ opened: OpenedRouter, _ sample: ExportSample, _ search: SizeSearch?
  ) throws {
    let bytes = try encodeWeightFile(exported)
    let decoded = try Router(decoding: bytes.span)
    let figures = compareForms(of: opened.router, [decoded], queries: sample.queries)[0]
    let queries = sample.queries.count
    var result = Result(
      file: destination, bytes: bytes.count, sha256: Files.sha256(bytes),
      bytes_before: opened.bytes.count, compared_queries: queries,
      changed_decisions: figures.changed, largest_margin_change: figures.largestMarginChange)
    if let search {
      result.target_bytes = targetSize?.bytes
      result.sizes = search.rows
      result.labelled_rows = sample.labelledRows
      result.labels = sample.labelNote
    }
    guard Double(figures.changed) <= tolerance * Double(queries) else {
      result.written = false
      if output.json && search != nil { Console.print(try JSONOutput.text(result)) }
      throw CommandFailure(
        .gateFailed,
        "\(figures.changed) of \(queries) decisions change, --tolerance allows a share of \(tolerance); nothing was written"
          + (search == nil ? "" : "; allow more with --tolerance, or give more room")
      )
    }
    let content = try form.content(
      of: decoded, weightFile: bytes, columns: opened.columnNames,
      names: .init(symbol: name, table: table, key: key))
    try refuseChanging(opened, to: content)
    var weights = destination
    if form == .litellm {
      let folder = try LiteLLMFolder(
        weightFile: content, candidates: opened.candidates,
        library: library ?? LiteLLMFolder.usualLibrary)
      result.files = try folder.write(to: destination, output: output)
      weights += "/" + LiteLLMFolder.routerName
    } else {
      try Files.write(content, to: destination)
    }
    if let store {
      try RunRegistration.addDerived(destination, from: opened, to: store, output: output)
    }
    let written = try Files.read(weights, what: "exported file")
    result.bytes = written.count
    result.sha256 = Files.sha256(written)
    if output.json {
      Console.print(try JSONOutput.text(result))
      return
    }
    Console.print(
      "\(weights): \(result.bytes) bytes (was \(result.bytes_before)), sha256 \(result.sha256)"
    )
    let compared =
      form == .riddle || form == .litellm ? "compared" : "the weight file it is made of: compared"
    Console.print(
      "\(compared) on \(queries) queries (\(sample.probeCount) probes, \(sample.dataCount) of --data): \(result.changed_decisions) decisions change, largest change of a margin \(result.largest_margin_change)"
    )
    switch form {
    case .riddle: output.note("next: riddle inspect \(destination) --verify")
    case .sql: output.note("its table: riddle score \(router) --features --csv")
    case .onnx: output.note("its inputs: riddle score \(router) --features")
    case .c: output.note("compile it: cc -std=c99 -O3 -c \(destination)")
    case .litellm:
      if !decoded.schema.embeddingMeans.isEmpty {
        output.note(
          "warning: this router reads embeddings, and the proxy has none: every query is decided as one of an average embedding"
        )
      }
      output.note(
        "next: bash \(destination)/verify.sh, then litellm --config \(destination)/config.yaml")
    case .json, .swift: break
    }
  }

  /// A run's manifest names the checksum of its weight file: another form of it goes elsewhere.
  private func refuseChanging(_ opened: OpenedRouter, to content: [UInt8]) throws {
    let own = URL(fileURLWithPath: opened.path).resolvingSymlinksInPath()
    let manifest = own.deletingLastPathComponent().appendingPathComponent(RunFolder.manifestName)
    guard content != opened.bytes,
      own == URL(fileURLWithPath: destination).resolvingSymlinksInPath(),
      FileManager.default.fileExists(atPath: manifest.path)
    else { return }
    throw CommandFailure(
      .usage,
      "\(destination) is the run's own weight file, whose checksum its \(RunFolder.manifestName) names; nothing was written; give --to another name"
    )
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

  private struct Result: Encodable {
    var file: String
    var bytes: Int
    var sha256: String
    var bytes_before: Int
    var compared_queries: Int
    var changed_decisions: Int
    var largest_margin_change: Double
    var written = true
    /// With --as litellm: the folder's files; bytes and sha256 above are those of the router.
    var files: [LiteLLMFolder.File]?
    /// With --target-size: the limit and what each size costs.
    var target_bytes: Int?
    var sizes: [SizeSearch.Row]?
    var labelled_rows: Int?
    var labels: String?
  }
}
