import RiddleData
import RiddleRuntime

/// What a router looks at over many queries: for every head the features by how far they move its margin.
///
/// The effect of a dense column is the mean of |contribution| over rows that the fit did not see, the contribution being
/// what ``explain(_:text:context:embedding:head:columnNames:means:limit:)`` says of one query: weight · (value −
/// training mean) of a linear part plus the changes of the margin along the paths of its trees (Saabas, 2014). It is in
/// log-odds for every kind of model, counts no training gain, and is 0 for a column that nothing reads. It says what
/// the router uses, not what causes the label; columns that move together share an effect as the fit happened to.
public struct GlobalExplanation: Equatable, Sendable, Codable {
  /// Name and version of the format.
  public var format = "riddle-explanation/1"
  /// Rows that the effects are means over.
  public var rows: Int
  /// Whether the fit saw none of them.
  public var isHeldOut = true
  /// One entry per head.
  public var heads: [Head]

  private enum CodingKeys: String, CodingKey {
    case format, rows, heads
    case isHeldOut = "held_out"
  }

  /// What one head looks at.
  public struct Head: Equatable, Sendable, Codable {
    /// What the head says.
    public var name: String
    /// Dense columns with an effect, largest first; those of an embedding stand for nothing by themselves and are
    /// taken together.
    public var columns: [Column]
    /// Mean of |contribution| of all word n-grams of a query together.
    public var words: Double?
    /// The same of all character n-grams.
    public var characters: Double?
    /// The same of all columns of an embedding.
    public var embedding: Double?
  }

  /// A dense column.
  public struct Column: Equatable, Sendable, Codable {
    /// Name of the column.
    public var feature: String
    /// Mean of |contribution|, in log-odds.
    public var effect: Double
    /// Weight of the linear part by standard deviation of the column, in log-odds; nil without a linear part.
    public var perDeviation: Double?
    /// Where higher values push.
    public var direction: Direction

    private enum CodingKeys: String, CodingKey {
      case feature, effect, direction
      case perDeviation = "per_deviation"
    }
  }

  /// Where higher values of a column push a head.
  public enum Direction: String, Sendable, Codable {
    /// Towards yes: correlation of value and contribution above 0.3; always 1 for a linear column of positive weight.
    case towards
    /// Away from yes.
    case against
    /// It depends on the value or on other columns.
    case mixed
  }

  /// Most rows that are looked at, evenly spaced.
  public static let maximumRows = 2_000

  /// Looks at a router on `data`.
  ///
  /// - Parameters:
  ///   - heads: names of the model's heads.
  ///   - columnNames: names of the dense columns.
  ///   - means: training means of the dense columns.
  ///   - data: rows that the fit did not see.
  public init(
    _ router: Router, heads: [String], columnNames: [String], means: [Double], data: Dataset
  ) {
    let step = max(1, (data.count + Self.maximumRows - 1) / Self.maximumRows)
    let sample = data.rows(Array(stride(from: 0, to: data.count, by: step)))
    let features = FeaturizedRows(sample, schema: router.schema)
    rows = sample.count
    self.heads = parallelShards(of: router.model.headCount, router.model.headCount) { range in
      range.map { head in
        Self.head(
          router.model, features, head: head,
          name: head < heads.count ? heads[head] : "head \(head)", columnNames, means)
      }
    }.flatMap { $0 }
  }

  private static func head(
    _ model: RouterModel, _ features: FeaturizedRows, head: Int, name: String, _ names: [String],
    _ means: [Double]
  ) -> Head {
    let width = features.schema.denseCount
    let named = width - features.schema.embeddingMeans.count
    var embedding = 0.0
    var moments = [Moments](repeating: Moments(), count: width)
    var words = 0.0
    var characters = 0.0
    var parts = [Double](repeating: 0, count: width)
    for i in 0..<features.count {
      let dense = features.dense[(i * width)..<((i + 1) * width)]
      for j in 0..<width { parts[j] = 0 }
      addDenseContributions(model, dense, head: head, means: means, to: &parts)
      for j in 0..<width {
        moments[j].add(
          Double(dense[i * width + j]) - (j < means.count ? means[j] : 0), parts[j])
      }
      embedding += abs(parts[named...].reduce(0, +))
      if let linear = model.linear {
        let split = features.rowStarts[i] + Int(features.wordCounts[i])
        words +=
          abs(hashedSum(linear, features.keys[features.rowStarts[i]..<split], head))
          * Double(features.wordScales[i])
        characters +=
          abs(hashedSum(linear, features.keys[split..<features.rowStarts[i + 1]], head))
          * Double(features.characterScales[i])
      }
    }
    let count = Double(max(1, features.count))
    let columns = (0..<named).compactMap { j -> Column? in
      let found = moments[j]
      if found.absolute == 0 { return nil }
      let weight = model.linear.map { Double($0.dense[head * $0.denseCount + j]) }
      return Column(
        feature: names[j], effect: found.absolute / count,
        perDeviation: weight.map { $0 * found.deviation(count) },
        direction: direction(found.correlation(count)))
    }.sorted { $0.effect != $1.effect ? $0.effect > $1.effect : $0.feature < $1.feature }
    let isHashed = model.linear != nil && features.schema.usesHashing
    return Head(
      name: name, columns: columns,
      words: isHashed && features.schema.wordOrders > 0 ? words / count : nil,
      characters: isHashed && features.schema.characterMinimum > 0 ? characters / count : nil,
      embedding: named < width ? embedding / count : nil)
  }

  private static func direction(_ correlation: Double) -> Direction {
    correlation > 0.3 ? .towards : correlation < -0.3 ? .against : .mixed
  }

  private static func hashedSum(
    _ linear: LinearModel, _ keys: ArraySlice<UInt32>, _ head: Int
  ) -> Double {
    guard linear.hashed.count > 0 else { return 0 }
    return keys.reduce(0.0) { sum, key in
      let weight = Double(linear.hashed.weight(at: Int(key >> 1) * linear.headCount + head))
      return sum + (key & 1 == 1 ? -weight : weight)
    }
  }

  /// Sums of a column's value x, less its training mean, and its contribution c.
  private struct Moments {
    var absolute = 0.0
    var x = 0.0
    var c = 0.0
    var xx = 0.0
    var cc = 0.0
    var xc = 0.0

    mutating func add(_ value: Double, _ contribution: Double) {
      absolute += abs(contribution)
      x += value
      c += contribution
      xx += value * value
      cc += contribution * contribution
      xc += value * contribution
    }

    func deviation(_ count: Double) -> Double {
      max(0, xx / count - x / count * (x / count)).squareRoot()
    }

    func correlation(_ count: Double) -> Double {
      let spread = deviation(count) * max(0, cc / count - c / count * (c / count)).squareRoot()
      return spread > 0 ? (xc / count - x / count * (c / count)) / spread : 0
    }
  }
}
