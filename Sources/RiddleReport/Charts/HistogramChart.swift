import RiddleEvaluation

/// How a router's scores are spread, and which outcomes lie where: stacked bars of twenty bins.
struct HistogramChart {
  private let bins: [PolicyFigures.HistogramBin]
  private let classes: [String]
  private let name: String
  private let id: Int

  /// - Parameters:
  ///   - classes: what the counts of a bin stand for, in their order.
  ///   - id: distinguishes this chart's titles in the page.
  init(_ policy: PolicyFigures, classes: [String], id: Int) {
    bins = policy.histogram
    self.classes = classes
    name = policy.name
    self.id = id
  }

  // In SVG units.
  private let left = 46.0
  private let right = 1020.0
  private let top = 12.0
  private let bottom = 230.0

  func render() -> Markup {
    guard let first = bins.first, let last = bins.last, last.high > first.low else { return "" }
    let tallest = max(1, bins.map { CountFormat.total($0.counts) }.max() ?? 1)
    func x(_ value: Double) -> Double {
      left + (value - first.low) / (last.high - first.low) * (right - left)
    }
    func y(_ count: Double) -> Double { bottom - count / tallest * (bottom - top) }
    var bars: Markup = ""
    for bin in bins {
      var below = 0.0
      let width = max(1, x(bin.high) - x(bin.low) - 2)
      for (index, count) in bin.counts.enumerated() where count > 0 {
        let height = y(below) - y(below + Double(count))
        bars += """
          <rect class="h\(index % 4)" x="\(Markup.coordinate(x(bin.low) + 1))" \
          y="\(Markup.coordinate(y(below + Double(count))))" width="\(Markup.coordinate(width))" \
          height="\(Markup.coordinate(height))"><title>\(label(index)): \(CountFormat.count(count)), \
          score \(FigureFormat.plain.text(bin.low)) to \(FigureFormat.plain.text(bin.high))</title></rect>

          """
        below += Double(count)
      }
    }
    var axis: Markup = """
      <line class="axis" x1="\(Markup.coordinate(left))" y1="\(Markup.coordinate(bottom))" \
      x2="\(Markup.coordinate(right))" y2="\(Markup.coordinate(bottom))"/>

      """
    for step in 0...4 {
      let value = first.low + (last.high - first.low) * Double(step) / 4
      axis += """
        <text class="soft" x="\(Markup.coordinate(x(value)))" y="\(Markup.coordinate(bottom + 19))" \
        text-anchor="\(step == 4 ? "end" : "middle")">\(FigureFormat.plain.text(value))</text>

        """
    }
    for part in [0.5, 1.0] {
      let count = Int((tallest * part).rounded())
      axis += """
        <text class="soft" x="\(Markup.coordinate(left - 8))" y="\(Markup.coordinate(y(Double(count)) + 4))" \
        text-anchor="end">\(CountFormat.count(count))</text>

        """
    }
    return """
      <div class="scroll" role="region" aria-label="Histogram of scores" tabindex="0">
      <svg class="chart" viewBox="0 0 1032 262" role="img" aria-labelledby="hist-title-\(id) hist-desc-\(id)">
      <title id="hist-title-\(id)">Scores of \(name) by outcome</title>
      <desc id="hist-desc-\(id)">Number of queries in twenty bins of the score, stacked by outcome.</desc>
      \(bars)\(axis)</svg>
      </div>
      \(legend)
      """
  }

  private func label(_ index: Int) -> String {
    index < classes.count ? classes[index] : "outcome \(index + 1)"
  }

  private var legend: Markup {
    let items = classes.indices.map { index in
      "<li><svg viewBox=\"0 0 28 14\" aria-hidden=\"true\"><rect class=\"h\(index % 4)\" x=\"2\" y=\"1\" width=\"24\" height=\"12\"/></svg>\(label(index))</li>\n"
        as Markup
    }
    return "<ul class=\"legend\">\n\(items)</ul>\n"
  }

  /// The counts as a table.
  func table() -> Markup {
    HTMLParts.table(
      caption: "Queries by score and outcome", label: "Histogram bins",
      header: ["Score from", "to"] + classes.map { "\($0)" as Markup },
      rows: bins.map { bin in
        HTMLParts.row(
          "\(FigureFormat.plain.text(bin.low))",
          [HTMLParts.cell(FigureFormat.plain.text(bin.high))]
            + bin.counts.map { HTMLParts.cell(CountFormat.count($0)) })
      }, classes: "")
  }

  /// What outcome counts stand for in `report`.
  static func classes(_ report: EvaluationReport) -> [String] {
    report.candidates.count == 2
      ? ["both adequate", "only strong", "only weak", "neither"]
      : report.candidates.map { "oracle: \($0)" }
  }
}
