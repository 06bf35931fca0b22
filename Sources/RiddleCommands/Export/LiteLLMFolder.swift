import Foundation

/// The folder that LiteLLM's proxy loads: router, C library, adapters, configuration, and a check of itself.
///
/// Everything in it but `config.yaml`, which operators edit, stands in `SHA256SUMS`.
struct LiteLLMFolder {
  /// Where `make library` leaves the library.
  static let usualLibrary = "out/library"
  static let routerName = "router.riddle"
  static let libraryName = "libriddle.so.1"
  private static let bindingName = "riddle.py"
  private static let configurationName = "config.yaml"

  /// A file of the folder.
  struct File: Encodable {
    var file: String
    var bytes: Int
    var sha256: String
  }

  /// Checksummed files by name, sorted.
  private let files: [(name: String, bytes: [UInt8])]
  private let configuration: [UInt8]

  /// Composes the folder.
  ///
  /// - Parameters:
  ///   - candidates: names of the ladder, cheapest first.
  ///   - library: the folder that `make library` made.
  /// - Throws: `CommandFailure` when the library is not there, or a candidate has a name that requests are routed by.
  init(weightFile: [UInt8], candidates: [String], library: String) throws {
    if let taken = candidates.first(where: { LiteLLMConfiguration.routedNames.contains($0) }) {
      throw CommandFailure(
        .usage,
        "--as litellm: a candidate is called \(taken), and requests for that name are the ones that get routed; rename the candidate in the log and train again"
      )
    }
    let quoted = try candidates.map { try JSONOutput.text($0, pretty: false) }
    let tuple = "(" + quoted.joined(separator: ", ") + ")"
    let pick = LiteLLMAdapters.pick.replacingOccurrences(of: "@CANDIDATES@", with: tuple)
    files = [
      (Self.libraryName, try Self.part(Self.libraryName, of: library)),
      (Self.bindingName, try Self.part(Self.bindingName, of: library)),
      ("riddle_hook.py", Array(LiteLLMAdapters.library.utf8)),
      ("riddle_http.py", Array(LiteLLMAdapters.sidecar.utf8)),
      ("riddle_litellm.py", Array(LiteLLMAdapters.hook.utf8)),
      ("riddle_pick.py", Array(pick.utf8)),
      (Self.routerName, weightFile),
      ("verify.sh", Array(LiteLLMVerify.script.utf8)),
    ]
    configuration = Array(LiteLLMConfiguration.text(quoted: quoted).utf8)
  }

  /// Writes the folder; a `config.yaml` that is there stays as it is.
  ///
  /// - Returns: what was written.
  func write(to folder: String, output: OutputOptions) throws -> [File] {
    if Files.isRegularFile(folder) {
      throw CommandFailure(.usage, "\(folder): a file; --as litellm writes a folder, name another")
    }
    if Files.exists(folder + "/" + RunFolder.manifestName) {
      throw CommandFailure(
        .usage,
        "\(folder) is the folder of a run, whose files its \(RunFolder.manifestName) names; nothing was written; give --to another folder"
      )
    }
    var written = files
    let sums = files.map { "\(Files.sha256($0.bytes))  \($0.name)\n" }.joined()
    written.append(("SHA256SUMS", Array(sums.utf8)))
    if Files.exists(folder + "/" + Self.configurationName) {
      output.note(
        "note: \(folder)/\(Self.configurationName) is kept as it was; see that it lists every candidate"
      )
    } else {
      written.append((Self.configurationName, configuration))
    }
    try Files.write(written.map { (path: folder + "/" + $0.name, bytes: $0.bytes) })
    return written.map {
      File(file: $0.name, bytes: $0.bytes.count, sha256: Files.sha256($0.bytes))
    }
  }

  private static func part(_ name: String, of library: String) throws -> [UInt8] {
    let path = library + "/" + name
    guard Files.isRegularFile(path) else {
      throw CommandFailure(
        .inputMissing,
        "no \(name) in \(library): make it with `make library` where Riddle was built, or name its folder with --library"
      )
    }
    return try Files.read(path, what: "library")
  }
}
