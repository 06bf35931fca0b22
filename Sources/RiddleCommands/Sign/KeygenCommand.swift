import ArgumentParser
import Crypto
import Foundation
import RiddleTrust

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make a pair of keys: NAME.key to sign with, NAME.pub to check with.",
    discussion: """
      NAME.key is private: only its owner can read it (mode 0600). NAME.pub goes to everyone \
      who is to trust what you sign. Files that exist are never overwritten.

      EXAMPLES
        riddle sign keygen --to team
      """)

  @Option(
    name: .customLong("to"),
    help: ArgumentHelp("Path of both files without ending.", valueName: "name"))
  var destination: String

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if destination.isEmpty || destination.hasSuffix("/") {
      throw ValidationError("--to needs a name for the files, for example --to team")
    }
  }

  func run() throws {
    try reportingFailures {
      let files = (key: destination + ".key", pub: destination + ".pub")
      for path in [files.key, files.pub] where Files.exists(path) {
        throw CommandFailure(
          .inputOutput, "\(path): exists, and keys are never overwritten; choose another --to")
      }
      let key = Curve25519.Signing.PrivateKey()
      try Files.create(Array(SigningKeys.pem(key).utf8), at: files.key, mode: 0o600)
      do {
        try Files.create(Array(SigningKeys.pem(key.publicKey).utf8), at: files.pub, mode: 0o644)
      } catch {
        unlink(files.key)  // made a moment ago, and without its other half of no use to anyone
        throw error
      }
      let fingerprint = SigningKeys.fingerprint(key.publicKey)
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(private_key: files.key, public_key: files.pub, fingerprint: fingerprint)))
      } else {
        Console.print("\(files.key): private key, for you alone")
        Console.print("\(files.pub): public key \(fingerprint)")
        output.note("next: riddle sign ROUTER --key \(files.key)")
      }
    }
  }

  private struct Result: Encodable {
    var private_key: String
    var public_key: String
    var fingerprint: String
  }
}
