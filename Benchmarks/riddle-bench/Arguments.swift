/// Options of the form `--name value value …`.
struct Arguments {
  private var values: [String: [String]] = [:]

  init(_ words: some Sequence<String>) throws(BenchError) {
    var name: String?
    for word in words {
      if word.hasPrefix("--") {
        name = String(word.dropFirst(2))
        values[String(word.dropFirst(2))] = []
      } else if let name {
        values[name, default: []].append(word)
      } else {
        throw .usage("an option must come before \(word)")
      }
    }
  }

  /// All values of an option; at least one.
  func all(_ name: String) throws(BenchError) -> [String] {
    guard let found = values[name], !found.isEmpty else { throw .usage("--\(name) needs a value") }
    return found
  }

  /// The only value of an option.
  func one(_ name: String) throws(BenchError) -> String {
    let found = try all(name)
    if found.count > 1 { throw .usage("--\(name) takes one value, got \(found.count)") }
    return found[0]
  }

  /// The only value of an option, or `standard` when it is absent.
  func text(_ name: String, standard: String) throws(BenchError) -> String {
    values[name] == nil ? standard : try one(name)
  }

  /// A number, or `standard` when the option is absent.
  func number(_ name: String, standard: Double) throws(BenchError) -> Double {
    if values[name] == nil { return standard }
    let text = try one(name)
    guard let value = Double(text) else { throw .usage("--\(name) \(text) is not a number") }
    return value
  }

  /// A whole number, or `standard` when the option is absent.
  func count(_ name: String, standard: Int) throws(BenchError) -> Int {
    let value = try number(name, standard: Double(standard))
    guard let whole = Int(exactly: value), whole >= 0 else {
      throw .usage("--\(name) \(value) is not a whole number")
    }
    return whole
  }

  /// Comma-separated numbers, or `standard` when the option is absent.
  func numbers(_ name: String, standard: [Double]) throws(BenchError) -> [Double] {
    if values[name] == nil { return standard }
    var numbers: [Double] = []
    for part in try one(name).split(separator: ",") {
      guard let value = Double(part) else { throw .usage("--\(name): \(part) is not a number") }
      numbers.append(value)
    }
    return numbers
  }
}
