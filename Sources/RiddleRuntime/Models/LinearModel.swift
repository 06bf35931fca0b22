/// Logistic-regression heads over dense and hashed features: one margin (log-odds) per head.
///
/// margin_h = intercept_h + Σ_j dense_j · w_hj + Σ_block scale_block · Σ_key sign(key) · v_h[bucket(key)],
/// summed in `Double` in exactly that order, so that every build gives the same bits.
public struct LinearModel: Equatable, Sendable {
  /// Number of heads.
  public let headCount: Int
  /// One intercept per head.
  public let intercepts: [Double]
  /// Dense weights, `headCount × denseCount`, head-major. Scaling of features is folded in.
  public let dense: [Float]
  /// Weights of hashed n-grams.
  public let hashed: HashedWeights

  /// A model over stored weights. `dense.count` is a multiple of `headCount`.
  public init(headCount: Int, intercepts: [Double], dense: [Float], hashed: HashedWeights) {
    self.headCount = headCount
    self.intercepts = intercepts
    self.dense = dense
    self.hashed = hashed
  }

  /// Number of dense features.
  public var denseCount: Int { headCount == 0 ? 0 : dense.count / headCount }
}
