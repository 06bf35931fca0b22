import Foundation

/// The arguments of a `riddle train` as a manifest keeps them, to be given again with other data.
struct TrainingWords: Equatable {
  /// Arguments after `riddle train`.
  var words: [String]

  /// From a manifest's command.
  ///
  /// - Returns: nil when it is no `riddle train`.
  init?(command: String) {
    guard let all = Self.split(command), all.count >= 2, all[0] == "riddle", all[1] == "train"
    else {
      return nil
    }
    words = Array(all.dropFirst(2))
  }

  /// Options that say where data come from and results go: replaced when a run is made again.
  private static let places: Set<String> = [
    "--store", "--data", "--output", "--candidates", "--until", "--mapping", "--format",
    "--register", "--no-register",
  ]
  /// Those of them that stand alone.
  private static let flags: Set<String> = ["--register", "--no-register"]

  /// The same fit on another store.
  func again(store: String, candidates: [String]?, until: String?, output: String) -> TrainingWords
  {
    var kept: [String] = []
    var isDropped = false
    for word in words {
      if word.hasPrefix("--") {
        let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
        isDropped = Self.places.contains(name)
        if isDropped {
          if Self.flags.contains(name) || word.contains("=") { isDropped = false }
          continue
        }
      } else if isDropped {
        // --data takes several values, the others one.
        continue
      }
      kept.append(word)
    }
    var result = self
    result.words = kept + ["--store", store]
    if let candidates { result.words += ["--candidates", candidates.joined(separator: ",")] }
    if let until { result.words += ["--until", until] }
    result.words += ["--output", output]
    return result
  }

  /// The command as a shell takes it.
  var command: String {
    (["riddle", "train"] + words.map(ShellWord.quoted)).joined(separator: " ")
  }

  /// Words of a command as a manifest quotes them: plain, in single quotes, or in double quotes.
  ///
  /// - Returns: nil when a quote is not closed.
  static func split(_ command: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in command {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if let open = quote {
        if character == open {
          quote = nil
        } else {
          word = (word ?? "") + String(character)
        }
      } else if character == "\\" {
        isEscaped = true
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\n" || character == "\t" {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if quote != nil || isEscaped { return nil }
    if let word { words.append(word) }
    return words
  }
}

/// One word of a shell command.
enum ShellWord {
  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,/:@%")

  /// `word` so that a POSIX shell takes it as one word with nothing expanded.
  static func quoted(_ word: String) -> String {
    if !word.isEmpty && word.allSatisfy({ plain.contains($0) }) { return word }
    return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
