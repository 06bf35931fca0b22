import Dispatch
import RiddleData
import RiddleRuntime
import Synchronization

/// Which rows each bootstrap replicate counts how often.
///
/// Replicate r < `replicates` draws as many clusters as there are, with replacement, from its own splitmix64 stream: it does
/// not depend on any other replicate, on shards or on threads. Replicates from `replicates` on are the blocks of
/// the jackknife: everything once, but one block of neighbouring clusters left out.
struct Resampling: Sendable {
  let clusterCount: Int
  let replicates: Int
  let jackknifeBlocks: Int
  private let base: UInt64

  /// Most resampled units. More clusters than this are resampled as blocks of neighbours in hash order, which are random
  /// samples of them: the variance of a mean over blocks is that over clusters, known to √(2 / 16 384) = 1.1 %, and a
  /// million queries cost what sixteen thousand do.
  static let mostUnits = 16_384

  /// Largest number of jackknife blocks: the acceleration needs a skewness, not every row.
  static let mostBlocks = 200

  init(clusterCount: Int, replicates: Int, seed: UInt64, method: IntervalMethod) {
    self.clusterCount = clusterCount
    self.replicates = replicates
    jackknifeBlocks =
      method == .bca && replicates > 0 ? min(clusterCount, Self.mostBlocks) : 0
    var stream = SplitMix64(seed: seed, stream: "bootstrap")
    base = stream.next()
  }

  /// Bootstrap replicates and jackknife blocks together.
  var total: Int { replicates + jackknifeBlocks }

  /// Writes how often replicate `r` counts each cluster.
  func draw(_ r: Int, into counts: inout [Double]) {
    if r >= replicates {
      let block = r - replicates
      let start = block * clusterCount / jackknifeBlocks
      let end = (block + 1) * clusterCount / jackknifeBlocks
      for c in 0..<clusterCount { counts[c] = c >= start && c < end ? 0 : 1 }
      return
    }
    for c in 0..<clusterCount { counts[c] = 0 }
    var stream = SplitMix64(seed: StableHash.mixed(base &+ UInt64(r)))
    for _ in 0..<clusterCount { counts[stream.below(clusterCount)] += 1 }
  }
}

/// Runs `body` for each shard 0 ..< `count` on `threads` threads and returns the results in shard order.
///
/// What a shard computes must depend on its number alone; then nothing depends on `threads`.
func inShards<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let workers = max(1, min(threads, count))
  if workers == 1 { return (0..<count).map(body) }
  let results = Mutex<[Result?]>([Result?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: workers) { worker in
    for shard in stride(from: worker, to: count, by: workers) {
      let result = body(shard)
      results.withLock { $0[shard] = result }
    }
  }
  return results.withLock { $0.compactMap { $0 } }
}

/// Bootstrap interval of any statistic of weighted rows.
///
/// - Parameters:
///   - rows: number of rows.
///   - clusters: resampling unit of each row; equal numbers belong together; nil resamples rows.
///   - method: percentile or BCa.
///   - replicates: at least 2.
///   - statistic: from row weights (how often each row counts) to a number, NaN where undefined. Weights of 1 give the
///     estimate.
/// - Returns: the estimate with its interval; the same for any number of threads.
public func bootstrapInterval(
  rows: Int, clusters: [Int]? = nil, method: IntervalMethod = .percentile, replicates: Int = 2000,
  confidence: Double = 0.95, seed: UInt64, threads: Int = 1,
  statistic: @Sendable ([Double]) -> Double
) -> Figure {
  let index = ClusterIndex(clusters ?? Array(0..<rows))
  let plan = Resampling(
    clusterCount: index.count, replicates: replicates, seed: seed, method: method)
  let shardSize = 32
  let shards = inShards((plan.total + shardSize - 1) / shardSize, threads: threads) {
    shard -> [Double] in
    var counts = [Double](repeating: 0, count: plan.clusterCount)
    return (shard * shardSize..<min(plan.total, (shard + 1) * shardSize)).map { r in
      plan.draw(r, into: &counts)
      return statistic(index.ofRow.map { counts[Int($0)] })
    }
  }
  let values = shards.flatMap { $0 }
  return method.figure(
    value: statistic([Double](repeating: 1, count: rows)),
    replicates: Array(values.prefix(replicates)), jackknife: Array(values.dropFirst(replicates)),
    confidence: confidence)
}

/// Clusters numbered 0, 1, … in the order of their first row.
struct ClusterIndex: Sendable {
  /// Cluster of each row.
  let ofRow: [Int32]
  /// Number of clusters.
  let count: Int

  init(_ clusters: [Int]) {
    var numbers: [Int: Int32] = [:]
    ofRow = clusters.map { cluster in
      if let known = numbers[cluster] { return known }
      let next = Int32(numbers.count)
      numbers[cluster] = next
      return next
    }
    count = numbers.count
  }

  private init(ofRow: [Int32], count: Int) {
    self.ofRow = ofRow
    self.count = count
  }

  /// The same rows in at most `limit` blocks of neighbouring clusters.
  func merged(toAtMost limit: Int) -> ClusterIndex {
    if count <= limit { return self }
    return ClusterIndex(
      ofRow: ofRow.map { Int32(Int($0) * limit / count) }, count: limit)
  }
}
