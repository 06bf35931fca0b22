import Foundation

/// Work that is given up after a time.
enum Deadline {
  /// How work ended.
  enum Result<Value: Sendable>: Sendable {
    case done(Value)
    case timedOut
    case cancelled
    case failed(any Error)
  }

  /// Runs `work`, cancelling it after `microseconds`.
  static func run<Value: Sendable>(
    microseconds: Int64, _ work: @escaping @Sendable () async throws -> Value
  ) async -> Result<Value> {
    await withTaskGroup(of: Result<Value>.self) { group in
      group.addTask {
        do {
          return .done(try await work())
        } catch {
          return Task.isCancelled ? .cancelled : .failed(error)
        }
      }
      group.addTask {
        do {
          try await Task.sleep(for: .microseconds(microseconds))
          return .timedOut
        } catch {
          return .cancelled
        }
      }
      let first = await group.next() ?? .cancelled
      group.cancelAll()
      return first
    }
  }
}
