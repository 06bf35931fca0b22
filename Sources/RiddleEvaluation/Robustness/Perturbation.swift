/// A way to write a query differently, of which one hopes that the route does not notice.
///
/// The names are those of reports. What a perturbation does to a text is in ``apply(to:stream:)``; it depends on the text,
/// the seed and the query's identifier, and on nothing else.
public enum Perturbation: String, CaseIterable, Sendable, Codable {
  /// All letters in lower case.
  case lowerCase = "lower-case"
  /// All letters in upper case.
  case upperCase = "upper-case"
  /// The first letter of every word in upper case, the others as they are.
  case titleCase = "title-case"
  /// Every blank twice.
  case doubledSpaces = "doubled-spaces"
  /// Every run of white space, line ends too, as one blank.
  case singleSpaces = "single-spaces"
  /// A blank before and two after.
  case surroundingSpaces = "surrounding-spaces"
  /// A line end after the text.
  case trailingNewline = "trailing-newline"
  /// One letter in a hundred, at least one, swapped with its neighbour, dropped or doubled.
  case typosOne = "typos-1-percent"
  /// Three letters in a hundred, at least one.
  case typosThree = "typos-3-percent"
  /// A token of ``openings`` and a blank before the text.
  case prefix = "one-token-prefix"
  /// A blank and a sentence of ``closings`` after the text.
  case politeSuffix = "polite-suffix"
  /// ASCII punctuation left out.
  case noPunctuation = "no-punctuation"
  /// Latin letters that have a Cyrillic twin, one in three of them, by that twin.
  case lookAlikes = "look-alikes"
  /// A zero-width space (U+200B) inside every word of two letters and more.
  case zeroWidth = "zero-width"
  /// Every blank as a no-break space (U+00A0), as pages and editors paste it.
  case noBreakSpaces = "no-break-spaces"

  /// Kinds of perturbation.
  public enum Family: String, CaseIterable, Sendable, Codable {
    /// Upper and lower case.
    case letterCase = "case"
    /// Blanks and line ends.
    case whitespace
    /// Slips of the fingers.
    case typos
    /// One harmless token in front.
    case prefix
    /// A polite sentence behind.
    case suffix
    /// Missing punctuation.
    case punctuation
    /// The same in other words; needs a list.
    case paraphrase
    /// Characters that look alike or are not seen: what nobody types by accident.
    case hostile

    /// Whether a person may write so without meaning harm.
    public var isBenign: Bool { self != .hostile }
  }

  /// The kind of this one.
  public var family: Family {
    switch self {
    case .lowerCase, .upperCase, .titleCase: .letterCase
    case .doubledSpaces, .singleSpaces, .surroundingSpaces, .trailingNewline: .whitespace
    case .typosOne, .typosThree: .typos
    case .prefix: .prefix
    case .politeSuffix: .suffix
    case .noPunctuation: .punctuation
    case .lookAlikes, .zeroWidth, .noBreakSpaces: .hostile
    }
  }

  /// Tokens that open a query and change nothing about it.
  public static let openings = [
    "Please", "Hi,", "Hello,", "Hey,", "So,", "OK,", "Well,", "Thanks,", "Quick:", "Question:",
    "Hmm,", "Now,",
  ]

  /// Sentences that close a query and change nothing about it.
  public static let closings = [
    "Thanks!", "Thank you.", "Thanks in advance!", "Many thanks.", "Cheers!",
  ]
}
