import ArgumentParser

/// A size as people write it: `64KB`, `64KiB`, `1MB`, `65536`.
///
/// KB and MB are powers of a thousand, as storage is sold and as SI says, KiB and MiB powers of 1024: a file that fits
/// into 64 KB then fits into 64 KiB as well, whichever was meant.
struct ByteCount: ExpressibleByArgument, Equatable {
  /// Number of bytes.
  let bytes: Int
  /// As it was written.
  let text: String

  private static let units: [(name: String, bytes: Double)] = [
    ("kib", 1024), ("mib", 1_048_576), ("kb", 1000), ("mb", 1_000_000), ("k", 1000), ("m", 1e6),
    ("b", 1), ("", 1),
  ]

  init?(argument: String) {
    let word = argument.lowercased().filter { $0 != " " && $0 != "_" }
    guard let unit = Self.units.first(where: { word.hasSuffix($0.name) }),
      let number = Double(word.dropLast(unit.name.count)), number > 0
    else { return nil }
    let count = (number * unit.bytes).rounded(.down)
    guard count >= 1, count <= 1e12 else { return nil }
    bytes = Int(count)
    text = argument
  }

  /// What it was read as.
  var sentence: String {
    "\(text) is read as \(bytes) bytes (KB = 1000, KiB = 1024 bytes)"
  }
}
