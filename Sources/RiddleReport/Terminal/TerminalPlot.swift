/// The cost-quality curve in characters: braille dots for the router, middle dots for random mixes, letters for points.
enum TerminalPlot {
  /// The plot with axes and legend, each line ended by a newline; empty when there is nothing to draw.
  ///
  /// - Parameter width: columns available.
  static func render(_ plot: CostQualityPlot, width: Int) -> String {
    guard !plot.isEmpty else { return "" }
    let extent = plot.extent
    let x = ChartScale(extent.x, fromZero: true, intervals: 4)
    let y = ChartScale(extent.y, intervals: 4)
    let labels = y.ticks.map { y.label($0) }
    let margin = labels.reduce(0) { max($0, PlainText.width($1)) }
    var canvas = Canvas(columns: max(20, min(72, width - margin - 3)), rows: 13)

    if let line = plot.randomLine {
      canvas.line(
        (x.position(line.from.x), y.position(line.from.y)),
        (x.position(line.to.x), y.position(line.to.y)), character: "·")
    }
    if let curve = plot.curves.first(where: \.isRouter) ?? plot.curves.first {
      for (a, b) in zip(curve.points, curve.points.dropFirst()) {
        canvas.dots((x.position(a.x), y.position(a.y)), (x.position(b.x), y.position(b.y)))
      }
    }
    // Later marks lie on top: the first router's operating point is drawn last.
    let named = Array(zip(plot.marks, symbols(plot.marks)))
    for (mark, symbol) in named.reversed() {
      canvas.put(symbol, at: (x.position(mark.point.x), y.position(mark.point.y)))
    }

    var rows = [String](repeating: "", count: canvas.rows)
    for (tick, label) in zip(y.ticks, labels) { rows[canvas.row(y.position(tick))] = label }
    var text = "Quality\n"
    for row in 0..<canvas.rows {
      let edge = rows[row].isEmpty ? "│" : "┤"
      let label = PlainText.padded(rows[row], to: margin, right: true)
      text += trimmed("\(label) \(edge)\(canvas.text(row))") + "\n"
    }
    text += axis(x, margin: margin, columns: canvas.columns)
    text += PlainText.padded("", to: margin + 2, right: false) + plot.axis.title + "\n\n"
    return text + legend(plot, named: named, width: width)
  }

  private static func symbols(_ marks: [CostQualityPlot.Mark]) -> [Character] {
    var letters = "abcdefghijklmnopqrstuvwxyz".makeIterator()
    var routers = "●■▲▼".makeIterator()
    return marks.map { mark in
      switch mark.kind {
      case .operatingPoint: routers.next() ?? "★"
      case .oracle: "◆"
      case .candidate: "○"
      case .baseline: letters.next() ?? "×"
      }
    }
  }

  /// The bottom line with its ticks and their labels.
  private static func axis(_ x: ChartScale, margin: Int, columns: Int) -> String {
    var rule = [Character](repeating: "─", count: columns)
    var labels = [Character](repeating: " ", count: columns + margin + 12)
    var free = 0
    for tick in x.ticks {
      let column = Int((x.position(tick) * Double(columns - 1)).rounded())
      rule[column] = "┬"
      let label = Array(x.label(tick))
      let start = max(0, margin + 2 + column - label.count / 2)
      guard start >= free, start + label.count <= labels.count else { continue }
      labels.replaceSubrange(start..<(start + label.count), with: label)
      free = start + label.count + 1
    }
    let indent = String(repeating: " ", count: margin + 1)
    return "\(indent)└\(String(rule))\n\(trimmed(String(labels)))\n"
  }

  private static func legend(
    _ plot: CostQualityPlot, named: [(CostQualityPlot.Mark, Character)], width: Int
  ) -> String {
    var entries: [String] = []
    if let curve = plot.curves.first(where: \.isRouter) ?? plot.curves.first {
      entries.append("⠒ \(curve.name), all thresholds")
    }
    if plot.randomLine != nil { entries.append("· random mix") }
    for (mark, symbol) in named { entries.append("\(symbol) \(mark.name)") }
    var lines: [String] = []
    var line = ""
    for entry in entries {
      let clean = PlainText.truncated(PlainText.oneLine(entry), to: max(12, width - 2))
      if !line.isEmpty && PlainText.width(line) + 3 + PlainText.width(clean) > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? clean : "   " + clean
    }
    lines.append(line)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func trimmed(_ text: String) -> String {
    var text = text
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}

/// Character cells of 2 × 4 braille dots each; positions run from 0 to 1, the vertical one upwards.
private struct Canvas {
  let columns: Int
  let rows: Int
  private var cells: [Character]
  private var masks: [UInt32]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = [Character](repeating: " ", count: columns * rows)
    masks = [UInt32](repeating: 0, count: columns * rows)
  }

  func row(_ y: Double) -> Int { index((1 - y) * Double(rows - 1), below: rows) }

  private func column(_ x: Double) -> Int { index(x * Double(columns - 1), below: columns) }

  private func index(_ value: Double, below count: Int) -> Int {
    value.isFinite ? Int(min(max(value, 0), Double(count - 1)).rounded()) : 0
  }

  mutating func put(_ character: Character, at point: (x: Double, y: Double)) {
    let cell = row(point.y) * columns + column(point.x)
    cells[cell] = character
    masks[cell] = 0
  }

  /// Every second column of a straight line.
  mutating func line(
    _ a: (x: Double, y: Double), _ b: (x: Double, y: Double), character: Character
  ) {
    for step in stride(from: 0, to: columns * 2, by: 4) {
      let t = Double(step) / Double(columns * 2)
      put(character, at: (a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
    }
  }

  /// A straight line in braille dots.
  mutating func dots(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) {
    let steps = columns * 2 + rows * 4
    for step in 0...steps {
      let t = Double(step) / Double(steps)
      dot((a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
    }
  }

  private mutating func dot(_ point: (x: Double, y: Double)) {
    // Dot positions are spread so that a cell's centre is where `put` would write.
    let horizontal = index(point.x * Double(columns - 1) * 2 + 0.5, below: columns * 2)
    let vertical = index((1 - point.y) * Double(rows - 1) * 4 + 1.5, below: rows * 4)
    // Unicode braille: the bit of each dot of a cell, by column and row.
    let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    masks[vertical / 4 * columns + horizontal / 2] |= bits[horizontal % 2][vertical % 4]
  }

  func text(_ row: Int) -> String {
    var text = ""
    for cell in (row * columns)..<((row + 1) * columns) {
      if masks[cell] != 0, let scalar = Unicode.Scalar(0x2800 + masks[cell]) {
        text.unicodeScalars.append(scalar)
      } else {
        text.append(cells[cell])
      }
    }
    return text
  }
}
