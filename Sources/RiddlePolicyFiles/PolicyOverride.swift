import Yams

/// A setting to change before a file is read, as sweeps do: `threshold`, `band.low`, `gate.threshold`.
public struct PolicyOverride: Equatable, Sendable {
  /// The key, or the keys on the way to it that tell it apart.
  public var path: [String]
  /// The new value.
  public var value: Double

  /// Changes the setting that `key` names, its parts separated by dots.
  public init(key: String, value: Double) {
    path = key.split(separator: ".").map(String.init)
    self.value = value
  }

  /// The tree with the setting changed; it must stand in the file, once.
  func applied(to root: Node, path file: String) throws(PolicyFileError) -> Node {
    var places: [String] = []
    var numbers: [String] = []
    let changed = replaced(root, trail: [], &places, &numbers)
    if places.count == 1 { return changed }
    let key = path.joined(separator: ".")
    let known = Array(Set(numbers)).sorted().joined(separator: ", ")
    throw PolicyFileError(
      path: file,
      reason: places.isEmpty
        ? "no setting '\(key)' with a number in this file; write it into the file first, or sweep one of: \(known.isEmpty ? "(there are none)" : known)"
        : "setting '\(key)' stands in \(places.count) places; say which: \(places.joined(separator: ", "))"
    )
  }

  private func replaced(
    _ node: Node, trail: [String], _ places: inout [String], _ numbers: inout [String]
  ) -> Node {
    switch node {
    case .mapping(var mapping):
      for (key, value) in mapping {
        let here = trail + [key.scalar?.string ?? ""]
        if let scalar = value.scalar, Double(scalar.string) != nil {
          numbers.append(here.joined(separator: "."))
          if matches(here) {
            places.append(here.joined(separator: "."))
            mapping[key] = Node.scalar(
              Node.Scalar(plain(self.value), scalar.tag, scalar.style, scalar.mark))
          }
        } else {
          mapping[key] = replaced(value, trail: here, &places, &numbers)
        }
      }
      return .mapping(mapping)
    case .sequence(var sequence):
      for index in sequence.indices {
        sequence[index] = replaced(sequence[index], trail: trail, &places, &numbers)
      }
      return .sequence(sequence)
    default: return node
    }
  }

  /// Whether the keys of ``path`` stand in `trail` in order, the last one at its end.
  private func matches(_ trail: [String]) -> Bool {
    guard let last = path.last, trail.last == last else { return false }
    var rest = path.dropLast()[...]
    for key in trail.dropLast() where key == rest.first { rest = rest.dropFirst() }
    return rest.isEmpty
  }
}
