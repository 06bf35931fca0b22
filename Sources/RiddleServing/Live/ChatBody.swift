/// A chat request as it goes on to an upstream: the caller's bytes with another `model`.
public enum ChatBody {
  /// The body with `model` in the place of its own, every other byte as it was; nil when it is no JSON object.
  public static func replacingModel(_ bytes: Span<UInt8>, with model: String) -> [UInt8]? {
    var walker = JSONWalker()
    var place: Range<Int>?
    var start = 0
    var isEmpty = true
    do throws(JSONWalker.Fault) {
      try walker.openObject(bytes)
      start = walker.position
      var isFirst = true
      while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
        isEmpty = false
        walker.skipSpace(bytes)
        let from = walker.position
        try walker.skipValue(bytes)
        if walker.matches(key, "model", of: bytes) { place = from..<walker.position }
      }
      try walker.end(bytes)
    } catch {
      return nil
    }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + model.utf8.count + 16)
    let cut = place ?? start..<start
    for index in 0..<cut.lowerBound { out.append(bytes[index]) }
    if place == nil { JSONText.append(#""model":"#, to: &out) }
    JSONText.append(quoted: model, to: &out)
    if place == nil && !isEmpty { out.append(0x2c) }
    for index in cut.upperBound..<bytes.count { out.append(bytes[index]) }
    return out
  }
}
