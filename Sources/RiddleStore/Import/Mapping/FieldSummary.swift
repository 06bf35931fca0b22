/// What the values of one field look like over some records; never a text of a query.
struct FieldSummary {
  /// The field's path.
  let path: String
  private(set) var filled = 0
  private(set) var numbers: [Double] = []
  private(set) var truths = 0
  private(set) var times = 0
  private(set) var timesWithoutZone = 0
  private(set) var prompts = 0
  private(set) var longestText = 0
  private var texts: Set<String> = []
  private(set) var hasRepeats = false

  /// How many different short texts there are.
  var distinctTexts: Int { texts.count }

  init(path: String) { self.path = path }

  /// Adds a value that is not blank.
  mutating func add(_ value: LogValue) {
    filled += 1
    if let number = value.decimal?.double, number.isFinite { numbers.append(number) }
    if value.truth != nil { truths += 1 }
    if case .array = value.opened, ChatPrompt(value) != nil { prompts += 1 }
    guard case .string(let text) = value else { return }
    longestText = max(longestText, text.utf8.count)
    if text.utf8.count <= FieldRules.maximumNameBytes, !texts.insert(text).inserted {
      hasRepeats = true
    }
    do throws(FieldRules.Fault) {
      _ = try Timestamp.parse(text, isUTCWithoutZone: true)
      times += 1
      do throws(FieldRules.Fault) {
        _ = try Timestamp.parse(text)
      } catch {
        timesWithoutZone += 1
      }
    } catch {
      return
    }
  }

  /// Whether all values are numbers or truth values.
  var isNumeric: Bool { filled > 0 && numbers.count == filled }
  var isTruth: Bool { filled > 0 && truths == filled }

  /// The middle of the numbers.
  var median: Double { numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2] }

  /// In a few words, for a comment.
  var words: String {
    if filled == 0 { return "empty" }
    if isNumeric {
      let low = numbers.min() ?? 0
      let high = numbers.max() ?? 0
      return low == high ? "always \(low)" : "numbers from \(low) to \(high)"
    }
    if isTruth { return "true or false" }
    if times == filled { return timesWithoutZone > 0 ? "times without a zone" : "times" }
    if prompts * 2 > filled { return "chat messages" }
    return longestText > 0 ? "texts of at most \(longestText) bytes" : "nested"
  }

  /// The fields of `records`, nested ones by path, in the order of their first appearance. At most 500 of them.
  static func fields(of records: [LogValue]) -> [FieldSummary] {
    var index: [String: Int] = [:]
    var fields: [FieldSummary] = []
    func visit(_ value: LogValue, _ path: String, _ depth: Int) {
      if case .object(let members) = value.opened, depth < 3, !members.isEmpty {
        for member in members {
          visit(
            member.value, path.isEmpty ? member.key : "\(path).\(member.key)", depth + 1)
        }
        return
      }
      if path.isEmpty { return }
      if index[path] == nil {
        if fields.count == 500 { return }
        index[path] = fields.count
        fields.append(FieldSummary(path: path))
      }
      if let at = index[path], !value.isBlank { fields[at].add(value) }
    }
    for record in records { visit(record, "", 0) }
    return fields
  }
}
