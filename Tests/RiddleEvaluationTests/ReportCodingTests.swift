import Foundation
import Testing

@testable import RiddleEvaluation

@Suite struct ReportCodingTests {
  @Test("a report survives JSON, and no number in it needs a special spelling")
  func roundTrip() throws {
    for world in EvaluateTests.worlds {
      let report = try world.report()
      // The default encoder throws on NaN and infinity.
      let data = try JSONEncoder().encode(report)
      let back = try JSONDecoder().decode(EvaluationReport.self, from: data)
      #expect(back == report)
    }
  }

  @Test("the size of a report does not grow with the rows")
  func size() throws {
    let small = try JSONEncoder().encode(World(rows: 300).report(World.pointsOnly)).count
    let large = try JSONEncoder().encode(World(rows: 1200).report(World.pointsOnly)).count
    #expect(Double(large) < 1.5 * Double(small))
  }
}
