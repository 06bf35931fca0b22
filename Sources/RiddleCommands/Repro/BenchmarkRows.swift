import Crypto
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePolicies
import RiddleStore

/// The rows of one benchmark on which both candidates were judged.
struct BenchmarkRows {
  struct Row {
    var id: String
    var text: String
    var weak: Double
    var strong: Double
  }

  /// `MMLU`, `GSM8K`, `MT-Bench`, or `data` for rows of other identifiers.
  var name: String
  var rows: [Row] = []
  /// Rows without a judged outcome of both candidates.
  var incomplete = 0

  /// The benchmarks of a log, by the prefix of the rows' identifiers, those without a complete row left out.
  ///
  /// - Parameter candidates: weak and strong; nil finds RouteLLM's pair by the names that its files use.
  static func split(_ log: [LoggedQuery], candidates: [String]?) -> [BenchmarkRows] {
    var groups: [BenchmarkRows] = PublishedPair.all.map { BenchmarkRows(name: $0.name) }
    groups.append(BenchmarkRows(name: "data"))
    for query in log {
      let place =
        PublishedPair.all.firstIndex { query.id.hasPrefix($0.prefix) } ?? groups.count - 1
      guard let weak = quality(of: candidates?[0], like: "mixtral-8x7b", query),
        let strong = quality(of: candidates?[1], like: "gpt-4-1106-preview", query)
      else {
        groups[place].incomplete += 1
        continue
      }
      groups[place].rows.append(
        Row(id: query.id, text: query.text ?? "", weak: weak, strong: strong))
    }
    return groups.filter { !$0.rows.isEmpty }
  }

  private static func quality(of name: String?, like part: String, _ query: LoggedQuery) -> Double?
  {
    query.outcomes.first {
      name == nil ? $0.candidate.lowercased().contains(part) : $0.candidate == name
    }?.outcome.quality
  }

  var outcomes: PairOutcomes { PairOutcomes(weak: rows.map(\.weak), strong: rows.map(\.strong)) }

  /// Lengths of the prompts in Unicode scalars.
  var lengths: [Double] { rows.map { PromptLength.score($0.text) } }

  /// First eight bytes of SHA-256 of the prompt as a fraction of 2⁶⁴: a random router that anyone can repeat.
  var hashes: [Double] {
    rows.map { row in
      let digest = SHA256.hash(data: Data(row.text.utf8))
      let head = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Double(head) / 18_446_744_073_709_551_616
    }
  }

  /// Scores of the routers that golden files compare and that follow from prompts and outcomes alone: the hash,
  /// prompt length with ties broken by the hash, and a router that knows the gains.
  var builtInScores: [String: [Double]] {
    let hashes = self.hashes
    return [
      "sha_random": hashes,
      "prompt_len": zip(lengths, hashes).map { $0 + $1 },
      "cheat": zip(rows, hashes).map { ($0.strong - $0.weak) + 1e-3 * $1 },
    ]
  }

  /// Scores of `router` in the rows' `ref_scores`; nil when not every row has one.
  func storedScores(_ router: String, paths: [String]) -> [Double]? {
    var known: [String: Double] = [:]
    for path in paths where Files.isRegularFile(path) {
      // A file without such scores is no failure: the router is then reported as not compared.
      guard let found = try? CandidateNumbers.read(path: path, kind: .referenceScores) else {
        continue
      }
      for (id, scores) in found { known[id] = scores[router] }
    }
    let scores = rows.compactMap { known[$0.id] }
    return scores.count == rows.count ? scores : nil
  }
}
