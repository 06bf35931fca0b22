import RiddleData
import RiddleRuntime

/// The word n-grams of the training rows behind the heaviest hash buckets, for people who read a router.
///
/// A router keeps hashes only. This list is kept beside it, never inside it unless asked for, and names no n-gram that
/// occurs in fewer than ``minimumRows`` distinct texts, where all rows of a conversation count as one: what
/// a single user wrote does not appear (k-anonymity with k = 5).
///
/// For every head the 2 000 buckets with the largest |weight| are looked at, and of those with a string that may be
/// named the ``maximumBuckets`` heaviest are kept. Strings are counted in at most ``maximumRows`` training rows, evenly
/// spaced. The same rows and router give the same list.
public struct NGramStrings: Equatable, Sendable, Codable {
  /// Name and version of the format.
  public var format = "riddle-ngrams/1"
  /// Distinct texts in which every listed n-gram occurs at least.
  public var minimumRows = Self.anonymityRows
  /// Fingerprint of the schema that the buckets belong to, hexadecimal.
  public var schema: String
  /// Mean value of one n-gram of a query, 1/√(number of n-grams, repeats counted): weight times this is a typical effect.
  public var typicalValue: Double
  /// One list per head that hashes.
  public var heads: [Head]

  /// The buckets of one head.
  public struct Head: Equatable, Sendable, Codable {
    /// What the head says.
    public var name: String
    /// Heaviest first.
    public var buckets: [Bucket]
  }

  /// A hash bucket and what was hashed into it.
  public struct Bucket: Equatable, Sendable, Codable {
    /// Number of the bucket.
    public var bucket: Int
    /// Its weight.
    public var weight: Double
    /// Most frequent first, at most ``maximumStrings``. Several mean that they share the weight.
    public var strings: [Text]
  }

  /// An n-gram.
  public struct Text: Equatable, Sendable, Codable {
    /// Lowered words, one space between them.
    public var text: String
    /// Distinct texts that have it, among the rows looked at.
    public var rows: Int
    /// The bucket's weight with the n-gram's sign: log-odds by unit of its value, positive towards yes.
    public var weight: Double
  }

  private enum CodingKeys: String, CodingKey {
    case format, schema, heads
    case minimumRows = "minimum_rows"
    case typicalValue = "typical_value"
  }

  /// Fewest distinct texts of a listed n-gram.
  public static let anonymityRows = 5
  /// Most buckets of a head.
  public static let maximumBuckets = 500
  /// Most strings of a bucket.
  public static let maximumStrings = 3
  /// Most rows looked at.
  public static let maximumRows = 100_000
  private static let examinedBuckets = 2_000

  /// Collects the strings of a trained router.
  ///
  /// - Parameters:
  ///   - heads: names of the model's heads.
  ///   - data: the rows that were fitted.
  /// - Returns: nil when the model hashes no words.
  public init?(_ router: Router, heads: [String], data: Dataset) {
    guard let linear = router.model.linear, router.schema.wordOrders > 0, linear.hashed.count > 0
    else { return nil }
    let buckets = 1 << router.schema.bucketBits
    let order = (0..<linear.headCount).map { head in
      Self.heaviest(linear, head: head, buckets: buckets)
    }
    var isWanted = [Bool](repeating: false, count: buckets)
    for bucket in order.flatMap({ $0 }) { isWanted[bucket] = true }
    let (counts, value) = Self.count(data, schema: router.schema, isWanted: isWanted)
    schema = "0x" + String(router.schema.fingerprint, radix: 16)
    typicalValue = value
    self.heads = order.enumerated().map { head, heaviest in
      let named = heaviest.lazy.compactMap { bucket -> Bucket? in
        guard let found = counts[bucket] else { return nil }
        let weight = Double(linear.hashed.weight(at: bucket * linear.headCount + head))
        return Bucket(
          bucket: bucket, weight: weight,
          strings: found.map {
            Text(text: $0.text, rows: $0.rows, weight: $0.isNegative ? -weight : weight)
          })
      }
      return Head(
        name: head < heads.count ? heads[head] : "head \(head)",
        buckets: Array(named.prefix(Self.maximumBuckets)))
    }
  }

  /// Whether `router` has the schema of the list, its heads and all its buckets.
  public func fits(_ router: Router) -> Bool {
    guard let linear = router.model.linear, heads.count == linear.headCount,
      schema == "0x" + String(router.schema.fingerprint, radix: 16)
    else { return false }
    let buckets = 0..<(linear.hashed.count / linear.headCount)
    return heads.allSatisfy { list in list.buckets.allSatisfy { buckets.contains($0.bucket) } }
  }

  /// Whether the list was made for `router`: it fits and has the same weights.
  public func belongs(to router: Router) -> Bool {
    guard fits(router), let linear = router.model.linear else { return false }
    return heads.enumerated().allSatisfy { head, list in
      list.buckets.allSatisfy {
        Double(linear.hashed.weight(at: $0.bucket * linear.headCount + head)) == $0.weight
      }
    }
  }

  /// Takes the weights of `router`, which the list fits and which may round or leave out weights.
  public mutating func reweigh(for router: Router) {
    guard let linear = router.model.linear else { return }
    for head in heads.indices {
      for i in heads[head].buckets.indices {
        let index = heads[head].buckets[i].bucket * linear.headCount + head
        let weight = Double(linear.hashed.weight(at: index))
        let old = heads[head].buckets[i].weight
        heads[head].buckets[i].weight = weight
        for j in heads[head].buckets[i].strings.indices {
          let isNegative = heads[head].buckets[i].strings[j].weight != old
          heads[head].buckets[i].strings[j].weight = isNegative ? -weight : weight
        }
      }
    }
  }

  /// The strings of a bucket under a head, if it is listed.
  public func strings(inBucket bucket: Int, head: Int) -> [Text]? {
    guard heads.indices.contains(head) else { return nil }
    return heads[head].buckets.first { $0.bucket == bucket }?.strings
  }

  /// N-grams of a head that push one way, strongest first; ties by text.
  public func strongest(head: Int, positive: Bool, limit: Int) -> [Text] {
    guard heads.indices.contains(head) else { return [] }
    let texts = heads[head].buckets.flatMap(\.strings).filter { ($0.weight > 0) == positive }
    return Array(
      texts.sorted {
        abs($0.weight) != abs($1.weight)
          ? abs($0.weight) > abs($1.weight)
          : $0.rows != $1.rows ? $0.rows > $1.rows : $0.text < $1.text
      }.prefix(limit))
  }

  private static func heaviest(_ linear: LinearModel, head: Int, buckets: Int) -> [Int] {
    let sizes = (0..<buckets).map {
      abs(linear.hashed.weight(at: $0 * linear.headCount + head))
    }
    let used = sizes.indices.filter { sizes[$0] > 0 }
    return Array(
      used.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
        .prefix(examinedBuckets))
  }

  private struct Counted {
    var text: String
    var rows: Int
    var isNegative: Bool
  }

  /// N-grams of the wanted buckets that may be named, by bucket, and the mean value of an n-gram.
  private static func count(
    _ data: Dataset, schema: FeatureSchema, isWanted: [Bool]
  ) -> (byBucket: [Int: [Counted]], typicalValue: Double) {
    let step = max(1, (data.count + maximumRows - 1) / maximumRows)
    let rows = stride(from: 0, to: data.count, by: step).map { row in
      (
        row: row,
        unit: RowFingerprint.unit(
          .conversation, text: data.texts[row], context: data.contexts[row])
      )
    }.sorted { $0.unit != $1.unit ? $0.unit < $1.unit : $0.row < $1.row }
    var unitStarts: [Int] = []
    for i in rows.indices where i == 0 || rows[i].unit != rows[i - 1].unit { unitStarts.append(i) }
    unitStarts.append(rows.count)
    let starts = unitStarts
    // Shards hold whole units, so that their counts add up.
    let shards = parallelShards(of: starts.count - 1, FeaturizedRows.shardCount) { units in
      var shard = ShardCounts()
      let featurizer = Featurizer(schema: schema)
      for unit in units {
        for i in starts[unit]..<starts[unit + 1] {
          var number = 0
          featurizer.forEachWordNGram(
            data.texts[rows[i].row].utf8Span.span,
            where: {
              number += 1
              return isWanted[Int($0 >> 1)]
            }, { shard.add($0, unit: unit) })
          if number > 0 { shard.values += 1 / Double(number).squareRoot() }
          shard.rows += 1
        }
      }
      return shard
    }
    var merged: [[UInt8]: ShardCounts.Entry] = [:]
    var values = 0.0
    for shard in shards {
      values += shard.values
      for (words, entry) in shard.entries {
        merged[words, default: .init(key: entry.key, rows: 0, lastUnit: -1)].rows += entry.rows
      }
    }
    var byBucket: [Int: [Counted]] = [:]
    for (words, entry) in merged where entry.rows >= anonymityRows {
      // Bytes that are no text have no name.
      guard let text = String(validating: words, as: UTF8.self) else { continue }
      byBucket[Int(entry.key >> 1), default: []].append(
        Counted(text: text, rows: entry.rows, isNegative: entry.key & 1 == 1))
    }
    for (bucket, found) in byBucket {
      byBucket[bucket] = Array(
        found.sorted { $0.rows != $1.rows ? $0.rows > $1.rows : $0.text < $1.text }
          .prefix(maximumStrings))
    }
    return (byBucket, rows.isEmpty ? 0 : values / Double(rows.count))
  }

  /// How often n-grams occur in the units of one shard, once a unit.
  private struct ShardCounts: Sendable {
    struct Entry: Sendable {
      var key: UInt32
      var rows: Int
      var lastUnit: Int
    }

    var entries: [[UInt8]: Entry] = [:]
    var values = 0.0
    var rows = 0

    mutating func add(_ ngram: WordNGram, unit: Int) {
      var entry = entries[ngram.words] ?? Entry(key: ngram.key, rows: 0, lastUnit: -1)
      if entry.lastUnit == unit { return }
      entry.lastUnit = unit
      entry.rows += 1
      entries[ngram.words] = entry
    }
  }
}

extension RouterModel {
  /// The part that is logistic regression, if there is one.
  var linear: LinearModel? {
    switch self {
    case .linear(let model), .stack(let model, _): model
    case .tree, .forest: nil
    }
  }
}
