import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

/// How a log file is read.
struct ReadingOptions: ParsableArguments {
  @Option(help: "Format of the input; seen from its content unless given.")
  var format: LogFormat?

  @Option(
    help: "Mapping file that says which column or key means what: YAML, or JSON for CSV alone.")
  var mapping: String?

  func importOptions() throws -> ImportOptions {
    var options = ImportOptions(format: format)
    if let mapping { try LogFile.readMapping(path: mapping, into: &options) }
    if options.fields != nil, let format, format != .mapped {
      throw CommandFailure(
        .usage,
        "--format \(format.rawValue) with the mapping \(mapping ?? ""): a mapping in YAML is the format; give one of the two"
      )
    }
    if format == .mapped && options.fields == nil {
      throw CommandFailure(
        .usage,
        "--format mapped needs --mapping FILE; write one with `riddle import --suggest-mapping LOG > mapping.yaml`"
      )
    }
    return options
  }
}

extension LogFormat: ExpressibleByArgument {}

/// Where labelled queries come from: a store, or files read directly.
struct DataOptions: ParsableArguments {
  @Option(help: "Store made by `riddle import`.")
  var store: String?

  @Option(
    parsing: .upToNextOption,
    help: "Log files to read instead of a store: JSONL, CSV, gzip, or a folder of a known layout.")
  var data: [String] = []

  @Option(
    help: ArgumentHelp(
      "Names of the candidates, cheapest first, separated by commas: a pair, or a ladder.",
      valueName: "weak,strong"))
  var candidates: String?

  @Option(
    help: ArgumentHelp(
      "Dollars per query of a candidate, for logs without costs. May be repeated.",
      valueName: "name=dollars"))
  var price: [String] = []

  @Option(
    help: ArgumentHelp(
      "Tiers given by hand in the log's \"tier\" field, simplest first: the right candidate is the one of the tier. Without --candidates the tiers name the candidates.",
      valueName: "simple,moderate,complex"))
  var tiers: String?

  @Option(
    help: ArgumentHelp(
      "Most queries of a store to hold in memory; of a longer one that many are sampled, and it is said. `riddle train --stream` and `riddle label` read all of any store.",
      valueName: "count"))
  var mostRows: Int = 500_000

  @OptionGroup var reading: ReadingOptions

  /// The tiers, if they were named.
  var tierNames: [String]? {
    tiers?.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0).trimmingCharacters(in: .whitespaces)
    }
  }

  func validate() throws {
    if let names = tierNames,
      names.count < 2 || Set(names.map { $0.lowercased() }).count != names.count
        || names.contains(where: { $0.isEmpty || $0.utf8.count > 64 })
    {
      throw ValidationError("--tiers needs two or more different names, simplest first")
    }
    if store != nil && !data.isEmpty {
      throw ValidationError("give --store or --data, not both")
    }
    guard mostRows >= 100 else { throw ValidationError("--most-rows must be at least 100") }
  }

  /// Reads the log; `fallback` names the candidates when --candidates is absent, `embeddingModel` the model whose
  /// vectors are read with it: the store's, or those of the log's `embedding` arrays. `keepsAnswers` and `requiresText` are
  /// those of `Dataset`. Rows that arrived at `end` or later are as if they were not there.
  func load(
    fallbackCandidates fallback: [String]? = nil, embeddingModel: String? = nil,
    keepsAnswers: Bool = false, requiresText: Bool = true, before end: Microseconds? = nil,
    output: OutputOptions
  ) throws -> LoadedData {
    try requireInput()
    let log: [LoggedQuery]
    let available: [String]
    let inputs: [LoadedData.Input]
    var judges: [String] = []
    var sampling: String?
    if let store {
      let opened = try Store.open(path: store, mode: .readOnly)
      available = try opened.candidateSummaries().map(\.name)
      let sample = try StoreSample(
        opened, most: mostRows, keepsAnswers: keepsAnswers, before: end)
      log = sample.log
      sampling = sample.sentence
      if let sampling { output.note("warning: \(sampling)") }
      judges = try opened.appliedJudges()
      inputs = [
        LoadedData.Input(name: name(store), sha256: nil, content: sample.content)
      ]
    } else {
      let read = try readLog(output: output)
      log = read.log.filter { $0.arrived(before: end) }
      available = read.report.candidates.map(\.name)
      let content = ContentHash.text(of: log)
      inputs = try data.map { try input($0, content) }
    }
    let model = store == nil ? embeddingModel : nil
    let names: [String]
    var dataset: Dataset
    if let tiers = tierNames {
      names = try tierCandidates(tiers, fallback: fallback)
      do {
        dataset = try Dataset(
          log: log, tiers: tiers, candidates: names, embeddingModel: model)
      } catch {
        throw CommandFailure(.malformedData, "--tiers \(tiers.joined(separator: ",")): \(error)")
      }
    } else {
      names = try chosenCandidates(fallback: fallback, available: available, log: log)
      dataset = Dataset(
        log: log, candidates: names, embeddingModel: model, keepsAnswers: keepsAnswers,
        requiresText: requiresText)
    }
    let models = Set(log.compactMap { $0.embedding?.model }).sorted()
    if let embeddingModel, dataset.count > 0 {
      dataset = try embedded(dataset, embeddingModel, available: models)
    }
    let zeros: Int
    (dataset, zeros) = dataset.withoutZeroCosts()
    var warnings = [sampling].compactMap { $0 } + DataLint.warnings(log, candidates: names)
    if zeros > 0 {
      warnings.append(
        "\(zeros) of \(dataset.outcomes.cost.count) outcomes cost exactly 0 and are taken as unrecorded, never as free; if a candidate is free, say so with --price NAME=0"
      )
    }
    if !price.isEmpty { dataset = try priced(dataset) }
    try requireRows(dataset.count, log.count, dataset.omitted, names)
    return LoadedData(
      dataset: dataset, inputs: inputs, unreadEmbeddings: embeddingModel == nil ? models : [],
      sampling: sampling,
      warnings: warnings + DataLint.judgeWarnings(judges, candidates: names))
  }

  /// Refuses data of which no row can be used, and says why.
  func requireRows(_ count: Int, _ read: Int, _ omitted: Dataset.Omitted, _ names: [String]) throws
  {
    if count > 0 { return }
    throw CommandFailure(
      .malformedData,
      "no usable rows for \(names.joined(separator: ", ")): \(read) queries read, "
        + "\(omitted.withoutText) without text, \(omitted.withoutCandidate) without an outcome of every candidate, "
        + "\(omitted.withoutQuality) without a judged quality; see them with `riddle inspect`"
    )
  }

  /// The candidates, cheapest first, of a store that is not read yet: as named, or a pair by what its answers cost.
  func storeCandidates(_ store: Store) throws -> [String] {
    let summaries = try store.candidateSummaries()
    return try chosenCandidates(
      fallback: nil, available: summaries.map(\.name), queryCount: try store.counts().queries
    ) { name in
      let summary = summaries.first { $0.name == name }
      return (summary?.meanCostNanoDollars, summary?.meanQuality)
    }
  }

  /// Takes files given as arguments: log files, or one store.
  mutating func take(_ files: [String]) throws {
    guard store == nil && data.isEmpty else {
      throw ValidationError(
        "give the data once: as arguments, with --data, or with --store")
    }
    if files.count == 1 && Files.isSQLite(files[0]) {
      store = files[0]
    } else {
      data = files
    }
  }

  private func requireInput() throws {
    if store == nil && data.isEmpty {
      throw CommandFailure(.usage, "give --store FILE (made by `riddle import`) or --data FILE…")
    }
  }

  /// The data with vectors of `model`.
  private func embedded(_ dataset: Dataset, _ model: String, available: [String]) throws -> Dataset
  {
    if let store {
      let opened = try Store.open(path: store, mode: .readOnly)
      return dataset.withEmbeddings(
        try opened.embeddings(model: model, texts: dataset.texts))
    }
    guard dataset.embeddings != nil else {
      let found =
        available.isEmpty ? "no row has one" : "available: \(available.joined(separator: ", "))"
      throw CommandFailure(
        .malformedData,
        "--embedding-model \(model): no usable row of the log carries an embedding of that model (\(found)); rows without \"embedding_model\" are of model \"\(LoggedEmbedding.unnamedModel)\""
      )
    }
    return dataset
  }

  /// Reads --data; says what was rejected.
  func readLog(output: OutputOptions) throws -> (log: [LoggedQuery], report: ImportReport) {
    let progress = Progress("reading", quiet: output.quiet)
    let (queries, report) = try LogFile.read(
      paths: data, options: try reading.importOptions()
    ) { update in
      progress.update(
        update.rowsRead,
        fraction: update.totalBytes.map { Double(update.bytesRead) / Double(max(1, $0)) })
    }
    progress.finish()
    let rejected = report.rejected + report.conflicts
    for reject in report.firstRejects.prefix(3) { output.note("warning: rejected \(reject)") }
    if rejected > 3 { output.note("warning: \(rejected) rows rejected in all") }
    for warning in report.warnings { output.note("warning: \(warning)") }
    return (queries, report)
  }

  private func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  /// The files of --data as inputs, whose rows have the hash `content`.
  func inputs(content: String) throws -> [LoadedData.Input] {
    try data.map { try input($0, content) }
  }

  private func input(_ path: String, _ content: String) throws -> LoadedData.Input {
    var isDirectory: ObjCBool = false
    let isFile =
      FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue
    return LoadedData.Input(
      name: name(path), sha256: isFile ? try Files.sha256(ofFile: path) : nil,
      content: content)
  }

  private func chosenCandidates(fallback: [String]?, available: [String], log: [LoggedQuery])
    throws -> [String]
  {
    func mean(_ name: String, _ value: (Outcome) -> Double?) -> Double? {
      let values = log.compactMap { $0.outcome(of: name).flatMap(value) }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    return try chosenCandidates(
      fallback: fallback, available: available, queryCount: log.count
    ) { name in
      (mean(name) { $0.cost.map { Double($0.count) } }, mean(name, \.quality))
    }
  }

  /// The candidates, cheapest first. `means` gives the mean cost and quality of a candidate, where they are known.
  private func chosenCandidates(
    fallback: [String]?, available: [String], queryCount: Int,
    means: (String) -> (cost: Double?, quality: Double?)
  ) throws -> [String] {
    let listed = available.joined(separator: ", ")
    let names: [String]
    if let candidates {
      names = candidates.split(separator: ",").map {
        String($0).trimmingCharacters(in: .whitespaces)
      }
    } else if let fallback {
      names = fallback
    } else if available.count == 2 {
      names = cheapestFirst(available, means)
    } else {
      throw CommandFailure(
        .usage,
        "these data have \(available.count) candidates; name two or more, cheapest first, with --candidates weak,strong. \(listing(available, means))"
      )
    }
    guard names.count >= 2, Set(names).count == names.count else {
      throw CommandFailure(
        .usage,
        "--candidates needs two or more different names, cheapest first; got \(names.joined(separator: ", "))"
      )
    }
    guard names.count <= 64 else {
      throw CommandFailure(.usage, "--candidates names \(names.count) candidates; at most 64")
    }
    if available.isEmpty {
      throw CommandFailure(
        .malformedData,
        "no row of these data could be used (\(queryCount) read); see the rejected rows above, or `riddle inspect`"
      )
    }
    for name in names where !available.contains(name) {
      throw CommandFailure(
        .malformedData, "candidate '\(name)' has no outcome in these data. Available: \(listed)")
    }
    return names
  }

  /// The candidate of each tier: --candidates, else those of the router or labelling, else the tiers' own names.
  private func tierCandidates(_ tiers: [String], fallback: [String]?) throws -> [String] {
    let named = candidates?.split(separator: ",").map {
      String($0).trimmingCharacters(in: .whitespaces)
    }
    let names = named ?? (fallback?.count == tiers.count ? fallback : nil) ?? tiers
    guard names.count == tiers.count, Set(names).count == names.count else {
      throw CommandFailure(
        .usage,
        "--candidates names \(names.count) candidates for \(tiers.count) tiers; give one for each, in the same order"
      )
    }
    return names
  }

  /// The candidates there are, and what their order means.
  private func listing(
    _ names: [String], _ means: (String) -> (cost: Double?, quality: Double?)
  ) -> String {
    let priced = names.count { means($0).cost != nil }
    let order =
      priced == 0
      ? "by name, for the log has no costs"
      : priced == names.count
        ? "cheapest first" : "cheapest first, then \(names.count - priced) without a cost"
    return "Available, \(order): \(byMeanCost(names, means).joined(separator: ", "))"
  }

  /// Names by mean cost; those without a cost last, as they were.
  private func byMeanCost(
    _ names: [String], _ means: (String) -> (cost: Double?, quality: Double?)
  ) -> [String] {
    let costs = names.map { means($0).cost ?? .infinity }
    return names.indices.sorted { costs[$0] != costs[$1] ? costs[$0] < costs[$1] : $0 < $1 }
      .map { names[$0] }
  }

  /// A pair in order of mean cost; without costs, of mean quality.
  private func cheapestFirst(
    _ names: [String], _ means: (String) -> (cost: Double?, quality: Double?)
  ) -> [String] {
    let (first, second) = (means(names[0]), means(names[1]))
    if let a = first.cost, let b = second.cost, a != b {
      return a < b ? names : names.reversed()
    }
    return (first.quality ?? 0) <= (second.quality ?? 0) ? names : names.reversed()
  }

  private func priced(_ dataset: Dataset) throws -> Dataset {
    dataset.fillingMissingCosts(try prices(of: dataset.outcomes.candidates))
  }

  /// What --price says, in nano-dollars per query by candidate.
  func prices(of candidates: [String]) throws -> [String: Int64] {
    var prices: [String: Int64] = [:]
    for entry in price {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let dollars = Double(parts[1]), dollars >= 0,
        let amount = NanoDollars(dollars: dollars)
      else {
        throw CommandFailure(
          .usage, "--price \(entry): expected name=dollars per query, for example gpt-4=0.0024")
      }
      guard candidates.contains(parts[0]) else {
        throw CommandFailure(
          .usage,
          "--price \(entry): no such candidate; the candidates are \(candidates.joined(separator: ", "))"
        )
      }
      prices[parts[0]] = amount.count
    }
    return prices
  }
}
