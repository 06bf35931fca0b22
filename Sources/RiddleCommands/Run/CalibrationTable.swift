import RiddleLearning
import RiddlePipeline
import RiddleReport

/// How each head's margins became probabilities, as a table: the kinds that were compared and the error before and after.
enum CalibrationTable {
  /// One table, or none when no head was calibrated by comparison.
  static func tables(_ heads: [TrainedRouter.HeadReport]) -> [ModelTable] {
    let compared = heads.filter { !$0.calibration.compared.isEmpty }
    guard let first = compared.first else { return [] }
    let kinds = first.calibration.compared.map(\.kind)
    let format = FigureFormat.plain
    return [
      ModelTable(
        title: "Calibration of the heads",
        note:
          "Cross-validated log loss of each kind of map; the simplest kind within one standard error of the best is taken. ECE in 15 bins of equal mass, each row predicted without its fold.",
        columns: ["head", "taken", "ECE before", "ECE after"]
          + kinds.map { "log loss, \($0.rawValue)" },
        textColumns: [1],
        rows: compared.map { head in
          [
            head.name, head.calibration.kind, format.text(head.calibration.errorBefore),
            format.text(head.calibration.errorAfter),
          ]
            + kinds.map { kind in
              format.text(
                head.calibration.compared.first { $0.kind == kind }?.logLoss?.mean)
            }
        })
    ]
  }
}
