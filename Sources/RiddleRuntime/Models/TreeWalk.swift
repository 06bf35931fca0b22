/// The nodes of trees laid out for walking without a branch: a leaf is its own child, so a walk may go on as long as the
/// deepest tree needs.
struct TreeWalk: Sendable {
  /// A node: `x[feature] <= threshold` goes to `left`.
  struct Node: Sendable {
    var threshold: Float
    var feature: UInt32
    var left: UInt32
    var right: UInt32
  }

  let nodes: [Node]
  let values: [Float]
  /// Steps from the root of each tree to its deepest leaf.
  let depths: [UInt32]
  /// One more than the largest feature that is compared; at least 1.
  let featureCount: Int

  /// `nodes` are well-formed trees that begin at `roots`.
  init(_ source: [TreeModel.Node], roots: [UInt32]) {
    var nodes = [Node](
      repeating: Node(threshold: 0, feature: 0, left: 0, right: 0), count: source.count)
    var values = [Float](repeating: 0, count: source.count)
    var depths = [UInt32](repeating: 0, count: roots.count)
    var depth = [UInt32](repeating: 0, count: source.count)
    var tree = 0
    var featureCount = 1
    for i in 0..<source.count {
      let node = source[i]
      while tree + 1 < roots.count && roots[tree + 1] <= UInt32(i) { tree += 1 }
      values[i] = node.value
      if node.isLeaf {
        nodes[i] = Node(threshold: 0, feature: 0, left: UInt32(i), right: UInt32(i))
        // Nodes without a tree are refused by `isWellFormed` as well.
        if tree < depths.count { depths[tree] = max(depths[tree], depth[i]) }
      } else {
        // Children that break the rules are found by `isWellFormed`; here they only must not lead out of the array.
        let left = Int(node.left) < source.count ? Int(node.left) : i
        let right = Int(node.right) < source.count ? Int(node.right) : i
        nodes[i] = Node(
          threshold: node.threshold, feature: UInt32(node.feature), left: UInt32(left),
          right: UInt32(right))
        depth[left] = max(depth[left], depth[i] &+ 1)
        depth[right] = max(depth[right], depth[i] &+ 1)
        featureCount = max(featureCount, Int(node.feature) + 1)
      }
    }
    self.nodes = nodes
    self.values = values
    self.depths = depths
    self.featureCount = featureCount
  }

  /// The value of the leaf that `x` reaches in the tree that begins at `root` and is `depth` deep.
  @inline(__always)
  static func leaf(
    _ nodes: UnsafePointer<Node>, _ root: UInt32, _ depth: UInt32, _ x: UnsafePointer<Float>
  ) -> Int {
    var index = root
    var step: UInt32 = 0
    while step < depth {
      let node = unsafe nodes[Int(index)]
      index = unsafe x[Int(node.feature)] <= node.threshold ? node.left : node.right
      step &+= 1
    }
    return Int(index)
  }

  /// The leaves of four trees, whose walks do not wait for each other.
  @inline(__always)
  static func leaves(
    _ nodes: UnsafePointer<Node>, _ roots: UnsafePointer<UInt32>, _ depths: UnsafePointer<UInt32>,
    _ x: UnsafePointer<Float>
  ) -> (Int, Int, Int, Int) {
    var a = unsafe roots[0]
    var b = unsafe roots[1]
    var c = unsafe roots[2]
    var d = unsafe roots[3]
    let depth = unsafe max(max(depths[0], depths[1]), max(depths[2], depths[3]))
    var step: UInt32 = 0
    while step < depth {
      let p = unsafe nodes[Int(a)]
      let q = unsafe nodes[Int(b)]
      let r = unsafe nodes[Int(c)]
      let s = unsafe nodes[Int(d)]
      a = unsafe x[Int(p.feature)] <= p.threshold ? p.left : p.right
      b = unsafe x[Int(q.feature)] <= q.threshold ? q.left : q.right
      c = unsafe x[Int(r.feature)] <= r.threshold ? r.left : r.right
      d = unsafe x[Int(s.feature)] <= s.threshold ? s.left : s.right
      step &+= 1
    }
    return (Int(a), Int(b), Int(c), Int(d))
  }
}
