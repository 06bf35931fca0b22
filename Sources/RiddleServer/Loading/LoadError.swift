import RiddlePolicyFiles
import RiddleStore
import RiddleTrust

/// Why a router or a policy cannot be served, and what to do.
struct LoadError: Error, CustomStringConvertible {
  var description: String
  var cause: Cause

  /// What is at fault; the exit status says which.
  enum Cause: Int32, Sendable {
    case settings = 64
    case content = 65
    case missing = 66
  }

  init(_ description: String, _ cause: Cause = .content) {
    self.description = description
    self.cause = cause
  }
}

extension RiddleServer {
  /// The exit status for an error of ``run()``, as the other commands have them: 64 usage, 65 malformed, 66 missing, 74 else.
  public static func exitStatus(of error: any Error) -> Int32 {
    switch error {
    case let error as LoadError: error.cause.rawValue
    case is PolicyFileError, is TrustError: LoadError.Cause.content.rawValue
    case let error as StoreError: if case .notAStore = error { 65 } else { 74 }
    default: 74
    }
  }
}
