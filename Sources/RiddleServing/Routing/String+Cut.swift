extension String {
  /// The beginning, at most `most` bytes of UTF-8; no character's bytes are torn apart.
  func cut(to most: Int) -> String {
    guard utf8.count > most else { return self }
    var end = utf8.index(utf8.startIndex, offsetBy: max(0, most))
    // A byte that begins no scalar belongs to the one before it.
    while end > utf8.startIndex, utf8[end] & 0xc0 == 0x80 { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
