/// What is known of the answers beside their quality, as columns parallel to ``OutcomeTable``: what gates and cascades look at.
public struct AnswerTable: Equatable, Sendable {
  /// Number of candidates.
  public let width: Int
  /// The candidate's own confidence in [0, 1]; NaN when the log does not say.
  public private(set) var confidence: [Double] = []
  /// An independent judge's score in [0, 1]; NaN when the log does not say.
  public private(set) var gateScore: [Double] = []
  /// ``AnswerKey/hash`` of the extracted answer; 0 when there is none.
  public private(set) var answer: [UInt64] = []

  /// No rows yet.
  init(width: Int) { self.width = width }

  mutating func append(_ outcome: Outcome) {
    confidence.append(outcome.confidence ?? .nan)
    gateScore.append(outcome.gateScore ?? .nan)
    answer.append(outcome.answer.flatMap(AnswerKey.init)?.hash ?? 0)
  }

  /// Own confidence in candidate `k`'s answer on row `i`.
  public func confidence(_ i: Int, _ k: Int) -> Double? { Self.known(confidence[i * width + k]) }
  /// The judge's score of it.
  public func gateScore(_ i: Int, _ k: Int) -> Double? { Self.known(gateScore[i * width + k]) }
  /// The extracted answer.
  public func answer(_ i: Int, _ k: Int) -> AnswerKey? {
    let hash = answer[i * width + k]
    return hash == 0 ? nil : AnswerKey(hash: hash)
  }

  private static func known(_ value: Double) -> Double? { value.isNaN ? nil : value }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> AnswerTable {
    func pick<T>(_ column: [T]) -> [T] {
      var out: [T] = []
      out.reserveCapacity(indices.count * width)
      for i in indices { out.append(contentsOf: column[(i * width)..<((i + 1) * width)]) }
      return out
    }
    var table = AnswerTable(width: width)
    table.confidence = pick(confidence)
    table.gateScore = pick(gateScore)
    table.answer = pick(answer)
    return table
  }
}

extension AnswerTable {
  /// Equal where every cell is: unknown equals unknown.
  public static func == (a: AnswerTable, b: AnswerTable) -> Bool {
    func same(_ x: [Double], _ y: [Double]) -> Bool {
      x.count == y.count && x.indices.allSatisfy { x[$0].bitPattern == y[$0].bitPattern }
    }
    return a.width == b.width && a.answer == b.answer && same(a.confidence, b.confidence)
      && same(a.gateScore, b.gateScore)
  }
}
