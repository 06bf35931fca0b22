import RiddleData
import Testing

@testable import RiddleStore

@Suite struct ScoreNamesTests {
  private let logs = "datasets/logs/"

  private func read(_ files: [String], score: String) throws -> ImportReport {
    var options = ImportOptions()
    options.scores = ScoreRule(name: score)
    return try LogFile.survey(paths: files.map { logs + $0 }, options: options)
  }

  @Test(
    "a score that no log has is refused, with the names there are",
    arguments: [
      ["langfuse-observations.jsonl", "langfuse-scores.jsonl"],
      ["otel-current.jsonl", "otel-evaluations.jsonl"],
    ])
  func unknown(_ files: [String]) throws {
    do {
      _ = try read(files, score: "no-such-score")
      Issue.record("was taken")
    } catch {
      let said = "\(error)"
      #expect(said.contains("no score has that name") && said.contains("Scores found: "), "\(said)")
    }
  }

  @Test("a score is refused of logs that keep none")
  func none() {
    #expect(throws: StoreError.self) { try read(["litellm-spend.csv"], score: "helpful") }
  }

  @Test("evaluations beside spans are said to be OpenTelemetry's")
  func kind() throws {
    let report = try LogFile.survey(
      paths: [logs + "otel-current.jsonl", logs + "otel-evaluations.jsonl"])
    #expect(report.sources.map(\.format) == [.openTelemetry, .openTelemetry])
  }
}
