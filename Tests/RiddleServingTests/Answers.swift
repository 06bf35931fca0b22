@testable import RiddleServing

// Spans of temporary arrays in functions that throw end the compiler of Swift 6.3 with a failed check; in these they do not.

/// The answer to `POST /v1/route`.
func answer(_ decider: Decider, _ body: [UInt8]) -> Decider.Reply { decider.route(body.span) }

/// What a request's body asks for; nil when it is refused.
func readQuery(_ json: String) -> RouteQuery? { try? RouteQuery(reading: Array(json.utf8).span) }

/// The answer to `POST /v1/route/batch`.
func batch(
  _ decider: Decider, _ body: [UInt8], headers: (inout RouteQuery) -> Void = { _ in }
) -> Decider.Reply {
  decider.routeBatch(body.span, headers: headers)
}
