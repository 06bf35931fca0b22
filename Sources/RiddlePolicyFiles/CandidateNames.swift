/// The candidates that a file may name.
final class CandidateNames {
  /// The ladder, cheapest first; nil while a file is read without data.
  private let known: [String]?
  /// Names met so far, in order, where the ladder is unknown.
  private(set) var met: [String] = []

  init(_ names: [String]?) { known = names }

  /// Words for positions of any ladder.
  static let words = ["cheapest", "middle", "strongest"]

  /// Number of candidates; 64 while unknown.
  var count: Int { known?.count ?? 64 }

  /// The position of a name or word; nil when it is no candidate.
  func position(_ name: String) -> Int? {
    if let index = known?.firstIndex(of: name) { return index }
    switch name {
    case "cheapest": return 0
    case "middle": return (count - 1) / 2
    case "strongest": return count - 1
    default: break
    }
    guard known == nil else { return nil }
    if let index = met.firstIndex(of: name) { return index }
    met.append(name)
    return min(met.count - 1, 63)
  }

  /// What to say of a name that is no candidate.
  func complaint(_ name: String) -> String {
    let names = (known ?? []) + Self.words
    let hint = nearest(name, in: names).map { "; did you mean '\($0)'?" } ?? ""
    return
      "'\(name.prefix(80))' is not one of the candidates \(names.joined(separator: ", "))\(hint)"
  }
}
