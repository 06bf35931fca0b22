extension FixedWidthInteger {
  /// The sum of two numbers from 0 up; what does not fit stays at the largest value. A counter that is full is no reason to end a server.
  func addingClamped(_ other: Self) -> Self {
    let (sum, isTooLarge) = addingReportingOverflow(other)
    return isTooLarge ? .max : sum
  }
}
