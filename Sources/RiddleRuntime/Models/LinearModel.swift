/// Logistic-regression heads over dense and hashed features: one margin (log-odds) per head.
///
/// margin_h = intercept_h + Σ_j dense_j · w_hj + Σ_block scale_block · Σ_key sign(key) · v_h[bucket(key)].
///
/// The dense sum is taken in `Double`, in eight interleaved partial sums; the hashed sums are exact, in whole numbers.
/// So every build gives the same bits. Features of versions 1 and 2 are summed in index order instead.
///
/// A class for speed: one reference is counted where a structure would count one for every array.
public final class LinearModel: Equatable, Sendable {
  /// Number of heads.
  public let headCount: Int
  /// One intercept per head.
  public let intercepts: [Double]
  /// Dense weights, `headCount × denseCount`, head-major. Scaling of features is folded in.
  public let dense: [Float]
  /// Weights of hashed n-grams.
  public let hashed: HashedWeights
  /// Number of dense features.
  public let denseCount: Int

  /// A model over stored weights. `dense.count` is a multiple of `headCount`.
  public init(headCount: Int, intercepts: [Double], dense: [Float], hashed: HashedWeights) {
    self.headCount = headCount
    self.intercepts = intercepts
    self.dense = dense
    self.hashed = hashed
    denseCount = headCount == 0 ? 0 : dense.count / headCount
  }

  /// Whether all parameters are equal.
  public static func == (a: LinearModel, b: LinearModel) -> Bool {
    a.headCount == b.headCount && a.intercepts == b.intercepts && a.dense == b.dense
      && a.hashed == b.hashed
  }
}
