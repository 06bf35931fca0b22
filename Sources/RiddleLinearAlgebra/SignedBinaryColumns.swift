/// Hashed rows prepared for many products: listed by bucket as well as by row, buckets in order of frequency.
///
/// Two layouts make the products of a fit fast. Scattering residuals over 2¹⁶ buckets would be a read-modify-write
/// of a random cache line per key with a private table per shard; listing the rows of each bucket once makes Xᵀr
/// a gather too, with each result written once, in an order that no shard count changes. And hashing spreads
/// the few hundred frequent buckets over all cache lines; numbering buckets by falling frequency ("rank")
/// packs them into the first-level cache. Vectors over features are therefore *ranked* here: one value per
/// bucket that occurs, most frequent first; ``byBucket(_:)`` translates.
public struct SignedBinaryColumns: Equatable, Sendable {
  /// The rows, whose keys stay numbered by bucket.
  public let rows: SignedBinaryRows
  /// Bucket of each rank; frequency falls, ties in bucket order.
  public let buckets: [UInt32]
  /// `rank << 1 | sign` of every entry, row after row.
  let rankedKeys: [UInt32]
  /// Where rank r's entries begin: `buckets.count + 1` positions in `entries`.
  let starts: [Int]
  /// `(2 · row + block) << 1 | sign`, rank after rank, ascending by row.
  let entries: [UInt32]
  /// Consecutive ranks with about equal numbers of entries.
  private let shards: [Range<Int>]

  /// Lists `rows` by bucket by counting: O(keys + buckets), in parallel over row shards.
  public init(_ rows: SignedBinaryRows) {
    precondition(
      rows.rowCount < 1 << 30 && rows.keys.count < 1 << 32,
      "\(rows.rowCount) rows with \(rows.keys.count) keys do not fit 32-bit entries")
    self.rows = rows
    var tallies = Shards.ranges(of: rows.rowCount, shards: 4).map {
      Tally(rows: $0, bucketCount: rows.bucketCount)
    }
    Shards.update(&tallies) { _, tally in tally.count(rows) }
    let (buckets, starts) = Self.ranked(tallies, bucketCount: rows.bucketCount)
    var next = starts.map { UInt32($0) }
    for shard in tallies.indices { tallies[shard].claim(buckets, &next) }
    (self.buckets, self.starts) = (buckets, starts)
    (rankedKeys, entries) = Self.filled(rows, tallies)
    shards = Self.balanced(starts)
  }

  /// Number of ranks: buckets that occur.
  public var rankCount: Int { buckets.count }

  /// Xᵀ r, ranked, in parallel over ranks. `r` has one value per row.
  public func transposedProduct(_ r: [Double]) -> [Double] {
    let table = rows.entryValues(r)  // 4n
    var result = [Double](repeating: 0, count: rankCount)
    // `result`, `entries`, `starts` and `table` outlive the call. Shards are disjoint ranges of ranks; an entry's
    // row is below rowCount by construction, so its table index is below 4n.
    unsafe result.withUnsafeMutableBufferPointer { result in
      let shared = unsafe SharedBuffer(buffer: result)
      Shards.run(count: shards.count) { shard in
        unsafe entries.withUnsafeBufferPointer { entries in
          unsafe table.withUnsafeBufferPointer { table in
            for rank in shards[shard] {
              unsafe shared.buffer[rank] = gatheredSum(
                entries, starts[rank], starts[rank + 1], table)
            }
          }
        }
      }
    }
    return result
  }

  /// A ranked vector as a table of ±: v at 2r, −v at 2r + 1, so that a key is an index and no sign is looked at.
  public func signedTable(_ ranked: [Double]) -> [Double] {
    precondition(ranked.count == rankCount, "\(ranked.count) values for \(rankCount) ranks")
    return RiddleLinearAlgebra.signedTable(ranked)
  }

  /// `margins[i − range.lowerBound] += factor · (X v)_i` for the rows of one shard.
  ///
  /// - Parameters:
  ///   - range: rows, within 0 ..< rowCount.
  ///   - table: ``signedTable(_:)`` of the ranked weights v.
  ///   - margins: `range.count` values.
  public func addProduct(
    rows range: Range<Int>, signed table: [Double], scaledBy factor: Double = 1,
    to margins: inout [Double]
  ) {
    precondition(table.count == 2 * rankCount, "\(table.count) entries for \(rankCount) ranks")
    rows.addProduct(range, keys: rankedKeys, signed: table, scaledBy: factor, to: &margins)
  }

  /// A ranked vector as one value per bucket, 0 for buckets that do not occur.
  public func byBucket(_ ranked: [Double]) -> [Double] {
    precondition(ranked.count == rankCount, "\(ranked.count) values for \(rankCount) ranks")
    var result = [Double](repeating: 0, count: rows.bucketCount)
    for (rank, bucket) in buckets.enumerated() { result[Int(bucket)] = ranked[rank] }
    return result
  }

  /// The ranks' part of a vector with one value per bucket.
  public func ranked(_ byBucket: [Double]) -> [Double] {
    precondition(
      byBucket.count == rows.bucketCount, "\(byBucket.count) values, \(rows.bucketCount) buckets")
    return buckets.map { byBucket[Int($0)] }
  }

  /// The diagonal of XᵀDX for D = diag(`d`), ranked: Σ_i d_i x_ir².
  ///
  /// Entries of one row in one bucket add before they are squared.
  public func diagonal(_ d: [Double]) -> [Double] {
    precondition(d.count == rows.rowCount, "\(d.count) values for \(rows.rowCount) rows")
    let parts = Shards.map(count: shards.count) { shard in
      shards[shard].map { rank in
        var sum = 0.0
        var p = starts[rank]
        while p < starts[rank + 1] {
          let row = entries[p] >> 2
          var x = 0.0
          while p < starts[rank + 1], entries[p] >> 2 == row {
            let scale = Double(rows.scales[Int(entries[p] >> 1)])
            x += entries[p] & 1 == 1 ? -scale : scale
            p += 1
          }
          sum += d[Int(row)] * x * x
        }
        return sum
      }
    }
    return parts.flatMap { $0 }
  }
}

// MARK: construction

extension SignedBinaryColumns {
  /// A bucket's next free entry within one row shard (before that: its count), and its rank.
  private struct Slot: Sendable {
    var next: UInt32 = 0
    var rank: UInt32 = 0
  }

  /// One row shard's slots, one per bucket.
  private struct Tally: Sendable {
    let rows: Range<Int>
    var slots: [Slot]

    init(rows: Range<Int>, bucketCount: Int) {
      self.rows = rows
      slots = [Slot](repeating: Slot(), count: bucketCount)
    }

    mutating func count(_ all: SignedBinaryRows) {
      for key in all.keys[all.starts[rows.lowerBound]..<all.starts[rows.upperBound]] {
        slots[Int(key >> 1)].next &+= 1
      }
    }

    /// Turns counts into places: this shard's entries of a rank begin where the earlier shards' end.
    mutating func claim(_ buckets: [UInt32], _ next: inout [UInt32]) {
      for rank in buckets.indices {
        let bucket = Int(buckets[rank])
        let count = slots[bucket].next
        slots[bucket] = Slot(next: next[rank], rank: UInt32(rank))
        next[rank] += count
      }
    }
  }

  /// Buckets that occur, by falling frequency, and where each one's entries begin.
  ///
  /// A counting sort by frequency; those above 4 095 tie, as all of them stay cached anyway.
  private static func ranked(
    _ tallies: [Tally], bucketCount: Int
  ) -> (buckets: [UInt32], starts: [Int]) {
    let classes = 4096
    var counts = [Int](repeating: 0, count: bucketCount)
    for tally in tallies {
      for b in counts.indices { counts[b] += Int(tally.slots[b].next) }
    }
    var places = [Int](repeating: 0, count: classes + 1)  // place of the next bucket of each class
    for count in counts where count > 0 { places[classes - min(count, classes - 1)] += 1 }
    var rankCount = 0
    for c in places.indices { (places[c], rankCount) = (rankCount, rankCount + places[c]) }
    var buckets = [UInt32](repeating: 0, count: rankCount)
    for b in counts.indices where counts[b] > 0 {
      let c = classes - min(counts[b], classes - 1)
      buckets[places[c]] = UInt32(b)
      places[c] += 1
    }
    var starts = [0]
    starts.reserveCapacity(rankCount + 1)
    var end = 0
    for bucket in buckets {
      end += counts[Int(bucket)]
      starts.append(end)
    }
    return (buckets, starts)
  }

  /// Ranked keys in row order, and entries in rank order.
  private static func filled(
    _ rows: SignedBinaryRows, _ tallies: [Tally]
  ) -> (keys: [UInt32], entries: [UInt32]) {
    var tallies = tallies
    var ranked = [UInt32](repeating: 0, count: rows.keys.count)
    var entries = ranked
    // Both arrays outlive the call. Row shards own disjoint positions of `ranked` (their own) and of `entries`
    // (a bucket's slots begin where the previous shard's end), all below keys.count.
    unsafe ranked.withUnsafeMutableBufferPointer { ranked in
      unsafe entries.withUnsafeMutableBufferPointer { entries in
        let (rankedKeys, entries) = unsafe (
          SharedBuffer(buffer: ranked), SharedBuffer(buffer: entries)
        )
        Shards.update(&tallies) { _, tally in
          unsafe tally.slots.withUnsafeMutableBufferPointer { slots in
            unsafe rows.keys.withUnsafeBufferPointer { keys in
              for i in tally.rows {
                let split = rows.splits[i]
                for p in rows.starts[i]..<rows.starts[i + 1] {
                  let key = unsafe keys[p]
                  let bucket = Int(key >> 1)
                  let slot = unsafe slots[bucket]
                  let block: UInt32 = p < split ? 0 : 2
                  unsafe slots[bucket].next = slot.next &+ 1
                  unsafe rankedKeys.buffer[p] = slot.rank << 1 | (key & 1)
                  unsafe entries.buffer[Int(slot.next)] = UInt32(i) << 2 | block | (key & 1)
                }
              }
            }
          }
        }
      }
    }
    return (ranked, entries)
  }

  /// Ranges of ranks with about equal numbers of entries.
  private static func balanced(_ starts: [Int]) -> [Range<Int>] {
    let rankCount = starts.count - 1
    let total = starts[rankCount]
    var first = 0
    return (1...Shards.count).map { shard in
      let end = shard == Shards.count ? Int.max : total * shard / Shards.count
      var last = first
      while last < rankCount && starts[last] < end { last += 1 }
      defer { first = last }
      return first..<last
    }
  }
}
