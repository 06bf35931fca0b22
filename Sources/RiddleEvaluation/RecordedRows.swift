import RiddleData

/// One router's decisions on the rows it was judged on, with the outcomes: enough to judge it again beside another, paired
/// row by row, and nothing of the queries' text.
///
/// File layout, little-endian: `RDLJUDG1`; u32 candidates K; u32 heads (0 without a score); u64 rows n; u32 flags (1:
/// probabilities); heads thresholds (f64); K names and what a cluster is (each u32 length, UTF-8); then columns: n row keys
/// (u64), n clusters (u64), n·K qualities (f64), n·K costs (i64), n·heads margins (f64), n picks (u32), n probabilities (f64,
/// if flagged), n lengths (f64), n keyword scores (f64).
public struct RecordedRows: Equatable, Sendable {
  /// Outcomes of the rows.
  public var table: OutcomeTable
  /// The decisions.
  public var policy: ScoredPolicy
  /// Row keys, clusters, lengths and keyword scores.
  public var wall: BaselineInputs

  /// Most rows that are kept; beyond it a run keeps none.
  public static let mostRows = 200_000

  private static let magic = Array("RDLJUDG1".utf8)

  /// The rows of an evaluation.
  public init(table: OutcomeTable, policy: ScoredPolicy, wall: BaselineInputs) {
    self.table = table
    self.policy = policy
    self.wall = wall
  }

  /// The bytes of the file.
  public var encoded: [UInt8] {
    var out = Self.magic
    func add(_ value: UInt64, _ bytes: Int = 8) {
      for i in 0..<bytes { out.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
    }
    func add(_ values: [Double]) { for value in values { add(value.bitPattern) } }
    let n = table.rowCount
    add(UInt64(table.candidates.count), 4)
    add(UInt64(policy.thresholds.count), 4)
    add(UInt64(n))
    add(policy.probabilities == nil ? 0 : 1, 4)
    add(policy.thresholds)
    for name in table.candidates + [wall.clusterField] {
      add(UInt64(name.utf8.count), 4)
      out += name.utf8
    }
    for key in wall.rowKeys { add(key) }
    for i in 0..<n { add(UInt64(wall.clusters?[i] ?? i)) }
    add(table.quality)
    for cost in table.cost { add(UInt64(bitPattern: cost)) }
    add(policy.margins)
    for pick in policy.picks { add(UInt64(pick), 4) }
    add(policy.probabilities ?? [])
    add(wall.lengths)
    add(wall.keywordScores)
    return out
  }

  /// Reads the bytes of a file; nil when they are not one, hold values out of range, or claim more than there is.
  ///
  /// - Parameter name: what the router is called in comparisons.
  public init?(decoding bytes: [UInt8], name: String) {
    var reader = Reader(bytes)
    guard reader.take(8) == Self.magic[...], let width = reader.number(4), width >= 2,
      width <= 64, let heads = reader.number(4), heads == 0 || heads == width - 1,
      let n = reader.number(8), n >= 1, n <= bytes.count, let flags = reader.number(4), flags <= 1,
      let thresholds = reader.doubles(heads)
    else { return nil }
    var candidates: [String] = []
    for _ in 0...width {
      guard let length = reader.number(4), let text = reader.take(length),
        let name = String(validating: text, as: UTF8.self)
      else { return nil }
      candidates.append(name)
    }
    let clusterField = candidates.removeLast()
    guard Set(candidates).count == width, let keys = reader.words(n),
      let clusters = reader.words(n), let quality = reader.doubles(n * width),
      let cost = reader.words(n * width), let margins = reader.doubles(n * heads),
      let picks = reader.numbers(n, 4),
      let probabilities = reader.doubles(flags == 1 ? n : 0), let lengths = reader.doubles(n),
      let keywords = reader.doubles(n), reader.isAtEnd,
      (quality + margins + thresholds + lengths + keywords).allSatisfy(\.isFinite),
      probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }), picks.allSatisfy({ $0 < width }),
      cost.allSatisfy({ Int64(bitPattern: $0) >= 0 || Int64(bitPattern: $0) == .min })
    else { return nil }
    table = OutcomeTable(
      candidates: candidates, quality: quality, cost: cost.map { Int64(bitPattern: $0) },
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: n * width))
    policy =
      heads > 0
      ? ScoredPolicy(
        name: name, kind: "recorded", margins: margins, thresholds: thresholds,
        probabilities: flags == 1 ? probabilities : nil)
      : ScoredPolicy(name: name, kind: "recorded", picks: picks)
    policy.picks = picks
    wall = BaselineInputs(
      lengths: lengths, keywordScores: keywords, rowKeys: keys,
      clusters: clusters.map { Int(truncatingIfNeeded: $0) }, clusterField: clusterField)
  }

  /// The rows at `indices`.
  func rows(_ indices: [Int]) -> RecordedRows {
    RecordedRows(
      table: table.rows(indices), policy: policy.rows(indices), wall: wall.rows(indices))
  }

  private struct Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= bytes.count - position else { return nil }
      position += count
      return bytes[(position - count)..<position]
    }

    mutating func number(_ width: Int) -> Int? {
      guard let taken = take(width) else { return nil }
      let value = taken.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int(exactly: value)
    }

    mutating func numbers(_ count: Int, _ width: Int) -> [Int]? {
      guard count <= (bytes.count - position) / width else { return nil }
      return (0..<count).compactMap { _ in number(width) }
    }

    mutating func words(_ count: Int) -> [UInt64]? {
      guard count >= 0, count <= (bytes.count - position) / 8 else { return nil }
      var values: [UInt64] = []
      values.reserveCapacity(count)
      for _ in 0..<count {
        var value: UInt64 = 0
        for i in 0..<8 { value |= UInt64(bytes[position + i]) << UInt64(8 * i) }
        values.append(value)
        position += 8
      }
      return values
    }

    mutating func doubles(_ count: Int) -> [Double]? {
      words(count).map { $0.map(Double.init(bitPattern:)) }
    }
  }
}
