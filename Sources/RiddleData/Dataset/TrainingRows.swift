import RiddleRuntime

/// Fingerprints of every row that a router was fitted or calibrated on, so that an evaluation can prove its rows
/// unseen, in any file and in any order. Holds hashes only: no text can be read back.
///
/// File layout: `RDLROWS1`, one byte for the unit (0 text, 1 group, 2 conversation), seven zero bytes, the seed
/// (u64), the number of hashes (u64), then the hashes, increasing; little-endian.
public struct TrainingRows: Equatable, Sendable {
  /// What stayed together in the split.
  public let unit: SplitUnit
  /// Seed of the split.
  public let seed: UInt64
  private let hashes: [UInt64]

  private static let magic = Array("RDLROWS1".utf8)

  /// Collects the rows of `dataset` at `rows`.
  public init(_ dataset: Dataset, rows: [Int], split: Split) {
    unit = split.unit
    seed = split.seed
    var hashes: Set<UInt64> = []
    for i in rows {
      hashes.insert(RowFingerprint.text(dataset.texts[i]))
      hashes.insert(
        RowFingerprint.unit(split.unit, text: dataset.texts[i], context: dataset.contexts[i]))
    }
    self.hashes = hashes.sorted()
  }

  /// Keeps hashes that were collected row by row, in any order and with repeats.
  public init(split: Split, hashes: consuming [UInt64]) {
    unit = split.unit
    seed = split.seed
    Self.compact(&hashes)
    self.hashes = hashes
  }

  /// These rows and those of `dataset` at `rows`.
  public func adding(_ dataset: Dataset, rows: [Int]) -> TrainingRows {
    var all = hashes
    for i in rows {
      all.append(RowFingerprint.text(dataset.texts[i]))
      all.append(
        RowFingerprint.unit(unit, text: dataset.texts[i], context: dataset.contexts[i]))
    }
    return TrainingRows(split: Split(unit: unit, seed: seed), hashes: all)
  }

  /// Sorts hashes and drops repeats, in place.
  public static func compact(_ hashes: inout [UInt64]) {
    hashes.sort()
    var kept = 0
    for i in hashes.indices where kept == 0 || hashes[kept - 1] != hashes[i] {
      hashes[kept] = hashes[i]
      kept += 1
    }
    hashes.removeLast(hashes.count - kept)
  }

  /// Reads the bytes of a file, or gives nil when they are not one.
  public init?(decoding bytes: [UInt8]) {
    func number(_ offset: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
    guard bytes.count >= 32, Array(bytes[..<8]) == Self.magic,
      bytes[8] < SplitUnit.allCases.count, bytes.count % 8 == 0,
      number(24) == UInt64((bytes.count - 32) / 8)
    else { return nil }
    unit = SplitUnit.allCases[Int(bytes[8])]
    seed = number(16)
    hashes = stride(from: 32, to: bytes.count, by: 8).map(number)
    guard zip(hashes, hashes.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
  }

  /// The bytes of the file.
  public var encoded: [UInt8] {
    var bytes = Self.magic
    func add(_ value: UInt64) {
      for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
    }
    add(UInt64(SplitUnit.allCases.firstIndex(of: unit) ?? 0))
    add(seed)
    add(UInt64(hashes.count))
    for hash in hashes { add(hash) }
    return bytes
  }

  /// Whether the row's text, or its unit, was among the training rows.
  public func contains(text: String, context: QueryContext) -> Bool {
    contains(RowFingerprint.text(text))
      || contains(RowFingerprint.unit(unit, text: text, context: context))
  }

  private func contains(_ hash: UInt64) -> Bool {
    var low = 0
    var high = hashes.count
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < hashes.count && hashes[low] == hash
  }
}
