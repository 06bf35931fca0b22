public import RiddleData

/// What tokens of models cost, for logs that count tokens and say nothing of money.
///
/// Prices are whole nano-dollars per million tokens, so a cost is exact to the rounding of its last nano-dollar:
/// (fresh input × input + cached input × cached + output × output) / 10⁶, halves up.
public struct TokenPrices: Equatable, Sendable {
  /// Prices of one model per million tokens.
  public struct Entry: Equatable, Sendable {
    /// Tokens of the request.
    public var input: NanoDollars
    /// Tokens of the request that the provider had cached; nil when they cost as much as others.
    public var cachedInput: NanoDollars?
    /// Tokens of the answer.
    public var output: NanoDollars

    /// Prices of one model.
    public init(input: NanoDollars, cachedInput: NanoDollars?, output: NanoDollars) {
      self.input = input
      self.cachedInput = cachedInput
      self.output = output
    }
  }

  /// The day the prices were written down, as the table says it.
  public var date: String?
  /// Prices by model.
  public var entries: [String: Entry]

  /// A table.
  public init(date: String?, entries: [String: Entry]) {
    self.date = date
    self.entries = entries
  }

  /// The prices of `model`: under its own name, or without a provider before it (`openai/gpt-4o`,
  /// `openai:chat:gpt-4o`) and a date behind it (`gpt-4o-2024-08-06`, `claude-sonnet-4-20250514`).
  public func entry(of model: String) -> Entry? {
    var name = model
    while true {
      if let entry = entries[name] ?? entries[Self.withoutDate(name)] { return entry }
      guard let separator = name.firstIndex(where: { $0 == "/" || $0 == ":" }) else { return nil }
      name = String(name[name.index(after: separator)...])
    }
  }

  /// The cost of an answer; nil without a price or without both counts.
  func cost(of model: String, input: Int64?, cached: Int64, output: Int64?) -> NanoDollars? {
    guard let input, let output, let entry = entry(of: model) else { return nil }
    let hit = min(max(0, cached), input)
    // 128 bits hold the largest counts times the largest prices.
    let sum =
      Int128(input - hit) * Int128(entry.input.count)
      + Int128(hit) * Int128((entry.cachedInput ?? entry.input).count)
      + Int128(output) * Int128(entry.output.count)
    let cost = (sum + 500_000) / 1_000_000
    return cost <= Int128(FieldRules.maximumCost) ? NanoDollars(Int64(cost)) : nil
  }

  /// `name` without a date at its end: eight digits, or digits as in 2024-08-06.
  private static func withoutDate(_ name: String) -> String {
    let bytes = Array(name.utf8)
    func isDate(_ pattern: StaticString) -> Bool {
      let count = pattern.utf8CodeUnitCount
      guard bytes.count > count + 1 else { return false }
      for i in 0..<count {
        let byte = bytes[bytes.count - count + i]
        let wanted = pattern.utf8Start[i]
        if wanted == 0x39 ? !(0x30...0x39).contains(byte) : byte != wanted { return false }
      }
      return true
    }
    for pattern: StaticString in ["-99999999", "-9999-99-99"] where isDate(pattern) {
      return String(decoding: bytes.dropLast(pattern.utf8CodeUnitCount), as: UTF8.self)
    }
    return name
  }
}

/// Fills missing costs of one source from a table, and keeps count.
struct PriceFiller {
  private let prices: TokenPrices?
  private var filled = 0
  private var unpriced: [String: Int] = [:]
  private var missing = 0

  init(_ prices: TokenPrices?) { self.prices = prices }

  /// Gives each outcome of `query` that has tokens and no cost the cost of its tokens; `cached` of the input tokens were
  /// cached.
  mutating func fill(_ query: inout LoggedQuery, cached: Int64 = 0) {
    for i in query.outcomes.indices where query.outcomes[i].outcome.cost == nil {
      let outcome = query.outcomes[i].outcome
      guard outcome.inputTokens != nil, outcome.outputTokens != nil else { continue }
      let name = query.outcomes[i].candidate
      guard let prices else {
        missing += 1
        continue
      }
      if let cost = prices.cost(
        of: name, input: outcome.inputTokens, cached: cached, output: outcome.outputTokens)
      {
        query.outcomes[i].outcome.cost = cost
        filled += 1
      } else {
        unpriced[name, default: 0] += 1
      }
    }
  }

  /// What to say at the end.
  var notes: [String] {
    var notes: [String] = []
    if missing > 0 {
      notes.append(
        "\(missing) answers have tokens and no cost; --prices FILE fills them from a price table "
          + "such as datasets/prices.yaml")
    }
    if filled > 0 {
      let date = prices?.date.map { " of \($0)" } ?? ""
      notes.append("\(filled) costs come from the price table\(date)")
    }
    if !unpriced.isEmpty {
      let names = unpriced.keys.sorted()
      let more = names.count > 5 ? " and \(names.count - 5) more" : ""
      notes.append(
        "no price for \(names.prefix(5).joined(separator: ", "))\(more): "
          + "\(unpriced.values.reduce(0, +)) answers stay without a cost")
    }
    return notes
  }
}

/// Fills missing costs of rows that another producer reads.
final class PricedRows: RowProducer {
  private let rows: any RowProducer
  private var filler: PriceFiller
  private var isRead = false

  init(_ rows: any RowProducer, prices: TokenPrices) {
    self.rows = rows
    filler = PriceFiller(prices)
  }

  func next() throws(StoreError) -> RowBatch? {
    guard var batch = try rows.next() else {
      if isRead || filler.notes.isEmpty { return nil }
      isRead = true
      return RowBatch(notes: filler.notes)
    }
    for i in batch.items.indices {
      guard case .row(let row) = batch.items[i],
        row.query.outcomes.contains(where: {
          $0.outcome.cost == nil && $0.outcome.outputTokens != nil
        })
      else { continue }
      var query = row.query
      filler.fill(&query)
      batch.items[i] = .row(ParsedRow(file: row.file, line: row.line, query: query))
    }
    return batch
  }
}
