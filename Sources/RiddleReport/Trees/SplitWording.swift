import Glibc

/// A split `x <= threshold` in words, with the threshold in the unit of what was measured.
///
/// Columns called `log_…` hold ln(1 + n) of a count: the cut is shown as the largest whole n that goes left.
/// `…_share` columns are shown in percent. Columns with two values (`field=value`, `is_…`, `ends_with_…`) become a
/// question. The cut at the largest finite number parts known from missing values.
struct SplitWording: Equatable {
  /// The question asked of a row.
  let question: String
  /// Answer of the rows that go left, and of those that go right.
  let answers: (left: String, right: String)
  /// What holds for the rows that go left, and for those that go right.
  let conditions: (left: String, right: String)

  init(column: String, threshold: Float) {
    let name = Self.readable(column)
    if threshold == .greatestFiniteMagnitude {
      question = "\(name) known?"
      answers = ("yes", "no")
      conditions = ("\(name) known", "\(name) missing")
    } else if Self.isIndicator(column) {
      question = "\(name)?"
      answers = ("no", "yes")
      conditions = ("\(name): no", "\(name): yes")
    } else {
      let cut = Self.cut(column, Double(threshold))
      question = "\(name) ≤ \(cut)?"
      answers = ("yes", "no")
      conditions = ("\(name) ≤ \(cut)", "\(name) > \(cut)")
    }
  }

  static func == (a: SplitWording, b: SplitWording) -> Bool {
    a.question == b.question && a.answers == b.answers && a.conditions == b.conditions
  }

  /// `log_first_line` is the `first line`, `task_type=code` is `task type = code`.
  static func readable(_ column: String) -> String {
    if let equals = column.firstIndex(of: "=") {
      // The value is the user's own word: it stays as it is.
      return words(column[..<equals]) + " = " + column[column.index(after: equals)...]
    }
    return words(column.hasPrefix("log_") ? column.dropFirst(4) : column[...])
  }

  private static func words(_ text: Substring) -> String {
    String(text.map { $0 == "_" ? " " : $0 })
  }

  private static func isIndicator(_ column: String) -> Bool {
    column.contains("=") || column.contains("#") || column.hasPrefix("is_")
      || column.hasPrefix("ends_with_")
  }

  private static func cut(_ column: String, _ threshold: Double) -> String {
    if column.hasPrefix("log_") && threshold < 40 {
      // Cuts lie between the logarithms of neighbouring counts, far from a whole number.
      let count = (expm1(threshold) + 1e-6).rounded(.down)
      return DecimalText.fixed(count, decimals: 0)
    }
    if column.hasSuffix("_share") {
      return DecimalText.fixed(threshold, decimals: abs(threshold) < 0.0995 ? 2 : 1, scale: 2) + "%"
    }
    return FigureFormat.plain.text(threshold)
  }
}
