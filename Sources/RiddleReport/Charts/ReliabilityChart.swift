import RiddleEvaluation

/// A reliability diagram: observed share of "strong needed" against the predicted probability, per bin.
struct ReliabilityChart {
  private let bins: [PolicyFigures.ReliabilityBin]
  private let name: String
  private let id: Int

  /// - Parameter id: distinguishes this chart's titles in the page.
  init(_ policy: PolicyFigures, id: Int) {
    bins = policy.reliability.filter { $0.predicted.isFinite && $0.observed.isFinite }
    name = policy.name
    self.id = id
  }

  // In SVG units.
  private let left = 46.0
  private let right = 386.0
  private let top = 30.0
  private let bottom = 370.0

  private func horizontal(_ value: Double) -> Double {
    left + min(max(value, 0), 1) * (right - left)
  }
  private func vertical(_ value: Double) -> Double {
    bottom - min(max(value, 0), 1) * (bottom - top)
  }

  func render() -> Markup {
    """
    <svg class="square" viewBox="0 0 400 420" role="img" aria-labelledby="rel-title-\(id) rel-desc-\(id)">
    <title id="rel-title-\(id)">Reliability of \(name)</title>
    <desc id="rel-desc-\(id)">Observed share of strong needed against predicted probability in \(bins.count) \
    bins; on the diagonal the probability is right. Circles grow with the number of queries.</desc>
    \(grid)\(curve)</svg>

    """
  }

  private var grid: Markup {
    var grid: Markup = ""
    for step in 0...5 {
      let value = Double(step) / 5
      let label = DecimalText.fixed(value, decimals: 1)
      let x = Markup.coordinate(horizontal(value))
      let y = Markup.coordinate(vertical(value))
      grid += """
        <line class="grid" x1="\(Markup.coordinate(left))" y1="\(y)" x2="\(Markup.coordinate(right))" y2="\(y)"/>
        <text class="soft" x="\(Markup.coordinate(left - 8))" y="\(Markup.coordinate(vertical(value) + 4))" \
        text-anchor="end">\(label)</text>
        <text class="soft" x="\(x)" y="\(Markup.coordinate(bottom + 19))" text-anchor="middle">\(label)</text>

        """
    }
    grid += """
      <line class="axis" x1="\(Markup.coordinate(left))" y1="\(Markup.coordinate(bottom))" \
      x2="\(Markup.coordinate(right))" y2="\(Markup.coordinate(bottom))"/>
      <line class="random" x1="\(Markup.coordinate(left))" y1="\(Markup.coordinate(bottom))" \
      x2="\(Markup.coordinate(right))" y2="\(Markup.coordinate(top))"/>
      <text class="soft" x="0" y="13">Observed share</text>
      <text class="soft" x="\(Markup.coordinate(right))" y="\(Markup.coordinate(bottom + 42))" \
      text-anchor="end">Predicted probability that strong is needed</text>

      """
    return grid
  }

  private var curve: Markup {
    let largest = bins.reduce(1.0) { max($0, Double($1.count)) }
    var line: Markup = ""
    var dots: Markup = ""
    for bin in bins {
      let x = Markup.coordinate(horizontal(bin.predicted))
      let y = Markup.coordinate(vertical(bin.observed))
      line += "\(x),\(y) "
      // Area, not radius, follows the count; never so small that it vanishes.
      let radius = max(2.5, 7 * (max(0, Double(bin.count)) / largest).squareRoot())
      let title = "\(CountFormat.count(bin.count)) queries"
      dots += """
        <circle class="dot" cx="\(x)" cy="\(y)" r="\(Markup.coordinate(radius))"><title>\(title)</title></circle>

        """
    }
    return "<polyline class=\"line\" points=\"\(line)\"/>\n\(dots)"
  }
}
