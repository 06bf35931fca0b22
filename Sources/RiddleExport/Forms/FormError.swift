/// Why a router cannot be written in another form.
public enum FormError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The form has no way to hash n-grams.
  case hashesNGrams(form: String, buckets: Int)
  /// The form has no way to be given an embedding.
  case readsEmbedding(form: String, columns: Int)
  /// The form computes the features of newer versions of the featurizer alone.
  case oldFeaturizer(form: String, version: UInt16, needed: UInt16)
  /// The form would hold more weights than is useful.
  case tooManyWeights(form: String, weights: Int, limit: Int)
  /// The form would be larger than is useful.
  case tooLarge(form: String, bytes: Int, limit: Int)
  /// A text of the router cannot stand in the form.
  case unwritableText(form: String, what: String)

  /// What is wrong, and what to do instead.
  public var description: String {
    switch self {
    case .hashesNGrams(let form, let buckets):
      "a router that hashes n-grams into \(buckets) buckets has no form in \(form); train with --features statistics or as a tree, or export --as c, swift or onnx"
    case .readsEmbedding(let form, let columns):
      "a router that reads \(columns) embedding columns has no form in \(form); train without embeddings, or export --as swift or onnx"
    case .oldFeaturizer(let form, let version, let needed):
      "the router was learned with version \(version) of the featurizer, its form in \(form) begins with version \(needed); train again, or export --as swift or onnx"
    case .tooManyWeights(let form, let weights, let limit):
      "the router has \(weights) hashed weights, its form in \(form) at most \(limit); train with fewer --bucket-bits, or link the C library"
    case .tooLarge(let form, let bytes, let limit):
      "the \(form) form would take about \(bytes) bytes, at most \(limit) are written; train with fewer hash buckets, or link the C library"
    case .unwritableText(let form, let what):
      "\(what) cannot be written in \(form): it holds a NUL byte"
    }
  }
}
