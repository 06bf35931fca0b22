import ArgumentParser
import Foundation
import RiddleData
import RiddleRemote
import RiddleStore

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Put vectors for the texts of a store beside them.",
    discussion: """
      From a NumPy file with one vector a row, or from any OpenAI-compatible /v1/embeddings. \
      Vectors are kept by text and model: a text is never paid for twice, queries with the \
      same text share a vector, and a stopped run goes on where it left off. Without a source \
      it lists what is there.

      EXAMPLES
        riddle embed --store desk.sqlite
        riddle embed --store desk.sqlite --npy vectors.npy --ids ids.txt \\
          --embedding-model minilm
        riddle embed --store desk.sqlite --endpoint http://127.0.0.1:8000/v1 \\
          --embedding-model bge-small --dry-run
        riddle embed --store desk.sqlite --endpoint https://api.openai.com/v1 \\
          --embedding-model text-embedding-3-small --price-in 0.02 \\
          --budget 1.00 --dry-run
      """)

  @Option(help: "Store made by `riddle import`.")
  var store: String

  @Option(help: ArgumentHelp("The embedding model's name.", valueName: "name"))
  var embeddingModel: String?

  @Option(help: "NumPy file: float16, float32 or float64, one vector a row.")
  var npy: String?

  @Option(help: "Text file that names the query of each row of --npy: one id a line.")
  var ids: String?

  @Flag(help: "Replace vectors of --npy that differ from those in the store.")
  var replace = false

  @Option(help: "Texts a call.")
  var batch: Int = 64

  @Option(help: "Length of the vectors, for models that can shorten them.")
  var dimensions: Int?

  @Flag(help: "Forget calls of killed runs that count as spent; look at the provider's bill first.")
  var forgetOpenCalls = false

  @OptionGroup(title: "Endpoints") var endpoint: EndpointOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if npy != nil && endpoint.endpoint != nil {
      throw ValidationError("give --npy or --endpoint, not both")
    }
    if (npy == nil) != (ids == nil) { throw ValidationError("--npy and --ids go together") }
    if npy != nil || endpoint.endpoint != nil {
      guard let embeddingModel, !embeddingModel.isEmpty, embeddingModel.utf8.count <= 1024 else {
        throw ValidationError("give --embedding-model NAME: vectors are kept under it")
      }
    }
    if replace && npy == nil { throw ValidationError("--replace is for --npy") }
    if endpoint.dryRun && endpoint.endpoint == nil {
      throw ValidationError("--dry-run is for --endpoint")
    }
    guard (1...2048).contains(batch) else { throw ValidationError("--batch must lie in 1…2048") }
    if let dimensions, !(1...65_536).contains(dimensions) {
      throw ValidationError("--dimensions must lie in 1…65536")
    }
    if endpoint.budget != nil && endpoint.priceIn == nil {
      throw ValidationError("--budget needs --price-in, dollars per million tokens")
    }
  }

  func run() throws {
    try reportingFailures {
      if let npy, let ids, let embeddingModel {
        try importFile(npy, ids: ids, model: embeddingModel)
      } else if endpoint.endpoint != nil, let embeddingModel {
        try fetch(embeddingModel)
      } else {
        try list()
      }
    }
  }

  // MARK: what is there

  private func list() throws {
    let opened = try Store.open(path: store, mode: .readOnly)
    let models = try opened.embeddingModels()
    try opened.close()
    if output.json {
      Console.print(try JSONOutput.text(["models": models]))
      return
    }
    if models.isEmpty { Console.print("no vectors in \(store)") }
    for model in models {
      Console.print("\(model.name): \(model.vectors) vectors of \(model.dimension)")
    }
  }

  // MARK: from a file

  private func importFile(_ path: String, ids: String, model: String) throws {
    let file = try NpyFile(path: path)
    let names = try Self.lines(try Files.read(ids, what: "list of ids"), path: ids)
    guard names.count == file.rows else {
      throw CommandFailure(
        .malformedData,
        "\(ids) names \(names.count) queries, \(path) has \(file.rows) rows; one line for each row is expected"
      )
    }
    let opened = try Store.open(path: store, mode: .readWrite)
    let (written, unchanged) = try opened.saveEmbeddings(
      ids: names, model: model, replacing: replace
    ) { count throws(StoreError) in try file.nextRows(count) }
    let missing = try opened.textsWithoutEmbedding(model: model).count
    try opened.close()
    if output.json {
      struct Result: Encodable {
        var model: String
        var dimension: Int
        var rows: Int
        var written: Int
        var unchanged: Int
        var texts_without_vector: Int
      }
      Console.print(
        try JSONOutput.text(
          Result(
            model: model, dimension: file.columns, rows: file.rows, written: written,
            unchanged: unchanged, texts_without_vector: missing)))
    } else {
      Console.print(
        "\(file.rows) vectors of \(file.columns): \(written) written, \(unchanged) there already; \(missing) texts without a vector of \(model)"
      )
    }
  }

  /// The lines of a list, without line ends; the last may lack its own.
  static func lines(_ bytes: [UInt8], path: String) throws -> [String] {
    var rest = bytes[...]
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    if rest.last == 0x0a { rest = rest.dropLast() }
    if rest.isEmpty { return [] }
    return try rest.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated().map {
      number, line in
      let content = line.last == 0x0d ? line.dropLast() : line
      guard !content.isEmpty, let text = String(validating: content, as: UTF8.self) else {
        throw CommandFailure(
          .malformedData,
          "\(path), line \(number + 1): expected an id, got an empty line or no UTF-8")
      }
      return text
    }
  }

  // MARK: from an endpoint

  private func fetch(_ model: String) throws {
    let target = try endpoint.endpoint(model: model, output: output)
    let opened = try Store.open(path: store, mode: .readWrite)
    let job = EmbeddingRun.job(model)
    if forgetOpenCalls && !endpoint.dryRun { try opened.forgetOpenCalls(of: job) }
    let price = Price(inputPerMillion: EndpointOptions.money(endpoint.priceIn), outputPerMillion: 0)
    let texts = try opened.textsWithoutEmbedding(model: model)
    let batches = EmbeddingRun.batches(texts.filter { $0.byteCount > 0 }, size: batch)
    var estimate = CallEstimate()
    for batch in batches {
      estimate.add(
        bytes: batch.reduce(0) { $0 + $1.byteCount }, maximumTokens: 0, price: price)
    }
    let total = batches.reduce(0) { $0 + $1.count }
    var result = Result(
      model: model, endpoint: target.base, dry_run: endpoint.dryRun, texts: total,
      empty_texts: texts.count - total, estimate: estimate, spending: try opened.spending(of: job))
    if !endpoint.dryRun {
      let runner = EmbeddingRun(
        store: opened, client: RemoteClient(endpoint: target, settings: endpoint.client),
        model: model, dimensions: dimensions, price: price,
        limit: endpoint.budget.map { NanoDollars(EndpointOptions.money($0)) },
        limits: Limits(concurrency: endpoint.concurrency, maximumCalls: endpoint.maxCalls),
        isQuiet: output.quiet)
      let summary = try waiting { try await runner.run(batches) }
      result.calls = summary.calls
      result.vectors = summary.vectors
      result.dollars = summary.cost.dollars
      result.refused = summary.refused
      result.ended = summary.end.name
      result.spending = try opened.spending(of: job)
      result.left = total - summary.vectors
      try opened.close()
      try show(result, price)
      if case .failed(let error) = summary.end { throw error }
      return
    }
    try opened.close()
    try show(result, price)
  }

  private func show(_ result: Result, _ price: Price) throws {
    if output.json {
      Console.print(try JSONOutput.text(result))
      return
    }
    if result.dry_run {
      let estimate = result.estimate
      Console.print(
        "would ask \(result.model) for \(result.texts) vectors in \(estimate.calls) calls, about \(estimate.likely_input_tokens) tokens (bytes / 4)"
      )
      Console.print(
        price.isZero
          ? "  money: unknown; give --price-in"
          : "  about $\(FigureText.dollars(estimate.likely_dollars)); at most $\(FigureText.dollars(estimate.most_dollars)), with one token a byte"
      )
    } else {
      Console.print(
        "\(result.calls) calls: \(result.vectors) vectors, \(result.left) texts left")
      for id in result.refused.prefix(5) {
        output.note("the server refused the text of query \(id); is it too long for the model?")
      }
      switch result.ended {
      case "budget": output.note("stopped: the next call could pass the budget")
      case "max-calls": output.note("stopped after --max-calls; the same command goes on")
      default: break
      }
    }
    if result.empty_texts > 0 { output.note("an empty text gets no vector") }
    if result.spending.calls + result.spending.openCalls > 0 {
      Console.print(
        "  so far, all runs: \(result.spending.calls) calls, \(result.spending.inputTokens) tokens, $\(FigureText.dollars(NanoDollars(result.spending.costNanoDollars).dollars))"
          + (result.spending.openCalls > 0
            ? "; \(result.spending.openCalls) calls of killed runs may have cost up to $\(FigureText.dollars(NanoDollars(result.spending.openNanoDollars).dollars))"
            : ""))
    }
  }

  private struct Result: Encodable {
    var model: String
    var endpoint: String
    var dry_run: Bool
    var ended: String?
    var texts: Int
    var empty_texts: Int
    var calls = 0
    var vectors = 0
    var left = 0
    var refused: [String] = []
    var dollars = 0.0
    var estimate: CallEstimate
    var spending: JobSpending
  }
}
