import RiddleRuntime

/// How two routers decide the same queries.
struct RouterComparison {
  /// Queries compared.
  let queries: Int
  /// Queries that the second sends to another candidate.
  private(set) var changed = 0
  /// Largest difference of a head's margin.
  private(set) var largest = 0.0

  /// A query with what is known about it; the embedding is empty when unknown.
  struct Query {
    var text: [UInt8]
    var context: RequestContext
    var embedding: [Float]
  }

  init(_ a: Router, _ b: Router, texts: [Query]) {
    queries = texts.count
    var first = a.makeScratch()
    var second = b.makeScratch()
    for query in texts {
      let x = a.decide(
        query.text.span, context: query.context, embedding: query.embedding.span, scratch: &first)
      let y = b.decide(
        query.text.span, context: query.context, embedding: query.embedding.span, scratch: &second)
      if x.candidate != y.candidate { changed += 1 }
      for head in 0..<a.model.headCount {
        largest = max(
          largest,
          abs(a.model.margin(first, head: head) - b.model.margin(second, head: head)))
      }
    }
  }
}
