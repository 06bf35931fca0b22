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

  /// Digits and bytes ≥ 0x80 of a block: words without them are counted quickly.
  @inline(__always)
  func unusual(_ block: Int) -> UInt64 {
    unsafe self[block, BytePlanes.digit] | self[block, BytePlanes.high]
  }

  /// Counts the word at `start` whatever it holds, but for a capital at `start`; returns the first position behind it.
  /// Apostrophes before it are marks: `start` moves behind them, and is what is returned when nothing follows them.
  @inline(never)
  func readWord(
    _ start: inout Int, _ text: UnsafePointer<UInt8>, _ statistics: inout TextStatistics
  ) -> Int {
    // Zero bytes follow the text.
    if unsafe text[start] == 39 {
      repeat {
        statistics.punctuation &+= 1
        start &+= 1
      } while unsafe text[start] == 39
      statistics.capitalised &+= unsafe Int(
        truncatingIfNeeded: bits(BytePlanes.upper, from: start) & 1)
    }
    var end = start
    while true {
      // Behind the text all planes are zero, so this ends there at the latest.
      let length = unsafe (~bits(BytePlanes.wordPart, from: end)).trailingZeroBitCount
      end &+= length
      if length < 64 { break }
    }
    if end == start { return end }
    var length = end &- start
    if unsafe number(BytePlanes.high, from: start, to: end) > 0 {
      for i in start..<end where unsafe text[i] & 0xc0 == 0x80 { length &-= 1 }
    }
    let digits = unsafe number(BytePlanes.digit, from: start, to: end)
    statistics.words &+= 1
    statistics.digits &+= digits
    statistics.letters &+= length &- digits
    if digits < length {
      statistics.wordLetters &+= length
      statistics.longestWord = max(statistics.longestWord, length)
      statistics.longWords &+= length >= 8 ? 1 : 0
      statistics.shortWords &+= length <= 3 ? 1 : 0
    }
    let capitals = unsafe number(BytePlanes.upper, from: start, to: end)
    statistics.endsInCapitals = capitals >= 2 && capitals == length
    statistics.allCaps &+= statistics.endsInCapitals ? 1 : 0
    return end
  }
}
