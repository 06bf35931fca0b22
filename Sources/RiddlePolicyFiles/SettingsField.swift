/// One setting of a policy file as it is documented and checked: what the JSON Schema and the reference table are made of.
public struct SettingsField: Equatable, Sendable {
  /// What may stand there.
  public enum Kind: Equatable, Sendable {
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// Numbers in a range.
    case numbers(ClosedRange<Double>)
    /// true or false.
    case boolean
    /// Any text.
    case text
    /// One text or several.
    case texts
    /// One of these words.
    case choice([String])
    /// A candidate's name, or cheapest, middle, strongest.
    case candidate
    /// Several candidates.
    case candidates
    /// Text → candidate.
    case candidateMap
    /// A list of rules.
    case rules
  }

  /// Its key.
  public var name: String
  /// What may stand there.
  public var kind: Kind
  /// What holds when it is left out, as it would be written; nil when nothing does.
  public var fallback: String?
  /// Whether it must be given.
  public var isRequired: Bool
  /// What it means.
  public var meaning: String
}
