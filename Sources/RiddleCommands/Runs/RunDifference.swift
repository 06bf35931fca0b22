import RiddleEvaluation
import RiddlePipeline
import RiddleReport

/// What is different between two runs; each figure keeps its own interval, and nothing is called better here: that takes
/// the same rows, see `riddle compare`.
struct RunDifference: Encodable {
  struct FigureChange: Encodable {
    var figure: String
    var before: Figure
    var after: Figure
    /// After minus before; absent where either is undefined.
    var difference: Double?
  }

  /// How much a feature moves the margin on average, before and after; absent where the router has no such feature.
  struct FeatureChange: Encodable {
    var head: String
    var feature: String
    var before: Double?
    var after: Double?

    var size: Double { abs((after ?? 0) - (before ?? 0)) }
  }

  var before: String
  var after: String
  var settings: [SettingChange]
  var figures: [FigureChange]
  /// Those that moved most, largest first.
  var features: [FeatureChange]
  /// Whether the two weight files are the same bytes, by the manifests.
  var same_weights: Bool

  init(before: RecordedRun, after: RecordedRun, top: Int) {
    self.before = before.folder.path
    self.after = after.folder.path
    // Both manifests were read: there are no folders without one here.
    settings = (try? SettingChange.between(before.folder.path, after.folder.path)) ?? []
    figures = RunFigures.columns.map { column in
      let old = before.figures.map(column.value) ?? .undefined
      let new = after.figures.map(column.value) ?? .undefined
      var difference: Double?
      if let a = old.value, let b = new.value { difference = b - a }
      return FigureChange(figure: column.name, before: old, after: new, difference: difference)
    }
    features = Self.features(before.explanation, after.explanation, top: top)
    same_weights = before.weights != nil && before.weights?.sha256 == after.weights?.sha256
  }

  private static func features(
    _ before: GlobalExplanation?, _ after: GlobalExplanation?, top: Int
  ) -> [FeatureChange] {
    var changes: [FeatureChange] = []
    let heads = Set((before?.heads ?? []).map(\.name) + (after?.heads ?? []).map(\.name)).sorted()
    for name in heads {
      func effects(_ explanation: GlobalExplanation?) -> [String: Double] {
        let head = explanation?.heads.first { $0.name == name }
        return Dictionary(
          (head?.columns ?? []).map { ($0.feature, $0.effect) }, uniquingKeysWith: { a, _ in a })
      }
      let (old, new) = (effects(before), effects(after))
      for feature in Set(old.keys).union(new.keys).sorted() where old[feature] != new[feature] {
        changes.append(
          FeatureChange(head: name, feature: feature, before: old[feature], after: new[feature]))
      }
    }
    let order = changes.indices.sorted {
      changes[$0].size != changes[$1].size ? changes[$0].size > changes[$1].size : $0 < $1
    }
    return order.prefix(top).map { changes[$0] }
  }

  func text(width: Int) -> String {
    var parts = ["\(before) → \(after)"]
    if same_weights { parts.append("The weight files are the same, byte for byte.") }
    if settings.isEmpty {
      parts.append("Settings, data, split and versions are the same.")
    } else {
      parts.append(
        ModelTable(
          title: "Settings, data, split and versions", columns: ["What", "Before", "After"],
          textColumns: [1, 2],
          rows: settings.map { [$0.setting, shown($0.before), shown($0.after)] }
        ).text(width: width))
    }
    let titles = Dictionary(uniqueKeysWithValues: RunFigures.columns.map { ($0.name, $0) })
    parts.append(
      ModelTable(
        title: "Figures, each on the held-out rows of its own run",
        columns: ["Figure", "Before", "After", "Difference"],
        rows: figures.compactMap { line in
          guard let column = titles[line.figure] else { return nil }
          return [
            column.title, column.format.text(line.before), column.format.text(line.after),
            column.format.text(line.difference, isSigned: true),
          ]
        }
      ).text(width: width))
    if !features.isEmpty {
      parts.append(
        ModelTable(
          title: "Features that moved most",
          note: "Mean size of what a feature adds to the margin, before and after.",
          columns: ["Feature", "Before", "After", "Head"], textColumns: [3],
          rows: features.map {
            [
              $0.feature, FigureFormat.plain.text($0.before), FigureFormat.plain.text($0.after),
              $0.head,
            ]
          }
        ).text(width: width))
    }
    return parts.joined(separator: "\n\n")
  }

  /// Checksums are told apart by their beginning.
  private func shown(_ value: String) -> String {
    value.count == 64 && value.allSatisfy(\.isHexDigit) ? value.prefix(16) + "…" : value
  }
}
