import Foundation
import RiddleData
import RiddleRemote
import RiddleStore

/// `riddle label --judge`: what the flags ask for, in order; and what is said about it.
struct JudgeCommand {
  let options: JudgeOptions
  let storePath: String
  let candidates: [String]?
  let threshold: Double
  /// Tiers of --mode difficulty, easiest first.
  let tiers: [String]
  let output: OutputOptions

  private static let seed: UInt64 = 7

  func run() throws {
    guard let judge = options.judgeModel else {
      throw CommandFailure(.usage, "give --judge-model NAME")
    }
    let endpoint = try options.endpoint.endpoint(model: judge, output: output)
    let store = try Store.open(path: storePath, mode: .readWrite)
    let prompt = options.prompt(tiers: tiers)
    let record = prompt.record
    let job = JudgeRun.job(record, judge: judge)
    if !options.endpoint.dryRun {
      if options.retryFailed { try store.forgetFailedVerdicts(prompt: record.hash, judge: judge) }
      if options.forgetOpenCalls { try store.forgetOpenCalls(of: job) }
    }
    let work = JudgeWork(try subjects(store, record, judge), check: options.check)
    var estimate = CallEstimate()
    for subject in work.pending {
      estimate.add(
        bytes: subject.byteCount + prompt.frameBytes, maximumTokens: options.maxTokens,
        price: options.price)
    }
    var result = Result(
      mode: options.mode.rawValue, judge: judge, endpoint: endpoint.base, prompt: record.name,
      prompt_sha256: record.hash, dry_run: options.endpoint.dryRun,
      pending: work.pending.count, pending_to_check: work.checked, known: work.known,
      estimate: estimate, spending: try store.spending(of: job))
    if options.endpoint.dryRun {
      try show(result)
      try store.close()
      return
    }

    let runner = JudgeRun(
      store: store, client: RemoteClient(endpoint: endpoint, settings: options.endpoint.client),
      prompt: prompt, price: options.price,
      limit: options.endpoint.budget.map { NanoDollars(EndpointOptions.money($0)) },
      limits: Limits(
        concurrency: options.endpoint.concurrency, maximumCalls: options.endpoint.maxCalls),
      maximumTokens: options.maxTokens, tokenField: options.tokenField,
      wantsJSON: !options.noJsonMode, isQuiet: output.quiet)
    let summary = try waiting { try await runner.run(work) }
    if options.apply { result.applied = try store.applyVerdicts(prompt: record.hash, judge: judge) }
    let after = try subjects(store, record, judge)
    result.calls = summary.calls
    result.verdicts = summary.verdicts
    result.failed = summary.failures
    result.dollars = summary.cost.dollars
    result.spending = try store.spending(of: job)
    result.agreement =
      options.mode == .grade
      ? .grades(after, threshold: threshold, seed: Self.seed)
      : .tiers(after, names: tiers, seed: Self.seed)
    let left = JudgeWork(after, check: options.check)
    result.pending = left.pending.count
    result.pending_to_check = left.checked
    result.known = left.known
    result.ended = summary.end.name
    try store.close()
    try show(result)
    if case .failed(let error) = summary.end { throw error }
  }

  private func subjects(_ store: Store, _ record: JudgePromptRecord, _ judge: String) throws
    -> [JudgeSubject]
  {
    options.mode == .grade
      ? try store.answersToJudge(candidates: candidates, prompt: record.hash, judge: judge)
      : try store.queriesToRate(prompt: record.hash, judge: judge)
  }

  // MARK: what is said

  private func show(_ result: Result) throws {
    if output.json {
      Console.print(try JSONOutput.text(result))
      return
    }
    let things = options.mode == .grade ? "answers" : "queries"
    if result.dry_run {
      let estimate = result.estimate
      Console.print(
        "would ask \(result.judge) about \(result.pending) \(things)"
          + (result.pending_to_check > 0
            ? ", \(result.pending_to_check) of them judged in the log, to measure agreement" : "")
          + "; \(result.known) are known already")
      Console.print(
        "  \(estimate.calls) calls, about \(estimate.likely_input_tokens) tokens in (bytes / 4), at most \(estimate.most_output_tokens) out"
      )
      if options.price.isZero {
        Console.print("  money: unknown; give --price-in and --price-out")
      } else {
        Console.print(
          "  about $\(FigureText.dollars(estimate.likely_dollars)); at most $\(FigureText.dollars(estimate.most_dollars)), "
            + "with one token a byte and the longest replies; unusable replies are asked for once more"
        )
      }
      if result.pending == 0 && result.known == 0 { Console.print(nothing) }
      showSpending(result)
      return
    }
    Console.print(
      "\(result.calls) calls: \(result.verdicts) verdicts, \(result.failed) without a usable reply, \(result.pending) \(things) left"
    )
    if result.pending == 0 && result.known == 0 { Console.print(nothing) }
    showSpending(result)
    if options.apply {
      Console.print(
        "\(result.applied) \(options.mode == .grade ? "qualities" : "tiers") written into the log")
    }
    if let agreement = result.agreement { Console.print(agreement.text(about: things)) }
    switch result.ended {
    case "budget": output.note("stopped: the next call could pass the budget")
    case "max-calls": output.note("stopped after --max-calls; the same command goes on")
    default: break
    }
    if result.ended == "done" && !options.apply && result.verdicts > 0 {
      output.note("next: add --apply to write these verdicts where the log says nothing")
    }
  }

  private var nothing: String {
    options.mode == .grade
      ? "no answer is stored with its text: import logs with \"answer\" in the outcomes"
      : "no query is stored with its text"
  }

  private func showSpending(_ result: Result) {
    let spending = result.spending
    guard spending.calls + spending.openCalls > 0 else { return }
    Console.print(
      "  so far, all runs: \(spending.calls) calls, \(spending.inputTokens) tokens in, \(spending.outputTokens) out, $\(FigureText.dollars(NanoDollars(spending.costNanoDollars).dollars))"
    )
    if spending.openCalls > 0 {
      Console.print(
        "  \(spending.openCalls) calls of killed runs may have cost up to $\(FigureText.dollars(NanoDollars(spending.openNanoDollars).dollars)); they count as spent until --forget-open-calls"
      )
    }
  }

  private struct Result: Encodable {
    var mode: String
    var judge: String
    var endpoint: String
    var prompt: String
    var prompt_sha256: String
    var dry_run: Bool
    var ended: String?
    var calls = 0
    var verdicts = 0
    var failed = 0
    var dollars = 0.0
    var applied = 0
    var pending: Int
    var pending_to_check: Int
    var known: Int
    var estimate: CallEstimate
    var spending: JobSpending
    var agreement: JudgeAgreement?
  }
}

/// Numbers in sentences.
enum FigureText {
  /// `value` with `places` decimals.
  static func decimal(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  /// Dollars to the cent, below a dollar to the hundredth of a cent, below a cent to the millionth of a dollar.
  static func dollars(_ value: Double) -> String {
    decimal(value, value >= 1 || value == 0 ? 2 : value >= 0.01 ? 4 : 6)
  }
}
