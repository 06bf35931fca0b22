/// Questions to the ``BytePlanes`` of one text. One block of zeros follows the planes of the text.
@unsafe struct PlaneMap {
  let planes: UnsafePointer<UInt64>
  /// Number of bytes of the text.
  let count: Int

  /// 64 bits of a plane.
  @inline(__always)
  subscript(block: Int, plane: Int) -> UInt64 { unsafe planes[block &<< 3 &+ plane] }

  /// The 64 bits of a plane from `position` on.
  @inline(__always)
  func bits(_ plane: Int, from position: Int) -> UInt64 {
    let block = position &>> 6
    let shift = UInt64(truncatingIfNeeded: position & 63)
    let low = unsafe self[block, plane]
    let high = unsafe self[block &+ 1, plane]
    return low &>> shift | (high &<< 1) &<< (63 &- shift)
  }

  /// Number of bytes of the plane's kind in `start ..< end`.
  @inline(__always)
  func number(_ plane: Int, from start: Int, to end: Int) -> Int {
    var sum = 0
    var at = start
    while true {
      let width = end &- at
      var bits = unsafe bits(plane, from: at)
      if width <= 64 {
        bits &= UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- width)
        return bits == 0 ? sum : sum &+ bits.nonzeroBitCount
      }
      sum &+= bits.nonzeroBitCount
      at &+= 64
    }
  }

  /// Counts what does not depend on words.
  func countAll(_ text: UnsafePointer<UInt8>, _ statistics: inout TextStatistics) {
    var digitCarry: UInt64 = 0
    var run = 0
    let blocks = unsafe (count &+ 63) &>> 6
    for block in 0..<blocks {
      statistics.spaces &+= unsafe self[block, BytePlanes.space].nonzeroBitCount
      let upper = unsafe self[block, BytePlanes.upper]
      if upper != 0 { statistics.upper &+= upper.nonzeroBitCount }
      let apostrophes = unsafe self[block, BytePlanes.apostrophe]
      if apostrophes != 0 { statistics.quotes &+= apostrophes.nonzeroBitCount }
      let digits = unsafe self[block, BytePlanes.digit]
      if digits == 0 {
        run = 0
      } else {
        statistics.numbers &+= (digits & ~(digits &<< 1 | digitCarry)).nonzeroBitCount
        var rest = digits
        while rest != 0 {
          let gap = rest.trailingZeroBitCount
          if gap > 0 { run = 0 }
          rest &>>= UInt64(gap)
          let length = (~rest).trailingZeroBitCount
          run &+= length
          statistics.longestNumber = max(statistics.longestNumber, run)
          rest = length == 64 ? 0 : rest &>> UInt64(length)
        }
        if digits &>> 63 == 0 { run = 0 }
      }
      digitCarry = digits &>> 63
      let high = unsafe self[block, BytePlanes.high]
      if high != 0 {
        unsafe countHigh(text, block, high, &statistics)
      }
    }
  }

  /// Counts bytes ≥ 0x80 of a block.
  private func countHigh(
    _ text: UnsafePointer<UInt8>, _ block: Int, _ high: UInt64, _ statistics: inout TextStatistics
  ) {
    statistics.nonASCII &+= high.nonzeroBitCount
    var rest = high
    while rest != 0 {
      let at = block &<< 6 &+ rest.trailingZeroBitCount
      rest &= rest &- 1
      let byte = unsafe text[at]
      if byte < 0xc0 {
        statistics.scalars &-= 1
      } else if byte >= 0xe0 {
        statistics.wideScalars &+= 1
        // In bounds: a zero byte follows the text.
        if unsafe byte == 0xe2 && text[at &+ 1] >= 0x86 && text[at &+ 1] <= 0x8b {
          statistics.shape.mathSymbols &+= 1
        }
      }
    }
  }

  /// Counts the word that begins at `start`; returns the first position behind it.
  @inline(__always)
  func readWord(
    _ start: Int, _ text: UnsafePointer<UInt8>, _ statistics: inout TextStatistics
  ) -> Int {
    let word = unsafe bits(BytePlanes.wordPart, from: start)
    let upper = unsafe bits(BytePlanes.upper, from: start)
    let length = (~word).trailingZeroBitCount
    let mask = UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- length)
    let unusual = unsafe bits(BytePlanes.unusual, from: start) & mask
    statistics.words &+= 1
    statistics.capitalised &+= Int(truncatingIfNeeded: upper & 1)
    statistics.endsInCapitals = false
    if length == 64 || unusual != 0 {
      return unsafe readUnusualWord(start, text, &statistics)
    }
    unsafe count(letters: length, &statistics)
    // Two capitals side by side are rare: the rest is asked seldom.
    if upper & 3 == 3 && length >= 2 && ~upper & mask == 0 {
      statistics.endsInCapitals = true
      statistics.allCaps &+= 1
    }
    return start &+ length
  }

  @inline(__always)
  private func count(letters: Int, _ statistics: inout TextStatistics) {
    statistics.letters &+= letters
    statistics.wordLetters &+= letters
    statistics.longestWord = max(statistics.longestWord, letters)
    statistics.longWords &+= letters >= 8 ? 1 : 0
    statistics.shortWords &+= letters <= 3 ? 1 : 0
  }

  /// A word with digits or bytes ≥ 0x80, or of 64 bytes and more.
  @inline(never)
  private func readUnusualWord(
    _ start: Int, _ text: UnsafePointer<UInt8>, _ statistics: inout TextStatistics
  ) -> Int {
    var end = start
    while true {
      // Behind the text all planes are zero, so this ends there at the latest.
      let length = unsafe (~bits(BytePlanes.wordPart, from: end)).trailingZeroBitCount
      end &+= length
      if length < 64 { break }
    }
    var length = end &- start
    for i in start..<end where unsafe text[i] & 0xc0 == 0x80 { length &-= 1 }
    let digits = unsafe number(BytePlanes.digit, from: start, to: end)
    statistics.digits &+= digits
    if digits < length {
      unsafe count(letters: length, &statistics)
      statistics.letters &-= digits
    }
    let capitals = unsafe number(BytePlanes.upper, from: start, to: end)
    statistics.endsInCapitals = capitals >= 2 && capitals == length
    statistics.allCaps &+= statistics.endsInCapitals ? 1 : 0
    return end
  }
}
