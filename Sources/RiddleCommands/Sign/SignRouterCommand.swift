import ArgumentParser
import Foundation
import RiddleTrust

struct SignRouterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "router",
    abstract: "Write the signature beside a weight file; the default of `riddle sign`.",
    discussion: """
      The file is opened first: what no program would score with is not signed. A signature \
      that stands there is replaced.

      EXAMPLES
        riddle sign models/desk --key team.key
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @Option(help: ArgumentHelp("The private key, made by keygen.", valueName: "file"))
  var key: String

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let privateKey = try SigningKeys.privateKey(
        try Files.read(key, what: "private key", atMost: SigningKeys.mostBytes), path: key)
      var status = stat()
      if stat(key, &status) == 0, status.st_mode & 0o077 != 0 {
        output.note("warning: \(key) can be read by others; better: chmod 600 \(key)")
      }
      let opened = try OpenedRouter(path: router, signature)
      let made = try RouterSignature(signing: opened.bytes, with: privateKey)
      let path = opened.path + RouterSignature.fileSuffix
      try Files.write(try JSONOutput.text(made) + "\n", to: path)
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              file: path, router: opened.path, key: made.key, bytes: opened.bytes.count,
              sha256: Files.sha256(opened.bytes))))
      } else {
        Console.print("\(path): signature over \(opened.bytes.count) bytes by key \(made.key)")
        output.note("next: riddle inspect \(opened.path) --verify --require-signature PUBLIC-KEY")
      }
    }
  }

  private struct Result: Encodable {
    var file: String
    var router: String
    var key: String
    var bytes: Int
    /// Of the weight file.
    var sha256: String
  }
}
