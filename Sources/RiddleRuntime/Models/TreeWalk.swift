/// The nodes of trees laid out for walking without a branch: a node's children stand side by side, so that a comparison is
/// added to a place, and a leaf is its own child, so that a walk may go on as long as the deepest tree needs.
struct TreeWalk: Sendable {
  /// A node: `x[feature] <= threshold` goes to `left`, anything else to the node behind it.
  struct Node: Sendable {
    var threshold: Float
    var feature: UInt32
    /// Place of the left child in bytes; a leaf's own place.
    var left: UInt32
    var value: Float
  }

  private static let stride = UInt32(16)

  /// Behind the last tree stand as many leaves as the deepest walk has steps: where a walk meets NaN in a leaf, which no
  /// feature is, it moves on by one node a step and stays inside.
  let nodes: [Node]
  /// Place of the root of each tree in bytes.
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
    var nodes: [Node] = []
    nodes.reserveCapacity(source.count + 64)
    func addLeaf() -> UInt32 {
      let place = UInt32(nodes.count) &* Self.stride
      nodes.append(Node(threshold: .infinity, feature: 0, left: place, value: 0))
      return place
    }
    var depths = [UInt32](repeating: 0, count: roots.count)
    var rootPlaces = [UInt32](repeating: 0, count: roots.count)
    var featureCount = 1
    for tree in 0..<roots.count {
      let first = Int(roots[tree])
      let end = min(source.count, tree + 1 < roots.count ? Int(roots[tree + 1]) : source.count)
      rootPlaces[tree] = addLeaf()
      if first >= end { continue }
      places[first] = rootPlaces[tree]
      for i in first..<end where places[i] != unplaced {
        let node = source[i]
        let place = Int(places[i] / Self.stride)
        nodes[place].value = node.value
        depths[tree] = max(depths[tree], depth[i])
        let left = Int(node.left)
        let right = Int(node.right)
        if node.isLeaf || left <= i || right <= i || left >= end || right >= end { continue }
        if places[left] != unplaced || places[right] != unplaced || left == right { continue }
        places[left] = addLeaf()
        places[right] = addLeaf()
        depth[left] = depth[i] &+ 1
        depth[right] = depth[i] &+ 1
        nodes[place].threshold = node.threshold
        nodes[place].feature = UInt32(node.feature)
        nodes[place].left = places[left]
        featureCount = max(featureCount, Int(node.feature) + 1)
      }
    }
    for _ in 0...Int(depths.max() ?? 0) { _ = addLeaf() }
    self.nodes = nodes
    self.roots = rootPlaces
    self.depths = depths
    self.featureCount = featureCount
  }

  @inline(__always)
  private static func child(
    _ nodes: UnsafeRawPointer, _ place: UInt32, _ x: UnsafePointer<Float>
  ) -> UInt32 {
    let node = unsafe nodes + Int(place)
    let threshold = unsafe node.load(as: Float.self)
    let feature = unsafe node.load(fromByteOffset: 4, as: UInt32.self)
    let left = unsafe node.load(fromByteOffset: 8, as: UInt32.self)
    return unsafe left &+ (x[Int(feature)] <= threshold ? 0 : stride)
  }

  @inline(__always)
  private static func value(_ nodes: UnsafeRawPointer, _ place: UInt32) -> Double {
    unsafe Double(nodes.load(fromByteOffset: Int(place) &+ 12, as: Float.self))
  }

  @inline(__always)
  private static func isLeaf(_ nodes: UnsafeRawPointer, _ place: UInt32) -> Bool {
    unsafe nodes.load(fromByteOffset: Int(place) &+ 8, as: UInt32.self) == place
  }

  /// The value of the leaf that `x` reaches in the tree at `root`.
  ///
  /// A lone walk has nothing to overlap with, so its turns are branches that the processor guesses. Only the left side asks
  /// at once whether it has arrived: with equal sides the compiler would make a selection of them, and every step would wait
  /// for the comparison before it.
  @inline(__always)
  static func value(
    _ nodes: UnsafeRawPointer, root: UInt32, _ x: UnsafePointer<Float>
  ) -> Double {
    var place = root
    while unsafe !isLeaf(nodes, place) {
      let node = unsafe nodes + Int(place)
      let threshold = unsafe node.load(as: Float.self)
      let feature = unsafe node.load(fromByteOffset: 4, as: UInt32.self)
      let left = unsafe node.load(fromByteOffset: 8, as: UInt32.self)
      if unsafe x[Int(feature)] <= threshold {
        if unsafe isLeaf(nodes, left) { return unsafe value(nodes, left) }
        place = left
      } else {
        place = left &+ stride
      }
    }
    return unsafe value(nodes, place)
  }

  /// Adds the values of eight trees, in order, whose walks do not wait for each other.
  @inline(__always)
  static func addEight(
    _ nodes: UnsafeRawPointer, _ roots: UnsafePointer<UInt32>, _ depths: UnsafePointer<UInt32>,
    _ x: UnsafePointer<Float>, to sum: inout Double
  ) {
    var (a, b, c, d) = unsafe (roots[0], roots[1], roots[2], roots[3])
    var (e, f, g, h) = unsafe (roots[4], roots[5], roots[6], roots[7])
    var steps: UInt32 = 0
    for tree in 0..<8 { steps = unsafe max(steps, depths[tree]) }
    while steps > 0 {
      a = unsafe child(nodes, a, x)
      b = unsafe child(nodes, b, x)
      c = unsafe child(nodes, c, x)
      d = unsafe child(nodes, d, x)
      e = unsafe child(nodes, e, x)
      f = unsafe child(nodes, f, x)
      g = unsafe child(nodes, g, x)
      h = unsafe child(nodes, h, x)
      steps &-= 1
    }
    unsafe sum += value(nodes, a)
    unsafe sum += value(nodes, b)
    unsafe sum += value(nodes, c)
    unsafe sum += value(nodes, d)
    unsafe sum += value(nodes, e)
    unsafe sum += value(nodes, f)
    unsafe sum += value(nodes, g)
    unsafe sum += value(nodes, h)
  }
}
