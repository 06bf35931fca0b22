import Testing

@testable import RiddleReport

@Suite struct LabelPlacementTests {
  private let area = LabelPlacement.Box(x: 0, y: 0, width: 800, height: 400)

  @Test func `labels of crowded points do not overlap and stay inside`() {
    let points = (0..<8).map { (x: 400 + 6 * Double($0), y: 200 - 3 * Double($0)) }
    var placement = LabelPlacement(area: area, obstacles: [], markers: points)
    let boxes = points.map { placement.place(width: 90, height: 15, at: $0).box }
    for (index, box) in boxes.enumerated() {
      #expect(area.overlap(box) == box.width * box.height)
      for other in boxes.dropFirst(index + 1) { #expect(box.overlap(other) == 0) }
      for point in points { #expect(!box.contains(point, margin: 0)) }
    }
  }

  @Test func `a label at the right edge goes to the left`() {
    var placement = LabelPlacement(area: area, obstacles: [], markers: [(795, 200)])
    let (box, isFar) = placement.place(width: 90, height: 15, at: (795, 200))
    #expect(box.x + box.width < 795)
    #expect(!isFar)
  }

  @Test func `a curve through the liked place moves the label`() {
    let curve = (0..<100).map { (x: 8 * Double($0), y: 200.0) }
    var placement = LabelPlacement(area: area, obstacles: curve, markers: [(400, 200)])
    let box = placement.place(width: 90, height: 15, at: (400, 200)).box
    #expect(curve.allSatisfy { !box.contains($0, margin: 0) })
  }
}
