/// The vectors of one embedding model for the rows of a data set.
///
/// Row-major: row `i` stands at `values[i * dimension ..< (i + 1) * dimension]`. A row without a vector is all
/// zeros, and `isPresent[i]` is false: zeros are a filler, never a measurement.
public struct EmbeddingColumn: Equatable, Sendable {
  /// The embedding model's name.
  public let model: String
  /// Length of every vector, at least 1.
  public let dimension: Int
  /// `count × dimension` finite values.
  public let values: [Float]
  /// Whether row `i` has a vector.
  public let isPresent: [Bool]

  /// Number of rows.
  public var count: Int { isPresent.count }
  /// Number of rows with a vector.
  public var presentCount: Int { isPresent.count { $0 } }

  /// A column from `isPresent.count × dimension` values.
  public init(model: String, dimension: Int, values: [Float], isPresent: [Bool]) {
    precondition(dimension >= 1, "an embedding has at least one dimension, got \(dimension)")
    precondition(
      values.count == isPresent.count * dimension,
      "\(isPresent.count) rows of \(dimension) dimensions need \(isPresent.count * dimension) values, got \(values.count)"
    )
    self.model = model
    self.dimension = dimension
    self.values = values
    self.isPresent = isPresent
  }

  /// A column from one optional vector a row; nil when no row has one of `model`.
  ///
  /// The first vector of `model` sets the dimension; rows whose vector has another length count as absent.
  public init?(model: String, rows: [LoggedEmbedding?]) {
    guard
      let dimension = rows.lazy.compactMap({ $0 }).first(where: { $0.model == model })?.values
        .count,
      dimension >= 1
    else { return nil }
    var values: [Float] = []
    values.reserveCapacity(rows.count * dimension)
    var isPresent: [Bool] = []
    isPresent.reserveCapacity(rows.count)
    for row in rows {
      if let row, row.model == model, row.values.count == dimension {
        values.append(contentsOf: row.values)
        isPresent.append(true)
      } else {
        values.append(contentsOf: repeatElement(0, count: dimension))
        isPresent.append(false)
      }
    }
    self.init(model: model, dimension: dimension, values: values, isPresent: isPresent)
  }

  /// The vector of row `i`; zeros when it has none.
  public subscript(_ i: Int) -> ArraySlice<Float> {
    values[(i * dimension)..<((i + 1) * dimension)]
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> EmbeddingColumn {
    var picked: [Float] = []
    picked.reserveCapacity(indices.count * dimension)
    for i in indices { picked.append(contentsOf: self[i]) }
    return EmbeddingColumn(
      model: model, dimension: dimension, values: picked, isPresent: indices.map { isPresent[$0] })
  }
}
