/// A small HTML reader for tests: enough to see whether a page is well-formed and what it contains.
struct PageCheck {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var problems: [String] = []

  private static let void: Set<String> = ["meta", "br", "hr", "img", "input", "link"]

  init(_ html: String) {
    var open: [String] = []
    var rest = Substring(html)
    while let start = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(of: ">") else {
        problems.append("a tag does not end")
        return
      }
      var tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("!") { continue }
      if tag.hasPrefix("/") {
        let name = String(tag.dropFirst())
        let last = open.popLast()
        if last != name { problems.append("</\(name)> closes <\(last ?? "nothing")>") }
        continue
      }
      let isClosed = tag.hasSuffix("/")
      if isClosed { tag = tag.dropLast() }
      let name = String(tag.prefix { !$0.isWhitespace })
      elements.append((name, attributes(tag.dropFirst(name.count))))
      if isClosed || Self.void.contains(name) { continue }
      open.append(name)
      // Raw text: what looks like a tag inside is not one.
      if name == "script" || name == "style" {
        guard let close = rest.firstRange(of: "</\(name)>") else {
          problems.append("<\(name)> does not end")
          return
        }
        rest = rest[close.lowerBound...]
      }
    }
    if !open.isEmpty { problems.append("left open: \(open)") }
    checkReferences()
  }

  func count(_ name: String) -> Int { elements.count { $0.name == name } }

  /// Every attribute is `name` or `name="value"`; anything else is a problem.
  private mutating func attributes(_ text: Substring) -> [String: String] {
    var found: [String: String] = [:]
    var rest = text.drop { $0.isWhitespace }
    while !rest.isEmpty {
      let name = String(rest.prefix { $0 != "=" && !$0.isWhitespace })
      rest = rest.dropFirst(name.count)
      var value = ""
      if rest.hasPrefix("=\"") {
        rest = rest.dropFirst(2)
        value = String(rest.prefix { $0 != "\"" })
        rest = rest.dropFirst(value.count + 1)
      } else if rest.hasPrefix("=") {
        problems.append("unquoted attribute \(name)")
        return found
      }
      if found.updateValue(value, forKey: name) != nil { problems.append("twice: \(name)") }
      if !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) || name.isEmpty {
        problems.append("attribute \(name)")
      }
      rest = rest.drop { $0.isWhitespace }
    }
    return found
  }

  private mutating func checkReferences() {
    let ids = elements.compactMap { $0.attributes["id"] }
    if Set(ids).count != ids.count { problems.append("an id occurs twice") }
    for element in elements {
      for key in ["aria-labelledby", "aria-describedby"] {
        for id in (element.attributes[key] ?? "").split(separator: " ")
        where !ids.contains(String(id)) {
          problems.append("\(key) names no element: \(id)")
        }
      }
      if let link = element.attributes["href"], !ids.contains(String(link.dropFirst())) {
        problems.append("link to nowhere: \(link)")
      }
      if element.name == "th", element.attributes["scope"] == nil {
        problems.append("a heading cell without scope")
      }
    }
    if count("table") != count("caption") { problems.append("a table without caption") }
  }
}
