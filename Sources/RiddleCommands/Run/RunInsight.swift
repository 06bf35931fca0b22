import Foundation
import RiddlePipeline
import RiddleReport

/// What `riddle inspect RUN --global` and `--odds` show.
struct RunInsight {
  private let explanation: GlobalExplanation?
  private let ngrams: NGramStrings?
  private let heads: [TrainedRouter.HeadReport]?

  /// - Throws: `CommandFailure` when the run lacks what is wanted.
  init(
    path: String, heads: [TrainedRouter.HeadReport], wantsGlobal: Bool, wantsOdds: Bool,
    signature: SignatureOptions
  ) throws {
    let folder = RunFolder(path: path)
    if wantsGlobal {
      let file = folder.file(RunFolder.explanationName)
      let bytes = try Files.read(file, what: "explanation (made by training)")
      guard let read = try? JSONDecoder().decode(GlobalExplanation.self, from: Data(bytes)) else {
        throw CommandFailure(.malformedData, "\(file): not an explanation of a run; train again")
      }
      explanation = read
      ngrams = try OpenedRouter(path: path, signature).ngrams()
    } else {
      explanation = nil
      ngrams = nil
    }
    if wantsOdds && !heads.contains(where: { $0.odds != nil }) {
      throw CommandFailure(
        .usage,
        "\(path): no head has odds ratios; they are made for binary logistic heads: --model logistic or stack, --form heads, without --stream"
      )
    }
    self.heads = wantsOdds ? heads : nil
  }

  /// Tables for a person.
  func tables(limit: Int) -> [ModelTable] {
    let global = explanation.map { ExplanationTables(explanation: $0, ngrams: ngrams) }
    return (global?.tables(limit: limit) ?? [])
      + (heads.map { OddsTables.tables($0, limit: limit) } ?? [])
  }

  /// The global view as JSON: everything about columns, the strongest n-grams of every head.
  struct Global: Encodable {
    struct Words: Encodable {
      var head: String
      var towards: [NGramStrings.Text]
      var against: [NGramStrings.Text]
    }
    var explanation: GlobalExplanation
    var ngrams: [Words]?
  }

  func global(limit: Int) -> Global? {
    explanation.map { explanation in
      Global(
        explanation: explanation,
        ngrams: ngrams.map { ngrams in
          ngrams.heads.indices.map {
            Global.Words(
              head: ngrams.heads[$0].name,
              towards: ngrams.strongest(head: $0, positive: true, limit: limit),
              against: ngrams.strongest(head: $0, positive: false, limit: limit))
          }
        })
    }
  }

  /// Odds ratios as JSON.
  struct HeadOdds: Encodable {
    var head: String
    var odds: OddsTable
  }

  var odds: [HeadOdds]? {
    heads?.compactMap { head in head.odds.map { HeadOdds(head: head.name, odds: $0) } }
  }
}
