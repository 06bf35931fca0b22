import RiddleEvaluation
import Testing

@testable import RiddleReport

@Suite struct HTMLReportTests {
  static let reports: [(String, EvaluationReport)] = [
    ("pair", SampleReports.pair()), ("ladder", SampleReports.ladder()),
    ("baselines only", SampleReports.baselinesOnly()), ("undefined", SampleReports.undefined()),
    ("largest", SampleReports.largest()), ("hostile", hostile()), ("extreme", extreme()),
  ]

  static func page(_ report: EvaluationReport, title: String = "support-desk") -> String {
    HTMLReport.render(
      report, title: title, reproduction: SampleReports.commands, facts: SampleReports.facts)
  }

  @Test(arguments: reports.indices)
  func `the page is well-formed, its links lead somewhere, its tables are labelled`(index: Int) {
    let (name, report) = Self.reports[index]
    let check = PageCheck(Self.page(report))
    #expect(check.problems.isEmpty, "\(name): \(check.problems)")
  }

  @Test(arguments: reports.indices)
  func `the page loads nothing`(index: Int) {
    let (name, report) = Self.reports[index]
    let html = Self.page(report)
    let check = PageCheck(html)
    for word in ["http://", "https://", "url(", "@import", "xmlns"] {
      #expect(!html.contains(word), "\(name) contains \(word)")
    }
    for element in check.elements {
      for key in ["src", "srcset", "action", "data", "style", "onclick", "onload", "xlink:href"] {
        #expect(element.attributes[key] == nil, "\(name): \(element.name) has \(key)")
      }
      #expect(!["img", "link", "iframe", "object", "base"].contains(element.name))
    }
    #expect(check.count("script") == 1 && check.count("style") == 1)
  }

  @Test func `the same input gives the same bytes`() {
    #expect(Self.page(SampleReports.pair()) == Self.page(SampleReports.pair()))
  }

  @Test func `the largest report stays far below two megabytes`() {
    let bytes = Self.page(SampleReports.largest()).utf8.count
    #expect(bytes < 1_000_000, "\(bytes) bytes")
    #expect(Self.page(SampleReports.pair()).utf8.count < 200_000)
  }

  @Test func `sections come in their order`() {
    let html = Self.page(SampleReports.pair())
    let ids = PageCheck(html).elements.filter { $0.name == "h2" }.compactMap { $0.attributes["id"] }
    #expect(
      ids == [
        "headline", "headroom", "wall", "curve", "calibration", "accuracy", "comparisons",
        "segments", "failures", "warnings", "rows", "intervals", "inputs", "reproduce",
      ])
  }

  @Test func `the first screen says what is saved, kept and decided`() {
    let html = Self.page(SampleReports.pair()).replacing("\u{A0}", with: " ")
    #expect(
      html.contains(
        "support-desk saves 65.9% [63.8, 68.0] of what always asking gpt-large costs and keeps "
          + "93.8% [92.5, 95.1] of its quality."))
    #expect(html.contains("<span class=\"word\">UNDECIDED</span> against prompt-length on utility"))
    #expect(html.contains("2 warnings"))
  }

  @Test func `the two by two table holds the outcome counts`() {
    let html = Self.page(SampleReports.pair())
    for cell in ["1,515", "429", "127", "341"] { #expect(html.contains(">\(cell) <span")) }
    #expect(Self.page(SampleReports.ladder()).contains("Where the oracle sends the queries"))
  }

  @Test func `an undefined figure is a dash with its reason`() {
    let html = Self.page(SampleReports.pair())
    #expect(html.contains("<td>–<sup><a href=\"#wall-ranking-1\""))
    #expect(
      html.contains("\">no operating point reaches 80% of the gap</li>"))
    #expect(html.contains("– \(UndefinedReason.noScore)"))
    #expect(!html.contains("nan") && !html.contains("inf]"))
  }

  @Test func `charts carry title, description and their numbers as tables`() {
    let check = PageCheck(Self.page(SampleReports.pair()))
    let charts = check.elements.filter { $0.name == "svg" && $0.attributes["role"] == "img" }
    #expect(charts.count == 3)
    #expect(charts.allSatisfy { $0.attributes["aria-labelledby"] != nil })
    let hidden = check.elements.filter { $0.name == "svg" && $0.attributes["role"] == nil }
    #expect(hidden.allSatisfy { $0.attributes["aria-hidden"] == "true" })
    #expect(Self.page(SampleReports.pair()).contains("Numbers of the curve of"))
  }

  @Test func `a report without routers has neither calibration nor accuracy`() {
    let html = Self.page(SampleReports.baselinesOnly())
    #expect(html.contains("No router was evaluated"))
    #expect(!html.contains("id=\"calibration\"") && !html.contains("id=\"accuracy\""))
  }

  // MARK: hostile input

  static let attack = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"

  /// Every string of the report is an attack.
  static func hostile() -> EvaluationReport {
    var report = SampleReports.pair()
    report.format = attack
    report.candidates = [attack, attack + "2"]
    report.rows.description = attack
    report.labelling.oracle = attack
    report.labelling.target = attack
    report.segmentField = attack
    report.warnings = [attack, "\u{0}\u{1B}\u{202E}"]
    report.intervals.method = attack
    report.inputs = [.init(role: attack, name: attack, sha256: attack)]
    for index in report.routers.indices {
      report.routers[index].name = attack + "\(index)"
      report.routers[index].kind = attack
      report.routers[index].notes = ["cpt80 undefined: " + attack]
      report.routers[index].perTier[0].candidate = attack
    }
    for index in report.baselines.indices {
      report.baselines[index].name += attack
      report.baselines[index].kind = attack
    }
    for index in report.comparisons.indices {
      report.comparisons[index].router = attack + "0"
      report.comparisons[index].baseline += attack
      report.comparisons[index].metric = attack
      report.comparisons[index].verdict = attack
    }
    for index in report.segments.indices { report.segments[index].name += attack }
    return report
  }

  @Test func `whatever the data contain stays text`() {
    let html = HTMLReport.render(
      Self.hostile(), title: Self.attack, reproduction: [Self.attack],
      facts: [(Self.attack, Self.attack)])
    let check = PageCheck(html)
    #expect(check.problems.isEmpty, "\(check.problems)")
    #expect(check.count("script") == 1 && check.count("img") == 0)
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    for scalar in html.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control && scalar != "\u{202E}")
    }
  }

  /// Numbers no honest evaluation gives, which must not trap, and counts whose sums overflow.
  static func extreme() -> EvaluationReport {
    var report = SampleReports.pair()
    report.queries = .max
    report.headroom.outcomeCounts = [.max, .max, -1, 0]
    report.headroom.meanQuality = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    report.headroom.meanCostDollars = [.infinity, 1e300]
    report.headroom.oracleSavings = .nan
    report.labelling.qualityThreshold = 1e300
    report.intervals.confidence = .infinity
    report.routers[0].savings = Figure(-1e300, low: -.infinity, high: .nan)
    report.routers[0].confusion = [[.max, .max, .max], []]
    report.routers[0].reliability = [
      .init(count: .max, predicted: .nan, observed: 0.5),
      .init(count: -5, predicted: 7, observed: -3),
      .init(count: .max, predicted: 0.1, observed: 0.2),
    ]
    report.routers[0].curve[0].quality = .infinity
    report.comparisons[0].difference = Figure(1e308, low: -1e308, high: .infinity)
    report.comparisons[1].difference = Figure(
      .leastNonzeroMagnitude, low: -.leastNonzeroMagnitude, high: .leastNonzeroMagnitude)
    report.segments[0].queries = .max
    report.segments[0].weakQuality = .nan
    return report
  }
}
