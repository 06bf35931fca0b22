import ArgumentParser
import RiddlePolicyFiles
import RiddleStore

/// What an import must be told when the logs leave it open.
struct ImportingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Price table for answers with tokens and no cost: YAML or JSON, dollars per million tokens, such as datasets/prices.yaml.",
      valueName: "file"))
  var prices: String?

  @Option(
    help: ArgumentHelp(
      "Which score is the quality, in logs with scores of several names (langfuse, otel).",
      valueName: "name"))
  var score: String?

  @Option(
    help: ArgumentHelp(
      "Scale of the scores, worst and best; 0,1 unless given.", valueName: "low,high"))
  var scoreRange: String?

  @Option(
    help: ArgumentHelp(
      "Unit of latencies that a Langfuse export writes without saying it: ms or s.",
      valueName: "unit"))
  var latencyUnit: LatencyUnit?

  @Flag(
    help: ArgumentHelp(
      "Make one query with several outcomes of rows with an equal prompt and different candidates.",
      discussion:
        "Equal up to white space, first turns only. Rows are held in memory, at most two million."))
  var joinEqualPrompts = false

  func validate() throws {
    if let scoreRange, Self.range(scoreRange) == nil {
      throw ValidationError(
        "--score-range \(scoreRange): expected two numbers, worst and best, for example 1,5")
    }
  }

  /// Sets what was given.
  func apply(to options: inout ImportOptions) throws {
    let range = scoreRange.flatMap(Self.range)
    options.scores = ScoreRule(name: score, low: range?.low ?? 0, high: range?.high ?? 1)
    options.latencyUnit = latencyUnit
    options.joinsEqualPrompts = joinEqualPrompts
    if let prices {
      let bytes = try Files.read(prices, what: "prices", atMost: 1 << 20)
      let list = try PriceList(text: String(decoding: bytes, as: UTF8.self), path: prices)
      options.prices = TokenPrices(
        date: list.date,
        entries: Dictionary(
          list.entries.map {
            ($0.name, .init(input: $0.input, cachedInput: $0.cachedInput, output: $0.output))
          }, uniquingKeysWith: { first, _ in first }))
    }
  }

  private static func range(_ text: String) -> (low: Double, high: Double)? {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 2, let low = numbers[0], let high = numbers[1], low.isFinite,
      high.isFinite, low < high
    else { return nil }
    return (low, high)
  }
}

extension LatencyUnit: ExpressibleByArgument {}
