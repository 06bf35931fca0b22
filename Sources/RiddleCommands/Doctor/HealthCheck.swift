import Foundation

/// One thing that `riddle doctor` looked at.
struct HealthCheck: Encodable {
  enum Status: String, Encodable {
    case ok
    case warning
    case error
  }

  var name: String
  var status: Status
  /// What was found.
  var found: String
  /// What to do about it; absent where nothing need be done.
  var next: String?

  static func ok(_ name: String, _ found: String) -> HealthCheck {
    HealthCheck(name: name, status: .ok, found: found)
  }
  static func warning(_ name: String, _ found: String, next: String) -> HealthCheck {
    HealthCheck(name: name, status: .warning, found: found, next: next)
  }
  static func error(_ name: String, _ found: String, next: String) -> HealthCheck {
    HealthCheck(name: name, status: .error, found: found, next: next)
  }
}
