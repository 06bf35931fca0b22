import Crypto
import Foundation

/// The file beside a signed weight file: an Ed25519 signature (RFC 8032) over every byte of it.
///
/// What is signed is ``domain`` followed by the weight file, so that a signature made for something else never fits,
/// and one made here never fits anything else.
struct RouterSignature: Codable, Equatable {
  /// Comes before the bytes of the weight file in what is signed.
  static let domain = Array("riddle weight file signature, version 1\n".utf8)
  /// What the name of a weight file gets appended.
  static let fileSuffix = ".sig"

  private static let knownFormat = "riddle-signature-1"
  private static let knownAlgorithm = "Ed25519"
  /// No signature file of ours is longer.
  private static let mostBytes = 4096

  var format: String
  var algorithm: String
  /// ``SigningKeys/fingerprint(_:)`` of the public key.
  var key: String
  /// 64 bytes in Base64.
  var signature: String

  /// Signs the bytes of a weight file.
  init(signing bytes: [UInt8], with privateKey: Curve25519.Signing.PrivateKey) throws {
    format = Self.knownFormat
    algorithm = Self.knownAlgorithm
    key = SigningKeys.fingerprint(privateKey.publicKey)
    signature = Data(try privateKey.signature(for: Self.domain + bytes)).base64EncodedString()
  }

  /// The signature beside a weight file.
  ///
  /// - Throws: `CommandFailure` when there is none or it is not one.
  init(beside router: String) throws {
    let path = router + Self.fileSuffix
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFailure(
        .malformedData,
        "\(router): not signed: there is no \(path), and --require-signature was given; ask for the signature, or sign it with: riddle sign \(router) --key FILE"
      )
    }
    let bytes = try Files.read(path, what: "signature", atMost: Self.mostBytes)
    guard bytes.count <= Self.mostBytes,
      let read = try? JSONDecoder().decode(Self.self, from: Data(bytes))
    else {
      throw CommandFailure(
        .malformedData,
        "\(path): not a signature; sign again with: riddle sign \(router) --key FILE")
    }
    guard read.format == Self.knownFormat, read.algorithm == Self.knownAlgorithm else {
      throw CommandFailure(
        .malformedData,
        "\(path): expected format \(Self.knownFormat) and algorithm \(Self.knownAlgorithm); sign again with: riddle sign \(router) --key FILE"
      )
    }
    self = read
  }

  /// Checks the signature over `bytes`.
  ///
  /// - Parameter keys: any one of them may have signed.
  /// - Throws: `CommandFailure` for another key, or for other bytes than were signed.
  func check(
    _ bytes: [UInt8], of router: String, against keys: [Curve25519.Signing.PublicKey]
  ) throws {
    guard let signer = keys.first(where: { SigningKeys.fingerprint($0) == key }) else {
      let expected = keys.map { SigningKeys.fingerprint($0).prefix(16) }.joined(separator: " or ")
      throw CommandFailure(
        .malformedData,
        "\(router): signed with key \(key.prefix(16).filter(\.isHexDigit))…, expected \(expected)…; get the file from whom you trust, or name their public key too"
      )
    }
    guard let bits = Data(base64Encoded: signature),
      signer.isValidSignature(bits, for: Self.domain + bytes)
    else {
      throw CommandFailure(
        .malformedData,
        "\(router): changed after it was signed: the signature beside it, by key \(key.prefix(16))…, is not of these bytes; get both files again, or have it signed again"
      )
    }
  }
}
