import Dispatch
import Foundation
import RiddleData
import RiddleRemote
import RiddleStore
import Synchronization

/// Makes calls that cost money, one after the other or several at a time, so that nothing is paid twice and no budget
/// is passed.
///
/// Each call is written down in the store with the most it can cost before it is made, and settled in the same
/// transaction that keeps what it brought. A killed run therefore leaves what was settled, and open calls that count
/// as spent; only those that were under way are made again.
struct PaidCalls<Item: Sendable, Value: Sendable> {
  /// What to do after a call.
  enum Decision {
    /// The item is dealt with.
    case settled
    /// Ask again.
    case again(Item)
    /// Ask these instead.
    case split([Item])
    /// Stop: no other call would go better.
    case stop(RemoteError)
  }

  let store: Store
  let job: String
  let concurrency: Int
  let maximumCalls: Int?
  var budget: Budget
  private(set) var calls = 0

  init(store: Store, job: String, limit: NanoDollars?, options: Limits) throws {
    self.store = store
    self.job = job
    concurrency = options.concurrency
    maximumCalls = options.maximumCalls
    budget = Budget(
      limit: limit, spent: NanoDollars(try store.spending(of: job).mostNanoDollars))
  }

  /// Runs until the items, the budget or the calls are used up, or the endpoint fails.
  ///
  /// - Parameters:
  ///   - most: the most that one call for an item can cost.
  ///   - call: makes the call.
  ///   - settle: keeps what came of it, settles the call in the store and says what it cost and what is next.
  mutating func run(
    _ items: [Item], most: (Item) throws -> NanoDollars,
    call: @escaping @Sendable (Item) async -> Result<Value, RemoteError>,
    settle: (Item, Result<Value, RemoteError>, OpenCall, NanoDollars) throws -> (
      cost: NanoDollars, Decision
    )
  ) async throws -> PaidCallsEnd {
    var queue = Array(items.reversed())
    var end = PaidCallsEnd.done
    try await withThrowingTaskGroup(of: Finished.self) { group in
      var underWay = 0
      while true {
        while end == .done, underWay < concurrency, let item = queue.last {
          if let maximumCalls, calls >= maximumCalls {
            end = .maximumCalls
            break
          }
          let amount = try most(item)
          guard budget.reserve(amount) else {
            // Calls under way may cost less than was set aside for them.
            if underWay == 0 { end = .budget }
            break
          }
          queue.removeLast()
          calls += 1
          underWay += 1
          let open = try store.openCall(job: job, reserving: amount, time: Self.now)
          group.addTask {
            Finished(item: item, amount: amount, open: open, result: await call(item))
          }
        }
        guard let finished = try await group.next() else { break }
        underWay -= 1
        let (cost, decision) = try settle(
          finished.item, finished.result, finished.open, finished.amount)
        budget.settle(finished.amount, actual: cost)
        switch decision {
        case .settled: break
        case .again(let item): queue.append(item)
        case .split(let parts): queue.append(contentsOf: parts.reversed())
        case .stop(let error): if end == .done { end = .failed(error) }
        }
      }
    }
    return end
  }

  private struct Finished: Sendable {
    var item: Item
    var amount: NanoDollars
    var open: OpenCall
    var result: Result<Value, RemoteError>
  }

  /// Now, in microseconds since 1970.
  static var now: Microseconds { Microseconds(Int64(Date().timeIntervalSince1970 * 1e6)) }
}

/// Why a run of ``PaidCalls`` ended.
enum PaidCallsEnd: Equatable, Sendable {
  /// Nothing is left to ask.
  case done
  /// The next call could pass the budget.
  case budget
  /// The calls of this run are used up.
  case maximumCalls
  /// The endpoint is of no use now.
  case failed(RemoteError)

  /// The name in JSON.
  var name: String {
    switch self {
    case .done: "done"
    case .budget: "budget"
    case .maximumCalls: "max-calls"
    case .failed: "failed"
    }
  }
}

/// What bounds a run beside money.
struct Limits: Sendable {
  var concurrency: Int
  var maximumCalls: Int?
}

/// Runs asynchronous work from a command, which is not.
///
/// The calling thread is the program's main thread, which no task of ours runs on: it may wait.
func waiting<Result: Sendable>(for body: @escaping @Sendable () async throws -> Result) throws
  -> Result
{
  let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Task {
    do {
      let value = try await body()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    done.signal()
  }
  done.wait()
  guard let result = outcome.withLock({ $0 }) else {
    throw CommandFailure(.defect, "work ended without a result; please report this message")
  }
  return try result.get()
}
