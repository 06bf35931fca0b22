/// The nodes of trees laid out for walking without a branch: a node's children stand side by side, so that a comparison is
/// added to a place, and a leaf is its own child, so that a walk may go on as long as the deepest tree needs.
struct TreeWalk: Sendable {
  /// What a node asks: `x[feature] <= threshold` goes to its left child, anything else to the node behind that.
  struct Question: Sendable {
    var threshold: Float
    var feature: UInt32
  }

  /// Questions, places of left children and values by place, in arrays of their own: a step takes what it needs by an index.
  ///
  /// A leaf's child is the leaf. Behind the last tree stand as many leaves as the deepest walk has steps: where a walk meets
  /// NaN in a leaf, which no feature is, it moves on by one node a step and stays inside.
  let questions: [Question]
  let lefts: [UInt32]
  let values: [Float]
  /// Place of the root of each tree.
  let roots: [UInt32]
  /// Steps from the root of each tree to its deepest leaf.
  let depths: [UInt32]
  /// One more than the largest feature that is compared; at least 1.
  let featureCount: Int

  /// `source` are well-formed trees that begin at `roots`. Children that break the rules are found by `isWellFormed`; here
  /// they only must not lead out of the array, nor back, so that every walk ends.
  init(_ source: [TreeModel.Node], roots: [UInt32]) {
    let unplaced = UInt32.max
    var places = [UInt32](repeating: unplaced, count: source.count)
    var depth = [UInt32](repeating: 0, count: source.count)
    // Every place is a leaf until it is given a question: one a node, a root for trees without nodes, and the leaves behind.
    var largest = 0
    for tree in 0..<roots.count {
      let end = min(source.count, tree + 1 < roots.count ? Int(roots[tree + 1]) : source.count)
      largest = max(largest, end - Int(roots[tree]))
    }
    let count = source.count + roots.count + largest / 2 + 2
    var questions = [Question](repeating: Question(threshold: .infinity, feature: 0), count: count)
    var lefts = [UInt32](repeating: 0, count: count)
    for place in 0..<count { lefts[place] = UInt32(truncatingIfNeeded: place) }
    var values = [Float](repeating: 0, count: count)
    var used: UInt32 = 0
    var depths = [UInt32](repeating: 0, count: roots.count)
    var rootPlaces = [UInt32](repeating: 0, count: roots.count)
    var featureCount = 1
    for tree in 0..<roots.count {
      let first = Int(roots[tree])
      let end = min(source.count, tree + 1 < roots.count ? Int(roots[tree + 1]) : source.count)
      rootPlaces[tree] = used
      used &+= 1
      if first >= end { continue }
      places[first] = rootPlaces[tree]
      for i in first..<end where places[i] != unplaced {
        let node = source[i]
        let place = Int(places[i])
        values[place] = node.value
        depths[tree] = max(depths[tree], depth[i])
        let left = Int(node.left)
        let right = Int(node.right)
        if node.isLeaf || left <= i || right <= i || left >= end || right >= end { continue }
        if places[left] != unplaced || places[right] != unplaced || left == right { continue }
        places[left] = used
        places[right] = used &+ 1
        lefts[place] = used
        used &+= 2
        depth[left] = depth[i] &+ 1
        depth[right] = depth[i] &+ 1
        questions[place] = Question(threshold: node.threshold, feature: UInt32(node.feature))
        featureCount = max(featureCount, Int(node.feature) + 1)
      }
    }
    self.questions = questions
    self.lefts = lefts
    self.values = values
    self.roots = rootPlaces
    self.depths = depths
    self.featureCount = featureCount
  }

  /// The value of the leaf that `x` reaches in tree `tree`.
  @inline(__always)
  func value(tree: Int, _ x: UnsafePointer<Float>) -> Double {
    unsafe Self.value(questions, lefts, values, root: roots[tree], x)
  }

  /// `base` and the values of `trees`, added in order.
  @inline(__always)
  func sum(from base: Double, trees: Range<Int>, _ x: UnsafePointer<Float>) -> Double {
    unsafe Self.sum(from: base, trees: trees, questions, lefts, values, roots, depths, x)
  }

  /// A lone walk has nothing to overlap with, so its turns are branches that the processor guesses. Only the left side asks
  /// at once whether it has arrived: with equal sides the compiler would make a selection of them, and every step would wait
  /// for the comparison before it.
  @inline(__always)
  private static func value(
    _ questions: UnsafePointer<Question>, _ lefts: UnsafePointer<UInt32>,
    _ values: UnsafePointer<Float>, root: UInt32, _ x: UnsafePointer<Float>
  ) -> Double {
    var place = Int(root)
    while true {
      let left = unsafe Int(lefts[place])
      if left == place { return unsafe Double(values[place]) }
      let question = unsafe questions[place]
      if unsafe x[Int(question.feature)] <= question.threshold {
        if unsafe Int(lefts[left]) == left { return unsafe Double(values[left]) }
        place = left
      } else {
        place = left &+ 1
      }
    }
  }

  @inline(__always)
  private static func sum(
    from base: Double, trees: Range<Int>, _ questions: UnsafePointer<Question>,
    _ lefts: UnsafePointer<UInt32>, _ values: UnsafePointer<Float>,
    _ roots: UnsafePointer<UInt32>, _ depths: UnsafePointer<UInt32>, _ x: UnsafePointer<Float>
  ) -> Double {
    var sum = base
    var tree = trees.lowerBound
    while tree &+ 8 <= trees.upperBound {
      unsafe addEight(questions, lefts, values, roots + tree, depths + tree, x, to: &sum)
      tree &+= 8
    }
    while tree < trees.upperBound {
      unsafe sum += value(questions, lefts, values, root: roots[tree], x)
      tree &+= 1
    }
    return sum
  }

  @inline(__always)
  private static func child(
    _ questions: UnsafePointer<Question>, _ lefts: UnsafePointer<UInt32>, _ place: Int,
    _ x: UnsafePointer<Float>
  ) -> Int {
    let question = unsafe questions[place]
    // The comparison becomes a carry, which is added.
    return unsafe Int(lefts[place]) &+ (x[Int(question.feature)] <= question.threshold ? 0 : 1)
  }

  /// Adds the values of eight trees, in order, whose walks do not wait for each other.
  @inline(__always)
  private static func addEight(
    _ questions: UnsafePointer<Question>, _ lefts: UnsafePointer<UInt32>,
    _ values: UnsafePointer<Float>, _ roots: UnsafePointer<UInt32>,
    _ depths: UnsafePointer<UInt32>, _ x: UnsafePointer<Float>, to sum: inout Double
  ) {
    var (a, b, c, d) = unsafe (Int(roots[0]), Int(roots[1]), Int(roots[2]), Int(roots[3]))
    var (e, f, g, h) = unsafe (Int(roots[4]), Int(roots[5]), Int(roots[6]), Int(roots[7]))
    var steps: UInt32 = 0
    for tree in 0..<8 { steps = unsafe max(steps, depths[tree]) }
    while steps > 0 {
      a = unsafe child(questions, lefts, a, x)
      b = unsafe child(questions, lefts, b, x)
      c = unsafe child(questions, lefts, c, x)
      d = unsafe child(questions, lefts, d, x)
      e = unsafe child(questions, lefts, e, x)
      f = unsafe child(questions, lefts, f, x)
      g = unsafe child(questions, lefts, g, x)
      h = unsafe child(questions, lefts, h, x)
      steps &-= 1
    }
    unsafe sum += Double(values[a])
    unsafe sum += Double(values[b])
    unsafe sum += Double(values[c])
    unsafe sum += Double(values[d])
    unsafe sum += Double(values[e])
    unsafe sum += Double(values[f])
    unsafe sum += Double(values[g])
    unsafe sum += Double(values[h])
  }
}
