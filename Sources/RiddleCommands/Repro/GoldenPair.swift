import Foundation
import RiddleEvaluation

/// A golden file: what RouteLLM's own procedure computes on some rows, figure by figure.
///
/// | key | figure |
/// |---|---|
/// | `rows` | number of rows: says which benchmark the file is about |
/// | `weak_score`, `strong_score`, `oracle_best_of_two` | mean scores × 100, for graded answers × 10 |
/// | `weak_wrong_strong_right`, `strong_wrong_weak_right` | shares of rows on which one is better |
/// | `routers.NAME.points` | 11 of `threshold`, `strong_pct`, `score` |
/// | `routers.NAME.CPT20`, `CPT50`, `CPT80`, `AUC`, `APGR` | RouteLLM's figures of the router |
/// | `optimal_accuracy_by_strong_pct` | the optimal curve: score by percent of strong calls |
struct GoldenPair {
  /// Agreement asked for.
  static let tolerance = 1e-9

  let name: String
  let rows: Int
  private let values: [String: Any]

  init(path: String) throws {
    let bytes = try Files.read(path, what: "golden file")
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw CommandFailure(.malformedData, "golden file \(path): not a JSON object")
    }
    guard let rows = object["rows"] as? Int, rows > 0 else {
      throw CommandFailure(
        .malformedData, "golden file \(path): \"rows\" is missing: expected a whole number above 0")
    }
    name = URL(fileURLWithPath: path).lastPathComponent
    self.rows = rows
    values = object
  }

  private var routers: [String: Any] { values["routers"] as? [String: Any] ?? [:] }

  /// Names of its routers, sorted.
  var routerNames: [String] { routers.keys.sorted() }

  /// Every figure of the file beside the computed one; what cannot be compared is named with the reason.
  func compare(
    _ outcomes: PairOutcomes, scores: [String: [Double]], subject: String
  ) -> (figures: [ReproducedFigure], skipped: [ReproOutput.Skipped]) {
    var comparison = Comparison(subject: subject)
    let n = Double(outcomes.rowCount)
    let gains = outcomes.gains
    for key in values.keys.sorted() {
      switch key {
      case "rows": comparison.add(key, values[key], n)
      case "weak_score": comparison.add(key, values[key], outcomes.weakScore)
      case "strong_score": comparison.add(key, values[key], outcomes.strongScore)
      case "oracle_best_of_two": comparison.add(key, values[key], outcomes.oracleScore)
      case "weak_wrong_strong_right":
        comparison.add(key, values[key], Double(gains.count { $0 > 0 }) / n)
      case "strong_wrong_weak_right":
        comparison.add(key, values[key], Double(gains.count { $0 < 0 }) / n)
      case "optimal_accuracy_by_strong_pct":
        let plateau = PlateauCurve(weak: outcomes.weak, strong: outcomes.strong)
        let curve = values[key] as? [String: Any] ?? [:]
        for percent in curve.keys.sorted(by: { (Double($0) ?? 0) < (Double($1) ?? 0) }) {
          let computed = Double(percent).map {
            outcomes.scale * plateau.quality(atShare: min(max($0 / 100, 0), 1))
          }
          comparison.add("\(key).\(percent)", curve[percent], computed)
        }
      case "routers":
        for router in routerNames {
          guard let own = scores[router] else {
            comparison.skip("routers.\(router)", "its scores are not in the data")
            continue
          }
          let points = RouteLLMPoints(
            scores: own, weak: outcomes.weak, strong: outcomes.strong)
          comparison.compare(
            routers[router], router: router, points: points, scale: outcomes.scale)
        }
      default: comparison.skip(key, "no figure of this name is known")
      }
    }
    return (comparison.figures, comparison.skipped)
  }

  /// Figures as they come in.
  private struct Comparison {
    let subject: String
    var figures: [ReproducedFigure] = []
    var skipped: [ReproOutput.Skipped] = []

    init(subject: String) { self.subject = subject }

    mutating func add(_ name: String, _ expected: Any?, _ computed: Double?) {
      guard let expected = expected as? Double else {
        skip(name, "the golden file has no number here")
        return
      }
      figures.append(
        ReproducedFigure(
          subject, name, expected: expected, computed: computed, tolerance: GoldenPair.tolerance))
    }

    mutating func skip(_ name: String, _ reason: String) {
      skipped.append(.init(subject: subject, name: name, reason: reason))
    }

    mutating func compare(_ golden: Any?, router: String, points: RouteLLMPoints, scale: Double) {
      let golden = golden as? [String: Any] ?? [:]
      for key in golden.keys.sorted() {
        let name = "\(router).\(key)"
        switch key {
        case "points":
          let expected = golden[key] as? [[String: Any]] ?? []
          guard expected.count == points.shares.count else {
            skip(name, "expected \(points.shares.count) points, the file has \(expected.count)")
            continue
          }
          for (i, point) in expected.enumerated() {
            for part in point.keys.sorted() {
              let place = "\(name)[\(i)].\(part)"
              switch part {
              case "threshold": add(place, point[part], points.thresholds[i])
              case "strong_pct": add(place, point[part], 100 * points.shares[i])
              case "score": add(place, point[part], scale * points.qualities[i])
              default: skip(place, "no figure of this name is known")
              }
            }
          }
        case "CPT20", "CPT50", "CPT80":
          let p = (Double(key.dropFirst(3)) ?? 0) / 100
          add(name, golden[key], points.interpolatedShare(recovering: p).map { 100 * $0 })
        case "APGR": add(name, golden[key], points.apgr)
        case "AUC": add(name, golden[key], Self.area(points, scale: scale))
        default: skip(name, "no figure of this name is known")
        }
      }
    }

    /// Trapezoid of the score over the strong share.
    private static func area(_ points: RouteLLMPoints, scale: Double) -> Double {
      var sum = 0.0
      for i in 1..<points.shares.count {
        sum +=
          (points.shares[i - 1] - points.shares[i])
          * (points.qualities[i - 1] + points.qualities[i]) / 2
      }
      return scale * sum
    }
  }
}
