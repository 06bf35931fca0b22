/// Something about a policy that its author should know before it meets traffic.
public struct LintFinding: Equatable, Sendable, Codable {
  /// How bad it is.
  public enum Severity: String, Sendable, Codable {
    /// It does not do what it says.
    case error
    /// It may not do what is meant.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// Which check, for example `unreachable-rule`.
  public var check: String
  /// Line of the file; nil when it concerns the whole policy.
  public var line: Int?
  /// What is wrong and what to try.
  public var message: String

  /// A finding.
  public init(_ severity: Severity, _ check: String, line: Int? = nil, _ message: String) {
    self.severity = severity
    self.check = check
    self.line = line
    self.message = message
  }
}
