import HTTPTypes
import RiddleData
import RiddlePolicies
import RiddleServing

/// A chat request that is over, and what it needs to be answered, learned from and logged.
struct ChatCall: Sendable {
  var query: RouteQuery
  var request: Request
  var id: String
  var served: ServedRouter
  var route: ChatRoute
  var serving: Serving
  /// ``Clocks/now()`` when it came.
  var start: Int64

  /// The candidate that answered, or was asked last.
  var candidate: String { served.candidates[serving.candidate] }

  /// Tells the caller who answered, and why.
  func mark(_ headers: inout HTTPFields) {
    headers[Self.modelHeader] = Self.printable(candidate)
    headers[Self.reasonHeader] = Self.printable(
      serving.reason.detail.isEmpty
        ? serving.reason.stage : "\(serving.reason.stage): \(serving.reason.detail)")
    headers[Self.versionHeader] = Self.printable(served.version)
    headers[Self.callsHeader] = String(serving.attempts.count)
    headers[Self.requestHeader] = Self.printable(id)
  }

  private static let modelHeader = Endpoint.name("x-riddle-model")
  private static let reasonHeader = Endpoint.name("x-riddle-reason")
  private static let versionHeader = Endpoint.name("x-riddle-version")
  private static let callsHeader = Endpoint.name("x-riddle-calls")
  private static let requestHeader = Endpoint.name("x-request-id")

  /// What may stand in a header: reasons repeat what callers wrote, and a line break would begin another header.
  static func printable(_ text: String) -> String {
    String(
      decoding: text.utf8.prefix(256).map { $0 >= 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: "?") },
      as: UTF8.self)
  }

  /// The line of the log.
  func record(_ end: ChatEnd) -> DecisionRecord {
    var record = DecisionRecord(
      requestID: id, time: query.context.time ?? Clocks.wallTime(), candidate: candidate)
    record.takeFacts(query, served: served)
    let first = serving.first
    // The draw was of the candidate that was asked first, and says nothing of one that came after it.
    let isDrawn = serving.attempts.first?.candidate == serving.candidate
    record.propensity = first.propensity == 1 || isDrawn ? first.propensity : nil
    if !first.alternatives.isEmpty {
      record.alternatives = first.alternatives.filter { $0 < served.candidates.count }.map {
        served.candidates[$0]
      }
    }
    if first.propensity == 1 {
      record.propensities = [CandidatePropensity(candidate: candidate, probability: 1)]
    }
    record.stage = first.stage
    record.reason = first.detail.isEmpty ? nil : first.detail
    record.score = first.score.flatMap { $0.isFinite ? $0 : nil }
    record.threshold = first.threshold.flatMap { $0.isFinite ? $0 : nil }
    record.probability = request.probability
    record.confidence = (serving.reason.confidence ?? first.confidence).map { min(1, max(0, $0)) }
    record.wasEscalated = serving.candidatesPaid > 1
    record.latency = Microseconds((Clocks.now() - start) / 1000)
    let isFailed = end == .failed || end == .cut
    if isFailed { record.quality = 0 }
    var extras = RecordExtras()
    extras.add("asked", serving.attempts.count)
    extras.add("decided_by", serving.reason.stage)
    extras.add("failed", isFailed)
    if end == .left { extras.add("left", true) }
    extras.add("flagged", serving.isFlagged)
    // Names of OpenTelemetry's semantic conventions for generative AI.
    extras.add("gen_ai.operation.name", "chat")
    if let model = query.model { extras.add("gen_ai.request.model", model) }
    extras.add("gen_ai.response.model", candidate)
    route.add(to: &extras, candidates: served.candidates)
    if let paid = serving.paid {
      record.cost = NanoDollars(paid)
    } else if let expected = served.prices[serving.candidate] {
      record.cost = NanoDollars(expected)
      extras.add("cost_basis", "expected")
    }
    record.extras = extras.text
    return record
  }
}
