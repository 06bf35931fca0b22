import Foundation
import RiddleRuntime

/// What `scorer` measured of one router and one file of queries, in one process.
struct ScorerMeasurement: Encodable {
  var queries: Int
  var meanBytes: Double
  /// Thread CPU time of a decision in nanoseconds: the fastest of all passes over the queries.
  var riddle: Double
  /// The same of the generated C form, in turn with the router; nil without --form.
  var form: Double?
  /// The same decisions from features read plainly, byte after byte.
  var plain: Double
  /// Wall time of single calls, the clock's own time taken off.
  var riddleCalls: Percentiles
  var formCalls: Percentiles?
  /// Queries whose margins differ between router and C form.
  var differing: Int?
  /// Allocations in ten passes; nil without the counter.
  var allocations: Int?
  /// Queries a second of wall time from one packed buffer, best of the repeats.
  var batchOneThread: Double
  var batchTwoThreads: Double
  /// Decoding and checking the weight file with all its probes, from bytes in memory; nanoseconds.
  var open: Double
  var fileBytes: Int

  /// Nanoseconds of single calls.
  struct Percentiles: Encodable {
    var p50: Double
    var p99: Double
  }
}

/// Text to decision of the weight file --router, beside its C form compiled as a shared object.
func measureScorer(_ arguments: Arguments) throws -> ScorerMeasurement {
  let repeats = try arguments.count("repeats", standard: 60)
  let queries = try readQueries(try arguments.one("queries"))
  let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try arguments.one("router"))))
  let router = try Router(decoding: file.span)
  let path = try arguments.text("form", standard: "")
  let form = path.isEmpty ? nil : try CForm(path: path)

  var scratch = router.makeScratch()
  var differing = 0
  for query in queries {
    let margin = router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
    if let form, form.margin(query) != margin { differing += 1 }
  }
  var sum = 0.0
  var best = Double.infinity
  var formBest = Double.infinity
  var plainBest = Double.infinity
  let plain = Featurizer(schema: router.schema).plain
  for _ in 0..<repeats {
    var start = cpuNanoseconds()
    for query in queries {
      sum += router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
    }
    best = min(best, cpuNanoseconds() - start)
    start = cpuNanoseconds()
    for query in queries {
      plain.featurize(query.span, context: RequestContext(), into: &scratch)
      sum += router.decide(scratch).margin
    }
    plainBest = min(plainBest, cpuNanoseconds() - start)
    guard let form else { continue }
    start = cpuNanoseconds()
    for query in queries { sum += form.margin(query) }
    formBest = min(formBest, cpuNanoseconds() - start)
  }

  let rounds = max(1, 10_000 / queries.count)
  let calls = percentiles(queries, rounds: rounds) {
    sum += router.decide($0.span, context: RequestContext(), scratch: &scratch).margin
  }
  let formCalls = form.map { form in
    percentiles(queries, rounds: rounds) { sum += form.margin($0) }
  }

  var allocations: Int?
  if let counter = try? allocationCounter() {
    let before = counter()
    for _ in 0..<10 {
      for query in queries {
        sum += router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
      }
    }
    allocations = Int(counter() - before)
  }

  var open = Double.infinity
  for _ in 0..<repeats {
    let start = cpuNanoseconds()
    let opened = try Router(decoding: file.span)
    guard opened.firstFailingProbe() == nil else { throw BenchError.input("a probe fails") }
    open = min(open, cpuNanoseconds() - start)
  }
  if !sum.isFinite { throw BenchError.input("margins are not finite") }
  let count = Double(queries.count)
  return ScorerMeasurement(
    queries: queries.count, meanBytes: Double(queries.reduce(0) { $0 + $1.count }) / count,
    riddle: best / count, form: form == nil ? nil : formBest / count,
    plain: plainBest / count, riddleCalls: calls,
    formCalls: formCalls, differing: form == nil ? nil : differing, allocations: allocations,
    batchOneThread: batch(router, queries, threads: 1),
    batchTwoThreads: batch(router, queries, threads: 2), open: open, fileBytes: file.count)
}

/// Time of single calls by the monotonic clock: the queries in turn, the first round only warms. An empty pair of readings,
/// the smallest of many, is taken off each.
private func percentiles(
  _ queries: [[UInt8]], rounds: Int, _ call: ([UInt8]) -> Void
) -> ScorerMeasurement.Percentiles {
  var empty = Double.infinity
  for _ in 0..<1000 {
    let start = wallNanoseconds()
    empty = min(empty, wallNanoseconds() - start)
  }
  for query in queries { call(query) }
  var times: [Double] = []
  times.reserveCapacity(rounds * queries.count)
  for _ in 0..<rounds {
    for query in queries {
      let start = wallNanoseconds()
      call(query)
      times.append(wallNanoseconds() - start - empty)
    }
  }
  times.sort()
  return ScorerMeasurement.Percentiles(
    p50: times[times.count / 2], p99: times[times.count * 99 / 100])
}

/// Queries a second: a million queries behind each other in one buffer, cut among threads, decisions written to memory.
private func batch(_ router: Router, _ queries: [[UInt8]], threads: Int) -> Double {
  let total = max(20_000, min(1_000_000, 60_000_000 / max(1, queries[0].count)))
  var packed: [UInt8] = []
  var ends: [Int] = []
  for i in 0..<total {
    packed += queries[i % queries.count]
    ends.append(packed.count)
  }
  var chosen = [UInt8](repeating: 0, count: total)
  var best = Double.infinity
  for _ in 0..<5 {
    let start = wallNanoseconds()
    chosen.withUnsafeMutableBufferPointer { chosen in
      packed.withUnsafeBufferPointer { packed in
        ends.withUnsafeBufferPointer { ends in
          // Threads write disjoint ranges and only read the rest.
          nonisolated(unsafe) let (chosen, packed, ends) = (chosen, packed, ends)
          DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var scratch = router.makeScratch()
            for i in (total * thread / threads)..<(total * (thread + 1) / threads) {
              let text = UnsafeBufferPointer(
                rebasing: packed[(i == 0 ? 0 : ends[i - 1])..<ends[i]])
              let decision = router.decide(
                Span(_unsafeElements: text), context: RequestContext(), scratch: &scratch)
              chosen[i] = UInt8(truncatingIfNeeded: decision.candidate)
            }
          }
        }
      }
    }
    best = min(best, wallNanoseconds() - start)
  }
  return Double(total) / best * 1e9
}

/// A router's generated C in a shared object, behind `double bench_margin(const char *, size_t)`.
struct CForm {
  private let function: @convention(c) (UnsafePointer<UInt8>?, Int) -> Double

  init(path: String) throws {
    guard let library = dlopen(path, RTLD_NOW), let symbol = dlsym(library, "bench_margin") else {
      throw BenchError.input("\(path): \(String(cString: dlerror()))")
    }
    // The symbol is that C function; the library stays loaded.
    function = unsafeBitCast(
      symbol, to: (@convention(c) (UnsafePointer<UInt8>?, Int) -> Double).self)
  }

  func margin(_ text: [UInt8]) -> Double {
    text.withUnsafeBufferPointer { function($0.baseAddress, $0.count) }
  }
}

/// What `forest` measured: thread CPU nanoseconds of one margin, the fastest pass.
struct ForestMeasurement: Encodable {
  var riddle: Double
  var peer: Double
  /// Rows whose sums differ by more than one part in a million.
  var differing: Int
}

/// Walks the trees of --trees beside C made of the same trees: `double bench_forest(const double *)`.
///
/// A node a line, trees in pre-order: feature, threshold, left, right, value; a line "tree" begins a tree. Rows are 64-bit
/// floats of --columns columns.
func measureForest(_ arguments: Arguments) throws -> ForestMeasurement {
  let repeats = try arguments.count("repeats", standard: 60)
  let columns = try arguments.count("columns", standard: 1)
  let text = try String(contentsOfFile: try arguments.one("trees"), encoding: .utf8)
  var nodes: [TreeModel.Node] = []
  var roots: [UInt32] = []
  for line in text.split(separator: "\n") {
    if line == "tree" {
      roots.append(UInt32(nodes.count))
      continue
    }
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    guard numbers.count == 5, let base = roots.last else { throw BenchError.input("a node") }
    let isLeaf = numbers[2] <= 0
    nodes.append(
      TreeModel.Node(
        feature: isLeaf ? 0 : UInt16(numbers[0]), threshold: Float(numbers[1]),
        left: isLeaf ? 0 : base + UInt32(numbers[2]), right: isLeaf ? 0 : base + UInt32(numbers[3]),
        value: Float(numbers[4])))
  }
  let forest = ForestModel(nodes: nodes, roots: roots, treeCounts: [roots.count], bases: [0])
  let raw = try Data(contentsOf: URL(fileURLWithPath: try arguments.one("matrix")))
  let doubles = raw.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  let rows = stride(from: 0, to: doubles.count, by: columns).map {
    Array(doubles[$0..<($0 + columns)])
  }
  let floats = rows.map { $0.map { Float($0) } }
  // Another order in every pass: a processor learns the branches of rows that come back in the same order, as queries do not.
  var order = Array(rows.indices)
  var random = SystemRandomNumberGenerator()
  guard let library = dlopen(try arguments.one("form"), RTLD_NOW),
    let symbol = dlsym(library, "bench_forest")
  else { throw BenchError.input(String(cString: dlerror())) }
  // The symbol is that C function; it reads `columns` numbers during the call.
  let peer = unsafeBitCast(
    symbol, to: (@convention(c) (UnsafePointer<Double>?) -> Double).self)
  var result = ForestMeasurement(riddle: .infinity, peer: .infinity, differing: 0)
  for (row, float) in zip(rows, floats) {
    let (mine, other) = (forest.margin(float, head: 0), peer(row))
    if abs(mine - other) > 1e-6 * max(1, abs(other)) { result.differing += 1 }
  }
  var sum = 0.0
  for _ in 0..<repeats {
    order.shuffle(using: &random)
    var start = cpuNanoseconds()
    for i in order { sum += forest.margin(floats[i], head: 0) }
    result.riddle = min(result.riddle, (cpuNanoseconds() - start) / Double(rows.count))
    start = cpuNanoseconds()
    for i in order { sum += peer(rows[i]) }
    result.peer = min(result.peer, (cpuNanoseconds() - start) / Double(rows.count))
  }
  if !sum.isFinite { throw BenchError.input("sums are not finite") }
  return result
}

private func cpuNanoseconds() -> Double { nanoseconds(CLOCK_THREAD_CPUTIME_ID) }
private func wallNanoseconds() -> Double { nanoseconds(CLOCK_MONOTONIC) }

private func nanoseconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}
