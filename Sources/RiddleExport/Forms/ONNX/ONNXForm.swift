public import RiddleRuntime

/// The numeric part of a router as an ONNX model: from features to margins, probabilities and the chosen candidate.
///
/// Inputs, one row per query: `dense` float [N, columns] in schema order; for routers that hash n-grams also
/// `word_keys` and `character_keys`, int64 [N, any width], the query's keys (bucket · 2 + sign), padded with −1.
/// `riddle score --features` prints all three. Outputs: `margins` double [N, heads], `probabilities` double [N, heads],
/// `step_margins` double [N, candidates − 1], `candidate` int64 [N].
///
/// Everything is computed in double from the weights as the scorer reads them; the margins differ from the router's in
/// the order of summation alone. Every tree is a target of its own in TreeEnsembleRegressor, whose sums are float, and
/// the sum over trees is taken in double behind it.
///
/// - Parameter columns: names of the dense columns, for the model's metadata.
/// - Throws: ``FormError/tooLarge(form:bytes:limit:)`` when the hashed table exceeds 1 GiB as floats.
public func onnxModel(_ router: Router, columns: [String]) throws(FormError) -> [UInt8] {
  let parts = ModelParts(router.model)
  let tableBytes = 4 * (parts.linear?.hashed.count ?? 0)
  guard tableBytes <= 1 << 30 else {
    throw .tooLarge(form: "ONNX", bytes: tableBytes, limit: 1 << 30)
  }
  var form = ONNXForm(router: router, parts: parts)
  return form.model(columns: columns)
}

private struct ONNXForm {
  let router: Router
  let parts: ModelParts
  var graph = ONNXGraph()

  mutating func model(columns: [String]) -> [UInt8] {
    let margins = addMargins()
    let probabilities = addProbabilities(margins)
    let steps = addSteps(margins, probabilities)
    let candidate = addCandidate(steps)
    let heads = parts.headCount
    graph.output(
      "margins", .double, columns: heads, of: margins, documentation: "log-odds of every head")
    graph.output(
      "probabilities", .double, columns: heads, of: probabilities,
      documentation: "calibrated probability of every head's outcome")
    graph.output(
      "step_margins", .double, columns: router.thresholds.count, of: steps,
      documentation: "what the thresholds of the ladder cut")
    graph.output(
      "candidate", .int64, columns: nil, of: candidate,
      documentation: "index of the chosen candidate, 0 the cheapest")
    return graph.model(
      name: "riddle",
      documentation:
        "A router trained with Riddle: margins, calibrated probabilities and the chosen candidate from the features of a query.",
      metadata: metadata(columns))
  }

  private func metadata(_ columns: [String]) -> [(String, String)] {
    let schema = router.schema
    var entries: [(String, String)] = [
      ("featurizer_version", "\(schema.version)"),
      ("schema_fingerprint", "0x" + FormText.hexadecimal(schema.fingerprint)),
      ("columns", columns.joined(separator: "\n")),
      ("bucket_bits", "\(schema.bucketBits)"), ("word_orders", "\(schema.wordOrders)"),
      ("character_minimum", "\(schema.characterMinimum)"),
      ("character_maximum", "\(schema.characterMaximum)"),
    ]
    for (index, candidate) in router.candidates.enumerated() {
      entries.append(("candidate.\(index)", String(decoding: candidate.name, as: UTF8.self)))
    }
    for (index, threshold) in router.thresholds.enumerated() {
      entries.append(("threshold.\(index)", "\(threshold.value)"))
    }
    return entries
  }

  // MARK: margins

  private mutating func addMargins() -> String {
    let heads = parts.headCount
    let count = router.schema.denseCount
    let dense =
      count == 0
      ? nil
      : graph.input(
        "dense", .float, columns: count,
        documentation: "dense features in schema order, as riddle score --features prints them")
    var sums: [String] = []
    if let linear = parts.linear {
      sums.append(graph.constant(linear.intercepts, shape: [1, heads]))
      if let dense, linear.denseCount > 0 {
        var weights: [Double] = []
        for j in 0..<linear.denseCount {
          for head in 0..<heads { weights.append(Double(linear.dense[head * count + j])) }
        }
        let wide = graph.cast(dense, to: .double)
        sums.append(
          graph.apply("MatMul", [wide, graph.constant(weights, shape: [count, heads])]))
      }
      addHashed(linear, to: &sums)
    }
    if parts.hasTrees, let dense { sums.append(addTrees(dense)) }
    var total = sums[0]
    for sum in sums.dropFirst() { total = graph.apply("Add", [total, sum]) }
    return total
  }

  private mutating func addHashed(_ linear: LinearModel, to sums: inout [String]) {
    guard router.schema.usesHashing, linear.hashed.count > 0 else { return }
    let count = linear.hashed.count
    let table = graph.constant(
      (0..<count).map { linear.hashed.weight(at: $0) },
      shape: [count / linear.headCount, linear.headCount])
    for (name, isRead) in [
      ("word_keys", router.schema.wordOrders > 0),
      ("character_keys", router.schema.characterMinimum > 0),
    ] where isRead {
      let keys = graph.input(
        name, .int64, columns: nil,
        documentation:
          "keys of the query as Features.md defines them, bucket * 2 + sign, padded with -1")
      sums.append(addBlock(keys, table))
    }
  }

  /// 1/√m · Σ sign(key) · weight[bucket(key)] over the m keys that are not padding, [N, heads].
  private mutating func addBlock(_ keys: String, _ table: String) -> String {
    let zero = graph.constant([0], shape: [1])
    let two = graph.constant([2], shape: [1])
    let one = graph.constant([1.0], shape: [1])
    let isKey = graph.cast(graph.apply("GreaterOrEqual", [keys, zero]), to: .double)
    let key = graph.apply("Max", [keys, zero])
    let bucket = graph.apply("Div", [key, two])
    let sign = graph.cast(
      graph.apply("Sub", [key, graph.apply("Mul", [bucket, two])]), to: .double)
    let factor = graph.apply(
      "Mul",
      [isKey, graph.apply("Sub", [one, graph.apply("Add", [sign, sign])])])
    let weights = graph.cast(
      graph.apply("Gather", [table, bucket], [("axis", .int(0))]), to: .double)
    let last = graph.constant([2], shape: [1])
    let across = graph.constant([1], shape: [1])
    let signed = graph.apply("Mul", [weights, graph.apply("Unsqueeze", [factor, last])])
    let sum = graph.apply("ReduceSum", [signed, across], [("keepdims", .int(0))])
    let count = graph.apply("ReduceSum", [isKey, across], [("keepdims", .int(1))])
    let root = graph.apply("Sqrt", [graph.apply("Max", [count, one])])
    // The scorer keeps 1/√m as a float.
    let scale = graph.cast(
      graph.cast(graph.apply("Div", [one, root]), to: .float), to: .double)
    return graph.apply("Mul", [sum, scale])
  }

  private mutating func addTrees(_ dense: String) -> String {
    var ids: [Int] = []
    var places: [Int] = []
    var features: [Int] = []
    var cuts: [Float] = []
    var modes: [String] = []
    var left: [Int] = []
    var right: [Int] = []
    var leafTrees: [Int] = []
    var leafPlaces: [Int] = []
    var leafValues: [Float] = []
    var heads: [Int] = []
    for (head, roots) in parts.roots.enumerated() {
      for root in roots {
        let tree = heads.count
        heads.append(head)
        for index in parts.indices(ofTreeAt: root) {
          let node = parts.nodes[index]
          ids.append(tree)
          places.append(index - root)
          features.append(Int(node.feature))
          cuts.append(node.threshold)
          modes.append(node.isLeaf ? "LEAF" : "BRANCH_LEQ")
          left.append(node.isLeaf ? 0 : Int(node.left) - root)
          right.append(node.isLeaf ? 0 : Int(node.right) - root)
          if node.isLeaf {
            leafTrees.append(tree)
            leafPlaces.append(index - root)
            leafValues.append(node.value)
          }
        }
      }
    }
    let bases = graph.constant(
      parts.bases ?? [Double](repeating: 0, count: parts.headCount), shape: [1, parts.headCount])
    if heads.isEmpty { return bases }
    let leaves = graph.apply(
      "TreeEnsembleRegressor", [dense],
      [
        ("aggregate_function", .string("SUM")), ("post_transform", .string("NONE")),
        ("n_targets", .int(heads.count)),
        ("nodes_treeids", .ints(ids)), ("nodes_nodeids", .ints(places)),
        ("nodes_featureids", .ints(features)), ("nodes_values", .floats(cuts)),
        ("nodes_modes", .strings(modes)), ("nodes_truenodeids", .ints(left)),
        ("nodes_falsenodeids", .ints(right)), ("target_treeids", .ints(leafTrees)),
        ("target_nodeids", .ints(leafPlaces)), ("target_ids", .ints(leafTrees)),
        ("target_weights", .floats(leafValues)),
      ], domain: "ai.onnx.ml")
    var belongs = [Double](repeating: 0, count: heads.count * parts.headCount)
    for (tree, head) in heads.enumerated() { belongs[tree * parts.headCount + head] = 1 }
    let sums = graph.apply(
      "MatMul",
      [
        graph.cast(leaves, to: .double),
        graph.constant(belongs, shape: [heads.count, parts.headCount]),
      ])
    return graph.apply("Add", [sums, bases])
  }

  // MARK: probabilities and the decision

  private mutating func addProbabilities(_ margins: String) -> String {
    var slopes: [Double] = []
    var offsets: [Double] = []
    var hasKnots = false
    for map in router.calibration {
      switch map {
      case .identity:
        slopes.append(1)
        offsets.append(0)
      case .platt(let slope, let offset):
        slopes.append(slope)
        offsets.append(offset)
      case .isotonic:
        slopes.append(1)
        offsets.append(0)
        hasKnots = true
      }
    }
    let heads = parts.headCount
    let scaled = graph.apply("Mul", [margins, graph.constant(slopes, shape: [1, heads])])
    let odds = graph.apply("Add", [scaled, graph.constant(offsets, shape: [1, heads])])
    if case .values(let values) = router.rule, values.link == .softmax {
      return graph.apply("Softmax", [odds], [("axis", .int(1))])
    }
    let logistic = graph.apply("Sigmoid", [odds])
    if !hasKnots { return logistic }
    var columns: [String] = []
    for (head, map) in router.calibration.enumerated() {
      let place = graph.constant([head], shape: [1])
      if case .isotonic(let knots) = map {
        let margin = graph.apply("Gather", [margins, place], [("axis", .int(1))])
        columns.append(addInterpolation(margin, knots))
      } else {
        columns.append(graph.apply("Gather", [logistic, place], [("axis", .int(1))]))
      }
    }
    return graph.apply("Concat", columns, [("axis", .int(1))])
  }

  /// p₀ + Σ_i clip((margin − x_i) / (x_{i+1} − x_i), 0, 1) · (p_{i+1} − p_i): linear between knots, flat outside.
  private mutating func addInterpolation(_ margin: String, _ map: IsotonicMap) -> String {
    let first = graph.constant([map.probabilities[0]], shape: [1, 1])
    let pieces = map.margins.count - 1
    let zero = graph.constant([0.0], shape: [])
    // Without pieces: the constant, in the shape of the margins.
    if pieces == 0 { return graph.apply("Add", [graph.apply("Mul", [margin, zero]), first]) }
    let one = graph.constant([1.0], shape: [])
    var widths: [Double] = []
    var rises: [Double] = []
    for i in 0..<pieces {
      widths.append(map.margins[i + 1] - map.margins[i])
      rises.append(map.probabilities[i + 1] - map.probabilities[i])
    }
    let starts = graph.constant(Array(map.margins.dropLast()), shape: [1, pieces])
    let shares = graph.apply(
      "Div",
      [graph.apply("Sub", [margin, starts]), graph.constant(widths, shape: [1, pieces])])
    let clipped = graph.apply("Clip", [shares, zero, one])
    let risen = graph.apply("MatMul", [clipped, graph.constant(rises, shape: [pieces, 1])])
    return graph.apply("Add", [risen, first])
  }

  private mutating func addSteps(_ margins: String, _ probabilities: String) -> String {
    guard case .values(let values) = router.rule else { return margins }
    let heads = parts.headCount
    let count = values.candidateCount
    var worth: [Double] = []  // heads × candidates
    for head in 0..<heads {
      for candidate in 0..<count { worth.append(values.worth[candidate * heads + head]) }
    }
    let value = graph.apply(
      "MatMul", [probabilities, graph.constant(worth, shape: [heads, count])])
    var steps: [String] = []
    for k in 0..<(count - 1) {
      let dearer = Array((k + 1)..<count)
      let gain = graph.apply(
        "Sub",
        [
          graph.apply(
            "Gather", [value, graph.constant(dearer, shape: [dearer.count])],
            [("axis", .int(1))]),
          graph.apply("Gather", [value, graph.constant([k], shape: [1])], [("axis", .int(1))]),
        ])
      let prices = dearer.map { values.prices[$0] - values.prices[k] }
      let offers = graph.apply("Div", [gain, graph.constant(prices, shape: [1, prices.count])])
      steps.append(
        graph.apply("ReduceMax", [offers], [("axes", .ints([1])), ("keepdims", .int(1))]))
    }
    return steps.count == 1 ? steps[0] : graph.apply("Concat", steps, [("axis", .int(1))])
  }

  /// The number of steps climbed before the first margin below its threshold.
  private mutating func addCandidate(_ steps: String) -> String {
    let cuts = graph.constant(
      router.thresholds.map(\.value), shape: [1, router.thresholds.count])
    let stays = graph.cast(graph.apply("Less", [steps, cuts]), to: .int64)
    let across = graph.constant([1], shape: [])
    let stayed = graph.apply("CumSum", [stays, across])
    let climbs = graph.cast(
      graph.apply("Equal", [stayed, graph.constant([0], shape: [1, 1])]), to: .int64)
    return graph.apply(
      "ReduceSum", [climbs, graph.constant([1], shape: [1])], [("keepdims", .int(0))])
  }
}
