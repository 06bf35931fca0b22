import Foundation
import RiddleData
import RiddleRemote
import RiddleRuntime
import RiddleStore

/// Which answers or queries a judge is to be asked about, and what that can cost.
struct JudgeWork: Sendable {
  /// To be asked, in the order of import.
  var pending: [JudgeSubject] = []
  /// Of these, such as the log judged already: asked to measure agreement.
  var checked = 0
  /// Asked in earlier runs.
  var known = 0
  /// Asked in earlier runs without a usable reply.
  var failed = 0

  /// Everything without a quality (or tier) and without a verdict; and of what the log judged itself, `check` picked
  /// by a hash of their names: the same ones in every run.
  init(_ subjects: [JudgeSubject], check: Int) {
    let logged = subjects.filter(\.isLogged).map {
      (hash: StableHash.hash($0.queryID.utf8 + [0] + ($0.candidate ?? "").utf8), subject: $0)
    }
    let picked = logged.sorted { ($0.hash, $0.subject.queryID) < ($1.hash, $1.subject.queryID) }
      .prefix(check).map { Key($0.subject) }
    let sample = Set(picked)
    for subject in subjects {
      if let verdict = subject.verdict {
        known += 1
        if case .failed = verdict { failed += 1 }
      } else if !subject.isLogged {
        pending.append(subject)
      } else if sample.contains(Key(subject)) {
        pending.append(subject)
        checked += 1
      }
    }
  }

  private struct Key: Hashable {
    var query: String
    var candidate: String?
    init(_ subject: JudgeSubject) {
      query = subject.queryID
      candidate = subject.candidate
    }
  }
}

extension JudgeSubject {
  /// Whether the log itself says what the judge would be asked.
  var isLogged: Bool { loggedQuality != nil || loggedTier != nil }
}

/// Tokens and money of calls not made yet.
struct CallEstimate: Encodable, Equatable {
  /// Calls, if every reply is usable.
  var calls = 0
  /// Bytes / 4.
  var likely_input_tokens: Int64 = 0
  /// The limit of every reply.
  var most_output_tokens: Int64 = 0
  /// At that many tokens.
  var likely_dollars = 0.0
  /// One token a byte, longest replies.
  var most_dollars = 0.0

  /// Adds calls of one size.
  mutating func add(bytes: Int, maximumTokens: Int, price: Price) {
    let input = TokenEstimate.likely(bytes: bytes)
    calls += 1
    likely_input_tokens += input
    most_output_tokens += Int64(maximumTokens)
    likely_dollars +=
      price.cost(inputTokens: input, outputTokens: Int64(maximumTokens)).dollars
    most_dollars +=
      price.cost(
        inputTokens: TokenEstimate.most(bytes: bytes), outputTokens: Int64(maximumTokens)
      ).dollars
  }
}

/// Asks a judge about everything that is pending and keeps each verdict as it comes.
struct JudgeRun: Sendable {
  let store: Store
  let client: RemoteClient
  let prompt: JudgePrompt
  let price: Price
  let limit: NanoDollars?
  let limits: Limits
  let maximumTokens: Int
  let tokenField: ChatRequest.TokenField
  let wantsJSON: Bool
  let isQuiet: Bool

  /// The name under which calls and money are kept.
  static func job(_ prompt: JudgePromptRecord, judge: String) -> String {
    "judge \(judge) \(prompt.hash)"
  }

  /// One subject, and what asking about it has taken so far.
  private struct Item: Sendable {
    var subject: JudgeSubject
    var calls = 0
    var badReplies = 0
    var lostCalls = 0
    var input: Int64 = 0
    var output: Int64 = 0
    var cost = NanoDollars.zero
  }

  struct Summary: Sendable {
    var end: PaidCallsEnd
    var calls = 0
    var verdicts = 0
    var failures = 0
    var cost = NanoDollars.zero
  }

  /// A subject whose call got no reply is asked this often in all before the run stops.
  private static let mostLostCalls = 3
  /// Refusals in a row, without one success, that end a run: the request itself is wrong.
  private static let mostRefusals = 3

  func run(_ work: JudgeWork) async throws -> Summary {
    let record = prompt.record
    let judge = client.endpoint.model
    try store.savePrompt(record)
    var paid = try PaidCalls<Item, ChatReply>(
      store: store, job: Self.job(record, judge: judge), limit: limit, options: limits)
    var summary = Summary(end: .done)
    var refusals = 0
    let progress = Progress("judging", unit: "calls", quiet: isQuiet)
    summary.end = try await paid.run(work.pending.map { Item(subject: $0) }) { item in
      try price.cost(
        inputTokens: request(item).mostInputTokens, outputTokens: Int64(maximumTokens))
    } call: { item in
      do throws(RemoteError) {
        // A text that vanished from the store meanwhile is a defect that `most` has reported before.
        guard let request = try? request(item) else { return .failure(.cancelled) }
        return .success(try await client.ask(request))
      } catch {
        return .failure(error)
      }
    } settle: { item, result, open, reserved in
      var item = item
      item.calls += 1
      summary.calls += 1
      progress.update(summary.calls, fraction: Double(summary.calls) / Double(work.pending.count))
      let settled = settledCall(result, open, reserved)
      item.input += settled.inputTokens
      item.output += settled.outputTokens
      item.cost += settled.cost
      summary.cost += settled.cost

      let verdict: JudgeVerdict.Result
      switch result {
      case .success(let reply):
        refusals = 0
        switch read(reply) {
        case .success(let said): verdict = said
        case .failure(let fault):
          item.badReplies += 1
          if item.badReplies < 2 {
            try store.settle(settled)
            return (settled.cost, .again(item))
          }
          verdict = .failed(fault.rawValue)
        }
      case .failure(.badReply):
        item.badReplies += 1
        if item.badReplies < 2 {
          try store.settle(settled)
          return (settled.cost, .again(item))
        }
        verdict = .failed(JudgeFault.noReply.rawValue)
      case .failure(let error) where error.concernsOneCall:
        refusals += 1
        if refusals >= Self.mostRefusals && summary.verdicts == 0 {
          try store.settle(settled)
          return (settled.cost, .stop(error))
        }
        guard case .refused(_, let status, let code, _, _) = error else {
          throw CommandFailure(.defect, "a refusal of an unknown kind")
        }
        verdict = .failed("HTTP \(status)\(code.map { ", \($0)" } ?? "")")
      case .failure(let error):
        try store.settle(settled)
        item.lostCalls += 1
        let isLost =
          switch error {
          case .timedOut, .connectionLost: true
          default: false
          }
        return (
          settled.cost,
          isLost && item.lostCalls < Self.mostLostCalls ? .again(item) : .stop(error)
        )
      }
      try store.saveVerdict(
        JudgeVerdict(
          queryID: item.subject.queryID, candidate: item.subject.candidate, result: verdict,
          calls: item.calls, inputTokens: item.input, outputTokens: item.output, cost: item.cost,
          time: PaidCalls<Item, ChatReply>.now), prompt: record.hash, judge: judge,
        settling: settled)
      if case .failed = verdict { summary.failures += 1 } else { summary.verdicts += 1 }
      return (settled.cost, .settled)
    }
    progress.finish()
    return summary
  }

  private func request(_ item: Item) throws -> ChatRequest {
    let texts = try store.texts(of: item.subject)
    let messages = prompt.messages(
      query: texts.query, answer: texts.answer, isRepeated: item.badReplies > 0)
    var request = ChatRequest(
      system: messages.system, user: messages.user, maximumTokens: maximumTokens)
    request.tokenField = tokenField
    request.wantsJSON = wantsJSON
    return request
  }

  /// The bill of one call: by the server's usage; all that was set aside where the server does not say, or may have
  /// worked unseen; nothing where it refused.
  private func settledCall(
    _ result: Result<ChatReply, RemoteError>, _ open: OpenCall, _ reserved: NanoDollars
  ) -> SettledCall {
    switch result {
    case .success(let reply):
      guard let usage = reply.usage else {
        return SettledCall(open, inputTokens: 0, outputTokens: 0, cost: reserved)
      }
      return SettledCall(
        open, inputTokens: usage.input, outputTokens: usage.output,
        cost: price.cost(inputTokens: usage.input, outputTokens: usage.output))
    case .failure(let error):
      return SettledCall(
        open, inputTokens: 0, outputTokens: 0, cost: error.mayBeBilled ? reserved : .zero)
    }
  }

  private func read(_ reply: ChatReply) -> Result<JudgeVerdict.Result, JudgeFault> {
    if reply.isRefusal { return .failure(.refusal) }
    let verdict = prompt.parse(reply.text)
    if case .failure(.notJSON) = verdict, reply.isCutShort { return .failure(.cutShort) }
    return verdict
  }
}
