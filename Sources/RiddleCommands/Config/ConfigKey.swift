import RiddlePolicyFiles

/// A setting that need not be typed every time: an option of many commands with a default of the user's own.
struct ConfigKey: Sendable {
  /// What a value must be.
  enum Kind: Sendable {
    case path
    case names
    case wholeNumber(ClosedRange<UInt64>)
    case share
    case flag

    /// For documentation and errors.
    var description: String {
      switch self {
      case .path: "a path; in a file, from the folder of that file"
      case .names: "two to 64 different names, cheapest first: small,large or [small, large]"
      case .wholeNumber(let range):
        range.upperBound == .max
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)"
      case .share: "a number between 0 and 1"
      case .flag: "true or false"
      }
    }
  }

  /// As it stands in files.
  var name: String
  var kind: Kind
  /// What it does, in one sentence.
  var meaning: String
  /// What holds where nothing sets it.
  var fallback: String
  /// For an example in errors.
  var example: String
  /// The only commands that it concerns; nil for every command with its option.
  var only: Set<String>?
  /// Commands with its option that it does not concern.
  var except: Set<String> = []
  /// Options that take its place when they are given.
  var yieldsTo: [String] = []

  /// The option's long name.
  var option: String { name.replacing("_", with: "-") }
  /// The variable of the environment.
  var variable: String { "RIDDLE_" + name.uppercased() }

  /// Every setting.
  static let all: [ConfigKey] = [
    ConfigKey(
      name: "store", kind: .path, meaning: "Store that commands read and write.",
      fallback: "none: give --store or --data", example: "desk.sqlite",
      except: ["compare", "policy check"], yieldsTo: ["data"]),
    ConfigKey(
      name: "candidates", kind: .names,
      meaning:
        "Candidates of label, train, headroom, simulate, optimize and experiment plan; routers name their own.",
      fallback: "those of the last labelling, or the only two of the data",
      example: "small,large",
      only: ["label", "train", "headroom", "simulate", "optimize", "experiment plan"],
      yieldsTo: ["tiers"]),
    ConfigKey(
      name: "seed", kind: .wholeNumber(0...UInt64.max),
      meaning: "Seed of splits, fits and replicates.",
      fallback: "1", example: "7"),
    ConfigKey(
      name: "confidence", kind: .share, meaning: "Coverage of intervals and of promises.",
      fallback: "0.95", example: "0.95"),
    ConfigKey(
      name: "replicates", kind: .wholeNumber(0...100_000),
      meaning: "Bootstrap replicates of intervals; 0 for none where a command allows it.",
      fallback: "2000 (headroom: 1000)", example: "2000"),
    ConfigKey(
      name: "threads", kind: .wholeNumber(1...1024), meaning: "Threads of a command.",
      fallback: "the processors of this machine", example: "2"),
    ConfigKey(
      name: "require_signature", kind: .path,
      meaning: "Public key that must have signed every weight file that is opened.",
      fallback: "none: unsigned files are opened", example: "keys/release.pub"),
    ConfigKey(
      name: "json", kind: .flag, meaning: "Print results as JSON.", fallback: "false",
      example: "true"),
    ConfigKey(
      name: "quiet", kind: .flag, meaning: "Say nothing on standard error but errors.",
      fallback: "false", example: "true"),
  ]

  static func named(_ name: String) -> ConfigKey? { all.first { $0.name == name } }

  /// "; did you mean …?" or the list of keys.
  static func hint(for name: String) -> String {
    let names = all.map(\.name)
    if let close = nearest(name.lowercased().replacing("-", with: "_"), in: names) {
      return "did you mean '\(close)'? See `riddle config keys`"
    }
    return "known: \(names.joined(separator: ", ")); see `riddle config keys`"
  }

  /// Whether the setting concerns the command of these words.
  func concerns(_ words: [String], _ command: CommandTree.Command) -> Bool {
    let path = words.joined(separator: " ")
    return command.takes(option) && (only?.contains(path) ?? true) && !except.contains(path)
  }

  /// The value as an option takes it, or what is wrong with it.
  func checked(_ text: String) -> Result<String, ConfigValueError> {
    let expected = "\(name) must be \(kind.description), got '\(text.prefix(80))'"
    switch kind {
    case .path:
      return text.isEmpty ? .failure(.init(reason: "\(name) is empty")) : .success(text)
    case .names:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed().map(String.init).joined()
      }
      let areGood =
        (2...64).contains(names.count) && Set(names).count == names.count && !names.contains("")
      return areGood ? .success(names.joined(separator: ",")) : .failure(.init(reason: expected))
    case .wholeNumber(let range):
      guard let number = UInt64(text), range.contains(number), number != 1 || name != "replicates"
      else { return .failure(.init(reason: expected)) }
      return .success(String(number))
    case .share:
      guard let number = Double(text), number > 0, number < 1 else {
        return .failure(.init(reason: expected))
      }
      return .success(text)
    case .flag:
      return ["true", "false"].contains(text)
        ? .success(text) : .failure(.init(reason: expected))
    }
  }
}

/// What is wrong with a value.
struct ConfigValueError: Error {
  var reason: String
}
