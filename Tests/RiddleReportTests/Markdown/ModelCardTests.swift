import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct ModelCardTests {
  private func card() -> ModelCard {
    var card = ModelCard(
      name: "support-desk", modelKind: "logistic regression, 312 features",
      candidates: ["gpt-mini", "gpt-large"], target: "weak-fails", oracle: "cheapest-adequate")
    card.thresholds = [
      .init(
        name: "gpt-large", value: 0.412_345_678,
        chosen: "risk-controlled: quality loss at most 2% with 95% confidence")
    ]
    card.calibration = "Platt"
    card.split = "By near-duplicate family, seed 20240817."
    card.parts = [.init(name: "train", rows: 7_488), .init(name: "test", rows: 2_412)]
    card.features = ["56 text statistics", "256 hashed word and character n-grams"]
    card.evaluation = SampleReports.pair()
    card.intendedUse = ["Routing English support questions."]
    card.notFor = ["Medical questions: none were in the data."]
    card.facts = SampleReports.facts
    card.rebuild = SampleReports.commands
    card.verify = ["riddle inspect models/support-desk/router.riddle --verify"]
    return card
  }

  @Test func `a full card`() throws {
    try Golden.expectSnapshot(card().render(), "model-card.md")
  }

  @Test func `a card without figures says so`() {
    let bare = ModelCard(
      name: "x", modelKind: "tree", candidates: [], target: "weak-fails", oracle: "best-quality")
    let text = bare.render()
    #expect(text.contains("None: this router has not been evaluated on held-out data."))
    #expect(text.contains("None stored: the caller must choose one."))
    #expect(text.contains("## Not for"))
  }

  @Test func `what is given stays text`() {
    var card = card()
    card.name = "<img src=x>\n# owned"
    card.rebuild = ["echo ```; echo"]
    let text = card.render()
    #expect(text.hasPrefix("# &lt;img src=x&gt; \\# owned\n"))
    #expect(text.contains("````sh\necho ```; echo\n````"))
  }
}
