import Foundation
import RiddleData

/// The response tables that RouteLLM (Ong et al., 2024, arXiv:2406.18665) publishes under `evals`.
///
/// | file | group | ids |
/// |---|---|---|
/// | `gsm8k/gsm8k_responses.csv` | `gsm8k` | `gsm8k/<row>` |
/// | `mmlu/responses/mmlu_<subject>.csv` | the subject | `mmlu/<subject>/<row>` |
/// | `mt_bench/judgements.jsonl`, `mt_bench/question.jsonl` | the category | `mt_bench/<question>` |
///
/// Rows of CSV count from 0. Columns: `prompt`, and one per candidate with True or False, which may have a
/// `<candidate>_response` beside it; responses are not kept. MT-Bench is one row a question, see
/// ``MTBenchRows``. Prompts listed as `eval_prompt` in `contaminated_prompts.jsonl` beside the tables of a
/// benchmark are left out and counted, as RouteLLM does before scoring. There are no costs: they stay
/// unknown.
enum RouteLLMFolder {
  /// One table of the folder.
  enum Table {
    case responses(Responses)
    case mtBench(MTBenchTable)
    /// Half of MT-Bench beside other benchmarks: the file that is missing, listed as one rejected row.
    case missing(file: String)
  }

  /// A CSV file of responses.
  struct Responses {
    var path: String
    var group: String
    var prefix: String
    /// Where the prompts to leave out are listed, if anywhere.
    var contaminated: String?
  }

  /// What a folder should hold, for the message about one that holds nothing of it.
  static let layout =
    "RouteLLM's layout: gsm8k/gsm8k_responses.csv, mmlu/responses/mmlu_*.csv, or "
    + "mt_bench/judgements.jsonl with mt_bench/question.jsonl"

  /// The tables under `path`, in order: gsm8k, MMLU by subject, MT-Bench. Empty when the layout is another.
  ///
  /// `path` is a checkout, its `routellm` or `evals` folder, or the folder of one benchmark.
  ///
  /// - Throws: `.badFormat` when one of MT-Bench's two files is missing and there is nothing else; `.io`.
  static func tables(path: String) throws(StoreError) -> [Table] {
    let base = path.hasSuffix("/") ? String(path.dropLast()) : path
    for root in [base, base + "/evals", base + "/routellm/evals"] {
      let tables = try gsm8k(root + "/gsm8k") + mmlu(root + "/mmlu")
      let all = try tables + mtBench(root + "/mt_bench", isAlone: tables.isEmpty)
      if !all.isEmpty { return all }
    }
    return try gsm8k(base) + mmlu(base) + mtBench(base, isAlone: true)
  }

  private static func gsm8k(_ folder: String) throws(StoreError) -> [Table] {
    let file = folder + "/gsm8k_responses.csv"
    guard FileManager.default.fileExists(atPath: file) else { return [] }
    return [
      .responses(
        Responses(path: file, group: "gsm8k", prefix: "gsm8k/", contaminated: list(folder)))
    ]
  }

  private static func mmlu(_ benchmark: String) throws(StoreError) -> [Table] {
    let folder = benchmark + "/responses"
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw .io(path: folder, operation: "list", reason: ByteSource.lastError())
    }
    var tables: [Table] = []
    for name in names.sorted() where name.hasPrefix("mmlu_") && name.hasSuffix(".csv") {
      let subject = String(name.dropFirst("mmlu_".count).dropLast(".csv".count))
      tables.append(
        .responses(
          Responses(
            path: "\(folder)/\(name)", group: subject, prefix: "mmlu/\(subject)/",
            contaminated: list(benchmark))))
    }
    return tables
  }

  private static func mtBench(_ benchmark: String, isAlone: Bool) throws(StoreError) -> [Table] {
    let table = MTBenchTable(
      judgements: benchmark + "/judgements.jsonl", questions: benchmark + "/question.jsonl",
      contaminated: list(benchmark))
    let missing = [table.judgements, table.questions].filter {
      !FileManager.default.fileExists(atPath: $0)
    }
    if missing.count == 2 { return [] }
    if let file = missing.first {
      // Half of a benchmark is never passed over in silence, nor may it cost the others.
      guard isAlone else { return [.missing(file: file)] }
      throw .badFormat(
        path: file, reason: "is missing: MT-Bench is judgements.jsonl and question.jsonl together")
    }
    return [.mtBench(table)]
  }

  /// The list of prompts to leave out of a benchmark, if there is one.
  private static func list(_ benchmark: String) -> String? {
    let file = benchmark + "/contaminated_prompts.jsonl"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  /// The prompts listed in a file of JSON lines with a key `eval_prompt`.
  static func contaminatedPrompts(path: String, limits: ReadingLimits) throws(StoreError)
    -> Set<String>
  {
    var prompts: Set<String> = []
    _ = try JSONObjectLines.read(path: path, limits: limits) { reader, _ throws(RowError) in
      do throws(JSONError) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
          if key == "eval_prompt" {
            prompts.insert(try reader.string())
          } else {
            try reader.skipValue()
          }
        }
        try reader.finish()
      } catch {
        throw RowError(column: error.column, reason: error.reason)
      }
    } rejected: { row throws(StoreError) in
      // A list read in part would let a listed prompt through.
      let place = row.column.map { "line \(row.line), byte \($0)" } ?? "line \(row.line)"
      throw .badFormat(
        path: path, reason: "\(place): \(row.reason); expected {\"eval_prompt\": \"…\"}")
    }
    return prompts
  }
}

/// Reads the tables of a RouteLLM folder one after the other.
final class RouteLLMRows: RowProducer {
  private let tables: [RouteLLMFolder.Table]
  private let limits: ReadingLimits
  private var nextTable = 0
  private var current: (any RowProducer)?
  private var bytesBefore = 0
  private var lastBytes = 0
  private var contaminated: [String: Set<String>] = [:]

  init(tables: [RouteLLMFolder.Table], limits: ReadingLimits) {
    self.tables = tables
    self.limits = limits
  }

  func next() throws(StoreError) -> RowBatch? {
    while true {
      if let current {
        if var batch = try current.next() {
          lastBytes = batch.storedBytesRead
          batch.storedBytesRead += bytesBefore
          return batch
        }
        bytesBefore += lastBytes
        self.current = nil
      }
      guard nextTable < tables.count else { return nil }
      nextTable += 1
      switch tables[nextTable - 1] {
      case .responses(let table): current = try open(table)
      case .mtBench(let table):
        current = try MTBenchRows(
          table: table, removing: removed(table.contaminated), limits: limits)
      case .missing(let file):
        return RowBatch(items: [
          .rejected(
            RejectedRow(
              file: file, line: 1,
              reason:
                "the file is missing, so MT-Bench is left out: it is judgements.jsonl and question.jsonl"
            ))
        ])
      }
    }
  }

  private func open(_ table: RouteLLMFolder.Responses) throws(StoreError) -> CSVWideRows {
    let file = try CSVFile(
      source: try ByteSource(path: table.path), delimiter: 0x2c, limits: limits)
    guard file.header.contains("prompt") else {
      throw .missingColumn(
        path: table.path, field: "query", column: "prompt", available: file.header)
    }
    var mapping = CSVMapping(format: .csvWide)
    mapping.columns["query"] = "prompt"
    let suffix = "_response"
    for column in file.header where column != "prompt" {
      if column.hasSuffix(suffix), file.header.contains(String(column.dropLast(suffix.count))) {
        continue
      }
      mapping.candidates.append(
        .init(name: column, columns: .init(["quality": column])))
    }
    if mapping.candidates.isEmpty {
      throw .badHeader(path: table.path, line: 1, reason: "no column of a candidate")
    }
    var reader = try CSVRowReader(mapping: mapping, header: file.header, path: table.path)
    reader.identity = .rowNumber(prefix: table.prefix)
    reader.constantGroup = table.group
    return CSVWideRows(file: file, reader: reader, removing: try removed(table.contaminated))
  }

  /// The prompts of a list, which is read once.
  private func removed(_ list: String?) throws(StoreError) -> Set<String> {
    guard let list else { return [] }
    if let prompts = contaminated[list] { return prompts }
    let prompts = try RouteLLMFolder.contaminatedPrompts(path: list, limits: limits)
    contaminated[list] = prompts
    return prompts
  }
}
