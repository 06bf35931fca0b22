import RiddlePolicies
import Yams

/// Reads the settings of one mapping with their types, ranges and defaults, and remembers what was asked for, so that what is
/// left over can be refused and what is known can be published.
final class Settings {
  let path: String
  let names: CandidateNames
  /// The mapping; nil while settings are only described.
  let node: Node?
  private(set) var fields: [SettingsField] = []

  init(_ node: Node?, path: String, names: CandidateNames) {
    self.node = node
    self.path = path
    self.names = names
  }

  /// Line of the mapping.
  var line: Int { node?.mark?.line ?? 0 }

  func failure(_ node: Node?, _ reason: String) -> PolicyFileError {
    PolicyFileError(
      path: path, line: node?.mark?.line, column: node?.mark?.column, reason: reason)
  }

  /// What is wrong with the setting `key`, or with the mapping when it is absent.
  func failure(at key: String, _ reason: String) -> PolicyFileError {
    failure(node?.mapping?[Node(key)] ?? node, reason)
  }

  /// Refuses keys that nobody asked for, and keys given twice.
  func finish(_ what: String) throws(PolicyFileError) {
    guard let mapping = node?.mapping else { return }
    let known = fields.map(\.name)
    for (key, _) in mapping {
      let name = key.string ?? ""
      if known.contains(name) { continue }
      let hint = nearest(name, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw failure(
        key,
        "unknown setting '\(name.prefix(80))' of \(what)\(hint)\(hint.isEmpty ? "; known: \(known.joined(separator: ", "))" : "")"
      )
    }
  }

  // MARK: one setting each

  func number(
    _ name: String, default fallback: Double, in range: ClosedRange<Double>, _ meaning: String
  ) throws(PolicyFileError) -> Double {
    try optionalNumber(name, in: range, meaning, fallback: plain(fallback)) ?? fallback
  }

  func requiredNumber(_ name: String, in range: ClosedRange<Double>, _ meaning: String)
    throws(PolicyFileError) -> Double
  {
    let value = try optionalNumber(name, in: range, meaning, isRequired: true)
    return value ?? range.lowerBound
  }

  func optionalNumber(
    _ name: String, in range: ClosedRange<Double>, _ meaning: String, fallback: String? = nil,
    isRequired: Bool = false
  ) throws(PolicyFileError) -> Double? {
    guard let value = try value(name, .number(range), fallback, isRequired, meaning) else {
      return nil
    }
    return try number(value, name, range)
  }

  private func number(_ value: Node, _ name: String, _ range: ClosedRange<Double>)
    throws(PolicyFileError) -> Double
  {
    guard let text = value.scalar?.string, let number = Double(text), number.isFinite else {
      throw failure(value, "\(name) must be a number, got \(shown(value))")
    }
    guard range.contains(number) else {
      throw failure(value, "\(name) must lie in \(shown(range)), got \(plain(number))")
    }
    return number
  }

  func numbers(_ name: String, in range: ClosedRange<Double>, _ meaning: String)
    throws(PolicyFileError) -> [Double]
  {
    try numbers(name, in: range, meaning, isRequired: true)
  }

  /// None when left out.
  func optionalNumbers(_ name: String, in range: ClosedRange<Double>, _ meaning: String)
    throws(PolicyFileError) -> [Double]
  {
    try numbers(name, in: range, meaning, isRequired: false)
  }

  private func numbers(
    _ name: String, in range: ClosedRange<Double>, _ meaning: String, isRequired: Bool
  ) throws(PolicyFileError) -> [Double] {
    guard let value = try value(name, .numbers(range), nil, isRequired, meaning) else { return [] }
    guard let list = value.sequence, !list.isEmpty else {
      throw failure(value, "\(name) must be a list of numbers, got \(shown(value))")
    }
    var numbers: [Double] = []
    for node in list { numbers.append(try number(node, name, range)) }
    return numbers
  }

  func integer(
    _ name: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String
  ) throws(PolicyFileError) -> Int {
    try optionalInteger(name, in: range, meaning, fallback: "\(fallback)") ?? fallback
  }

  func optionalInteger(
    _ name: String, in range: ClosedRange<Int>, _ meaning: String, fallback: String? = nil
  ) throws(PolicyFileError) -> Int? {
    guard let value = try value(name, .integer(range), fallback, false, meaning) else { return nil }
    guard let text = value.scalar?.string, let number = Int(text) else {
      throw failure(value, "\(name) must be a whole number, got \(shown(value))")
    }
    guard range.contains(number) else {
      throw failure(
        value,
        "\(name) must lie in \(range.lowerBound) … \(range.upperBound), got \(number)")
    }
    return number
  }

  func boolean(_ name: String, default fallback: Bool, _ meaning: String) throws(PolicyFileError)
    -> Bool
  {
    guard let value = try value(name, .boolean, "\(fallback)", false, meaning) else {
      return fallback
    }
    guard let flag = value.bool else {
      throw failure(value, "\(name) must be true or false, got \(shown(value))")
    }
    return flag
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default fallback: Choice, _ meaning: String
  ) throws(PolicyFileError) -> Choice {
    let words = Choice.allCases.map(\.rawValue)
    guard let value = try value(name, .choice(words), fallback.rawValue, false, meaning) else {
      return fallback
    }
    guard let choice = value.scalar.flatMap({ Choice(rawValue: $0.string) }) else {
      let hint =
        value.scalar.flatMap { nearest($0.string, in: words) }.map { "; did you mean '\($0)'?" }
        ?? ""
      throw failure(
        value,
        "\(name) must be one of \(words.joined(separator: ", ")), got \(shown(value))\(hint)")
    }
    return choice
  }

  func text(_ name: String, default fallback: String, _ meaning: String) throws(PolicyFileError)
    -> String
  {
    try optionalText(name, meaning, fallback: fallback) ?? fallback
  }

  func optionalText(_ name: String, _ meaning: String, fallback: String? = nil)
    throws(PolicyFileError) -> String?
  {
    guard let value = try value(name, .text, fallback, false, meaning) else { return nil }
    guard let text = value.scalar?.string, !text.isEmpty else {
      throw failure(value, "\(name) must be text, got \(shown(value))")
    }
    return text
  }

  func texts(_ name: String, _ meaning: String) throws(PolicyFileError) -> [String] {
    guard let value = try value(name, .texts, nil, false, meaning) else { return [] }
    return try texts(value, name)
  }

  func texts(_ value: Node, _ name: String) throws(PolicyFileError) -> [String] {
    if let text = value.scalar?.string, !text.isEmpty { return [text] }
    guard let list = value.sequence, !list.isEmpty else {
      throw failure(value, "\(name) needs text or a list of texts, got \(shown(value))")
    }
    var texts: [String] = []
    for node in list {
      guard let text = node.scalar?.string, !text.isEmpty else {
        throw failure(node, "\(name) needs texts, got \(shown(node))")
      }
      texts.append(text)
    }
    return texts
  }

  /// Milliseconds in the file, microseconds in the program.
  func milliseconds(_ name: String, default fallback: Double, _ meaning: String)
    throws(PolicyFileError) -> Int64
  {
    Int64((try number(name, default: fallback, in: 0...1e9, meaning) * 1e3).rounded())
  }

  /// The same without a default.
  func optionalMilliseconds(_ name: String, _ meaning: String) throws(PolicyFileError) -> Int64? {
    try optionalNumber(name, in: 0...1e9, meaning).map { Int64(($0 * 1e3).rounded()) }
  }

  /// Dollars in the file, nano-dollars in the program.
  func dollars(_ name: String, default fallback: Double, _ meaning: String)
    throws(PolicyFileError) -> Int64
  {
    Int64((try number(name, default: fallback, in: 0...1e6, meaning) * 1e9).rounded())
  }

  // MARK: candidates

  func candidate(_ name: String, default fallback: String?, _ meaning: String)
    throws(PolicyFileError) -> Int
  {
    let value = try value(name, .candidate, fallback, fallback == nil, meaning)
    guard let value else { return fallback.flatMap(names.position) ?? 0 }
    return try position(value)
  }

  func optionalCandidate(_ name: String, _ meaning: String) throws(PolicyFileError) -> Int? {
    guard let value = try value(name, .candidate, nil, false, meaning) else { return nil }
    return try position(value)
  }

  /// Candidates in the order given; nil when left out. Words such as middle may mean a candidate that was named already,
  /// on a short ladder: it is listed once, unless `repeats`.
  func candidates(
    _ name: String, default fallback: String?, repeats: Bool = false, _ meaning: String
  ) throws(PolicyFileError) -> [Int]? {
    let value = try value(name, .candidates, fallback, fallback == nil, meaning)
    guard let value else { return nil }
    guard let list = value.sequence, !list.isEmpty else {
      throw failure(value, "\(name) must be a list of candidates, got \(shown(value))")
    }
    var positions: [Int] = []
    for node in list {
      let position = try position(node)
      if !repeats && positions.contains(position) {
        if CandidateNames.words.contains(node.scalar?.string ?? "") { continue }
        throw failure(node, "\(name) names candidate \(shown(node)) twice")
      }
      positions.append(position)
    }
    return positions
  }

  /// Text → candidate; nil when left out.
  func candidateMap(_ name: String, default fallback: String?, _ meaning: String)
    throws(PolicyFileError) -> [String: Int]?
  {
    let value = try value(name, .candidateMap, fallback, fallback == nil, meaning)
    guard let value else { return nil }
    guard let mapping = value.mapping, !mapping.isEmpty else {
      throw failure(
        value,
        "\(name) must map words to candidates, for example {easy: cheapest}, got \(shown(value))")
    }
    var map: [String: Int] = [:]
    for (key, node) in mapping {
      guard let word = key.scalar?.string else {
        throw failure(key, "\(name) maps words to candidates, got \(shown(key)) for a word")
      }
      map[word] = try position(node)
    }
    return map
  }

  func position(_ value: Node) throws(PolicyFileError) -> Int {
    guard let name = value.scalar?.string else {
      throw failure(value, "expected a candidate's name, got \(shown(value))")
    }
    guard let position = names.position(name) else {
      throw failure(value, names.complaint(name))
    }
    return position
  }

  // MARK: the node

  /// The node of a setting, recorded as known; nil when it is absent.
  func value(
    _ name: String, _ kind: SettingsField.Kind, _ fallback: String?, _ isRequired: Bool,
    _ meaning: String
  ) throws(PolicyFileError) -> Node? {
    fields.append(
      SettingsField(
        name: name, kind: kind, fallback: fallback, isRequired: isRequired, meaning: meaning))
    guard let node else { return nil }
    if let value = node.mapping?[Node(name)], value.null == nil { return value }
    if isRequired { throw failure(node, "\(name) is missing: \(meaning)") }
    return nil
  }

  private func shown(_ value: Node) -> String {
    switch value {
    case .scalar(let scalar): "'\(scalar.string.prefix(40))'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private func shown(_ range: ClosedRange<Double>) -> String {
    "\(plain(range.lowerBound)) … \(plain(range.upperBound))"
  }
}

/// A number as a person would write it.
func plain(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
}
