import ArgumentParser
import RiddleData
import RiddlePipeline
import RiddlePolicies
import RiddlePolicyFiles

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Lint policy files, with data also against it.",
    discussion: """
      Without data: syntax, unknown settings, more than 5 rules, rules and stages that can never \
      be reached, high-risk rules shadowed by cheaper ones, no default, thresholds and gates on \
      numbers that are no probabilities. With data also: candidates without a price, rules that \
      never fire, latency limits that no candidate meets, cascades that cost more than always \
      asking the strongest candidate.

      Exit status 1 when an error was found; warnings do not count unless --strict.

      EXAMPLES
        riddle policy check band.yaml tiers.yaml
        riddle policy check band.yaml --data log.jsonl --candidates a,b
        riddle policy check band.yaml --store desk.sqlite --json --strict
      """)

  @Argument(help: "Policy files.")
  var files: [String]

  @OptionGroup var source: DataOptions
  @OptionGroup var world: WorldOptions

  @Option(help: ArgumentHelp("Model of embeddings that a policy reads.", valueName: "name"))
  var embeddingModel: String?

  @Flag(help: "Warnings too end with status 1.")
  var strict = false

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  /// What was found in one file.
  struct Result: Codable {
    var file: String
    var policy: String
    var stages: String
    var rows: Int?
    var findings: [LintFinding]
  }

  func run() throws {
    try reportingFailures {
      let opened = try files.map(PolicyFile.init)
      let hasData = source.store != nil || !source.data.isEmpty
      let results = try hasData ? withData(opened) : opened.map(withoutData)
      if output.json {
        Console.print(try JSONOutput.text(results))
      } else {
        for result in results { printed(result) }
      }
      let failing = results.flatMap(\.findings).contains { $0.severity == .error || strict }
      if failing { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  private func withoutData(_ file: PolicyFile) throws -> Result {
    let names: [String]
    if let router = try file.routerPath.map({ try OpenedRouter(path: $0, signature) }) {
      names = router.candidates
    } else if let given = source.candidates {
      names = given.split(separator: ",").map(String.init)
    } else {
      names = try file.document.mentionedCandidates()
    }
    let plan = try file.plan(candidates: names, name: file.name ?? file.path, router: nil)
    var findings = PolicyLint.findings(plan, .unknown(candidates: names))
    if plan.needs.router && file.routerPath == nil {
      findings.append(
        LintFinding(
          .error, "no-router",
          "a stage reads a router's probability; name a weight file: router: FILE")
      )
    }
    if plan.needs.predictions && plan.predictor == nil {
      findings.append(
        LintFinding(
          .error, "no-predictions",
          "a stage reads predictions; say predict: {with: segments, by: FIELD} (or neighbours, router)"
        ))
    }
    return Result(
      file: file.path, policy: plan.name, stages: plan.summary, rows: nil, findings: findings)
  }

  private func withData(_ files: [PolicyFile]) throws -> [Result] {
    let routers = try files.map { try $0.routerPath.map { try OpenedRouter(path: $0, signature) } }
    let loaded = try source.load(
      fallbackCandidates: routers.lazy.compactMap { $0 }.first?.candidates,
      embeddingModel: embeddingModel, keepsAnswers: true,
      requiresText: routers.contains { $0 != nil } || files.contains(where: \.readsText),
      output: output)
    for warning in loaded.warnings { output.note("warning: \(warning)") }
    let data = try world.timed(loaded.dataset)
    let (world, warnings, _) = try world.world(for: data)
    for warning in warnings { output.note("warning: \(warning)") }
    let bench = PolicyBench(data, world: world)
    return try zip(files, routers).map { file, router in
      let plan = try file.plan(
        candidates: data.outcomes.candidates, name: file.name ?? file.path, router: router)
      return Result(
        file: file.path, policy: plan.name, stages: plan.summary, rows: data.count,
        findings: try bench.audit(plan, router: router?.router))
    }
  }

  private func printed(_ result: Result) {
    let rows = result.rows.map { ", on \($0) rows" } ?? ""
    if result.findings.isEmpty {
      Console.print("\(result.file): nothing found\(rows) (\(result.stages))")
      return
    }
    for finding in result.findings {
      let place = finding.line.map { ":\($0)" } ?? ""
      Console.print(
        "\(result.file)\(place): \(finding.severity.rawValue): \(finding.message) [\(finding.check)]"
      )
    }
  }
}
