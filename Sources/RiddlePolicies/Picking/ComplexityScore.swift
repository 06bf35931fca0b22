/// Length and signal words as one number (ROUTING-SYSTEMS A3).
///
/// score = ½ · min(1, tokens / 400) + ½ · min(1, max(0, hits of hard words − hits of easy phrases) / 3), in [0, 1]; tokens are
/// ``RequestText/estimatedTokens``, the words those of ``KeywordDifficulty``, each counted once. No learning: a score to compare
/// learned ones with.
public enum ComplexityScore {
  /// Tokens from which length alone says no more.
  public static let longText = 400.0

  /// The score of a text.
  public static func score(_ text: RequestText) -> Double {
    let hard = KeywordDifficulty.complexTable.hits(in: text.lowered)
    let easy = KeywordDifficulty.simpleTable.hits(in: text.lowered)
    let words = min(1, Double(max(0, hard - easy)) / 3)
    return 0.5 * min(1, Double(text.estimatedTokens) / longText) + 0.5 * words
  }
}
