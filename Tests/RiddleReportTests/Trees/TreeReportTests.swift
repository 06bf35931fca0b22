import RiddleRuntime
import Testing

@testable import RiddleReport

@Suite struct TreeReportTests {
  static let columns = [
    "log_words", "ends_with_question", "digit_share", "task_type=code <b>", "x",
  ]

  static func node(
    _ feature: UInt16, _ threshold: Float, _ left: UInt32, _ right: UInt32, _ value: Float
  )
    -> TreeModel.Node
  {
    TreeModel.Node(feature: feature, threshold: threshold, left: left, right: right, value: value)
  }
  static func leaf(_ value: Float) -> TreeModel.Node { node(0, 0, 0, 0, value) }

  /// words ≤ 23, then question or digits.
  static let nodes = [
    node(0, 3.2, 1, 2, -0.5), node(1, 0.5, 3, 4, -1), node(2, 0.125, 5, 6, 1), leaf(-2), leaf(0),
    leaf(0.5), leaf(2),
  ]

  static func view(threshold: Double? = 0.25, shares: [Double]? = nil) -> TreeView {
    TreeView(
      nodes: nodes, root: 0, columnNames: columns,
      values: .margins(.identity, threshold: threshold), shares: shares)
  }

  /// A full tree of `depth` splits on every path; margins rise from left to right.
  static func full(depth: Int) -> [TreeModel.Node] {
    let inner = (1 << depth) - 1
    return (0..<(2 * inner + 1)).map { i in
      i < inner
        ? node(UInt16(i % 5), 0.5 + Float(i % 7) / 4, UInt32(2 * i + 1), UInt32(2 * i + 2), 0)
        : leaf(Float(i - inner) / Float(inner + 1) * 6 - 3)
    }
  }

  // MARK: words

  @Test func `logarithms of counts are shown as counts`() {
    // Halfway between ln 24 (23 words) and ln 25.
    let wording = SplitWording(column: "log_words", threshold: 3.1984)
    #expect(wording.question == "words ≤ 23?")
    #expect(wording.conditions == ("words ≤ 23", "words > 23"))
    #expect(SplitWording(column: "log_first_line", threshold: 0.3466).question == "first line ≤ 0?")
    // A cut at the logarithm itself keeps its own count.
    #expect(SplitWording(column: "log_words", threshold: 0.6931472).question == "words ≤ 1?")
  }

  @Test func `shares are shown in percent and indicators as questions`() {
    #expect(
      SplitWording(column: "digit_share", threshold: 0.125).question == "digit share ≤ 12.5%?")
    #expect(
      SplitWording(column: "digit_share", threshold: 0.00512).question == "digit share ≤ 0.51%?")
    let indicator = SplitWording(column: "task_type=long_code", threshold: 0.2)
    #expect(indicator.question == "task type = long_code?")
    #expect(indicator.answers == ("no", "yes"))
    #expect(indicator.conditions.left == "task type = long_code: no")
    #expect(SplitWording(column: "ends_with_question", threshold: 0.5).answers.right == "yes")
    #expect(
      SplitWording(column: "mean_word_length", threshold: 4.5).question
        == "mean word length ≤ 4.500?")
    #expect(
      SplitWording(column: "digit_share", threshold: .greatestFiniteMagnitude).question
        == "digit share known?")
    #expect(
      SplitWording(column: "log_words", threshold: 1e30).question.hasPrefix("words ≤ "),
      "a threshold no count reaches must not trap")
  }

  // MARK: text

  @Test func `a tree reads from the top with conditions, probabilities and decisions`() {
    #expect(
      TreeText.render(Self.view()) == """
        all rows: 0.38
        ├─ words ≤ 23: 0.27
        │  ├─ ends with question: no: 0.12
        │  └─ ends with question: yes: 0.50
        └─ words > 23: 0.73
           ├─ digit share ≤ 12.5%: 0.62 → climb
           └─ digit share > 12.5%: 0.88 → climb
        """)
  }

  @Test func `shares of rows are given where known`() {
    let text = TreeText.render(Self.view(shares: [1, 0.6, 0.4, 0.55, 0.05, 0.1, 0.3]))
    #expect(text.contains("words ≤ 23: 0.27, 60% of rows"))
    #expect(text.contains("yes: 0.50, 5.0% of rows"))
  }

  @Test func `what lies deeper is folded into a count and a range`() {
    #expect(
      TreeText.render(Self.view(), maximumDepth: 1) == """
        all rows: 0.38
        ├─ words ≤ 23: 0.27 … 2 leaves, 0.12 to 0.50
        └─ words > 23: 0.73 … 2 leaves, 0.62 to 0.88
        """)
    let deep = TreeView(
      nodes: Self.full(depth: 9), root: 0, columnNames: [], values: .addends)
    let text = TreeText.render(deep, maximumDepth: 3)
    #expect(text.split(separator: "\n").count == 15)
    #expect(text.contains("column 4") && text.contains("64 leaves, −3.000 to "))
  }

  @Test func `a forest lists its columns by reach and prints its first trees`() {
    let second = [Self.node(4, 1.5, 8, 9, 0), Self.leaf(-0.25), Self.leaf(0.25)]
    let forest = ForestModel(
      nodes: Self.nodes + second, roots: [0, 7], treeCounts: [2], bases: [-0.3])
    let text = TreeText.render(forest, head: 0, columnNames: Self.columns, trees: 1)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "2 trees, 6 leaves; log-odds are −0.300 plus one leaf of every tree")
    // Reaches: words 2, question 2, digits 1.5, x 0.5, of 6.
    #expect(
      Array(lines[2...5]) == [
        "  33.3%  words (1 of 4 splits)", "  33.3%  ends with question (1 of 4 splits)",
        "  25.0%  digit share (1 of 4 splits)", "  8.3%  x (1 of 4 splits)",
      ])
    #expect(lines[6] == "tree 1 of 2, log-odds added:" && lines[7] == "all rows: −0.500")
    #expect(!text.contains("tree 2 of 2"))
  }

  @Test func `a single leaf is a sentence, not a crash`() {
    let stump = TreeView(
      nodes: [Self.leaf(0.25)], root: 0, columnNames: [],
      values: .margins(.identity, threshold: 0))
    #expect(TreeText.render(stump) == "all rows: 0.56 → climb")
    #expect(TreeDrawing.svg([("one leaf", stump)]).contains("0.56 → climb"))
    let forest = ForestModel(nodes: [Self.leaf(0)], roots: [0], treeCounts: [1], bases: [0.5])
    #expect(
      TreeText.render(forest, head: 0, columnNames: [])
        == "1 trees, 1 leaves; log-odds are 0.500 plus one leaf of every tree\ntree 1 of 1, log-odds added:\nall rows: 0.000"
    )
  }

  // MARK: drawing

  @Test func `names from the data cannot become markup`() {
    let nodes = [Self.node(3, 0.2, 1, 2, 0), Self.leaf(-1), Self.leaf(1)]
    let view = TreeView(
      nodes: nodes, root: 0, columnNames: Self.columns,
      values: .margins(.identity, threshold: 0))
    let svg = TreeDrawing.svg([("<script>", view)])
    #expect(!svg.contains("<b>") && !svg.contains("<script"))
    #expect(svg.contains("code &lt;b&gt;") && svg.contains("&lt;script&gt;"))
  }

  @Test(arguments: [1, 3, 6, 9]) func `no two boxes overlap and every leaf is drawn`(depth: Int) {
    let view = TreeView(
      nodes: Self.full(depth: depth), root: 0, columnNames: Self.columns,
      values: .margins(.identity, threshold: 0))
    let svg = TreeDrawing.svg([("a tree", view)])
    let boxes = Self.rectangles(svg, classes: ["split", "under"])
    let shown = min(depth, 6)
    #expect(boxes.count == (2 << shown) - 1)
    for (i, a) in boxes.enumerated() {
      for b in boxes[(i + 1)...] {
        #expect(
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y
            || b.y + b.height <= a.y)
      }
    }
    #expect(svg.contains("folded\"") == (depth > 6))
    #expect(svg.contains("8 leaves") == (depth == 9))
  }

  @Test func `the picture needs nothing from outside and follows the reader's colours`() {
    let svg = TreeDrawing.svg([("a", Self.view()), ("b", Self.view(threshold: nil))])
    #expect(svg.contains("prefers-color-scheme:dark"))
    #expect(!svg.contains("href") && !svg.contains("url(") && !svg.contains("@import"))
    #expect(svg.components(after: "http") == 1, "the name space and nothing else")
    // The first tree climbs at two leaves; the second does not say.
    #expect(svg.components(after: "leaf climb") == 2)
  }

  struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  static func rectangles(_ svg: String, classes: [String]) -> [Box] {
    svg.split(separator: "<").compactMap { tag in
      guard tag.hasPrefix("rect "), classes.contains(where: { tag.contains("class=\"\($0)\"") })
      else { return nil }
      func number(_ name: String) -> Double {
        for part in tag.split(separator: " ") where part.hasPrefix("\(name)=\"") {
          return Double(part.dropFirst(name.count + 2).prefix { $0 != "\"" }) ?? .nan
        }
        return .nan
      }
      return Box(
        x: number("x"), y: number("y"), width: number("width"), height: number("height"))
    }
  }
}

extension String {
  /// How often `part` occurs.
  fileprivate func components(after part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
