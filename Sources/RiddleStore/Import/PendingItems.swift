/// Items read and not written yet, cut into transactions without being copied.
struct PendingItems {
  /// Some items of one batch.
  struct Part {
    var batch: EncodedRows
    var range: Range<Int>
  }

  private var parts: [Part] = []
  private var count = 0

  mutating func append(_ batch: EncodedRows) {
    if batch.items.isEmpty { return }
    parts.append(Part(batch: batch, range: batch.items.indices))
    count += batch.items.count
  }

  /// The first `wanted` items; nil while there are fewer.
  mutating func take(_ wanted: Int) -> [Part]? {
    guard count >= wanted else { return nil }
    var taken: [Part] = []
    var missing = wanted
    while missing > 0 {
      var part = parts.removeFirst()
      if part.range.count > missing {
        let cut = part.range.lowerBound + missing
        parts.insert(Part(batch: part.batch, range: cut..<part.range.upperBound), at: 0)
        part.range = part.range.lowerBound..<cut
      }
      missing -= part.range.count
      taken.append(part)
    }
    count -= wanted
    return taken
  }

  /// Every item left.
  mutating func takeRest() -> [Part] {
    defer { (parts, count) = ([], 0) }
    return parts
  }
}
