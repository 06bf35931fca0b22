import RiddleRuntime

/// Finds which of a few texts are near-duplicates of texts that pass by, one batch after the other: for logs that do not
/// fit in memory.
///
/// A pair counts when the texts are equal (``RowFingerprint/text(_:)``) or at Jaccard ≥ 0.8 of word 5-grams, found by the
/// bands of ``NearDuplicates`` and verified on the full sets. Pairs only, no chains.
public struct NearDuplicateProbe: Sendable {
  private let texts: [String]
  private let prints: [UInt64]
  private let printOrder: [Int32]
  /// Band after band, n keys each, and the texts in the order of these keys.
  private let keys: [UInt64]
  private let orders: [[Int32]]
  /// Whether each text has met a near-duplicate.
  public private(set) var isMet: [Bool]

  /// In a crowded bucket a passing text is compared with this many others.
  private static let comparisonsPerBand = 256

  /// A probe for `texts`; about 250 bytes a text beside the texts themselves.
  public init(_ texts: [String]) {
    self.texts = texts
    isMet = [Bool](repeating: false, count: texts.count)
    prints = NearDuplicates.inShards(texts.count) { $0.map { RowFingerprint.text(texts[$0]) } }
    printOrder = HashOrder.indices(prints[...])
    let byText = NearDuplicates.inShards(texts.count) { range in
      var reader = BandKeys()
      return range.flatMap { reader.keys(of: texts[$0]) }
    }
    let n = texts.count
    var keys: [UInt64] = []
    keys.reserveCapacity(byText.count)
    for band in 0..<MinHash.bands {
      for i in 0..<n { keys.append(byText[i * MinHash.bands + band]) }
    }
    self.keys = keys
    orders = (0..<MinHash.bands).map {
      HashOrder.indices(keys[($0 * n)..<(($0 + 1) * n)], skipping: MinHash.noKey)
    }
  }

  /// Marks the texts that are near-duplicates of any of `passing`.
  public mutating func meet(_ passing: [String]) {
    for found in NearDuplicates.inShards(passing.count, { [self] in met($0.map { passing[$0] }) }) {
      isMet[Int(found)] = true
    }
  }

  private func met(_ passing: [String]) -> [Int32] {
    var reader = BandKeys()
    var own = WordShingles()
    var found: [Int32] = []
    for text in passing {
      let print = RowFingerprint.text(text)
      for i in equal(printOrder, print, { prints[$0] }) where !isMet[Int(i)] { found.append(i) }
      let bands = reader.keys(of: text)
      for band in 0..<MinHash.bands where bands[band] != MinHash.noKey {
        let start = band * texts.count
        for i in equal(orders[band], bands[band], { keys[start + $0] }).prefix(
          Self.comparisonsPerBand)
        where !isMet[Int(i)] && prints[Int(i)] != print {
          own.read(texts[Int(i)])
          if WordShingles.areSimilar(own.hashes, reader.shingles.hashes, threshold: 0.8) {
            found.append(i)
          }
        }
      }
    }
    return found
  }

  /// The part of `order` whose key is `key`.
  private func equal(
    _ order: [Int32], _ key: UInt64, _ keyOf: (Int) -> UInt64
  ) -> ArraySlice<Int32> {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if keyOf(Int(order[middle])) < key { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < order.count && keyOf(Int(order[end])) == key { end += 1 }
    return order[low..<end]
  }
}

/// Band keys, one text after the other.
private struct BandKeys {
  private(set) var shingles = WordShingles()
  private var minima = MinHash()

  mutating func keys(of text: String) -> [UInt64] {
    shingles.read(text)
    minima.read(shingles.hashes)
    var keys: [UInt64] = []
    keys.reserveCapacity(MinHash.bands)
    minima.appendBandKeys(to: &keys)
    return keys
  }
}
