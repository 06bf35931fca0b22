/// The band that the APGR of random routers falls into on these rows: what luck alone achieves.
///
/// A random order of n rows with gains gᵢ = sᵢ − wᵢ has APGR Σ g₍ⱼ₎ (n − j + ½) / (n Σ g), whose mean is ½ and whose variance
/// under permutation is (n + 1) / (12 n) · Σ (gᵢ − ḡ)² / (Σ g)² (the variance of a linear rank statistic, Hájek & Šidák,
/// 1967). Normal for more than some dozens of rows. Undefined without a gap or for one row.
public func randomRouterBand(gains: [Double], confidence: Double = 0.95) -> Figure {
  let n = Double(gains.count)
  let total = gains.reduce(0, +)
  guard gains.count > 1, total != 0 else { return .undefined }
  let mean = total / n
  let squares = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let variance = (n + 1) / (12 * n) * squares / (total * total)
  let half = normalQuantile(0.5 + confidence / 2) * variance.squareRoot()
  return Figure(0.5, low: 0.5 - half, high: 0.5 + half)
}
