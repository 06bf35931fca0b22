import Crypto
import Foundation

/// The file beside a signed weight file: an Ed25519 signature (RFC 8032) over every byte of it.
///
/// What is signed is ``domain`` followed by the weight file, so that a signature made for something else never fits,
/// and one made here never fits anything else.
public struct RouterSignature: Codable, Equatable, Sendable {
  /// Comes before the bytes of the weight file in what is signed.
  static let domain = Array("riddle weight file signature, version 1\n".utf8)
  /// What the name of a weight file gets appended.
  public static let fileSuffix = ".sig"

  private static let knownFormat = "riddle-signature-1"
  private static let knownAlgorithm = "Ed25519"
  /// No signature file of ours is longer.
  public static let mostBytes = 4096

  var format: String
  var algorithm: String
  /// ``SigningKeys/fingerprint(_:)`` of the public key.
  public private(set) var key: String
  /// 64 bytes in Base64.
  var signature: String

  /// Signs the bytes of a weight file.
  public init(signing bytes: [UInt8], with privateKey: Curve25519.Signing.PrivateKey) throws {
    format = Self.knownFormat
    algorithm = Self.knownAlgorithm
    key = SigningKeys.fingerprint(privateKey.publicKey)
    signature = Data(try privateKey.signature(for: Self.domain + bytes)).base64EncodedString()
  }

  /// The signature in `bytes`, read from the file beside `router`; nil says that there is no such file.
  public init(beside router: String, _ bytes: [UInt8]?) throws(TrustError) {
    let path = router + Self.fileSuffix
    guard let bytes else {
      throw TrustError(
        "\(router): not signed: there is no \(path), and --require-signature was given; ask for the signature, or sign it with: riddle sign \(router) --key FILE"
      )
    }
    guard bytes.count <= Self.mostBytes,
      let read = try? JSONDecoder().decode(Self.self, from: Data(bytes))
    else {
      throw TrustError(
        "\(path): not a signature; sign again with: riddle sign \(router) --key FILE")
    }
    guard read.format == Self.knownFormat, read.algorithm == Self.knownAlgorithm else {
      throw TrustError(
        "\(path): expected format \(Self.knownFormat) and algorithm \(Self.knownAlgorithm); sign again with: riddle sign \(router) --key FILE"
      )
    }
    self = read
  }

  /// Checks the signature over `bytes`.
  ///
  /// - Parameter keys: any one of them may have signed.
  /// - Throws: `TrustError` for another key, or for other bytes than were signed.
  public func check(
    _ bytes: [UInt8], of router: String, against keys: [Curve25519.Signing.PublicKey]
  ) throws(TrustError) {
    guard let signer = keys.first(where: { SigningKeys.fingerprint($0) == key }) else {
      let expected = keys.map { SigningKeys.fingerprint($0).prefix(16) }.joined(separator: " or ")
      throw TrustError(
        "\(router): signed with key \(key.prefix(16).filter(\.isHexDigit))…, expected \(expected)…; get the file from whom you trust, or name their public key too"
      )
    }
    guard let bits = Data(base64Encoded: signature),
      signer.isValidSignature(bits, for: Self.domain + bytes)
    else {
      throw TrustError(
        "\(router): changed after it was signed: the signature beside it, by key \(key.prefix(16))…, is not of these bytes; get both files again, or have it signed again"
      )
    }
  }
}
