public import RiddleData
import Yams

/// What tokens cost: a file of candidates with dollars per million tokens, in YAML or JSON.
///
///     small: {input: 0.15, cached_input: 0.075, output: 0.60}
///     large: {input: 3, output: 15}
///
/// The candidates may also stand under a key `candidates`, beside notes that are not read.
public struct PriceList: Equatable, Sendable {
  /// Prices of one candidate per million tokens.
  public struct Entry: Equatable, Sendable {
    /// The candidate.
    public var name: String
    /// Tokens of the request.
    public var input: NanoDollars
    /// Tokens of the request that are cached; nil when the list does not say.
    public var cachedInput: NanoDollars?
    /// Tokens of the answer.
    public var output: NanoDollars

    /// Reads `name=input/output` or `name=input/cached_input/output`; nil for anything else. The last = counts.
    public init?(argument: String) {
      guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else {
        return nil
      }
      let parts = argument[argument.index(after: equals)...]
        .split(separator: "/", omittingEmptySubsequences: false).map {
          PriceList.amount(String($0))
        }
      guard parts.count == 2 || parts.count == 3, let input = parts[0],
        let output = parts[parts.count - 1]
      else { return nil }
      if parts.count == 3 && parts[1] == nil { return nil }
      name = String(argument[..<equals])
      self.input = input
      cachedInput = parts.count == 3 ? parts[1] : nil
      self.output = output
    }

    init(name: String, input: NanoDollars, cachedInput: NanoDollars?, output: NanoDollars) {
      self.name = name
      self.input = input
      self.cachedInput = cachedInput
      self.output = output
    }
  }

  /// In the order of the file.
  public var entries: [Entry]
  /// The day the prices were written down, under a key `date` beside `candidates`; nil when the list does not say.
  public var date: String?

  /// Dollars as nano-dollars: finite, from 0 to a million dollars for a million tokens.
  static func amount(_ text: String) -> NanoDollars? {
    guard let dollars = Double(text), dollars >= 0, dollars <= 1e6 else { return nil }
    return NanoDollars(dollars: dollars)
  }

  /// Parses `text`.
  public init(text: String, path: String) throws(PolicyFileError) {
    let root = try PolicyDocument.root(of: text, path: path)
    func failure(_ node: Node, _ reason: String) -> PolicyFileError {
      PolicyFileError(
        path: path, line: node.mark?.line, column: node.mark?.column, reason: reason)
    }
    let form =
      "expected name: {input: DOLLARS, cached_input: DOLLARS, output: DOLLARS}, per million tokens"
    var list = root
    if let inner = root.mapping?["candidates"], inner.mapping?["input"] == nil { list = inner }
    guard let mapping = list.mapping, !mapping.isEmpty else { throw failure(list, form) }
    var entries: [Entry] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string, !name.isEmpty, let prices = value.mapping else {
        throw failure(value, form)
      }
      var read: [String: NanoDollars] = [:]
      for (field, number) in prices {
        let known = ["input", "cached_input", "output"]
        let word = field.scalar?.string ?? ""
        guard known.contains(word) else {
          throw failure(
            field, "unknown price '\(word.prefix(40))'; known: \(known.joined(separator: ", "))")
        }
        guard let text = number.scalar?.string, let amount = Self.amount(text) else {
          throw failure(
            number, "\(word): expected dollars per million tokens, a number from 0 to 1000000")
        }
        read[word] = amount
      }
      guard let input = read["input"], let output = read["output"] else {
        throw failure(value, "input and output are both needed; \(form)")
      }
      entries.append(
        Entry(name: name, input: input, cachedInput: read["cached_input"], output: output))
    }
    self.entries = entries
    if list != root { date = root.mapping?["date"]?.scalar?.string }
  }
}
