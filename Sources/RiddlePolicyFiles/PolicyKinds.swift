import RiddlePolicies

/// What a policy file may say, for documentation and for the published schema.
public enum PolicyKinds {
  static let stages = stageKinds + askingKinds + learningKinds

  /// A kind of stage or guard.
  public struct Entry: Equatable, Sendable {
    /// Its key.
    public var name: String
    /// Whether it is a guard.
    public var isGuard: Bool
    /// Systems it makes real.
    public var ids: [String]
    /// What it does, in a few words.
    public var summary: String
    /// Its settings.
    public var fields: [SettingsField]
  }

  /// Every kind, stages first.
  public static var all: [Entry] {
    stages.map { entry($0, isGuard: false) } + guardKinds.map { entry($0, isGuard: true) }
  }

  /// Settings of the top level.
  public static var topLevel: [SettingsField] {
    let settings = Settings(nil, path: "", names: CandidateNames(nil))
    _ = try? TopLevel(settings, "")
    return settings.fields
  }

  /// Settings of `predict`.
  public static var predictor: [SettingsField] {
    let settings = Settings(nil, path: "", names: CandidateNames(nil))
    _ = try? TopLevel.predictor(settings)
    return settings.fields
  }

  private static func entry<Value>(_ kind: PartKind<Value>, isGuard: Bool) -> Entry {
    Entry(
      name: kind.name, isGuard: isGuard, ids: kind.ids, summary: kind.summary, fields: kind.fields)
  }
}
