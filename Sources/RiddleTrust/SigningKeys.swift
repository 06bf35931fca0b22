import Crypto
import Foundation

/// Ed25519 keys as PEM files (RFC 8410), so that OpenSSL and every other library read and make them too.
///
/// The DER inside has one form only: a fixed prefix and 32 bytes. Anything else is refused.
public enum SigningKeys {
  /// PrivateKeyInfo: version 0, algorithm 1.3.101.112, octet string in an octet string.
  private static let privatePrefix: [UInt8] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  /// SubjectPublicKeyInfo: algorithm 1.3.101.112, bit string without unused bits.
  private static let publicPrefix: [UInt8] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]
  private static let privateLabel = "PRIVATE KEY"
  private static let publicLabel = "PUBLIC KEY"
  /// No key file of ours is longer.
  public static let mostBytes = 4096

  /// The file of a private key.
  public static func pem(_ key: Curve25519.Signing.PrivateKey) -> String {
    pem(privateLabel, privatePrefix + key.rawRepresentation)
  }

  /// The file of a public key.
  public static func pem(_ key: Curve25519.Signing.PublicKey) -> String {
    pem(publicLabel, publicPrefix + key.rawRepresentation)
  }

  /// SHA-256 of the 32 bytes of the key, in hexadecimal.
  public static func fingerprint(_ key: Curve25519.Signing.PublicKey) -> String {
    SHA256.hash(data: key.rawRepresentation).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// The private key in the bytes of the file at `path`.
  public static func privateKey(
    _ bytes: [UInt8], path: String
  ) throws(TrustError) -> Curve25519.Signing.PrivateKey {
    let raw = try contents(
      bytes, path, what: "private key", label: privateLabel, prefix: privatePrefix,
      instead: (publicLabel, "this is a public key; --key needs the private one"))
    do {
      return try Curve25519.Signing.PrivateKey(rawRepresentation: raw)
    } catch {
      throw TrustError("\(path): not an Ed25519 private key")
    }
  }

  /// The public key in the bytes of the file at `path`.
  public static func publicKey(
    _ bytes: [UInt8], path: String
  ) throws(TrustError) -> Curve25519.Signing.PublicKey {
    let raw = try contents(
      bytes, path, what: "public key", label: publicLabel, prefix: publicPrefix,
      instead: (
        privateLabel,
        "this is a private key; --require-signature needs the public one, and nobody else this one"
      ))
    do {
      return try Curve25519.Signing.PublicKey(rawRepresentation: raw)
    } catch {
      throw TrustError("\(path): not an Ed25519 public key")
    }
  }

  private static func pem(_ label: String, _ der: [UInt8]) -> String {
    "-----BEGIN \(label)-----\n\(Data(der).base64EncodedString())\n-----END \(label)-----\n"
  }

  /// The 32 bytes inside a PEM file with one block of the wanted label and nothing else.
  private static func contents(
    _ bytes: [UInt8], _ path: String, what: String, label: String, prefix: [UInt8],
    instead: (label: String, message: String)
  ) throws(TrustError) -> [UInt8] {
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
    if lines.first == "-----BEGIN \(instead.label)-----" {
      throw TrustError("\(path): \(instead.message)")
    }
    guard bytes.count <= mostBytes, lines.count >= 3,
      lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
      let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()),
      der.count == prefix.count + 32, der.starts(with: prefix)
    else {
      throw TrustError(
        "\(path): not an Ed25519 \(what) in PEM form; make a pair with: riddle sign keygen --to NAME"
      )
    }
    return [UInt8](der.dropFirst(prefix.count))
  }
}
