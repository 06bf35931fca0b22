import Foundation
import RiddleEvaluation
import RiddlePipeline
import RiddleReport

/// A run for the terminal.
struct RunText {
  private let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  func text(width: Int) -> String {
    let manifest = run.manifest
    var parts: [String] = []
    let settings = manifest.settings
    var lines = [
      "\(run.folder.path): \(settings.model), \(settings.candidates.joined(separator: " → ")), target \(settings.target)",
      "",
    ]
    for input in manifest.inputs {
      lines.append(
        "data       \(input.name), \(input.sha256.map { "sha256 \($0)" } ?? "content \(input.content)")"
      )
    }
    lines.append("split      \(manifest.split.sentence)")
    lines.append(
      "settings   threshold \(settings.threshold), oracle \(settings.oracle) at \(FigureFormat.setting(settings.quality_threshold)), features \(settings.features), 2^\(settings.bucket_bits) buckets, precision \(settings.precision), seed \(settings.seed)"
    )
    if let hardened = settings.harden {
      lines.append("hardened   \(hardened.joined(separator: ", "))")
    }
    for head in manifest.heads { lines.append("head       \(head.line)") }
    for step in manifest.steps {
      lines.append(
        "step       climb above \(step.above) from margin \(FigureFormat.plain.text(step.threshold))"
      )
    }
    lines.append(
      "versions   "
        + manifest.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", "))
    lines.append("command    \(manifest.command)")
    parts.append(lines.joined(separator: "\n"))
    if let figures = run.figures, let evaluation = run.evaluation {
      parts.append(
        ModelTable(
          title: "Figures on \(evaluation.queries) held-out rows",
          columns: ["Figure", "Value"], textColumns: [1],
          rows: RunFigures.columns.map { [$0.title, $0.format.text($0.value(figures))] }
        ).text(width: width))
    }
    parts.append(
      ModelTable(
        title: "Files", columns: ["File", "Bytes", "SHA-256"], textColumns: [2],
        rows: manifest.artefacts.sorted { $0.key < $1.key }.map {
          [$0.key, "\($0.value.bytes)", String($0.value.sha256.prefix(16)) + "…"]
        }
      ).text(width: width))
    for warning in manifest.warnings { parts.append("Warning: \(warning)") }
    return parts.joined(separator: "\n\n")
  }
}
