import Crypto
import Foundation

/// Ed25519 keys as PEM files (RFC 8410), so that OpenSSL and every other library read and make them too.
///
/// The DER inside has one form only: a fixed prefix and 32 bytes. Anything else is refused.
enum SigningKeys {
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
  private static let mostBytes = 4096

  /// The file of a private key.
  static func pem(_ key: Curve25519.Signing.PrivateKey) -> String {
    pem(privateLabel, privatePrefix + key.rawRepresentation)
  }

  /// The file of a public key.
  static func pem(_ key: Curve25519.Signing.PublicKey) -> String {
    pem(publicLabel, publicPrefix + key.rawRepresentation)
  }

  /// SHA-256 of the 32 bytes of the key, in hexadecimal.
  static func fingerprint(_ key: Curve25519.Signing.PublicKey) -> String {
    Files.sha256([UInt8](key.rawRepresentation))
  }

  /// Reads a private key.
  static func privateKey(_ path: String) throws -> Curve25519.Signing.PrivateKey {
    let raw = try contents(
      path, what: "private key", label: privateLabel, prefix: privatePrefix,
      instead: (publicLabel, "this is a public key; --key needs the private one"))
    do {
      return try Curve25519.Signing.PrivateKey(rawRepresentation: raw)
    } catch {
      throw CommandFailure(.malformedData, "\(path): not an Ed25519 private key")
    }
  }

  /// Reads a public key.
  static func publicKey(_ path: String) throws -> Curve25519.Signing.PublicKey {
    let raw = try contents(
      path, what: "public key", label: publicLabel, prefix: publicPrefix,
      instead: (
        privateLabel,
        "this is a private key; --require-signature needs the public one, and nobody else this one"
      ))
    do {
      return try Curve25519.Signing.PublicKey(rawRepresentation: raw)
    } catch {
      throw CommandFailure(.malformedData, "\(path): not an Ed25519 public key")
    }
  }

  private static func pem(_ label: String, _ der: [UInt8]) -> String {
    "-----BEGIN \(label)-----\n\(Data(der).base64EncodedString())\n-----END \(label)-----\n"
  }

  /// The 32 bytes inside a PEM file with one block of the wanted label and nothing else.
  private static func contents(
    _ path: String, what: String, label: String, prefix: [UInt8],
    instead: (label: String, message: String)
  ) throws -> [UInt8] {
    let bytes = try Files.read(path, what: what, atMost: mostBytes)
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
    if lines.first == "-----BEGIN \(instead.label)-----" {
      throw CommandFailure(.malformedData, "\(path): \(instead.message)")
    }
    guard bytes.count <= mostBytes, lines.count >= 3,
      lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
      let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()),
      der.count == prefix.count + 32, der.starts(with: prefix)
    else {
      throw CommandFailure(
        .malformedData,
        "\(path): not an Ed25519 \(what) in PEM form; make a pair with: riddle sign keygen --to NAME"
      )
    }
    return [UInt8](der.dropFirst(prefix.count))
  }
}
