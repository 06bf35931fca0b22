import Foundation
import RiddleLinearAlgebra

/// Measurements of Riddle for `make bench`. Every command prints one JSON object on one line; `bench.py` runs the
/// commands in turn with the same work in scikit-learn and prints the ratios.
@main enum Bench {
  static let usage = """
    usage: riddle-bench COMMAND --data FILE… --candidates WEAK,STRONG [options]

      train        featurize and fit the rows outside one fold; held-out log loss on the fold
                     --folds FILE --fold K --penalty L (default 1)
      quality      held-out predictions of routers for every target
                     --folds FILE --gap-prefix PREFIX --output FILE --model KIND (stack) --penalties L,L,…
                     --smoothing A,A,… --bucket-bits N --characters 0|1 --inner-folds N --calibration KIND
                     --targets weak-fails,strong-wins,success,utility-gap --unit text|group (stays together inside)
      scoring      thread CPU time of a decision; one number per repeat and table
                     --queries FILE (zero bytes between queries) --repeats N (default 40)
      allocations  allocations of a decision; needs the counter of allocations.c in LD_PRELOAD
                     --queries FILE
      scorer       a weight file: time of a decision beside its generated C, single calls, batches, opening; no --data
                     --router FILE --queries FILE --form SHARED-OBJECT --repeats N (60)
      decisions    decisions a second into a log, as JSON lines and as a store, and what the scorer pays for it; no --data
                     --router FILE --queries FILE --decisions N (200000) --repeats N (3) --folder DIR
      forest       trees beside C made of the same trees, on rows that are there already; no --data
                     --trees FILE --form SHARED-OBJECT --matrix FILE --columns N --repeats N (60)
      speed        text in memory to fitted model on a file of query, label and fold (JSON lines); no candidates
                     --mode dual|batch|stream|router --penalty L (default 1) --fold K (default 0)
      statistics   text statistics of such a file as a matrix and labels, for the three benches below
                     --matrix FILE --labels FILE --fold K (0: left out)
      boosting     fit boosted trees to a matrix of 32-bit floats, row-major
                     --matrix FILE --labels FILE --trees N --leaves N --rate R --leaf-rows N --repeats N
      cart         grow one decision tree on such a matrix
                     --matrix FILE --labels FILE --depth N --leaf-rows N --repeats N
      dense        logistic regression on such a matrix, columns as they are; weights as 64-bit floats, intercept last
                     --matrix FILE --labels FILE --coefficients FILE --penalty L (1) --solver NAME (automatic)
                     --tolerance T (1e-9) --repeats N (1)
      suggest      picking the next labels against random picking, on held-out rows; a table on standard error
                     --start N --add N (500) --rounds N --seeds N (5) --first-seed N (1)
                     --penalty L (3)
      duplicates   near-duplicate clusters, the label noise they show, and the time they take
                     --repeat N (copies of the log, each with a word of its own; default 1)
      evaluation   one full evaluation of made rows: metrics, wall, intervals, curves; no data
                     --rows N (14000) --routers N (5) --replicates N (2000) --threads N (2) --table FILE
      promises     violation rates of thresholds with a promise over draws from a known population; no data needed
                     --draws N (1000) --rows N,N (1000,4000) --limits L,L (0.02,0.05) --confidence C (0.95) --seed N (1)
      planted      near-duplicates of synthetic queries: time, memory, recall and precision; no data
                     --rows N (1000000) --output FILE --slice N (20000): the first rows as lines, for the reference
      curve        learning curve of "weak fails" and what more labels would buy
                     --orders N (3) --penalty L (3)
      off-policy   how often the intervals of off-policy estimates cover a known value, on simulated logs; no data
                     --logs N (2000) --rows N (1000) --replicates N (1000) --confidence C (0.95)
      replay       decisions a second of replayed policies, and a sweep of 100 points; no data
      world        one call to the world of a replay: log, fitted, traced, with faults, retries; no data
                     --rows N (14000) --repeats N (30); counts allocations like the command of that name
      neighbours   predictions from nearest embeddings in blocks, beside a plain loop that finds the same; no data
                     --rows N (10000) --dimension N (384) --queries N (1000) --neighbours N (50)
      bandits      decisions and updates of each learning policy per second; no data
                     --requests N (100000) --ladder N (5)

      hostile      time per KB of texts made to be slow, 1 KB to 1 MB; a table on standard error; no data
                     --repeats N (5)

    A fold file has one line a row: identifier, tab, fold.
    """

  static func main() {
    do {
      BLASThreads.set(1)  // as `riddle train` does
      var words = CommandLine.arguments.dropFirst()
      let arguments: Arguments
      switch words.popFirst() {
      case "train":
        arguments = try Arguments(words)
        try show(try measureTraining(arguments))
      case "quality":
        arguments = try Arguments(words)
        try show(try measureQuality(arguments))
      case "scoring":
        arguments = try Arguments(words)
        try show(try measureScoring(arguments))
      case "allocations":
        arguments = try Arguments(words)
        try show(try measureAllocations(arguments))
      case "scorer":
        arguments = try Arguments(words)
        try show(try measureScorer(arguments))
      case "decisions":
        arguments = try Arguments(words)
        try show(try measureDecisions(arguments))
      case "forest":
        arguments = try Arguments(words)
        try show(try measureForest(arguments))
      case "speed":
        arguments = try Arguments(words)
        try show(try measureSpeed(arguments))
      case "statistics":
        arguments = try Arguments(words)
        try show(try writeStatistics(arguments))
      case "boosting":
        arguments = try Arguments(words)
        try show(try measureBoosting(arguments))
      case "cart":
        arguments = try Arguments(words)
        try show(try measureTree(arguments))
      case "dense":
        arguments = try Arguments(words)
        try show(try measureDense(arguments))
      case "suggest":
        arguments = try Arguments(words)
        try show(try measureSuggestion(arguments))
      case "duplicates":
        arguments = try Arguments(words)
        try show(try measureDuplicates(arguments))
      case "evaluation":
        arguments = try Arguments(words)
        try show(try measureEvaluation(arguments))
      case "planted":
        arguments = try Arguments(words)
        try show(try measurePlanted(arguments))
      case "curve":
        arguments = try Arguments(words)
        try show(try measureCurve(arguments))
      case "off-policy":
        arguments = try Arguments(words)
        try show(try measureOffPolicy(arguments))
      case "promises":
        arguments = try Arguments(words)
        try show(try measurePromises(arguments))
      case "replay":
        arguments = try Arguments(words)
        try show(try measureReplay(arguments))
      case "world":
        arguments = try Arguments(words)
        try show(try measureWorld(arguments))
      case "neighbours":
        arguments = try Arguments(words)
        try show(try measureNeighbours(arguments))
      case "bandits":
        arguments = try Arguments(words)
        try show(try measureBandits(arguments))
      case "hostile":
        arguments = try Arguments(words)
        try show(try measureHostile(arguments))
      case let word:
        throw BenchError.usage("unknown command \(word ?? "(none)")\n\(usage)")
      }
    } catch {
      FileHandle.standardError.write(Data("riddle-bench: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func show(_ result: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(result), as: UTF8.self))
  }
}

/// Why a measurement could not be made.
enum BenchError: Error, CustomStringConvertible {
  case usage(String)
  case input(String)

  var description: String {
    switch self {
    case .usage(let text), .input(let text): text
    }
  }
}
