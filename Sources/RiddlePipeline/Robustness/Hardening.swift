import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Ways to train a router whose routes are harder to move. Training alone differs: the runtime and the weight file are the
/// same.
public enum Hardening: String, CaseIterable, Sendable, Codable {
  /// Text statistics are clipped to their training quantiles before the fit, so that a mark hardly any query has earns no
  /// weight; and no n-gram weighs more than a quantile of the n-grams of the training rows, so that one inserted token can
  /// push no further than a common one. See ``DenseClip`` and ``WeightCap``.
  case clip
  /// The fit also sees every training query in other writing, with the same label, and behind tokens that push a plain fit:
  /// ``AugmentedRows``.
  case augment
}

/// Limits of the text statistics: the quantiles ``share`` and 1 − ``share`` of the training rows.
///
/// Only the fit reads clipped values; a query's own are not clipped. What helps is that a column which is constant between its
/// limits gets weight 0, and that no weight is owed to a few outliers.
struct DenseClip: Sendable {
  static let share = 0.01

  /// Clips the first `columns` columns of `dense` to the quantiles of its first `rows` rows.
  static func clipped(_ dense: Matrix, columns: Int, rows: Int) -> Matrix {
    var values = dense.values
    let width = dense.columnCount
    for j in 0..<columns where rows > 0 {
      let sorted = (0..<rows).map { values[$0 * width + j] }.sorted()
      let margin = Int(share * Double(rows - 1))
      let (low, high) = (sorted[margin], sorted[rows - 1 - margin])
      for i in 0..<dense.rowCount {
        values[i * width + j] = min(high, max(low, values[i * width + j]))
      }
    }
    return Matrix(rowCount: dense.rowCount, columnCount: width, values: values)
  }
}

/// The largest weight of an n-gram: the quantile ``quantile`` of |weight| over all n-grams of all training rows.
struct WeightCap: Sendable {
  /// Number of n-grams of the training rows in each bucket.
  let counts: [Int32]
  /// Share of the n-grams that keep their weight.
  let quantile: Double

  init(counts: [Int32], quantile: Double) {
    self.counts = counts
    self.quantile = quantile
  }

  init(_ features: FeaturizedRows, quantile: Double) {
    var counts = [Int32](repeating: 0, count: 1 << features.schema.bucketBits)
    for key in features.keys { counts[Int(key >> 1)] &+= 1 }
    self.init(counts: counts, quantile: quantile)
  }

  /// The cap for weights by bucket.
  func limit(_ weights: [Double]) -> Double {
    let used = counts.indices.filter { counts[$0] > 0 }
    let total = used.reduce(0) { $0 + Int(counts[$1]) }
    var left = Int((quantile * Double(total)).rounded(.up))
    for bucket in used.sorted(by: { abs(weights[$0]) < abs(weights[$1]) }) {
      left -= Int(counts[bucket])
      if left <= 0 { return abs(weights[bucket]) }
    }
    return used.map { abs(weights[$0]) }.max() ?? 0
  }

  /// The coefficients with every hashed weight between −limit and limit.
  func capped(_ coefficients: LogisticCoefficients) -> LogisticCoefficients {
    guard coefficients.hashed.count == counts.count else { return coefficients }
    let limit = limit(coefficients.hashed)
    return LogisticCoefficients(
      intercept: coefficients.intercept, dense: coefficients.dense,
      hashed: coefficients.hashed.map { min(limit, max(-limit, $0)) })
  }
}

/// The training rows, and after them ``copies`` copies of all of them in other writing, in the same order each: row i and its
/// copies n + i, 2n + i, … have one label, one context, one fold, and together the weight of one row.
struct AugmentedRows: Sendable {
  let data: Dataset

  /// Copies of every row: letter case; single blanks; other white space; no punctuation; a thank-you; typos behind a harmless
  /// token; characters that look alike or are not seen; behind random tokens; and behind tokens that push margins up or
  /// down, as a gadget's do.
  static let copies = 9
  /// Most tokens of the random prefix.
  static let longestPrefix = 12

  /// Tokens of each direction that the last copy draws from.
  static let pushingTokens = 64

  /// Copies the rows of `data`, whose near-duplicates are searched unless they are known.
  ///
  /// - Parameter plain: a router that was fitted to the rows as they are: what pushes it is what the last copy is made of.
  init(_ original: Dataset, plain: Router, seed: UInt64) {
    let vocabulary = GadgetVocabulary(
      texts: original.texts, partitions: [original.duplicateClusters]
    ).tokens
    let meter = RouteMeter(plain, original)
    let pushing = GadgetAttack.Direction.allCases.map { direction in
      GadgetSearch(
        meter: meter, rows: Array(0..<original.count), vocabulary: vocabulary, length: 0,
        candidates: Self.pushingTokens, passes: 0, direction: direction
      ).strongest()
    }
    var texts = original.texts
    for copy in 0..<Self.copies {
      texts += (0..<original.count).map { i in
        let key =
          StableHash.hash(original.ids[i].utf8) &+ StableHash.mixed(UInt64(copy))
          &+ StableHash.mixed(seed)
        var stream = SplitMix64(seed: StableHash.mixed(key))
        let tokens = copy < Self.copies - 1 ? vocabulary : pushing[stream.below(pushing.count)]
        return Self.rewritten(original.texts[i], copy, tokens, &stream)
      }
    }
    let rows = (0...Self.copies).flatMap { _ in 0..<original.count }
    data = original.rows(rows).withTexts(texts)
  }

  private static func rewritten(
    _ text: String, _ copy: Int, _ vocabulary: [String], _ stream: inout SplitMix64
  ) -> String {
    func one(of changes: [Perturbation]) -> String {
      changes[stream.below(changes.count)].apply(to: text, stream: &stream)
    }
    let blanks: [Perturbation] = [.doubledSpaces, .surroundingSpaces, .trailingNewline]
    switch copy {
    case 0: return one(of: [.lowerCase, .upperCase, .titleCase])
    case 1:
      let single = Perturbation.singleSpaces.apply(to: text, stream: &stream)
      return single != text ? single : one(of: blanks)
    case 2: return one(of: blanks)
    case 3: return Perturbation.noPunctuation.apply(to: text, stream: &stream)
    case 4: return Perturbation.politeSuffix.apply(to: text, stream: &stream)
    case 5:
      let mistyped = Perturbation.typosThree.apply(to: text, stream: &stream)
      return Perturbation.prefix.apply(to: mistyped, stream: &stream)
    case 6: return one(of: [.lookAlikes, .zeroWidth, .noBreakSpaces])
    default:
      let count = 1 + stream.below(longestPrefix)
      let repeats = stream.below(2) == 0
      var tokens: [String] = []
      for _ in 0..<count {
        let token = vocabulary[stream.below(vocabulary.count)]
        tokens.append(repeats ? tokens.first ?? token : token)
      }
      return tokens.joined(separator: " ") + " " + text
    }
  }
}
