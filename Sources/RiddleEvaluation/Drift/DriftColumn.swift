/// One number of every row, whose distribution is compared between periods.
public struct DriftColumn: Equatable, Sendable {
  /// What the number is about.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A dense feature of the router.
    case feature
    /// A context field as a whole; its values are numbered, their order says nothing.
    case context
    /// What candidates' answers were worth and cost, and the labels made of it.
    case label
    /// A router's margin.
    case score
    /// Label − the router's probability: moves when the router is wrong in another way than before.
    case residual
    /// Share of a query's words that the reference does not know.
    case vocabulary
  }

  /// Its name.
  public var name: String
  /// What it is about.
  public var kind: Kind
  /// One value a row; NaN where the log does not say.
  public var values: [Double]
  /// Names of the numbers of a ``Kind/context`` column.
  public var categories: [String]

  /// A column.
  public init(
    name: String, kind: Kind, values: [Double], categories: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.values = values
    self.categories = categories
  }

  /// Whether greater and smaller mean something: without that there is no Kolmogorov–Smirnov distance.
  public var isOrdered: Bool { kind != .context }
}

/// The rows of a reference and of one later period, coded for counting: equal values share a code, codes rise with
/// values.
struct CodedColumn: Sendable {
  /// Code of each row; −1 for a missing value.
  let codes: [Int32]
  /// Number of codes.
  let codeCount: Int
  /// Bin of each code for the stability index.
  let bins: [Int32]
  /// Number of bins; the last one holds missing values, where there are any.
  let binCount: Int
  /// Bin of missing values; nil without any.
  let missingBin: Int32?
  /// Whether the values are ordered.
  let isOrdered: Bool
  /// Rows of each code, both periods together.
  let totals: [Int32]
  /// Rows with a missing value, both periods together.
  let missingTotal: Int

  /// Distinct values up to which every value is a bin of its own.
  static let fewValues = 10
  /// Bins of a column with more values: quantiles of the reference.
  static let quantileBins = 10

  /// - Parameters:
  ///   - values: of all rows; the first `referenceCount` are the reference.
  ///   - isOrdered: see ``DriftColumn/isOrdered``; a column that is not has a bin per value.
  init(_ values: [Double], referenceCount: Int, isOrdered: Bool) {
    self.isOrdered = isOrdered
    let distinct = Self.distinct(values.filter { !$0.isNaN })
    codeCount = distinct.count
    var codes = [Int32](repeating: -1, count: values.count)
    var totals = [Int32](repeating: 0, count: distinct.count)
    var missing = 0
    for (i, value) in values.enumerated() {
      if value.isNaN {
        missing += 1
      } else {
        let code = Self.position(of: value, in: distinct)
        codes[i] = Int32(code)
        totals[code] += 1
      }
    }
    self.codes = codes
    self.totals = totals
    missingTotal = missing
    if distinct.count <= Self.fewValues || !isOrdered {
      bins = distinct.indices.map { Int32($0) }
    } else {
      let edges = quantileEdges(
        values.prefix(referenceCount).filter { !$0.isNaN }, bins: Self.quantileBins)
      bins = distinct.map { value in Int32(edges.count { $0 <= value }) }
    }
    let valueBins = Int(bins.last ?? -1) + 1
    missingBin = missing > 0 ? Int32(valueBins) : nil
    binCount = valueBins + (missing > 0 ? 1 : 0)
  }

  /// Whether nothing can move: one value, or none.
  var isConstant: Bool { codeCount + (missingTotal > 0 ? 1 : 0) <= 1 }

  private static func distinct(_ values: [Double]) -> [Double] {
    var result: [Double] = []
    for value in values.sorted() where result.last != value { result.append(value) }
    return result
  }

  private static func position(of value: Double, in sorted: [Double]) -> Int {
    var (low, high) = (0, sorted.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The inner edges of `bins` bins of equal mass: quantiles k/bins with linear interpolation (type 7 of Hyndman & Fan,
/// 1996, doi:10.2307/2684934), equal ones once. A value belongs to the bin whose number is the count of edges at or below it.
public func quantileEdges(_ values: [Double], bins: Int) -> [Double] {
  let sorted = values.sorted()
  guard let last = sorted.last, bins > 1 else { return [] }
  var edges: [Double] = []
  for k in 1..<bins {
    let position = Double(k) / Double(bins) * Double(sorted.count - 1)
    let low = Int(position)
    let next = low + 1 < sorted.count ? sorted[low + 1] : last
    let edge = sorted[low] + (position - Double(low)) * (next - sorted[low])
    if edges.last != edge { edges.append(edge) }
  }
  return edges
}
