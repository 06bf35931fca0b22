import Foundation

/// The command in a manifest, read word by word as it was written; nothing of it ever reaches a shell.
///
/// The writer is `RunManifest.reproducingCommand`: plain words, words in single quotes with `'\''` for a quote inside,
/// and paths that begin with `"$RIDDLE_DATA"/`. Anything else that a shell would act on is refused.
struct RecordedCommand {
  /// The words after `riddle`, with `RIDDLE_DATA` in its place.
  let words: [String]
  /// Whether the command needs `RIDDLE_DATA`.
  let usesDataFolder: Bool

  /// What a word may hold outside of quotes.
  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,/:@%".utf8)
  private static let variable = Array("\"$RIDDLE_DATA\"".utf8)

  /// - Throws: `CommandFailure` for a command that this program did not write, and where it needs `RIDDLE_DATA` and
  ///   `dataFolder` is nil.
  init(_ text: String, dataFolder: String?, in file: String) throws {
    let bytes = Array(text.utf8)
    var words: [String] = []
    var word: [UInt8]?
    var uses = false
    var at = 0
    func refusal(_ what: String) -> CommandFailure {
      CommandFailure(
        .malformedData,
        "\(file): the recorded command has \(what) at its byte \(at + 1), which `riddle train` never writes; it is not run. Train again with `riddle train`"
      )
    }
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: " ") {
        if let done = word { words.append(String(decoding: done, as: UTF8.self)) }
        word = nil
        at += 1
      } else if bytes[at...].starts(with: Self.variable) {
        uses = true
        guard let dataFolder else {
          throw CommandFailure(
            .inputMissing,
            "\(file): the run reads data below RIDDLE_DATA, which is not set; try RIDDLE_DATA=FOLDER riddle runs repro …"
          )
        }
        word = (word ?? []) + Array(dataFolder.utf8)
        at += Self.variable.count
      } else if byte == UInt8(ascii: "'") {
        guard let end = bytes[(at + 1)...].firstIndex(of: byte) else {
          throw refusal("an open quote")
        }
        word = (word ?? []) + Array(bytes[(at + 1)..<end])
        at = end + 1
      } else if byte == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "'")
      {
        word = (word ?? []) + [bytes[at + 1]]
        at += 2
      } else if Self.plain.contains(byte) {
        word = (word ?? []) + [byte]
        at += 1
      } else {
        throw refusal("an unquoted '\(Character(Unicode.Scalar(byte)))'")
      }
    }
    if let done = word { words.append(String(decoding: done, as: UTF8.self)) }
    guard words.first == "riddle", words.count > 1, words[1] == "train" else {
      throw CommandFailure(
        .malformedData,
        "\(file): the recorded command is not `riddle train …`; only that is run again")
    }
    self.words = Array(words.dropFirst())
    usesDataFolder = uses
  }
}
