import RiddleLinearAlgebra

extension LogisticProblem {
  /// Rows × columns² up to which the dense trace is computed from all rows.
  private static let exactTraceLimit = 2_000_000_000

  /// tr H(H + Λ)⁻¹ at `position`: dense block exactly, hashed block by its diagonal.
  ///
  /// Hastie, Tibshirani & Friedman (2009), section 7.6. With an L1 part only weights that are not 0 count. H of
  /// very large dense problems is estimated from evenly spaced rows.
  func effectiveDegreesOfFreedom(
    _ position: Position, _ settings: LogisticRegression
  ) -> Double? {
    let objective = flatObjective(settings)
    let w = position.flat
    let d = objective.curvature(margins: objective.map.margins(w))
    let k = design.columnCount
    let isSparse = settings.l1Ratio > 0
    let isLarge = design.rowCount * k * k > Self.exactTraceLimit
    let full = design.gramian(
      d, rowLimit: isLarge ? BinaryObjective.preconditionerRows(k) : .max)
    let kept = (0..<k).filter { !isSparse || $0 == k - 1 || w[$0] != 0 }
    var hessian = Matrix(rowCount: kept.count, columnCount: kept.count)
    var penalised = hessian
    for (a, i) in kept.enumerated() {
      for (b, j) in kept.enumerated() {
        hessian[a, b] = full[i, j]
        penalised[a, b] = full[i, j] + (i == j ? objective.penalty[i] : 0)
      }
    }
    // Without a factor the columns are dependent and the trace is not defined.
    guard let (factor, ridge) = try? penalised.factoredWithRidge(), ridge == 0 else { return nil }
    var trace = 0.0
    for j in kept.indices { trace += factor.solve(Array(hessian.row(j)))[j] }
    if let columns {
      let diagonal = columns.diagonal(d)
      for (r, h) in diagonal.enumerated() where h > 0 && (!isSparse || w[k + r] != 0) {
        trace += h / (h + objective.penalty[k + r])
      }
    }
    return trace
  }
}
