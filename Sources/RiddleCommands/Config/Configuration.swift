import Foundation

/// The settings in effect: environment over project file over user file over the program's own defaults. Options that
/// are typed stand above all of them; ``ConfiguredArguments`` sees to that.
struct Configuration {
  static let projectFileName = "riddle.yaml"
  /// Names the user file, or `none` of it.
  static let userVariable = "RIDDLE_CONFIG"
  /// Names the project file, or `none` of it.
  static let projectVariable = "RIDDLE_PROJECT"

  /// Where a value comes from.
  enum Origin: Equatable {
    case fallback
    case file(path: String, line: Int)
    case environment(String)

    var description: String {
      switch self {
      case .fallback: "default"
      case .file(let path, let line): "\(path):\(line)"
      case .environment(let name): "environment \(name)"
      }
    }
  }

  /// A value with its origin, and those that it hides, nearest first.
  struct Value {
    var key: ConfigKey
    /// As the option takes it; nil where nothing sets it.
    var text: String?
    var origin: Origin
    var hidden: [(text: String, origin: Origin)] = []
  }

  /// Where settings are looked for; nil where there is no such place.
  struct Places {
    var user: String?
    var project: String?
  }

  let places: Places
  let userExists: Bool
  let projectExists: Bool
  /// In the order of ``ConfigKey/all``.
  let values: [Value]

  /// Reads files and environment.
  ///
  /// - Throws: `CommandFailure` for a file that cannot be read or is wrong, and for a wrong value of a variable.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    places = Self.places(environment)
    let user = try Self.file(places.user, isNamed: environment[Self.userVariable] != nil)
    let project = try Self.file(places.project, isNamed: environment[Self.projectVariable] != nil)
    userExists = user != nil
    projectExists = project != nil
    values = try ConfigKey.all.map { key in
      var found: [(text: String, origin: Origin)] = []
      if let text = environment[key.variable], !text.isEmpty {
        switch key.checked(text) {
        case .success(let value): found.append((value, .environment(key.variable)))
        case .failure(let error):
          throw CommandFailure(
            .usage,
            "environment variable \(key.variable): \(error.reason); for example \(key.variable)=\(key.example), or unset it"
          )
        }
      }
      for file in [project, user] {
        if let entry = file?.entries.first(where: { $0.key.name == key.name }) {
          found.append((entry.value, .file(path: file?.path ?? "", line: entry.line)))
        }
      }
      return Value(
        key: key, text: found.first?.text, origin: found.first?.origin ?? .fallback,
        hidden: Array(found.dropFirst()))
    }
  }

  /// Whether anything could set anything: without files and variables there is nothing to read.
  static func isPresent(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Bool {
    let places = places(environment)
    return ConfigKey.all.contains { !(environment[$0.variable] ?? "").isEmpty }
      || environment[userVariable].map { $0 != "none" } ?? false
      || environment[projectVariable].map { $0 != "none" } ?? false
      || [places.user, places.project].contains { $0.map(Files.exists) ?? false }
  }

  /// The user file, and the nearest `riddle.yaml` from the working folder upwards.
  static func places(_ environment: [String: String]) -> Places {
    func named(_ variable: String) -> String?? {
      guard let value = environment[variable], !value.isEmpty else { return nil }
      return value == "none" ? .some(nil) : value
    }
    let user: String?
    if let given = named(userVariable) {
      user = given
    } else if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
      user = folder + "/riddle/config.yaml"
    } else {
      user = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.config/riddle/config.yaml" }
    }
    return Places(user: user, project: named(projectVariable) ?? nearestProjectFile())
  }

  /// `riddle.yaml` here, else `../riddle.yaml`, and so on; the name as the working folder sees it.
  private static func nearestProjectFile() -> String? {
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    var name = projectFileName
    while true {
      if Files.isRegularFile(folder.appendingPathComponent(projectFileName).path) { return name }
      guard folder.path != "/" else { return nil }
      folder.deleteLastPathComponent()
      name = "../" + name
    }
  }

  private static func file(_ path: String?, isNamed: Bool) throws -> ConfigFile? {
    guard let path, isNamed || Files.exists(path) else { return nil }
    return try ConfigFile(path: path)
  }
}
