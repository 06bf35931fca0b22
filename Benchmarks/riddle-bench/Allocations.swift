import Foundation
import RiddleRuntime

/// What `allocations` counted.
struct AllocationMeasurement: Encodable {
  /// Decisions counted over, per table format.
  var decisions: Int
  var int8: Int
  var float32: Int
  /// Arrays made on purpose, and what the counter saw of them: proof that it counts.
  var controlArrays: Int
  var controlCounted: Int
}

/// Counts allocations of decisions after each query was decided once.
///
/// The counter is the shared object built from `allocations.c`, which stands before the C library's allocator.
func measureAllocations(_ arguments: Arguments) throws -> AllocationMeasurement {
  let count = try allocationCounter()
  let queries = try readQueries(try arguments.one("queries"))
  let small = try benchRouter(arguments)
  let large = try inFloat32(small)
  var scratch = small.makeScratch()
  let rounds = 10
  var sum = 0.0

  func counted(_ router: Router) -> Int {
    for query in queries {
      sum += router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
    }
    let before = count()
    for _ in 0..<rounds {
      for query in queries {
        sum += router.decide(query.span, context: RequestContext(), scratch: &scratch).margin
      }
    }
    return Int(count() - before)
  }
  let int8 = counted(small)
  let float32 = counted(large)

  let controls = 1000
  var kept: [[Double]] = []
  kept.reserveCapacity(controls)
  let before = count()
  for i in 0..<controls { kept.append([Double](repeating: sum, count: 16 + i % 7)) }
  let control = Int(count() - before)
  if !(kept.last?.first ?? .nan).isFinite { throw BenchError.input("margins are not finite") }
  return AllocationMeasurement(
    decisions: rounds * queries.count, int8: int8, float32: float32, controlArrays: controls,
    controlCounted: control)
}

private typealias Counter = @convention(c) () -> UInt64

/// The counter of `allocations.c`, when it stands before the C library's allocator.
func allocationCounter() throws -> () -> UInt64 {
  guard let symbol = dlsym(nil, "riddle_allocation_count") else {
    throw BenchError.input(
      "no allocation counter: build Benchmarks/allocations.c as a shared object, set LD_PRELOAD")
  }
  // The symbol is a C function without parameters that returns uint64_t.
  let counter = unsafeBitCast(symbol, to: Counter.self)
  return { counter() }
}
