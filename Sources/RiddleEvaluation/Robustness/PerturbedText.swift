import RiddleData
import RiddleRuntime

extension Perturbation {
  /// The text of query `id` under this perturbation, in the run with `seed`: always the same for the same three.
  ///
  /// - Complexity: O(length).
  public func apply(to text: String, id: String, seed: UInt64) -> String {
    let key = StableHash.hash(rawValue.utf8) ^ StableHash.mixed(StableHash.hash(id.utf8))
    var stream = SplitMix64(seed: StableHash.mixed(key &+ StableHash.mixed(seed)))
    return apply(to: text, stream: &stream)
  }

  /// The text under this perturbation, with what is random drawn from `stream`.
  public func apply(to text: String, stream: inout SplitMix64) -> String {
    switch self {
    case .lowerCase: return text.lowercased()
    case .upperCase: return text.uppercased()
    case .titleCase: return titled(text)
    case .doubledSpaces: return mapped(text) { $0 == " " ? "  " : nil }
    case .singleSpaces: return singleSpaced(text)
    case .surroundingSpaces: return " " + text + "  "
    case .trailingNewline: return text + "\n"
    case .typosOne: return mistyped(text, share: 0.01, stream: &stream)
    case .typosThree: return mistyped(text, share: 0.03, stream: &stream)
    case .prefix: return Self.openings[stream.below(Self.openings.count)] + " " + text
    case .politeSuffix: return text + " " + Self.closings[stream.below(Self.closings.count)]
    case .noPunctuation: return withoutPunctuation(text)
    case .lookAlikes: return disguised(text, stream: &stream)
    case .zeroWidth: return interrupted(text)
    case .noBreakSpaces: return mapped(text) { $0 == " " ? "\u{a0}" : nil }
    }
  }
}

/// Whether words end here. Scalars, not characters: a combining mark belongs to the word it stands in.
private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
private func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }

/// The text with some scalars replaced; nil keeps one.
private func mapped(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
  var out = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if let other = replacement(scalar) {
      out.append(contentsOf: other.unicodeScalars)
    } else {
      out.append(scalar)
    }
  }
  return String(out)
}

private func titled(_ text: String) -> String {
  var startsWord = true
  return mapped(text) { scalar in
    defer { startsWord = isSpace(scalar) }
    return startsWord && isLetter(scalar) ? scalar.properties.titlecaseMapping : nil
  }
}

private func singleSpaced(_ text: String) -> String {
  var wasSpace = false
  return mapped(text) { scalar in
    defer { wasSpace = isSpace(scalar) }
    return isSpace(scalar) ? (wasSpace ? "" : " ") : nil
  }
}

private func withoutPunctuation(_ text: String) -> String {
  mapped(text) { scalar in
    let isMark =
      switch scalar.value {
      case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true
      default: false
      }
    return isMark ? "" : nil
  }
}

/// One slip at each of max(1, ⌊share · letters + ½⌋) different letters: the letter and its successor change places, or it is
/// dropped, or typed twice. Nothing happens to a text without letters.
private func mistyped(_ text: String, share: Double, stream: inout SplitMix64) -> String {
  var scalars = Array(text.unicodeScalars)
  var letters = scalars.indices.filter { isLetter(scalars[$0]) }
  if letters.isEmpty { return text }
  let count = min(letters.count, max(1, Int(share * Double(letters.count) + 0.5)))
  // The first steps of a Fisher–Yates shuffle: `count` letters without repeats.
  for k in 0..<count {
    letters.swapAt(k, k + stream.below(letters.count - k))
  }
  var slips = [UInt8](repeating: 0, count: scalars.count)
  for letter in letters[..<count] { slips[letter] = UInt8(1 + stream.below(3)) }
  var out = String.UnicodeScalarView()
  var i = 0
  while i < scalars.count {
    switch slips[i] {
    case 1 where i + 1 < scalars.count && scalars[i] != scalars[i + 1]:
      scalars.swapAt(i, i + 1)
      out.append(scalars[i])
      out.append(scalars[i + 1])
      i += 2
      continue
    case 1, 3:  // a swap that would not be seen, at the end or of twins, types the letter twice
      out.append(scalars[i])
      out.append(scalars[i])
    case 2: break
    default: out.append(scalars[i])
    }
    i += 1
  }
  return String(out)
}

/// Latin letters and their Cyrillic twins.
private func lookAlike(_ scalar: Unicode.Scalar) -> String? {
  switch scalar {
  case "a": "\u{430}"
  case "c": "\u{441}"
  case "e": "\u{435}"
  case "i": "\u{456}"
  case "o": "\u{43e}"
  case "p": "\u{440}"
  case "s": "\u{455}"
  case "x": "\u{445}"
  case "y": "\u{443}"
  case "A": "\u{410}"
  case "B": "\u{412}"
  case "C": "\u{421}"
  case "E": "\u{415}"
  case "H": "\u{41d}"
  case "K": "\u{41a}"
  case "M": "\u{41c}"
  case "O": "\u{41e}"
  case "P": "\u{420}"
  case "T": "\u{422}"
  case "X": "\u{425}"
  default: nil
  }
}

private func disguised(_ text: String, stream: inout SplitMix64) -> String {
  var out = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if let twin = lookAlike(scalar), stream.below(3) == 0 {
      out.append(contentsOf: twin.unicodeScalars)
    } else {
      out.append(scalar)
    }
  }
  return String(out)
}

private func interrupted(_ text: String) -> String {
  var wasLetter = false
  var isDone = false
  return mapped(text) { scalar in
    let letter = isLetter(scalar)
    defer { wasLetter = letter }
    if !letter { isDone = false }
    guard letter, wasLetter, !isDone else { return nil }
    isDone = true
    return "\u{200b}\(scalar)"
  }
}
