/// The cost-quality chart as inline SVG with an HTML legend.
struct CostQualityChart {
  private let plot: CostQualityPlot
  private let x: ChartScale
  private let y: ChartScale
  /// In SVG units, which are CSS pixels at full width.
  private let size = (width: 860.0, height: 460.0)
  private let inner = (left: 58.0, right: 842.0, top: 34.0, bottom: 408.0)

  init(_ plot: CostQualityPlot) {
    self.plot = plot
    let extent = plot.extent
    x = ChartScale(extent.x, fromZero: true, intervals: 7)
    y = ChartScale(extent.y, intervals: 6)
  }

  /// Figure, legend and the sentence that says what is drawn.
  func render() -> Markup {
    """
    <figure>
    <div class="scroll" role="region" aria-label="Cost-quality chart" tabindex="0">
    <svg class="chart" viewBox="0 0 860 460" role="img" aria-labelledby="cq-title cq-desc">
    <title id="cq-title">Mean quality against cost</title>
    <desc id="cq-desc">\(description)</desc>
    \(grid)\(band)\(lines)\(marks)</svg>
    </div>
    <ul class="legend" aria-label="Legend">
    \(legend)</ul>
    </figure>

    """
  }

  private var description: String {
    let operating = plot.marks.first { $0.kind == .operatingPoint }
    var text = "\(plot.axis.title), horizontally from \(x.label(x.first)) to \(x.label(x.last)); "
    text += "mean quality, vertically from \(y.label(y.first)) to \(y.label(y.last))."
    if let operating {
      text += " \(operating.name) operates at \(FigureFormat.plain.text(operating.point.x)),"
      text += " quality \(FigureFormat.plain.text(operating.point.y))."
    }
    return text + " The numbers stand in the tables below."
  }

  // MARK: coordinates

  private func place(_ point: CostQualityPlot.Point) -> (x: Double, y: Double) {
    (horizontal(point.x), vertical(point.y))
  }
  private func horizontal(_ value: Double) -> Double {
    inner.left + x.position(value) * (inner.right - inner.left)
  }
  private func vertical(_ value: Double) -> Double {
    let clipped = min(max(y.position(value), 0), 1)
    return inner.bottom - clipped * (inner.bottom - inner.top)
  }
  private func pair(_ point: (x: Double, y: Double)) -> Markup {
    "\(Markup.coordinate(point.x)),\(Markup.coordinate(point.y))"
  }
  private func path(_ points: [(x: Double, y: Double)]) -> Markup {
    var path: Markup = ""
    for point in points { path += path.html.isEmpty ? pair(point) : " \(pair(point))" }
    return path
  }
  private func line(
    _ classes: Markup, _ a: (x: Double, y: Double), _ b: (x: Double, y: Double)
  ) -> Markup {
    """
    <line class="\(classes)" x1="\(Markup.coordinate(a.x))" y1="\(Markup.coordinate(a.y))" \
    x2="\(Markup.coordinate(b.x))" y2="\(Markup.coordinate(b.y))"/>

    """
  }
  private func text(
    _ text: String, _ at: (x: Double, y: Double), anchor: Markup, classes: Markup = "soft"
  ) -> Markup {
    """
    <text class="\(classes)" x="\(Markup.coordinate(at.x))" y="\(Markup.coordinate(at.y))" \
    text-anchor="\(anchor)">\(text)</text>

    """
  }

  // MARK: layers, back to front

  private var grid: Markup {
    var grid: Markup = ""
    for tick in y.ticks {
      let at = vertical(tick)
      grid += line("grid", (inner.left, at), (inner.right, at))
      grid += text(y.label(tick), (inner.left - 8, at + 4), anchor: "end")
    }
    for tick in x.ticks {
      let at = horizontal(tick)
      grid += line("axis", (at, inner.bottom), (at, inner.bottom + 5))
      grid += text(x.label(tick), (at, inner.bottom + 20), anchor: "middle")
    }
    grid += line("axis", (inner.left, inner.bottom), (inner.right, inner.bottom))
    grid += text("Mean quality", (0, 14), anchor: "start")
    grid += text(plot.axis.title, (inner.right, inner.bottom + 44), anchor: "end")
    return grid
  }

  private var routerCurves: [CostQualityPlot.Curve] { plot.curves.filter(\.isRouter) }
  private var baselineCurves: [CostQualityPlot.Curve] { plot.curves.filter { !$0.isRouter } }

  private var hasBand: Bool {
    guard let curve = routerCurves.first else { return false }
    return curve.points.allSatisfy { $0.low != nil && $0.high != nil }
  }

  private var band: Markup {
    guard hasBand, let curve = routerCurves.first else { return "" }
    let upper = curve.points.map { (horizontal($0.x), vertical($0.high ?? $0.y)) }
    let lower = curve.points.reversed().map { (horizontal($0.x), vertical($0.low ?? $0.y)) }
    return "<polygon class=\"band\" points=\"\(path(upper + lower))\"/>\n"
  }

  private var lines: Markup {
    var lines: Markup = ""
    if let random = plot.randomLine {
      lines += line("random", place(random.from), place(random.to))
    }
    if plot.frontier.count > 1 {
      lines += "<polyline class=\"frontier\" points=\"\(path(plot.frontier.map(place)))\"/>\n"
    }
    for (index, curve) in baselineCurves.enumerated().reversed() {
      lines += polyline(curve, classes: Self.baselineClass(index))
    }
    for (index, curve) in routerCurves.enumerated().reversed() {
      lines += polyline(curve, classes: Self.routerClass(index))
    }
    return lines
  }

  private func polyline(_ curve: CostQualityPlot.Curve, classes: Markup) -> Markup {
    let points = path(curve.points.map(place))
    return
      "<polyline class=\"\(classes)\" points=\"\(points)\"><title>\(curve.name)</title></polyline>\n"
  }

  private static func routerClass(_ index: Int) -> Markup {
    switch index {
    case 0: "line"
    case 1: "other"
    case 2: "other o1"
    case 3: "other o2"
    default: "other o3"
    }
  }
  private static func baselineClass(_ index: Int) -> Markup {
    switch index % 3 {
    case 0: "base"
    case 1: "base b1"
    default: "base b2"
    }
  }

  private var marks: Markup {
    let centres = plot.marks.map { place($0.point) }
    // Straight lines are sampled, so that labels avoid them as they avoid curves.
    var obstacles = plot.curves.flatMap { sampled($0.points.map(place)) }
    if let random = plot.randomLine {
      obstacles += sampled([place(random.from), place(random.to)])
    }
    for mark in plot.marks where mark.kind == .operatingPoint {
      guard let low = mark.point.low, let high = mark.point.high else { continue }
      let x = horizontal(mark.point.x)
      obstacles += sampled([(x, vertical(low)), (x, vertical(high))])
    }
    let area = LabelPlacement.Box(
      x: inner.left + 2, y: inner.top - 14, width: inner.right - inner.left + 12,
      height: inner.bottom - inner.top + 10)
    var placement = LabelPlacement(area: area, obstacles: obstacles, markers: centres)
    var symbols: [Markup] = []
    var leaders: Markup = ""
    var labels: Markup = ""
    let first = plot.marks.first { $0.kind == .operatingPoint }?.name
    for (mark, centre) in zip(plot.marks, centres) {
      let name = PlainText.truncated(PlainText.oneLine(mark.name), to: 30)
      // 12-pixel sans-serif text averages well below 7 units a character.
      let width = 6.9 * Double(PlainText.width(name))
      let (box, isFar) = placement.place(width: width, height: 15, at: centre)
      let isLeft = box.x + box.width / 2 < centre.x - 8
      let isMiddle = abs(box.x + box.width / 2 - centre.x) <= 8
      let anchor: Markup = isMiddle ? "middle" : isLeft ? "end" : "start"
      let at = isMiddle ? box.x + box.width / 2 : isLeft ? box.x + box.width : box.x
      if isFar {
        let end = (
          min(max(centre.x, box.x), box.x + box.width),
          min(max(centre.y, box.y), box.y + box.height)
        )
        leaders += line("lead-line", centre, end)
      }
      labels += text(
        name, (at, box.y + 11.5), anchor: anchor,
        classes: mark.name == first ? "strong halo" : "halo")
      symbols.append(symbol(mark, at: centre, isFirst: mark.name == first))
    }
    // The first router lies on top.
    return "\(leaders)\(Array(symbols.reversed()))\(labels)"
  }

  /// Points at most 8 units apart along a line.
  private func sampled(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    var result: [(x: Double, y: Double)] = []
    for (a, b) in zip(points, points.dropFirst()) {
      let length = max(abs(b.x - a.x), abs(b.y - a.y))
      let steps = max(1, Int(min(length, 2_000) / 8))
      for step in 0..<steps {
        let t = Double(step) / Double(steps)
        result.append((a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
      }
    }
    return result
  }

  private func symbol(
    _ mark: CostQualityPlot.Mark, at centre: (x: Double, y: Double), isFirst: Bool
  ) -> Markup {
    var symbol = Self.symbol(mark.kind, at: centre, title: mark.name, isFirst: isFirst)
    if mark.kind == .operatingPoint, let low = mark.point.low, let high = mark.point.high {
      symbol =
        "\(line(isFirst ? "whisker" : "whisker more", (centre.x, vertical(low)), (centre.x, vertical(high))))\(symbol)"
    }
    return symbol
  }

  private static func symbol(
    _ kind: CostQualityPlot.Mark.Kind, at centre: (x: Double, y: Double), title: String,
    isFirst: Bool = true
  ) -> Markup {
    let dot: Markup = isFirst ? "dot" : "dot more"
    let x = Markup.coordinate(centre.x)
    let y = Markup.coordinate(centre.y)
    switch kind {
    case .operatingPoint:
      return
        "<circle class=\"\(dot)\" cx=\"\(x)\" cy=\"\(y)\" r=\"6.5\"><title>\(title)</title></circle>\n"
    case .candidate:
      return
        "<circle class=\"ring\" cx=\"\(x)\" cy=\"\(y)\" r=\"5\"><title>\(title)</title></circle>\n"
    case .oracle:
      return """
        <path class="oracle" d="M\(x) \(Markup.coordinate(centre.y - 7))l7 7l-7 7l-7 -7z"><title>\(title)</title></path>

        """
    case .baseline:
      return """
        <path class="cross" d="M\(Markup.coordinate(centre.x - 4.5)) \(Markup.coordinate(centre.y - 4.5))l9 9m0 -9l-9 9"><title>\
        \(title)</title></path>

        """
    }
  }

  // MARK: legend

  private var legend: [Markup] {
    var entries: [Markup] = []
    func entry(_ drawing: Markup, _ text: Markup) {
      entries.append(
        "<li><svg viewBox=\"0 0 28 14\" aria-hidden=\"true\">\(drawing)</svg><span>\(text)</span></li>\n"
      )
    }
    func stroke(_ classes: Markup) -> Markup {
      "<line class=\"\(classes)\" x1=\"1\" y1=\"7\" x2=\"27\" y2=\"7\"/>"
    }
    for (index, curve) in routerCurves.enumerated() {
      entry(stroke(Self.routerClass(index)), "\(Markup.name(curve.name)), \(curve.over)")
    }
    if hasBand {
      entry(
        "<rect class=\"band\" x=\"0\" y=\"1\" width=\"28\" height=\"12\"/>",
        "pointwise interval of the first router")
    }
    for (index, curve) in baselineCurves.enumerated() {
      entry(stroke(Self.baselineClass(index)), Markup.name(curve.name))
    }
    if plot.frontier.count > 1 {
      entry(stroke("frontier"), "frontier: nobody is cheaper and better")
    }
    if plot.randomLine != nil { entry(stroke("random"), "random mix of cheapest and strongest") }
    let kinds: [(CostQualityPlot.Mark.Kind, Markup)] = [
      (.operatingPoint, "operating point"), (.candidate, "one candidate always"),
      (.oracle, "oracle"), (.baseline, "other baseline"),
    ]
    for (kind, name) in kinds where plot.marks.contains(where: { $0.kind == kind }) {
      entry(Self.symbol(kind, at: (14, 7), title: ""), name)
    }
    return entries
  }
}
