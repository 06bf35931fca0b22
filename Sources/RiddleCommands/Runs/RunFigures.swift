import RiddleEvaluation
import RiddleReport

/// The figures of a run that a list, a page and a difference show.
enum RunFigures {
  /// One figure under its name in `evaluation.json`.
  struct Line: Encodable {
    var figure: String
    var value: Figure
  }

  /// A figure's name in JSON and on the terminal, and how it is printed.
  struct Column: Sendable {
    var name: String
    var title: String
    var format: FigureFormat
    var value: @Sendable (PolicyFigures) -> Figure
  }

  static let columns: [Column] = [
    Column(name: "auc", title: "AUC", format: .plain) { $0.auc },
    Column(name: "apgr", title: "APGR", format: .plain) { $0.apgr },
    Column(name: "label_match", title: "Label match", format: .percent) { $0.accuracy.labelMatch },
    Column(name: "quality", title: "Quality", format: .plain) { $0.quality },
    Column(name: "retention", title: "Retention", format: .percent) { $0.retention },
    Column(name: "savings", title: "Savings", format: .percent) { $0.savings },
    Column(name: "share_strong", title: "Strong share", format: .percent) { $0.shareStrong },
    Column(name: "cost", title: "$ / 1,000 queries", format: .dollarsPerThousand) {
      $0.costDollars
    },
    Column(name: "log_loss", title: "Log loss", format: .plain) { $0.logLoss },
    Column(name: "ece", title: "ECE", format: .plain) { $0.ece },
  ]

  static func all(_ figures: PolicyFigures?) -> [Line] {
    guard let figures else { return [] }
    return columns.map { Line(figure: $0.name, value: $0.value(figures)) }
  }
}
