/// A few curves over one axis, each told apart by dashes and named below.
struct LineChart {
  /// One curve.
  struct Series {
    var name: String
    /// Finite points.
    var points: [(x: Double, y: Double)]
  }

  private let id: String
  private let title: String
  private let axes: (x: String, y: String)
  private let series: [Series]
  private let x: ChartScale
  private let y: ChartScale

  // In SVG units.
  private let left = 64.0
  private let right = 700.0
  private let top = 30.0
  private let bottom = 300.0

  /// - Parameters:
  ///   - id: distinguishes this chart's titles in the page.
  ///   - series: at least one with a point.
  init(id: String, title: String, x: String, y: String, series: [Series]) {
    self.id = id
    self.title = title
    axes = (x, y)
    self.series = series
    self.x = ChartScale(series.flatMap { $0.points.map(\.x) }, fromZero: true, intervals: 6)
    self.y = ChartScale(series.flatMap { $0.points.map(\.y) }, fromZero: true, intervals: 5)
  }

  func render() -> Markup {
    """
    <figure>
    <div class="scroll" role="region" aria-label="\(title)" tabindex="0">
    <svg class="chart" viewBox="0 0 720 350" role="img" aria-labelledby="\(id)-title">
    <title id="\(id)-title">\(title)</title>
    \(grid)\(curves)</svg>
    </div>
    <ul class="legend" aria-label="Legend">
    \(legend)</ul>
    </figure>

    """
  }

  private func horizontal(_ value: Double) -> Double { left + x.position(value) * (right - left) }
  private func vertical(_ value: Double) -> Double { bottom - y.position(value) * (bottom - top) }

  private var grid: Markup {
    var grid: Markup = ""
    for tick in y.ticks {
      let at = Markup.coordinate(vertical(tick))
      grid += """
        <line class="grid" x1="\(Markup.coordinate(left))" y1="\(at)" x2="\(Markup.coordinate(right))" y2="\(at)"/>
        <text class="soft" x="\(Markup.coordinate(left - 8))" y="\(Markup.coordinate(vertical(tick) + 4))" \
        text-anchor="end">\(y.label(tick))</text>

        """
    }
    for tick in x.ticks {
      grid += """
        <text class="soft" x="\(Markup.coordinate(horizontal(tick)))" y="\(Markup.coordinate(bottom + 19))" \
        text-anchor="middle">\(x.label(tick))</text>

        """
    }
    grid += """
      <line class="axis" x1="\(Markup.coordinate(left))" y1="\(Markup.coordinate(bottom))" \
      x2="\(Markup.coordinate(right))" y2="\(Markup.coordinate(bottom))"/>
      <text class="soft" x="0" y="13">\(axes.y)</text>
      <text class="soft" x="\(Markup.coordinate(right))" y="\(Markup.coordinate(bottom + 42))" \
      text-anchor="end">\(axes.x)</text>

      """
    return grid
  }

  private var curves: Markup {
    var curves: Markup = ""
    for (index, one) in series.enumerated().reversed() {
      var path: Markup = ""
      for point in one.points {
        path +=
          "\(Markup.coordinate(horizontal(point.x))),\(Markup.coordinate(vertical(point.y))) "
      }
      curves +=
        "<polyline class=\"\(Self.style(index))\" points=\"\(path)\"><title>\(one.name)</title></polyline>\n"
    }
    return curves
  }

  static func style(_ index: Int) -> Markup {
    switch index % 8 {
    case 0: "line"
    case 1: "other"
    case 2: "other o1"
    case 3: "other o2"
    case 4: "other o3"
    case 5: "base"
    case 6: "base b1"
    default: "base b2"
    }
  }

  private var legend: [Markup] {
    series.enumerated().map { index, one in
      """
      <li><svg viewBox="0 0 28 14" aria-hidden="true"><line class="\(Self.style(index))" x1="1" y1="7" x2="27" y2="7"/></svg>\
      <span>\(one.name)</span></li>

      """
    }
  }
}
