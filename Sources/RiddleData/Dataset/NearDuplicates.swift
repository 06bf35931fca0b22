import Dispatch
import RiddleRuntime
import Synchronization

/// Finds texts that are the same but for a few words: Jaccard similarity of their word 5-grams of at least 0.8.
///
/// MinHash signatures (``MinHash``) in bands (Leskovec, Rajaraman & Ullman, 2020, chapter 3): 16 bands of 4, so that a
/// pair at Jaccard s becomes a candidate with probability 1 − (1 − s⁴)¹⁶, which is 0.9998 at 0.8. Every candidate is
/// verified on its full sets, so no pair below the threshold is ever joined directly; clusters are the connected
/// components and may hold pairs below it at their far ends.
///
/// Texts of fewer than five words have no 5-gram: they cluster only with their equals, letter case and white space aside
/// (``RowFingerprint/text(_:)``). Equal texts always cluster.
///
/// The result depends on the texts alone: neither their order nor the number of threads changes who is with whom.
public enum NearDuplicates {
  /// In a crowded bucket each text is compared with this many others, neighbours in the order of their next band's key
  /// and of their fingerprints: a shared boilerplate must not cost the square of the log.
  static let comparisonsPerText = 64
  static let shardCount = 16

  /// The cluster of every text: the smallest index of a member.
  ///
  /// - Parameters:
  ///   - texts: n texts.
  ///   - threshold: least Jaccard similarity of a pair, in 0.6 … 1; below 0.7 the bands miss more than 1 % of pairs.
  /// - Returns: n cluster numbers, `result[i] <= i`.
  /// - Complexity: O(words) hashing and O(n) ordering per band; about 200 bytes a text.
  public static func clusters(texts: [String], threshold: Double = 0.8) -> [Int] {
    clustered(texts, prints: fingerprints(texts), threshold: threshold)
  }

  /// The cluster of every text by a name that no other row changes: the smallest ``RowFingerprint/text(_:)`` of a
  /// member. A text without near-duplicates is named by its own.
  public static func keys(texts: [String], threshold: Double = 0.8) -> [UInt64] {
    var prints = fingerprints(texts)
    let clusters = clustered(texts, prints: prints, threshold: threshold)
    for (i, cluster) in clusters.enumerated() {
      prints[cluster] = min(prints[cluster], prints[i])
    }
    return clusters.map { prints[$0] }
  }

  private static func fingerprints(_ texts: [String]) -> [UInt64] {
    inShards(texts.count) { range in range.map { RowFingerprint.text(texts[$0]) } }
  }

  private static func clustered(
    _ texts: [String], prints: [UInt64], threshold: Double
  ) -> [Int] {
    precondition(
      threshold >= 0.6 && threshold <= 1, "a Jaccard threshold in 0.6 … 1, got \(threshold)")
    var union = UnionFind(count: texts.count)
    // Equal texts first: only one of each goes on.
    var distinct: [Int] = []  // ascending fingerprint
    distinct.reserveCapacity(texts.count)
    var last: Int?
    for row in HashOrder.indices(prints[...]).lazy.map({ Int($0) }) {
      if let last, prints[last] == prints[row] {
        union.join(last, row)
      } else {
        distinct.append(row)
        last = row
      }
    }
    // Band after band: n keys of the first, n keys of the second, …
    let shards = shardResults(distinct.count) { [distinct] range in
      var shingles = WordShingles()
      var minima = MinHash()
      var keys: [UInt64] = []
      keys.reserveCapacity(range.count * MinHash.bands)
      for i in range {
        shingles.read(texts[distinct[i]])
        minima.read(shingles.hashes)
        minima.appendBandKeys(to: &keys)
      }
      return keys
    }
    var keys: [UInt64] = []
    keys.reserveCapacity(distinct.count * MinHash.bands)
    for band in 0..<MinHash.bands {
      for shard in shards {
        for i in stride(from: band, to: shard.count, by: MinHash.bands) { keys.append(shard[i]) }
      }
    }
    let n = distinct.count
    for band in 0..<MinHash.bands {
      let next = (band + 1) % MinHash.bands
      joinSimilar(
        texts, distinct, keys: keys[(band * n)..<((band + 1) * n)],
        ties: keys[(next * n)..<((next + 1) * n)], threshold: threshold, into: &union)
    }
    return union.smallestMembers()
  }

  /// Joins the similar pairs among texts that share a band's key.
  private static func joinSimilar(
    _ texts: [String], _ distinct: [Int], keys: ArraySlice<UInt64>, ties: ArraySlice<UInt64>,
    threshold: Double, into union: inout UnionFind
  ) {
    let order = HashOrder.indices(keys, ties: ties, skipping: MinHash.noKey)
    func key(_ position: Int) -> UInt64 { keys[keys.startIndex + Int(order[position])] }
    var buckets: [Range<Int>] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && key(end) == key(start) { end += 1 }
      if end - start > 1 { buckets.append(start..<end) }
      start = end
    }
    // Read-only inside; pairs that earlier bands joined need no second look.
    let roots = union.smallestMembers()
    let pairs = inShards(buckets.count) { [buckets] range in
      var pairs: [(Int, Int)] = []
      for bucket in buckets[range] {
        let members = order[bucket].map { distinct[Int($0)] }
        if members.allSatisfy({ roots[$0] == roots[members[0]] }) { continue }
        var shingles = WordShingles()
        let sets = members.map { row in
          shingles.read(texts[row])
          return shingles.hashes
        }
        var local = UnionFind(count: members.count)
        for i in members.indices {
          for j in max(0, i - comparisonsPerText)..<i {
            if roots[members[i]] == roots[members[j]] || local.root(i) == local.root(j) { continue }
            if WordShingles.areSimilar(sets[i], sets[j], threshold: threshold) {
              local.join(i, j)
              pairs.append((members[i], members[j]))
            }
          }
        }
      }
      return pairs
    }
    for (a, b) in pairs { union.join(a, b) }
  }

  /// `body` of consecutive ranges of `0 ..< count`, computed possibly at the same time, joined in order.
  static func inShards<Element: Sendable>(
    _ count: Int, _ body: @Sendable (Range<Int>) -> [Element]
  ) -> [Element] { shardResults(count, body).flatMap { $0 } }

  /// As ``inShards(_:_:)``, each range's result by itself.
  private static func shardResults<Element: Sendable>(
    _ count: Int, _ body: @Sendable (Range<Int>) -> [Element]
  ) -> [[Element]] {
    let results = ShardResults<[Element]>(count: shardCount)
    DispatchQueue.concurrentPerform(iterations: shardCount) { shard in
      results.set(
        shard, body((count * shard / shardCount)..<(count * (shard + 1) / shardCount)))
    }
    return results.values()
  }
}

/// One slot per shard.
private final class ShardResults<Value: Sendable>: Sendable {
  private let slots: Mutex<[Value?]>

  init(count: Int) { slots = Mutex([Value?](repeating: nil, count: count)) }
  func set(_ index: Int, _ value: Value) { slots.withLock { $0[index] = value } }
  func values() -> [Value] { slots.withLock { $0.compactMap { $0 } } }
}

/// Disjoint sets of 0 ..< count; the root of a set is its smallest member.
struct UnionFind {
  private var parent: [Int]

  init(count: Int) { parent = Array(0..<count) }

  /// The smallest member of `i`'s set. Halves the path on its way.
  mutating func root(_ i: Int) -> Int {
    var i = i
    while parent[i] != i {
      parent[i] = parent[parent[i]]
      i = parent[i]
    }
    return i
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    parent[max(a, b)] = min(a, b)
  }

  /// The smallest member of every element's set.
  mutating func smallestMembers() -> [Int] { parent.indices.map { root($0) } }
}
