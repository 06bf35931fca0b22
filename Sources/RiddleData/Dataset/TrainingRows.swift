import RiddleRuntime

/// Fingerprints of every row that a router was fitted or calibrated on, so that an evaluation can prove its rows
/// unseen, in any file and in any order. Holds hashes only: no text can be read back.
///
/// File layout, little-endian. Both versions begin with eight bytes of magic, one byte for the unit (0 text, 1 group,
/// 2 conversation, 3 time, 4 segment), seven zero bytes, the seed (u64) and the number of hashes (u64).
///
/// | version | magic | what follows |
/// | --- | --- | --- |
/// | 1 | `RDLROWS1` | the hashes, ascending. Unit 0 … 2 only. |
/// | 2 | `RDLROWS2` | number of cleared hashes (u64), number of signatures (u64); the hashes, ascending; the cleared hashes, ascending; the signatures of 64 bytes each, ascending |
///
/// A hash is ``RowFingerprint/text(_:)`` or ``RowFingerprint/unit(_:text:context:)`` of a row. A signature recognises
/// near-duplicates of a row: 64 bytes of its MinHash. Cleared are texts whose signature looks like a training row's,
/// and which a comparison of the texts themselves found to be none: rows of the test side.
/// Files of version 1 have no signatures; runs with `--stream` still write it.
public struct TrainingRows: Equatable, Sendable {
  /// What decided in the split.
  public let unit: SplitUnit
  /// Seed of the split.
  public let seed: UInt64
  private let hashes: [UInt64]
  private let cleared: [UInt64]
  private let near: NearDuplicateIndex

  private static let magics = [Array("RDLROWS1".utf8), Array("RDLROWS2".utf8)]

  /// Whether near-duplicates of the rows are recognised; without that, only their texts and units are.
  public var recognisesNearDuplicates: Bool { near.count > 0 }

  /// Collects the rows of `dataset` at `rows`.
  ///
  /// - Parameters:
  ///   - judged: rows of the test side, known not to be near-duplicates of `rows`.
  ///   - leftOut: rows on no side: their texts count as seen.
  public init(
    _ dataset: Dataset, rows: [Int], split: Split, judged: [Int] = [], leftOut: [Int] = []
  ) {
    unit = split.unit
    seed = split.seed
    var hashes: Set<UInt64> = []
    for i in rows {
      hashes.insert(RowFingerprint.text(dataset.texts[i]))
      hashes.insert(
        RowFingerprint.unit(split.unit, text: dataset.texts[i], context: dataset.contexts[i]))
    }
    for i in leftOut { hashes.insert(RowFingerprint.text(dataset.texts[i])) }
    self.hashes = hashes.sorted()
    let near = NearDuplicateIndex(
      signatures: NearDuplicates.inShards(rows.count) { range in
        var reader = SignatureReader()
        return range.flatMap { reader.signature(of: dataset.texts[rows[$0]]) }
      })
    self.near = near
    let looksSeen = NearDuplicates.inShards(judged.count) { range in
      var reader = SignatureReader()
      return range.filter {
        near.contains(near: reader.signature(of: dataset.texts[judged[$0]]))
      }
    }
    cleared = Set(looksSeen.map { RowFingerprint.text(dataset.texts[judged[$0]]) }).sorted()
  }

  /// Keeps hashes that were collected row by row, in any order and with repeats; near-duplicates are not recognised.
  public init(split: Split, hashes: consuming [UInt64]) {
    unit = split.unit
    seed = split.seed
    Self.compact(&hashes)
    self.hashes = hashes
    cleared = []
    near = NearDuplicateIndex(signatures: [])
  }

  /// These rows and those of `dataset` at `rows`.
  public func adding(_ dataset: Dataset, rows: [Int]) -> TrainingRows {
    var all = hashes
    for i in rows {
      all.append(RowFingerprint.text(dataset.texts[i]))
      all.append(
        RowFingerprint.unit(unit, text: dataset.texts[i], context: dataset.contexts[i]))
    }
    Self.compact(&all)
    // A list without signatures keeps none: it would pass for complete.
    var reader = SignatureReader()
    let more = near.count == 0 ? [] : rows.flatMap { reader.signature(of: dataset.texts[$0]) }
    return TrainingRows(
      unit: unit, seed: seed, hashes: all, cleared: cleared,
      near: NearDuplicateIndex(signatures: near.signatures + more))
  }

  private init(
    unit: SplitUnit, seed: UInt64, hashes: [UInt64], cleared: [UInt64], near: NearDuplicateIndex
  ) {
    self.unit = unit
    self.seed = seed
    self.hashes = hashes
    self.cleared = cleared
    self.near = near
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
    guard bytes.count >= 32, let version = Self.magics.firstIndex(of: Array(bytes[..<8])),
      bytes[8] < (version == 0 ? 3 : SplitUnit.allCases.count),
      bytes[9..<16].allSatisfy({ $0 == 0 })
    else { return nil }
    unit = SplitUnit.allCases[Int(bytes[8])]
    seed = number(16)
    // Counts that do not fit in what is there are refused before anything is made of them.
    var start = version == 0 ? 32 : 48
    guard bytes.count >= start else { return nil }
    let counts = [24, 32, 40].prefix(version == 0 ? 1 : 3).map { number($0) }
    let widths: [UInt64] = [8, 8, UInt64(NearDuplicateIndex.width)]
    var left = UInt64(bytes.count - start)
    for (count, width) in zip(counts, widths) {
      guard count <= left / width else { return nil }
      left -= count * width
    }
    guard left == 0 else { return nil }
    func take(_ index: Int) -> [UInt64] {
      let end = start + 8 * (index < counts.count ? Int(counts[index]) : 0)
      defer { start = end }
      return stride(from: start, to: end, by: 8).map(number)
    }
    hashes = take(0)
    cleared = take(1)
    guard let near = NearDuplicateIndex(checking: Array(bytes[start...])) else { return nil }
    self.near = near
    for list in [hashes, cleared] {
      guard zip(list, list.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    }
  }

  /// The bytes of the file.
  public var encoded: [UInt8] {
    let number = SplitUnit.allCases.firstIndex(of: unit) ?? 0
    let isFirst = number < 3 && near.count == 0 && cleared.isEmpty
    var bytes = Self.magics[isFirst ? 0 : 1]
    func add(_ value: UInt64) {
      for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
    }
    add(UInt64(number))
    add(seed)
    add(UInt64(hashes.count))
    if !isFirst {
      add(UInt64(cleared.count))
      add(UInt64(near.count))
    }
    for hash in hashes { add(hash) }
    for hash in cleared { add(hash) }
    return bytes + near.signatures
  }

  /// Whether the row's text, or its unit, was among the training rows, or its text is a near-duplicate of theirs.
  public func contains(text: String, context: QueryContext) -> Bool {
    !sharing(text: text, context: context).isEmpty
  }

  /// What a row shares with the training rows.
  public struct Shared: OptionSet, Sendable {
    /// One bit a way.
    public let rawValue: Int
    /// Ways by their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// The normalised text.
    public static let text = Shared(rawValue: 1)
    /// The group, in splits by group; the conversation, in those by conversation, time and segment.
    public static let unit = Shared(rawValue: 2)
    /// Most of the words, in order, but not the text.
    public static let nearDuplicate = Shared(rawValue: 4)
  }

  /// What the row shares with the training rows; nothing for a row that is proven unseen.
  public func sharing(text: String, context: QueryContext) -> Shared {
    let print = RowFingerprint.text(text)
    var shared: Shared = []
    if Self.contains(hashes, print) { shared.insert(.text) }
    let ofUnit = RowFingerprint.unit(unit, text: text, context: context)
    if ofUnit != print && Self.contains(hashes, ofUnit) { shared.insert(.unit) }
    if shared.contains(.text) || near.count == 0 || Self.contains(cleared, print) { return shared }
    var reader = SignatureReader()
    if near.contains(near: reader.signature(of: text)) { shared.insert(.nearDuplicate) }
    return shared
  }

  private static func contains(_ hashes: [UInt64], _ hash: UInt64) -> Bool {
    var low = 0
    var high = hashes.count
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < hashes.count && hashes[low] == hash
  }
}
