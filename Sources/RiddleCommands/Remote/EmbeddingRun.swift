import Foundation
import RiddleData
import RiddleRemote
import RiddleStore

/// Fetches vectors batch by batch and keeps each batch as it comes.
struct EmbeddingRun: Sendable {
  let store: Store
  let client: RemoteClient
  let model: String
  let dimensions: Int?
  let price: Price
  let limit: NanoDollars?
  let limits: Limits
  let isQuiet: Bool

  struct Summary: Sendable {
    var end: PaidCallsEnd
    var calls = 0
    var vectors = 0
    var cost = NanoDollars.zero
    /// Queries whose text the server refused on its own.
    var refused: [String] = []
  }

  private struct Batch: Sendable {
    var texts: [TextToEmbed]
    var badReplies = 0
    var lostCalls = 0
  }

  /// Most bytes of the texts of one call, unless one text alone has more.
  static let mostBytes = 256 << 10
  private static let mostLostCalls = 3
  /// Texts refused on their own, without one success, that end a run: the request itself is wrong.
  private static let mostRefusals = 3

  /// The name under which calls and money are kept.
  static func job(_ model: String) -> String { "embed \(model)" }

  /// `texts` in groups of at most `size` and ``mostBytes``, in order.
  static func batches(_ texts: [TextToEmbed], size: Int) -> [[TextToEmbed]] {
    var batches: [[TextToEmbed]] = []
    var bytes = 0
    for text in texts {
      if let last = batches.last, last.count < size, bytes + text.byteCount <= mostBytes {
        batches[batches.count - 1].append(text)
        bytes += text.byteCount
      } else {
        batches.append([text])
        bytes = text.byteCount
      }
    }
    return batches
  }

  func run(_ batches: [[TextToEmbed]]) async throws -> Summary {
    var paid = try PaidCalls<Batch, EmbeddingReply>(
      store: store, job: Self.job(model), limit: limit, options: limits)
    var summary = Summary(end: .done)
    let progress = Progress("embedding", unit: "calls", quiet: isQuiet)
    summary.end = try await paid.run(batches.map { Batch(texts: $0) }) { batch in
      // A frame of 64 tokens for each text.
      price.cost(
        inputTokens: batch.texts.reduce(0) { $0 + TokenEstimate.most(bytes: $1.byteCount) },
        outputTokens: 0)
    } call: { batch in
      do throws(RemoteError) {
        guard let texts = try? texts(batch) else { return .failure(.cancelled) }
        return .success(try await client.embed(texts, dimensions: dimensions))
      } catch {
        return .failure(error)
      }
    } settle: { batch, result, open, reserved in
      summary.calls += 1
      progress.update(
        summary.calls, fraction: Double(summary.calls) / Double(max(1, batches.count)))
      let settled = settledCall(result, open, reserved)
      summary.cost += settled.cost
      if case .success(let reply) = result {
        summary.vectors += try store.saveEmbeddings(
          zip(batch.texts, reply.vectors).map { ($0.textHash, $1) }, model: model,
          settling: settled)
        return (settled.cost, .settled)
      }
      guard case .failure(let error) = result else { return (settled.cost, .settled) }
      try store.settle(settled)
      return (settled.cost, decision(batch, error, &summary))
    }
    progress.finish()
    return summary
  }

  /// What to do after a call without vectors: a refused batch is split until the text at fault stands alone.
  private func decision(_ batch: Batch, _ error: RemoteError, _ summary: inout Summary)
    -> PaidCalls<Batch, EmbeddingReply>.Decision
  {
    var batch = batch
    switch error {
    case .timedOut, .connectionLost:
      batch.lostCalls += 1
      return batch.lostCalls < Self.mostLostCalls ? .again(batch) : .stop(error)
    case .badReply:
      batch.badReplies += 1
      return batch.badReplies < 2 ? .again(batch) : .stop(error)
    case _ where error.concernsOneCall:
      if batch.texts.count > 1 {
        let middle = batch.texts.count / 2
        return .split([
          Batch(texts: Array(batch.texts[..<middle])), Batch(texts: Array(batch.texts[middle...])),
        ])
      }
      summary.refused.append(contentsOf: batch.texts.map(\.queryID))
      return summary.vectors == 0 && summary.refused.count >= Self.mostRefusals
        ? .stop(error) : .settled
    default: return .stop(error)
    }
  }

  private func texts(_ batch: Batch) throws -> [String] {
    try batch.texts.map { text in
      guard let content = try store.text(ofQuery: text.queryID) else {
        throw StoreError.unknownQuery(id: text.queryID)
      }
      return content
    }
  }

  private func settledCall(
    _ result: Result<EmbeddingReply, RemoteError>, _ open: OpenCall, _ reserved: NanoDollars
  ) -> SettledCall {
    switch result {
    case .success(let reply):
      guard let usage = reply.usage else {
        return SettledCall(open, inputTokens: 0, outputTokens: 0, cost: reserved)
      }
      return SettledCall(
        open, inputTokens: usage.input, outputTokens: 0,
        cost: price.cost(inputTokens: usage.input, outputTokens: 0))
    case .failure(let error):
      return SettledCall(
        open, inputTokens: 0, outputTokens: 0, cost: error.mayBeBilled ? reserved : .zero)
    }
  }
}
