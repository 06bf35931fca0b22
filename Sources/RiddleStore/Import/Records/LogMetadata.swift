/// Gathers what else a request carried, within the bounds of ``Metadata``: what does not fit is left out, because a log of
/// another tool cannot be corrected and its row is worth more than one long header.
struct LogMetadata {
  private(set) var values: [String: String] = [:]

  /// Adds `name`, unless there is nothing to say. Lists of scalars are joined by commas; objects are spread under
  /// `name.key`; what is nested deeper is kept as JSON.
  mutating func add(_ name: String, _ value: LogValue) {
    let value = value.opened
    if value.isBlank { return }
    switch value {
    case .object(let members):
      for member in members {
        let inner = member.value
        if case .object = inner {
          put("\(name).\(member.key)", inner.json)
        } else {
          add("\(name).\(member.key)", inner)
        }
      }
    case .array(let elements):
      let texts = elements.compactMap(\.text)
      put(name, texts.count == elements.count ? texts.joined(separator: ",") : value.json)
    default: put(name, value.text)
    }
  }

  /// Adds a text, unless it is nil.
  mutating func put(_ name: String, _ text: String?) {
    guard let text, values[name] == nil, values.count < Metadata.maximumCount else { return }
    do throws(FieldRules.Fault) {
      values[try Metadata.name(name)] = try Metadata.value(text)
    } catch {
      return
    }
  }
}
