import ArgumentParser
import RiddleTrust

/// Whose signature weight files must carry: an option of every command that opens one.
struct SignatureOptions: ParsableArguments {
  @Option(
    name: .customLong("require-signature"),
    help: ArgumentHelp(
      "Refuse weight files that this key did not sign. May be repeated: any of the keys will do.",
      valueName: "public-key"))
  var publicKeys: [String] = []

  /// For files that this program wrote itself.
  static var none: SignatureOptions {
    var options = SignatureOptions()
    options.publicKeys = []
    return options
  }

  /// Whether unsigned files are refused.
  var isRequired: Bool { !publicKeys.isEmpty }

  /// Checks the signature beside `router` over the bytes that were read from it; nothing when none is required.
  ///
  /// - Returns: the fingerprint of the key that signed; nil when none is required.
  /// - Throws: `CommandFailure` with status 65 without a signature, with another key's, or with one of other bytes.
  func check(_ bytes: [UInt8], of router: String) throws -> String? {
    guard isRequired else { return nil }
    let keys = try publicKeys.map {
      try SigningKeys.publicKey(
        try Files.read($0, what: "public key", atMost: SigningKeys.mostBytes), path: $0)
    }
    let path = router + RouterSignature.fileSuffix
    let signature = try RouterSignature(
      beside: router,
      Files.exists(path)
        ? try Files.read(path, what: "signature", atMost: RouterSignature.mostBytes) : nil)
    try signature.check(bytes, of: router, against: keys)
    return signature.key
  }
}
