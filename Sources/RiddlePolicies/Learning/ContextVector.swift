import Glibc
import RiddleData
import RiddleRuntime

/// φ(request): what the contextual bandits know of a request, as a short vector of numbers of about unit size.
///
/// | place | value |
/// |---|---|
/// | 0 | 1 |
/// | 1 | ln(1 + length in scalars) / 10 |
/// | 2 | estimated tokens / 4000, at most 1 |
/// | 3 | 1 when the text has a code fence or more than 2 % of its bytes are of `{}()[]<>;=_` |
/// | 4 | 1 when it has a question mark |
/// | 5 | share of digits |
/// | 6 | turn / 10, at most 1; 0 when unknown |
/// | 7 | the router's probability − ½; 0 without a router |
/// | 8 … | `buckets` places for task type, domain and user tier: the field's name and value hash to two different places and two signs, and ±1 is added there |
/// | then | the embedding, when ``embeddingDimension`` is above 0; zeros when the request has none of that length |
///
/// Two values look alike when both their places and signs agree, with 12 buckets one pair in 264; more buckets make that rarer
/// (signed hashing: Weinberger et al. 2009, doi:10.1145/1553374.1553516).
public struct ContextVector: Equatable, Sendable {
  /// Places for the values of fields.
  public let buckets: Int
  /// Length of the requests' embeddings; 0 leaves them out.
  public let embeddingDimension: Int

  private static let numbers = 8

  /// A vector of 8 numbers, `buckets` places for values (0 to 4096) and an embedding.
  public init(buckets: Int = 12, embeddingDimension: Int = 0) {
    precondition((0...4096).contains(buckets), "buckets are 0 to 4096, got \(buckets)")
    precondition(
      (0...4096).contains(embeddingDimension), "0 to 4096 dimensions, got \(embeddingDimension)")
    self.buckets = buckets
    self.embeddingDimension = embeddingDimension
  }

  /// Length of the vector.
  public var dimension: Int { Self.numbers + buckets + embeddingDimension }

  /// φ(request), ``dimension`` finite values.
  public func vector(of request: Request) -> [Double] {
    var vector = [Double](repeating: 0, count: dimension)
    let text = request.text
    vector[0] = 1
    vector[1] = log1p(Double(text.length)) / 10
    vector[2] = min(1, Double(text.estimatedTokens) / 4000)
    let cues = Self.cues(text.lowered)
    vector[3] = cues.code ? 1 : 0
    vector[4] = cues.question ? 1 : 0
    vector[5] = cues.digitShare
    let context = request.context
    if let turn = context.turn { vector[6] = min(1, max(0, Double(turn) / 10)) }
    if let probability = request.probability, probability.isFinite { vector[7] = probability - 0.5 }
    if buckets > 0 {
      mark(1, context.taskType, &vector)
      mark(2, context.domain, &vector)
      mark(3, context.userTier, &vector)
    }
    if embeddingDimension > 0 && request.embedding.count == embeddingDimension {
      let first = Self.numbers + buckets
      for (i, value) in request.embedding.enumerated() where value.isFinite {
        vector[first + i] = Double(value)
      }
    }
    return vector
  }

  private func mark(_ field: UInt8, _ value: String?, _ vector: inout [Double]) {
    guard let value else { return }
    var state = StableHash.adding(field, to: StableHash.start)
    for byte in value.utf8 { state = StableHash.adding(byte, to: state) }
    let (first, second) = (StableHash.mixed(state &+ 1), StableHash.mixed(state &+ 2))
    let place = Self.below(buckets, first)
    vector[Self.numbers + place] += first & 1 == 0 ? 1 : -1
    if buckets == 1 { return }
    let step = 1 + Self.below(buckets - 1, second)
    vector[Self.numbers + (place + step) % buckets] += second & 1 == 0 ? 1 : -1
  }

  /// A number in 0 ..< `bound` from the upper 63 bits of a hash.
  private static func below(_ bound: Int, _ hash: UInt64) -> Int {
    Int((hash >> 1).multipliedFullWidth(by: 2 * UInt64(bound)).high)
  }

  /// What one pass over the bytes of a text shows.
  private static func cues(_ text: [UInt8]) -> (code: Bool, question: Bool, digitShare: Double) {
    var (digits, marks, ticks) = (0, 0, 0)
    var (question, fence) = (false, false)
    for byte in text {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x3f: question = true
      case 0x28, 0x29, 0x3b, 0x3c, 0x3d, 0x3e, 0x5b, 0x5d, 0x5f, 0x7b, 0x7d: marks += 1
      default: break
      }
      ticks = byte == 0x60 ? ticks + 1 : 0
      if ticks == 3 { fence = true }
    }
    let count = Double(max(1, text.count))
    return (fence || Double(marks) / count > 0.02, question, Double(digits) / count)
  }
}
