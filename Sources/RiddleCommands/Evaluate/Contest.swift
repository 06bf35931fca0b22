import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddlePolicies
import RiddleRuntime
import RiddleStore

/// Everything that is to be judged together, opened before any data are read.
struct Contest {
  private enum Entrant {
    case router(OpenedRouter)
    case answers([String: RouterAnswer], path: String, thresholds: [Double])
    case policy(PolicyFile, router: OpenedRouter?)
    case program(RouterProgram, thresholds: [Double])
  }

  private let entrants: [(name: String, entrant: Entrant)]
  /// The weight files, those of policies included, in order.
  let opened: [OpenedRouter]

  /// Opens every entry; two of the same name are numbered.
  init(_ specs: [RouterSpec], _ signature: SignatureOptions) throws {
    var entrants: [(name: String, entrant: Entrant)] = []
    var opened: [OpenedRouter] = []
    var taken: [String: Int] = [:]
    for spec in specs {
      let entrant: Entrant
      var own: String?
      switch spec.kind {
      case .weights(let path):
        let router = try OpenedRouter(path: path, signature)
        opened.append(router)
        own = router.name
        entrant = .router(router)
      case .scores(let path, let thresholds):
        let answers = try RouterAnswers.read(path: path)
        entrant = .answers(
          Dictionary(answers.map { ($0.id, $0) }) { first, _ in first }, path: path,
          thresholds: thresholds)
      case .policy(let path):
        let file = try PolicyFile(path: path)
        let router = try file.routerPath.map { try OpenedRouter(path: $0, signature) }
        if let router { opened.append(router) }
        own = file.name
        entrant = .policy(file, router: router)
      case .command(let command, let thresholds):
        entrant = .program(RouterProgram(command: command, timeout: 0), thresholds: thresholds)
      }
      let given = spec.displayName(default: own)
      // The wall has its own always-strongest.
      let name = baselineNames.contains(given) ? "\(given) (policy)" : given
      let count = (taken[name] ?? 0) + 1
      taken[name] = count
      entrants.append((count == 1 ? name : "\(name) (\(count))", entrant))
    }
    if let first = opened.first {
      for other in opened.dropFirst() where other.candidates != first.candidates {
        throw CommandFailure(
          .malformedData,
          "\(other.path) has the ladder \(other.candidates.joined(separator: ", ")), \(first.path) has \(first.candidates.joined(separator: ", ")); evaluate them one by one"
        )
      }
    }
    self.entrants = entrants
    self.opened = opened
  }

  /// Files that were read, for the report.
  var inputs: [EvaluationReport.Input] {
    entrants.compactMap { name, entrant in
      switch entrant {
      case .router(let router): input("router", router.path)
      case .answers(_, let path, _): input("scores", path)
      case .policy(let file, _): input("policy", file.path)
      case .program(let program, _):
        .init(
          role: "program", name: program.command,
          sha256: Files.sha256(Array(program.command.utf8)))
      }
    }
  }

  private func input(_ role: String, _ path: String) -> EvaluationReport.Input? {
    guard let sha256 = try? Files.sha256(ofFile: path) else { return nil }
    return .init(role: role, name: URL(fileURLWithPath: path).lastPathComponent, sha256: sha256)
  }

  /// The model whose embeddings the routers read; nil when none reads any.
  func embeddingModel(given: String?) throws -> String? {
    let readers = opened.filter { !$0.router.schema.embeddingMeans.isEmpty }
    if readers.isEmpty { return nil }
    if let given { return given }
    let models = Set(readers.compactMap { $0.metadata[RouterMetadata.embeddingModel] }).sorted()
    guard let model = models.first, models.count == 1 else {
      throw CommandFailure(
        .usage,
        models.isEmpty
          ? "the router reads embeddings and does not say of which model; name it with --embedding-model"
          : "the routers read embeddings of several models (\(models.joined(separator: ", "))); evaluate them one by one"
      )
    }
    return model
  }

  /// Whether some entrant reads texts; scores and most policies do not.
  var readsText: Bool {
    entrants.contains { _, entrant in
      switch entrant {
      case .router, .program: true
      case .answers: false
      case .policy(let file, let router): router != nil || file.readsText
      }
    }
  }

  /// Whether some entrant looks at answers.
  var hasPolicies: Bool {
    entrants.contains { _, entrant in
      if case .policy = entrant { true } else { false }
    }
  }

  /// Checks the ladder of the data against the weight files'.
  func ladderWarnings(_ names: [String]) throws -> [String] {
    guard let first = opened.first, names != first.candidates else { return [] }
    let own = first.candidates
    guard names.count == own.count else {
      throw CommandFailure(
        .malformedData,
        "--candidates names \(names.count) candidates, the router has \(own.count): \(own.joined(separator: ", "))"
      )
    }
    guard Set(names) != Set(own) else {
      throw CommandFailure(
        .malformedData,
        "--candidates has the router's candidates in another order; the router's ladder is \(own.joined(separator: ","))"
      )
    }
    return [
      "candidates \(names.joined(separator: ", ")) stand for the router's \(own.joined(separator: ", ")), by position"
    ]
  }

  /// What is known of all routers' training rows together. Rows must be unseen by each of them; of scores and programs
  /// nothing can be known.
  func seenRows() throws -> SeenRows {
    var fingerprints: [TrainingRows] = []
    for router in opened {
      guard let rows = try router.trainingRows() else {
        guard opened.count == 1, let unit = router.metadata[RouterMetadata.splitUnit],
          let splitUnit = SplitUnit(rawValue: unit),
          let seed = router.metadata[RouterMetadata.seed].flatMap({ UInt64($0) })
        else { return .unknown }
        return .split(Split(unit: splitUnit, seed: seed))
      }
      fingerprints.append(rows)
    }
    return opened.isEmpty ? .unknown : .fingerprints(fingerprints)
  }

  /// What one entrant decided on the judged rows.
  struct Decisions {
    /// For the evaluation.
    var scored: ScoredPolicy
    /// The policy's plan and replay, where it is one.
    var replayed: (file: PolicyFile, plan: PolicyPlan, prepared: PreparedReplay, replay: Replay)?
  }

  /// Every entrant's decisions on the judged rows, policies replayed on the log as it is.
  func policies(
    on judged: inout JudgedRows, timeout: Double, warnings: inout [String], output: OutputOptions
  ) throws -> [ScoredPolicy] {
    try keepAnswered(&judged)
    let bench = hasPolicies ? PolicyBench(judged.data) : nil
    return try decisions(
      on: judged.data, bench: bench, timeout: timeout, warnings: &warnings, output: output
    ).map(\.scored)
  }

  /// Leaves out, for all entrants, the rows that a scores file lacks.
  func keepAnswered(_ judged: inout JudgedRows) throws {
    for (_, entrant) in entrants {
      guard case .answers(let answers, let path, _) = entrant else { continue }
      let known = judged.data.ids.count { answers[$0] != nil }
      guard known > 0 else {
        throw CommandFailure(
          .malformedData,
          "\(path): none of its \(answers.count) identifiers is among the \(judged.data.count) judged rows; its ids must be the log's"
        )
      }
      judged.keep({ answers[$0] != nil }, reason: "\(path) has no answer for them")
    }
    guard judged.data.count > 0 else {
      throw CommandFailure(.malformedData, "no row has an answer from every scores file")
    }
  }

  /// Every entrant's decisions on `data`; policies are replayed on `bench`.
  func decisions(
    on data: Dataset, bench: PolicyBench?, timeout: Double, warnings: inout [String],
    output: OutputOptions
  ) throws -> [Decisions] {
    var decisions: [Decisions] = []
    var outsiders: [String] = []
    func answered(
      _ name: String, _ kind: String, _ source: String, _ thresholds: [Double],
      _ answers: [String: RouterAnswer]
    ) throws {
      outsiders.append(name)
      let (policy, more) = try AnsweredPolicy(
        name: name, kind: kind, source: source, thresholds: thresholds
      ).policy(answers, on: data)
      decisions.append(Decisions(scored: policy))
      warnings += more
    }
    for (name, entrant) in entrants {
      switch entrant {
      case .router(let router):
        warnings += try embeddingWarnings(router.router, name: name, on: data)
        decisions.append(Decisions(scored: scoredPolicy(router.router, name: name, on: data)))
      case .policy(let file, let router):
        guard let bench else { continue }
        let plan = try file.plan(
          candidates: data.outcomes.candidates, name: name, router: router)
        let prepared = try bench.prepare(plan, router: router?.router)
        warnings += prepared.warnings
        let replay = bench.run(plan, prepared)
        decisions.append(
          Decisions(
            scored: replay.scoredPolicy(name: name, kind: plan.summary),
            replayed: (file, plan, prepared, replay)))
      case .answers(let answers, let path, let thresholds):
        try answered(name, "scores file", path, thresholds, answers)
      case .program(let program, let thresholds):
        let progress = Progress("asking \(name)", quiet: output.quiet)
        let answers = try RouterProgram(command: program.command, timeout: timeout)
          .answers(data, progress: progress)
        progress.finish()
        try answered(name, "program", "cmd:\(program.command)", thresholds, answers)
      }
    }
    if !outsiders.isEmpty {
      warnings.append(
        "whether \(outsiders.map { "'\($0)'" }.joined(separator: ", ")) saw these rows, or chose a threshold on them, is unknown: in-sample figures flatter"
      )
    }
    return decisions
  }
}
