import RiddleRuntime

/// The margins of a router as SQL expressions over its inputs: the dense features that any head reads, by name.
struct SQLMargins {
  let parts: ModelParts
  /// The inputs: how each is made of the table's columns, and its name.
  let inputs: [(expression: String, name: String)]
  /// Columns of the table that hold the numbers, in order.
  let numbers: [String]
  /// Columns of the table that hold text and may be NULL, in order.
  let fields: [String]
  /// Names of the dense features, in order.
  private let features: [String]
  /// Number of partial sums of the weighted features.
  private let laneCount: Int
  /// Whether the feature is NULL where its column is.
  private let isNumber: [Bool]

  init(_ router: Router, columns: [TableColumn]) {
    let parts = ModelParts(router.model)
    self.parts = parts
    laneCount = router.schema.version >= 3 ? 8 : 1
    var isRead = [Bool](repeating: false, count: columns.count)
    for head in 0..<parts.headCount { parts.mark(&isRead, head: head) }
    var inputs: [(expression: String, name: String)] = []
    var numbers: [String] = []
    var features: [String] = []
    var read: [ContextField] = []
    for (index, column) in columns.enumerated() {
      switch column {
      case .number(let name):
        features.append(name)
        guard isRead[index] else { continue }
        numbers.append(name)
        inputs.append((SQLText.double(name), name))
      case .category(let field, let value, let share):
        let name = "\(field.name)_\(index)"
        features.append(name)
        guard isRead[index] else { continue }
        read.append(field)
        inputs.append((Self.category(field.name, value: value, share: share), name))
      }
    }
    self.inputs = inputs
    self.numbers = numbers
    self.features = features
    isNumber = columns.map { if case .number = $0 { true } else { false } }
    fields = ContextField.allCases.filter { read.contains($0) }.map(\.name)
  }

  /// 1 − share with the value, −share with another, 0 when unknown, in single precision as the featurizer has it.
  private static func category(_ field: String, value: String, share: Float) -> String {
    let with = SQLText.number(Double(1 - share))
    let without = SQLText.number(Double(0 - share))
    return
      SQLText.double(
        "CASE WHEN \(field) IS NULL OR \(field) = '' THEN 0e0 WHEN LOWER(\(field)) = \(SQLText.string(value)) THEN \(with) ELSE \(without) END"
      )
  }

  /// Margin of `head`: NULL where a number is missing.
  func margin(head: Int) -> String {
    var sums: [String] = []
    if let linear = parts.linear { sums.append(linearSum(linear, head)) }
    if parts.hasTrees {
      let trees = parts.roots[head].map { tree(at: $0) }
      if let bases = parts.bases {
        sums.append(SQLText.sum([SQLText.double(SQLText.number(bases[head]))] + trees))
      } else {
        sums.append(SQLText.double(trees[0]))
      }
    }
    let total = sums.count == 1 ? sums[0] : sums.map { "(\($0))" }.joined(separator: "\n      + ")
    var isRead = [Bool](repeating: false, count: features.count)
    parts.mark(&isRead, head: head)
    let read = features.indices.filter { isRead[$0] && isNumber[$0] }.map { features[$0] }
    if read.isEmpty { return total }
    let missing = read.map { "\($0) IS NULL" }.joined(separator: " OR ")
    return "CASE WHEN \(missing) THEN NULL ELSE\n      \(total)\n    END"
  }

  /// The intercept and the weighted features, in the order of the scorer: since version 3 of the featurizer in eight
  /// sums, over columns that are equal modulo 8.
  private func linearSum(_ linear: LinearModel, _ head: Int) -> String {
    let intercept = SQLText.double(SQLText.number(linear.intercepts[head]))
    var lanes = [[String]](repeating: [], count: laneCount)
    for j in 0..<linear.denseCount {
      let weight = linear.dense[head * linear.denseCount + j]
      if weight != 0 {
        lanes[j % laneCount].append("\(features[j]) * \(SQLText.number(Double(weight)))")
      }
    }
    if laneCount == 1 { return SQLText.sum([intercept] + lanes[0]) }
    let partial = lanes.map { $0.isEmpty ? "0e0" : SQLText.sum($0) }
    let pairs = (0..<4).map { "((\(partial[$0]))\n      + (\(partial[$0 + 4])))" }
    return
      "\(intercept)\n      + ((\(pairs[0])\n      + \(pairs[1]))\n      + (\(pairs[2])\n      + \(pairs[3])))"
  }

  /// The leaf that a row reaches, as one flat CASE: its branches are tried from the leftmost leaf on, so a branch need
  /// state only where its path turns left; where it turns right, the leaves before it would have matched.
  func tree(at root: Int) -> String {
    var branches = ""
    /// Appends the leaves under `index`; `left` are the conditions of the left turns on the way there.
    func visit(_ index: Int, _ left: [String]) {
      let node = parts.nodes[index]
      if node.isLeaf {
        let value = SQLText.number(Double(node.value))
        branches +=
          left.isEmpty
          ? " ELSE \(value)" : " WHEN \(left.joined(separator: " AND ")) THEN \(value)"
        return
      }
      let condition =
        "\(features[Int(node.feature)]) <= \(SQLText.number(Double(node.threshold)))"
      visit(Int(node.left), left + [condition])
      visit(Int(node.right), left)
    }
    if parts.nodes[root].isLeaf { return SQLText.number(Double(parts.nodes[root].value)) }
    visit(root, [])
    return "(CASE\(branches) END)"
  }
}

extension ModelParts {
  /// Marks the dense features that the margin of `head` depends on.
  func mark(_ isRead: inout [Bool], head: Int) {
    if let linear {
      for j in 0..<linear.denseCount where linear.dense[head * linear.denseCount + j] != 0 {
        isRead[j] = true
      }
    }
    guard hasTrees else { return }
    for root in roots[head] {
      for index in indices(ofTreeAt: root) where !nodes[index].isLeaf {
        isRead[Int(nodes[index].feature)] = true
      }
    }
  }
}
