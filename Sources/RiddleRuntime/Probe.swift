/// A stored query with the features and margins that the writer computed for it.
///
/// Probes are written by us, never taken from anybody's log. A reader that computes other bits must not score.
public struct Probe: Equatable, Sendable {
  /// UTF-8 text of the query.
  public let text: [UInt8]
  /// Context of the query.
  public let context: RequestContext
  /// ``FeatureVector/fingerprint`` of its features.
  public let featureFingerprint: UInt64
  /// One margin per head.
  public let margins: [Double]

  /// A probe.
  public init(
    text: [UInt8], context: RequestContext, featureFingerprint: UInt64, margins: [Double]
  ) {
    self.text = text
    self.context = context
    self.featureFingerprint = featureFingerprint
    self.margins = margins
  }
}
