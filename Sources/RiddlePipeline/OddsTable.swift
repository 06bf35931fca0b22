import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// What the dense features of one logistic head do to the odds, with intervals: ``DenseInference`` by column name.
public struct OddsTable: Sendable, Codable, Equatable {
  /// What the intervals take as given, one sentence.
  public var condition: String
  /// One row per dense column that varies, largest coefficient per standard deviation first.
  public var columns: [Row]

  /// One dense feature.
  public struct Row: Sendable, Codable, Equatable {
    /// Name of the column.
    public var feature: String
    /// Column of the dense features.
    public var column: Int
    /// Standard deviation of the feature over the training rows.
    public var deviation: Double
    /// Coefficient by standard deviation, in log-odds.
    public var perDeviation: Double
    /// Factor on the odds by one standard deviation.
    public var oddsRatio: Double
    /// Lower end of its interval of 95 %.
    public var low: Double
    /// Upper end of its interval of 95 %.
    public var high: Double

    private enum CodingKeys: String, CodingKey {
      case feature, column, deviation, low, high
      case perDeviation = "per_deviation"
      case oddsRatio = "odds_ratio"
    }
  }

  /// The table of a model that `settings` fitted to `data`; an empty one that says why when there is none.
  ///
  /// - Parameters:
  ///   - alpha: share of the group's mean in the targets.
  ///   - accountsForNGrams: whether hashed weights are nuisance parameters rather than given.
  ///   - maximumRows: rows that the curvature is computed from at most, evenly spaced and weighed up to all of them.
  init(
    _ model: LogisticCoefficients, settings: LogisticRegression, data: TrainingSet, alpha: Double,
    accountsForNGrams: Bool = false, maximumRows: Int = 50_000
  ) {
    columns = []
    if settings.l1Ratio > 0 {
      condition =
        "no intervals: an L1 penalty selects features, and intervals after selection would be too narrow"
      return
    }
    do throws(LearningError) {
      let total = data.count
      let data = try Self.sample(data, maximumRows)
      let keys = data.hashed?.keys.count ?? 0
      let accounts = keys > 0 && accountsForNGrams
      let found = try settings.inference(of: model, on: data, accountingForHashed: accounts)
      columns = found.map { item in
        let (ratio, low, high) = item.perDeviation
        return Row(
          feature: "\(item.column)", column: item.column, deviation: item.deviation,
          perDeviation: item.weightPerDeviation, oddsRatio: ratio, low: low, high: high)
      }.sorted {
        abs($0.perDeviation) != abs($1.perDeviation)
          ? abs($0.perDeviation) > abs($1.perDeviation) : $0.column < $1.column
      }
      condition =
        Self.hashedCondition(keys: keys, accounts: accounts)
        + " They condition on the penalty λ \(settings.l2Penalty), which draws coefficients towards 0"
        + (alpha > 0 ? ", and on targets that hold \(alpha) of their group's mean." : ".")
        + (data.count < total ? " \(data.count) of \(total) rows stand for all." : "")
    } catch {
      condition = "no intervals: \(error)"
    }
  }

  /// At most `limit` rows, evenly spaced, that weigh as much as all.
  private static func sample(_ data: TrainingSet, _ limit: Int) throws(LearningError)
    -> TrainingSet
  {
    if data.count <= limit { return data }
    let step = (data.count + limit - 1) / limit
    let rows = data.rows(Array(stride(from: 0, to: data.count, by: step)))
    let factor = Double(data.count) / Double(rows.count)
    return try TrainingSet(
      dense: rows.dense, hashed: rows.hashed, targets: rows.targets,
      weights: rows.weights.map { $0 * factor })
  }

  private static func hashedCondition(keys: Int, accounts: Bool) -> String {
    if keys == 0 { return "Intervals of 95 % by the curvature of the penalised likelihood." }
    return accounts
      ? "Intervals of 95 % by the curvature of the penalised likelihood; the n-gram weights' uncertainty is accounted for."
      : "Intervals of 95 % by the curvature of the penalised likelihood, given the n-gram weights: too narrow where n-grams say the same as a column (--odds-with-ngrams accounts for them)."
  }

  /// The same table with the names of the columns, without those of an embedding: no single one of them means
  /// anything.
  func named(_ schema: NamedSchema) -> OddsTable {
    var table = self
    let columnNames = schema.columnNames
    let embedding = schema.schema.embeddingMeans.count
    if embedding > 0 && !table.columns.isEmpty {
      table.columns.removeAll { $0.column >= columnNames.count - embedding }
      table.condition += " The \(embedding) columns of the embedding are in the fit and not listed."
    }
    for i in table.columns.indices {
      let column = table.columns[i].column
      if column < columnNames.count { table.columns[i].feature = columnNames[column] }
    }
    return table
  }
}
