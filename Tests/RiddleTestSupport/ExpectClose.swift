import Testing

/// Expects `actual` within `tolerance` of `expected`, absolutely or relative to the larger magnitude.
public func expectClose(
  _ actual: Double, _ expected: Double, tolerance: Double = 1e-9, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let scale = max(1, abs(expected))
  #expect(
    abs(actual - expected) <= tolerance * scale, "\(actual) vs \(expected)",
    sourceLocation: sourceLocation)
}
