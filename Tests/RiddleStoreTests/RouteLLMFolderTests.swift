import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("RouteLLM folder")
struct RouteLLMFolderTests {
  func folder() throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.file(
      "evals/gsm8k/gsm8k_responses.csv",
      "prompt,org/Weak,strong,org/Weak_response,strong_response\nhow many?,True,False,\"5\n\",6\nx,maybe,True,a,b\n"
    )
    _ = try scratch.file(
      "evals/mmlu/responses/mmlu_law.csv", "prompt,org/Weak,strong\nl0,False,True\nl1,True,True\n")
    _ = try scratch.file(
      "evals/mmlu/responses/mmlu_art.csv", "prompt,org/Weak,strong\na0,False,False\n")
    return scratch
  }

  /// A line of `question.jsonl`.
  func question(_ id: Int, turns: [String]? = nil, category: String = "writing") -> String {
    let turns = (turns ?? ["first \(id)", "second \(id)"]).map(JSONText.quoted)
    return "{\"question_id\": \(id), \"category\": \"\(category)\", "
      + "\"turns\": [\(turns.joined(separator: ", "))], \"reference\": []}"
  }

  /// A line of `judgements.jsonl`.
  func judgement(_ id: Int, _ model: String, _ score: String, _ turn: Int) -> String {
    "{\"question_id\": \(id), \"model\": \"\(model)\", \"judge\": [\"j\", \"single-v1\"], "
      + "\"user_prompt\": \"p\", \"judgment\": \"Rating: [[1]]\", \"score\": \(score), "
      + "\"turn\": \(turn), \"tstamp\": 1714636116.7}"
  }

  /// Adds MT-Bench to a folder; `scores` are of question 81. Returns its path.
  func mtBench(
    _ scratch: Scratch, scores: [(String, Int, Int)] = [], judgements: [String] = [],
    questions: [String]
  ) throws -> String {
    let lines = judgements + scores.map { judgement(81, $0.0, String($0.1), $0.2) }
    _ = try scratch.file("evals/mt_bench/judgements.jsonl", lines.joined(separator: "\n"))
    _ = try scratch.file("evals/mt_bench/question.jsonl", questions.joined(separator: "\n") + "\n")
    return scratch.at("evals/mt_bench")
  }

  @Test(
    "ids, groups, candidates and qualities follow the layout", arguments: ["", "/evals", "/evals/"])
  func layout(_ suffix: String) throws {
    let scratch = try folder()
    let (queries, report) = try LogFile.read(paths: [scratch.path + suffix])
    #expect(queries.map(\.id) == ["gsm8k/0", "mmlu/art/0", "mmlu/law/0", "mmlu/law/1"])
    #expect(queries.map(\.context.group) == ["gsm8k", "art", "law", "law"])
    #expect(queries[0].outcomes.map(\.candidate) == ["org/Weak", "strong"])
    #expect(queries[0].outcomes.map(\.outcome.quality) == [1, 0])
    #expect(queries[0].outcomes.allSatisfy { $0.outcome.cost == nil })
    #expect(report.sources.first?.format == .routeLLM)
    #expect(report.firstRejects.map(\.field) == ["org/Weak.quality"])
    #expect(report.firstRejects.first?.file.hasSuffix("gsm8k_responses.csv") == true)
  }

  @Test("contaminated prompts are left out, counted, and keep their row numbers")
  func contaminated() throws {
    let scratch = try folder()
    _ = try scratch.file(
      "evals/mmlu/contaminated_prompts.jsonl",
      "{\"eval_prompt\": \"l0\", \"train_prompt\": \"z\", \"score\": 0.97}\n\n{\"eval_prompt\":\"how many?\"}"
    )
    let (queries, report) = try LogFile.read(paths: [scratch.path])
    #expect(queries.map(\.id) == ["gsm8k/0", "mmlu/art/0", "mmlu/law/1"])
    #expect(report.removed == 1)
    #expect(report.rowsRead == 5 && report.inserted == 3 && report.rejected == 1)
  }

  @Test(
    "a checkout, its routellm folder, evals and the folder of one benchmark are accepted",
    arguments: [
      ("", 5), ("/routellm", 5), ("/routellm/", 5), ("/routellm/evals", 5),
      ("/routellm/evals/gsm8k", 1), ("/routellm/evals/gsm8k/", 1), ("/routellm/evals/mmlu", 3),
      ("/routellm/evals/mt_bench", 1),
    ])
  func places(_ suffix: String, _ count: Int) throws {
    let made = try folder()
    _ = try mtBench(made, scores: [("a", 9, 1)], questions: [question(81)])
    let checkout = try Scratch()
    try FileManager.default.createDirectory(
      atPath: checkout.at("routellm"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: made.at("evals"), toPath: checkout.at("routellm/evals"))
    let (queries, report) = try LogFile.read(paths: [checkout.path + suffix])
    #expect(queries.count == count)
    #expect(report.sources.first?.format == .routeLLM)
    let benchmark = suffix.split(separator: "/").last.map(String.init) ?? ""
    if ["gsm8k", "mmlu", "mt_bench"].contains(benchmark) {
      #expect(queries.allSatisfy { $0.id.hasPrefix(benchmark + "/") })
    } else {
      // Benchmarks in order, MMLU by subject.
      #expect(
        queries.map(\.id) == ["gsm8k/0", "mmlu/art/0", "mmlu/law/0", "mmlu/law/1", "mt_bench/81"])
    }
  }

  @Test("a folder that is none of these names all three benchmarks")
  func unknown() throws {
    let scratch = try Scratch()
    let error = #expect(throws: StoreError.self) { try LogFile.read(paths: [scratch.path]) }
    let message = error?.description ?? ""
    for name in ["gsm8k_responses.csv", "mmlu_*.csv", "judgements.jsonl", "question.jsonl"] {
      #expect(message.contains(name))
    }
  }

  @Test(
    "the published tables agree with the same rows as JSON lines",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"))
  func real() throws {
    let data = try #require(realData)
    let (queries, report) = try LogFile.read(paths: [data + "/upstream-layout/routellm"])
    #expect(report.rejected == 0)
    // Row numbers differ between the two, because rows are held back: compare by text.
    var byText: [String: [LoggedQuery]] = [:]
    for file in ["routellm_mmlu", "routellm_gsm8k"] {
      for query in try LogFile.read(paths: ["\(data)/\(file).jsonl.gz"]).queries {
        byText[query.text ?? "", default: []].append(query)
      }
    }
    #expect(queries.count == 9_576 + 919)
    var compared = 0
    for query in queries {
      let weak = try #require(query.outcome(of: "mistralai/Mixtral-8x7B-Instruct-v0.1")?.quality)
      let strong = try #require(query.outcome(of: "gpt-4-1106-preview")?.quality)
      let same = byText[query.text ?? "", default: []]
      #expect(!same.isEmpty, "\(query.id)")
      guard same.count == 1 else { continue }  // The same question twice: which is which is open.
      compared += 1
      #expect(same[0].outcome(of: "mixtral-8x7b-instruct-v0.1")?.quality == weak)
      #expect(same[0].outcome(of: "gpt-4-1106-preview")?.quality == strong)
      #expect(same[0].context.group == query.context.group)
    }
    #expect(compared > 10_000)
  }

  // MARK: MT-Bench

  @Test("a quality is the mean of the turns' scores over 10, rounded once")
  func qualities() throws {
    let path = try mtBench(
      try Scratch(),
      judgements: [
        judgement(90, "weak", "8.5", 2), judgement(81, "weak", "9", 1),
        judgement(81, "strong", "10", 2), judgement(90, "weak", "9.0", 1),
        judgement(81, "weak", "10", 2), judgement(81, "strong", "1e1", 1),
        judgement(90, "third", "1", 1),
      ],
      questions: [question(90, category: "math"), "", question(81)])
    let (queries, report) = try LogFile.read(paths: [path])
    // In the order of the questions, not of the ids or the judgements.
    #expect(queries.map(\.id) == ["mt_bench/90", "mt_bench/81"])
    #expect(queries.map(\.text) == ["first 90", "first 81"])
    #expect(queries.map(\.context.group) == ["math", "writing"])
    #expect(queries[0].outcomes.map(\.candidate) == ["third", "weak"])
    #expect(queries[0].outcomes.map(\.outcome.quality) == [0.1, 0.875])
    #expect(queries[1].outcomes.map(\.candidate) == ["strong", "weak"])
    #expect(queries[1].outcomes.map(\.outcome.quality) == [1, 0.95])
    #expect(queries.allSatisfy { $0.outcomes.allSatisfy { $0.outcome.cost == nil } })
    #expect(report.rowsRead == 2 && report.inserted == 2 && report.rejected == 0)
    #expect(report.candidates.map(\.name) == ["strong", "third", "weak"])
    #expect((report.sources.first?.bytes ?? 0) > 0)
  }

  @Test("tenths have no rounding of their own, whatever the two scores")
  func exact() throws {
    var judgements: [String] = []
    var sums: [Int] = []
    for first in 10...100 {
      for second in stride(from: 10, through: 100, by: 7) {
        judgements.append(judgement(sums.count, "m", "\(first / 10).\(first % 10)", 1))
        judgements.append(judgement(sums.count, "m", "\(second / 10).\(second % 10)", 2))
        sums.append(first + second)
      }
    }
    let path = try mtBench(
      try Scratch(), judgements: judgements, questions: sums.indices.map { question($0) })
    let (queries, _) = try LogFile.read(paths: [path])
    #expect(queries.map { $0.outcomes[0].outcome.quality } == sums.map { Double($0) / 200 })
  }

  @Test("a question is left out when either turn is contaminated, with its judgements")
  func contaminatedTurns() throws {
    let scratch = try Scratch()
    let path = try mtBench(
      scratch,
      judgements: [81, 82, 83].map { judgement($0, "m", $0 == 83 ? "4" : "-1", 1) },
      questions: [question(81), question(82), question(83)])
    _ = try scratch.file(
      "evals/mt_bench/contaminated_prompts.jsonl",
      "{\"train_prompt\":\"first 83\",\"eval_prompt\":\"second 81\"}\n{\"eval_prompt\":\"first 82\"}\n"
    )
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["mt_bench/83"])
    #expect(report.removed == 2 && report.rowsRead == 3 && report.rejected == 0)
  }

  @Test("a list of contaminated prompts that cannot be read in full is an error")
  func damagedList() throws {
    let scratch = try Scratch()
    let path = try mtBench(scratch, scores: [("m", 5, 1)], questions: [question(81)])
    let list = try scratch.file(
      "evals/mt_bench/contaminated_prompts.jsonl", "{\"eval_prompt\":\"a\"}\n{\"eval_prompt\":1}\n")
    let error = #expect(throws: StoreError.self) { try LogFile.read(paths: [path]) }
    guard case .badFormat(list, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("line 2, byte 16: expected a string"))
  }

  @Test("a missing score costs its judgement, a question without any its row")
  func missingScores() throws {
    let path = try mtBench(
      try Scratch(),
      judgements: [
        judgement(81, "a", "7", 1), judgement(81, "a", "-1", 2), judgement(81, "b", "-1", 1),
        judgement(82, "a", "null", 1),
      ], questions: [question(81), question(82), question(83)])
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["mt_bench/81"])
    #expect(queries[0].outcomes.map(\.candidate) == ["a"])
    #expect(queries[0].outcomes[0].outcome.quality == 0.7)
    #expect(report.candidates.map(\.name) == ["a"])
    #expect(report.firstRejects.map(\.line) == [2, 3, 4, 2, 3])
    #expect(
      report.firstRejects.map(\.field)
        == ["score", "score", "score", "question_id", "question_id"])
    #expect(report.firstRejects[0].reason == "the judge gave none for turn 2 of a on question 81")
    #expect(report.firstRejects[0].file == path + "/judgements.jsonl")
    #expect(report.firstRejects[3].file == path + "/question.jsonl")
    #expect(report.rowsRead == 6 && report.rejected == 5)
  }

  @Test(
    "a judgement that cannot be used is rejected with its line, and the others stay",
    arguments: [
      (
        "{\"question_id\":99,\"model\":\"a\",\"score\":5,\"turn\":1}", "question_id",
        "no question 99"
      ),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":0,\"turn\":1}", "score", "from 1 to 10"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":10.5,\"turn\":1}", "score", "from 1 to 10"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":1e99,\"turn\":1}", "score", "from 1 to 10"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":\"5\",\"turn\":1}", "score", "a number"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":NaN,\"turn\":1}", "score", "a value"),
      ("{\"question_id\":81,\"model\":\"a\",\"turn\":1}", "score", "gave none"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":5,\"turn\":3}", "turn", "expected 1 to 2"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":5,\"turn\":0}", "turn", "1 or more"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":5}", "turn", "is missing"),
      ("{\"question_id\":81,\"model\":\"\",\"score\":5,\"turn\":1}", "model", "is empty"),
      ("{\"question_id\":81,\"score\":5,\"turn\":1}", "model", "is missing"),
      (
        "{\"question_id\":8.5,\"model\":\"a\",\"score\":5,\"turn\":1}", "question_id",
        "whole number"
      ),
      ("{\"model\":\"a\",\"score\":5,\"turn\":1}", "question_id", "is missing"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":5,\"score\":6,\"turn\":1}", "score", "twice"),
      ("{\"question_id\":81,\"model\":\"m\",\"score\":5,\"turn\":1}", "turn", "line 1 already"),
      ("{\"question_id\":81,\"model\":\"a\",\"score\":5,\"turn\":1} x", nil, "unexpected text"),
      ("{\"question_id\":81,\"judgment\":\"cut", "judgment", "ends inside a string"),
      ("[]", nil, "expected an object"),
    ] as [(String, String?, String)])
  func badJudgement(_ line: String, _ field: String?, _ reason: String) throws {
    let path = try mtBench(
      try Scratch(),
      judgements: [judgement(81, "m", "3", 1), line, " \r", judgement(81, "m", "4", 2)],
      questions: [question(81)])
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map { $0.outcomes.map(\.outcome.quality) } == [[0.35]])
    #expect(report.rejected == 1)
    let rejected = try #require(report.firstRejects.first)
    #expect(rejected.line == 2 && rejected.field == field)
    #expect(rejected.reason.contains(reason))
  }

  @Test(
    "a question that cannot be used is rejected with its line",
    arguments: [
      ("{\"question_id\":82}", "turns", "is missing or empty"),
      ("{\"question_id\":82,\"turns\":[]}", "turns", "is missing or empty"),
      ("{\"question_id\":82,\"turns\":[1]}", "turns", "expected a string"),
      ("{\"question_id\":82,\"turns\":[\"a\\u0000\"]}", "turns", "NUL"),
      ("{\"turns\":[\"a\"]}", "question_id", "is missing"),
      ("{\"question_id\":81,\"turns\":[\"a\"]}", "question_id", "of line 1 already"),
      ("{\"question_id\":82,\"category\":3,\"turns\":[\"a\"]}", "category", "expected a string"),
    ])
  func badQuestion(_ line: String, _ field: String, _ reason: String) throws {
    let path = try mtBench(
      try Scratch(), scores: [("m", 3, 1)], questions: [question(81), line])
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.map(\.id) == ["mt_bench/81"] && queries[0].text == "first 81")
    #expect(report.rejected == 1)
    let rejected = try #require(report.firstRejects.first)
    #expect(rejected.file == path + "/question.jsonl")
    #expect(rejected.line == 2 && rejected.field == field)
    #expect(rejected.reason.contains(reason))
  }

  @Test("lines longer than allowed are rejected, and a category may be absent")
  func overlong() throws {
    let long = String(repeating: "x", count: 4_000)
    let path = try mtBench(
      try Scratch(),
      judgements: [judgement(81, long, "3", 1), judgement(81, "m", "4", 1)],
      questions: ["{\"question_id\":81,\"turns\":[\"only\"],\"category\":null}"])
    var options = ImportOptions()
    options.maximumRowBytes = 2_000
    let (queries, report) = try LogFile.read(paths: [path], options: options)
    #expect(queries.map { $0.outcomes.map(\.outcome.quality) } == [[0.4]])
    #expect(queries[0].context.group == nil)
    #expect(report.firstRejects.map(\.reason) == ["longer than 2000 bytes"])
  }

  @Test(
    "half of MT-Bench is listed as a reject beside other benchmarks, which are read",
    arguments: ["question.jsonl", "judgements.jsonl"])
  func missingFileBesideOthers(_ name: String) throws {
    let scratch = try folder()
    let path = try mtBench(scratch, scores: [("m", 5, 1)], questions: [question(81)])
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    let (queries, report) = try LogFile.read(paths: [scratch.path])
    #expect(queries.count == 4)
    #expect(report.firstRejects.contains { $0.file == "\(path)/\(name)" })
  }

  @Test(
    "half of MT-Bench alone is an error that names the missing file, before any row is read",
    arguments: ["question.jsonl", "judgements.jsonl"])
  func missingFile(_ name: String) throws {
    let suffix = "/evals/mt_bench"
    let scratch = try folder()
    let path = try mtBench(scratch, scores: [("m", 5, 1)], questions: [question(81)])
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    let error = #expect(throws: StoreError.self) {
      try LogFile.read(paths: [scratch.path + suffix])
    }
    guard case .badFormat("\(path)/\(name)", _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("/\(name): is missing") == true)
  }

  @Test(
    "an empty file of MT-Bench is a named error", arguments: ["question.jsonl", "judgements.jsonl"])
  func emptyFile(_ name: String) throws {
    let scratch = try Scratch()
    let path = try mtBench(scratch, scores: [("m", 5, 1)], questions: [question(81)])
    let empty = try scratch.file("evals/mt_bench/\(name)", "\n \n")
    #expect(throws: StoreError.emptyInput(path: empty)) { try LogFile.read(paths: [path]) }
  }

  @Test(
    "MT-Bench made from the published scores gives the published qualities",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"))
  func realScores() throws {
    let data = try #require(realData)
    let source = try ByteSource(path: "\(data)/routellm_mtbench.jsonl.gz")
    var bytes: [UInt8] = []
    while try source.read(appendingTo: &bytes) {}
    var questions: [String] = []
    var judgements: [String] = []
    for line in bytes.split(separator: 0x0a) {
      let row = try #require(
        try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      let id = try #require((row["id"] as? String)?.split(separator: "/").last.flatMap { Int($0) })
      let first = try #require(row["query"] as? String)
      let second = try #require(row["query_turn2"] as? String)
      let group = try #require(row["group"] as? String)
      questions.append(question(id, turns: [first, second], category: group))
      for (model, outcome) in try #require(row["outcomes"] as? [String: [String: Any]]) {
        let scores = try #require(outcome["turn_scores"] as? [Double])
        for (turn, score) in scores.enumerated() {
          judgements.append(judgement(id, model, "\(score)", turn + 1))
        }
      }
    }
    let path = try mtBench(try Scratch(), judgements: judgements, questions: questions)
    let published = try LogFile.read(paths: ["\(data)/routellm_mtbench.jsonl.gz"]).queries
    #expect(published.count == 52)
    #expect(try LogFile.read(paths: [path]).queries == published)
  }
}
