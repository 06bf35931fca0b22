/// A small deterministic stream of numbers in [−1, 1), so that tests need no other target.
struct Numbers {
  var state: UInt64

  mutating func bits() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func next() -> Double { Double(bits()) / Double(UInt64(1) << 30) - 1 }

  mutating func vector(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }
}
