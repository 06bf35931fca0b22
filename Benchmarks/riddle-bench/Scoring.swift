import Foundation
import RiddleData
import RiddlePipeline
import RiddleRuntime

/// What `scoring` measured: nanoseconds of thread CPU time per query, one entry a repeat.
struct ScoringMeasurement: Encodable {
  var queries: Int
  var meanBytes: Double
  var meanKeys: Double
  var int8: [Double]
  var float32: [Double]
}

/// Times decisions of a router trained on `--data`, both table formats in turn, text to decision.
func measureScoring(_ arguments: Arguments) throws -> ScoringMeasurement {
  let queries = try readQueries(try arguments.one("queries"))
  let repeats = try arguments.count("repeats", standard: 40)
  let small = try benchRouter(arguments)
  let large = try inFloat32(small)
  var result = ScoringMeasurement(
    queries: queries.count, meanBytes: 0, meanKeys: 0, int8: [], float32: [])
  var scratch = small.makeScratch()
  for query in queries {
    _ = small.decide(query.span, context: RequestContext(), scratch: &scratch)
    result.meanBytes += Double(query.count) / Double(queries.count)
    result.meanKeys += Double(scratch.keys.count) / Double(queries.count)
  }
  // Whatever the optimiser thinks of decisions nobody reads, the sum is read.
  var sum = pass(small, queries, &scratch).sum + pass(large, queries, &scratch).sum
  for _ in 0..<repeats {
    let one = pass(small, queries, &scratch)
    let two = pass(large, queries, &scratch)
    sum += one.sum + two.sum
    result.int8.append(one.nanoseconds / Double(queries.count))
    result.float32.append(two.nanoseconds / Double(queries.count))
  }
  if !sum.isFinite { throw BenchError.input("margins are not finite") }
  return result
}

private func pass(
  _ router: Router, _ queries: [[UInt8]], _ scratch: inout FeatureVector
) -> (nanoseconds: Double, sum: Double) {
  let start = threadNanoseconds()
  var sum = 0.0
  for query in queries {
    sum += router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
  }
  return (threadNanoseconds() - start, sum)
}

/// CPU time of this thread.
private func threadNanoseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Queries separated by zero bytes.
func readQueries(_ path: String) throws -> [[UInt8]] {
  let queries = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0)
    .map { Array($0) }
  if queries.isEmpty { throw BenchError.input("\(path): no queries") }
  return queries
}

/// A router for `--data` as `riddle train` makes it from text, one penalty, int8 table.
func benchRouter(_ arguments: Arguments) throws -> Router {
  let plan = TrainingPlan(features: .text, penalties: [1])
  return try trainRouter(try BenchRows.dataset(arguments), plan: plan).router
}

/// The same router with the weights of its int8 table written out as `Float`.
func inFloat32(_ router: Router) throws -> Router {
  guard case .linear(let model) = router.model else {
    throw BenchError.input("the router is not linear")
  }
  let weights = (0..<model.hashed.count).map { model.hashed.weight(at: $0) }
  let linear = LinearModel(
    headCount: model.headCount, intercepts: model.intercepts, dense: model.dense,
    hashed: HashedWeights(
      bucketBits: model.hashed.bucketBits, headCount: model.headCount,
      storage: .float32(weights)))
  return Router(
    schema: router.schema, model: .linear(linear), calibration: router.calibration,
    thresholds: router.thresholds, candidates: router.candidates)
}
