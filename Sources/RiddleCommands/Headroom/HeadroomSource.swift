import ArgumentParser

/// The options of ``DataOptions``, none of them required: files may also be given as arguments.
struct HeadroomSource: ParsableArguments {
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
      "Tiers given by hand in the log's \"tier\" field, simplest first.",
      valueName: "simple,moderate,complex"))
  var tiers: String?

  @OptionGroup var reading: ReadingOptions

  /// The same as ``DataOptions``, checked.
  func options(_ files: [String]) throws -> DataOptions {
    var options = DataOptions()
    options.store = store
    options.data = data + files
    options.candidates = candidates
    options.price = price
    options.tiers = tiers
    options.reading = reading
    do {
      try options.validate()
    } catch let error as ValidationError {
      throw CommandFailure(.usage, error.message)
    }
    return options
  }
}
