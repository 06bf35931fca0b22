@testable import RiddleServing

// Spans of temporary arrays in functions that throw end the compiler of Swift 6.3 with a failed check; in these they do not.

/// The answer to `POST /v1/route`.
func answer(_ decider: Decider, _ body: [UInt8]) -> Decider.Reply { decider.route(body.span) }

/// The answer to `POST /v1/route/batch`.
func batch(_ decider: Decider, _ body: [UInt8]) -> Decider.Reply { decider.routeBatch(body.span) }
