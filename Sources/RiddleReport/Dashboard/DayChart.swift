import RiddleData
import RiddleEvaluation

/// A few curves over days, with a band around the first where it has one, and marks for what happened.
struct DayChart {
  /// One curve; gaps where nothing is known.
  struct Series {
    var name: String
    /// Days since 1970 and values; finite.
    var points: [(day: Double, value: Double)]
    /// Ends of the interval, by point; empty without one.
    var band: [(low: Double, high: Double)?] = []
  }

  private let id: String
  private let title: String
  private let unit: String
  private let series: [Series]
  /// Days, with fractions, and the numbers by which the page lists what happened.
  private let marks: [(day: Double, number: Int)]
  private let days: ClosedRange<Double>
  private let y: ChartScale

  // In SVG units.
  private let left = 64.0
  private let right = 1020.0
  private let top = 34.0
  private let bottom = 250.0
  /// Least width of a date's label.
  private let labelWidth = 92.0

  /// - Parameters:
  ///   - id: distinguishes this chart's titles in the page.
  ///   - unit: what the values are, for example "% of decisions".
  init(
    id: String, title: String, unit: String, series: [Series],
    marks: [(day: Double, number: Int)], days: ClosedRange<Double>, isSigned: Bool = false
  ) {
    self.id = id
    self.title = title
    self.unit = unit
    self.series = series
    self.marks = marks.filter { days.contains($0.day) }
    self.days = days
    let values = series.flatMap { one in
      one.points.map(\.value) + one.band.compactMap { $0 }.flatMap { [$0.low, $0.high] }
    }
    y = ChartScale(values + (isSigned ? [0] : []), fromZero: true, intervals: 4)
  }

  /// The figure; a sentence where there is nothing to draw.
  func render() -> Markup {
    guard series.contains(where: { !$0.points.isEmpty }) else {
      return "<p class=\"lead\">Nothing is known of this yet.</p>\n"
    }
    return """
      <figure>
      <div class="scroll" role="region" aria-label="\(title)" tabindex="0">
      <svg class="chart" viewBox="0 0 1032 286" role="img" aria-labelledby="\(id)-title">
      <title id="\(id)-title">\(title)</title>
      \(grid)\(drawnMarks)\(bands)\(curves)</svg>
      </div>
      \(series.count > 1 ? legend : "")</figure>

      """
  }

  private func horizontal(_ day: Double) -> Double {
    left + (day - days.lowerBound) / (days.upperBound - days.lowerBound) * (right - left)
  }
  private func vertical(_ value: Double) -> Double {
    bottom - min(1, max(0, y.position(value))) * (bottom - top)
  }

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
    // Weeks where they fit, else as many of them as do.
    let span = days.upperBound - days.lowerBound
    var step = span >= 14 ? 7.0 : 1.0
    while span / step * labelWidth > right - left { step += span >= 14 ? 7 : 1 }
    var day = days.lowerBound
    while day <= days.upperBound - step * 0.4 || day == days.lowerBound {
      let isFirst = day == days.lowerBound
      grid += """
        <text class="soft" x="\(Markup.coordinate(horizontal(day)))" y="\(Markup.coordinate(bottom + 20))" \
        text-anchor="\(isFirst ? "start" : "middle")">\(Microseconds.dateText(daysSince1970: Int64(day)))</text>

        """
      day += step
    }
    grid += """
      <line class="axis" x1="\(Markup.coordinate(left))" y1="\(Markup.coordinate(bottom))" \
      x2="\(Markup.coordinate(right))" y2="\(Markup.coordinate(bottom))"/>
      <text class="soft" x="0" y="13">\(unit)</text>

      """
    return grid
  }

  private var drawnMarks: Markup {
    var drawn: Markup = ""
    for mark in marks {
      let at = Markup.coordinate(horizontal(mark.day))
      drawn += """
        <line class="base" x1="\(at)" y1="\(Markup.coordinate(top - 8))" x2="\(at)" y2="\(Markup.coordinate(bottom))"/>
        <text class="soft halo" x="\(at)" y="\(Markup.coordinate(top - 12))" text-anchor="middle">\(mark.number)</text>

        """
    }
    return drawn
  }

  /// Runs of points that have an interval.
  private var bands: Markup {
    var drawn: Markup = ""
    for one in series.prefix(1) where !one.band.isEmpty {
      var run: [(day: Double, low: Double, high: Double)] = []
      func polygon() -> Markup {
        guard run.count > 1 else { return "" }
        var points: Markup = ""
        for point in run {
          points +=
            "\(Markup.coordinate(horizontal(point.day))),\(Markup.coordinate(vertical(point.high))) "
        }
        for point in run.reversed() {
          points +=
            "\(Markup.coordinate(horizontal(point.day))),\(Markup.coordinate(vertical(point.low))) "
        }
        return "<polygon class=\"band\" points=\"\(points)\"/>\n"
      }
      for (point, band) in zip(one.points, one.band) {
        if let band {
          run.append((point.day, band.low, band.high))
        } else {
          drawn += polygon()
          run = []
        }
      }
      drawn += polygon()
    }
    return drawn
  }

  private var curves: Markup {
    var drawn: Markup = ""
    for (index, one) in series.enumerated().reversed() where !one.points.isEmpty {
      if one.points.count == 1 {
        drawn +=
          "<circle class=\"dot\" cx=\"\(Markup.coordinate(horizontal(one.points[0].day)))\" cy=\"\(Markup.coordinate(vertical(one.points[0].value)))\" r=\"4\"><title>\(one.name)</title></circle>\n"
        continue
      }
      var path: Markup = ""
      for point in one.points {
        path +=
          "\(Markup.coordinate(horizontal(point.day))),\(Markup.coordinate(vertical(point.value))) "
      }
      drawn +=
        "<polyline class=\"\(LineChart.style(index))\" points=\"\(path)\"><title>\(one.name)</title></polyline>\n"
    }
    return drawn
  }

  private var legend: Markup {
    let items = series.enumerated().map { index, one -> Markup in
      """
      <li><svg viewBox="0 0 28 14" aria-hidden="true"><line class="\(LineChart.style(index))" x1="1" y1="7" x2="27" y2="7"/></svg>\
      <span>\(Markup.name(one.name))</span></li>

      """
    }
    return "<ul class=\"legend\" aria-label=\"Legend\">\n\(items)</ul>\n"
  }
}
