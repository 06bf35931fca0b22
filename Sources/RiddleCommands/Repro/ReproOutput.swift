import ArgumentParser
import Foundation
import RiddleEvaluation
import RiddleReport

/// Recomputed figures as JSON and as a table.
struct ReproOutput: Encodable {
  /// A figure that could not be compared.
  struct Skipped: Encodable {
    var subject: String
    var name: String
    var reason: String
  }

  var figures: [ReproducedFigure] = []
  var skipped: [Skipped] = []
  var notes: [String] = []

  private enum CodingKeys: String, CodingKey { case figures, skipped, notes, passed, failed }

  var failed: Int { figures.count { !$0.passes } }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(figures, forKey: .figures)
    try container.encode(skipped, forKey: .skipped)
    try container.encode(notes, forKey: .notes)
    try container.encode(figures.count - failed, forKey: .passed)
    try container.encode(failed, forKey: .failed)
  }

  /// Prints the result; status 1 when a figure failed, or none was compared.
  func finish(_ output: OutputOptions) throws {
    if output.json {
      Console.print(try JSONOutput.text(self))
    } else {
      Console.write(text, to: .standardOutput)
    }
    if failed > 0 || figures.isEmpty { throw ExitCode(ExitStatus.gateFailed.rawValue) }
  }

  private var text: String {
    var text = ""
    if !figures.isEmpty {
      text += TerminalTable(
        columns: [
          .init("Figure", .left), .init("expected"), .init("computed"), .init("", .left),
        ],
        rows: figures.map { figure in
          [
            "\(figure.subject): \(figure.name)", number(figure.expected),
            figure.computed.map(number) ?? "–", figure.passes ? "PASS" : "FAIL",
          ]
        }
      ).render(width: max(120, Console.width))
    }
    for skip in skipped {
      text += "not compared: \(skip.subject): \(skip.name): \(skip.reason)\n"
    }
    for note in notes { text += "note: \(note)\n" }
    text +=
      figures.isEmpty
      ? "No figure was compared: that is no proof. Name a golden file with --golden.\n"
      : "\(figures.count - failed) passed, \(failed) failed"
        + (skipped.isEmpty ? "\n" : ", \(skipped.count) not compared\n")
    return text
  }

  /// All digits: a golden file is compared to its last ones.
  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
