import RiddlePipeline
import RiddleReport
import RiddleRuntime

/// Why a router decided a query as it did, in words.
struct QueryReasons {
  /// A feature that pushed.
  struct Reason: Encodable {
    var feature: String
    var value: Double
    var contribution: Double
    /// The same as a sentence.
    var says: String
    /// Distinct training texts that have the n-gram, where the run knows.
    var training_texts: Int?
    /// Training n-grams whose weight this one got, because they share its hash bucket.
    var shares_bucket_with: [String]?
  }

  private let router: Router
  private let columns: [String]
  private let means: [Double]
  private let candidates: [String]
  private let ngrams: NGramStrings?
  /// Texts and counts of every listed bucket: the same under every head.
  private let strings: [Int: [NGramStrings.Text]]
  private let limit: Int

  init(_ opened: OpenedRouter, limit: Int) throws {
    router = opened.router
    columns = opened.columnNames
    means = columnMeans(of: opened.router)
    candidates = opened.candidates
    ngrams = try opened.ngrams()
    strings = Dictionary(
      ngrams?.heads.flatMap { $0.buckets.map { ($0.bucket, $0.strings) } } ?? [],
      uniquingKeysWith: { first, _ in first })
    self.limit = limit
  }

  func reasons(
    _ text: [UInt8], _ context: RequestContext, _ embedding: [Float], _ decision: Decision
  ) -> [Reason] {
    explain(
      router, text: text.span, context: context, embedding: embedding, step: decision.head,
      columnNames: columns, means: means, limit: limit
    ).map { reason($0, below: candidates[decision.head]) }
  }

  private func reason(_ part: Contribution, below: String) -> Reason {
    var reason = Reason(
      feature: part.feature, value: part.value, contribution: part.contribution, says: "")
    let push = part.contribution > 0 ? "pushes above \(below)" : "keeps at \(below)"
    if let bucket = part.bucket {
      var known = ""
      if let listed = strings[bucket] {
        if let own = listed.first(where: { "\"\($0.text)\"" == part.feature }) {
          reason.training_texts = own.rows
          known = ", in \(own.rows) training texts,"
        } else {
          let others = listed.map(\.text)
          reason.shares_bucket_with = others
          known =
            ", whose weight was learned from \(others.map { "\"\($0)\"" }.joined(separator: ", ")),"
        }
      }
      reason.says = "\(part.feature)\(known) \(push)"
    } else if part.feature.contains("=") {
      // A category's column is positive for its value, negative for another and 0 when nothing is known.
      let state = part.value > 0 ? "is" : part.value < 0 ? "is not" : "is unknown:"
      reason.says = "the query \(state) \(part.feature), \(push)"
    } else if let mean = part.mean {
      let plain = FigureFormat.plain
      let side = part.value > mean ? "above" : part.value < mean ? "below" : "at"
      reason.says =
        "\(part.feature) of \(plain.text(part.value)), \(side) the mean of \(plain.text(mean)), \(push)"
    } else {
      reason.says = "\(part.feature) \(push)"
    }
    return reason
  }
}
