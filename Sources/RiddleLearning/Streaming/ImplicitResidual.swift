/// The residual of one row *after* a step that this residual itself causes: ρ = c · (σ(m − qρ) − t).
///
/// A gradient step uses the residual before the step and overshoots when q, the margin's sensitivity, is large. The
/// implicit step of Kulis & Bartlett (2010) solves for the residual that is consistent with its own effect; it never
/// passes the target. The same equation is one coordinate of the dual of regularised logistic regression
/// (Yu, Huang & Lin, 2011, doi:10.1007/s10994-010-5221-8).
///
/// Newton's method inside a bracket, from `guess`; the derivative 1 + cqσ' is at least 1, so |ρ error| ≤ |equation
/// error|. Stops at an error of 10⁻³ of the largest possible residual: later visits refine.
@inline(__always)
func implicitResidual(
  margin m: Double, target t: Double, weight c: Double, sensitivity q: Double, guess: Double
) -> Double {
  var (low, high) = (-c * t, c * (1 - t))
  var residual = min(max(guess, low), high)
  for _ in 0..<12 {
    let (p, curvature) = LogisticLoss.probabilityAndCurvature(margin: m - q * residual)
    let error = residual - c * (p - t)
    let next = residual - error / (1 + c * q * curvature)
    if abs(error) <= 1e-3 * c { return min(max(next, low), high) }
    if error > 0 { high = residual } else { low = residual }
    residual = next > low && next < high ? next : (low + high) / 2
  }
  return residual
}
