import RiddleReport

/// A router described for a person.
struct RouterText {
  private let description: RouterDescription

  init(_ description: RouterDescription) { self.description = description }

  var text: String {
    var lines = [
      "weight file, format \(description.format_version): \(description.model) router, \(description.bytes) bytes, sha256 \(description.sha256)",
      "ladder: "
        + description.candidates.map { candidate in
          candidate.name
            + (candidate.mean_cost_usd.map {
              " (" + FigureFormat.dollarsPerThousand.text($0) + " per 1 000)"
            } ?? "")
        }.joined(separator: " → "),
    ]
    for candidate in description.candidates {
      guard let prices = candidate.prices else { continue }
      let amounts = [
        ("input", prices.input), ("cached input", prices.cached_input), ("output", prices.output),
      ]
      lines.append(
        "prices of \(candidate.name) per million tokens: "
          + amounts.map { name, dollars in
            name + " " + (dollars.map { "$\(FigureFormat.setting($0))" } ?? "unknown")
          }.joined(separator: ", "))
    }
    for head in description.heads {
      lines.append(
        "climb above \(head.above) from margin \(FigureFormat.plain.text(head.threshold)) (probability \(FigureFormat.plain.text(head.probability_at_threshold))), calibration \(head.calibration), guarantee \(head.guarantee)"
      )
    }
    let schema = description.schema
    lines.append(
      "features: version \(schema.featurizer_version), \(schema.columns.count) dense columns"
        + (schema.buckets > 0
          ? ", word n-grams up to \(schema.word_orders)\(schema.characters.map { ", character n-grams \($0)" } ?? "") in \(schema.buckets) buckets, \(description.hashed_weights) weights as \(description.precision ?? "–")\(description.kept_buckets.map { ", \($0) buckets kept" } ?? "")"
          : "") + (description.nodes.map { ", \($0) tree nodes" } ?? "")
        + ", fingerprint \(schema.fingerprint)")
    for head in description.heads {
      guard let weights = head.dense_weights else { continue }
      let largest = weights.sorted {
        abs($0.value) != abs($1.value) ? abs($0.value) > abs($1.value) : $0.key < $1.key
      }
      lines.append(
        "largest dense weights above \(head.above): "
          + largest.prefix(8).map {
            "\($0.key) \(FigureFormat.plain.text($0.value, isSigned: true))"
          }
          .joined(separator: ", "))
    }
    for key in description.metadata.keys.sorted()
    where !["columns", "column_means"].contains(key) {
      lines.append("\(key): \(description.metadata[key] ?? "")")
    }
    if let policy = description.policy {
      lines.append("policy, \(policy.utf8.count) bytes:")
      lines += policy.split(whereSeparator: \.isNewline).map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
