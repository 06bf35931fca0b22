import RiddleData
import RiddlePolicies
import Testing

@Suite("Context vector")
struct ContextVectorTests {
  func vector(
    _ text: String, _ context: QueryContext = QueryContext(), probability: Double? = nil,
    embedding: [Float] = [], _ features: ContextVector = ContextVector()
  ) -> [Double] {
    features.vector(
      of: Request(
        text: text, context: context, candidateCount: 2, probability: probability,
        embedding: embedding))
  }

  @Test("each place means what the table says")
  func places() {
    let plain = vector("hello")
    #expect(plain.count == 20 && ContextVector().dimension == 20)
    #expect(plain[0] == 1 && plain[2] == 2.0 / 4000)
    #expect(abs(plain[1] - 0.179_175_946_922_805_5) < 1e-15)  // ln 6 / 10
    #expect(plain.dropFirst(3).allSatisfy { $0 == 0 })
    #expect(vector("```\nx\n```")[3] == 1 && vector("a `b` c")[3] == 0)
    #expect(vector("f(x) { return 1; }")[3] == 1)
    #expect(vector("why?")[4] == 1 && vector("1234abcd")[5] == 0.5)
    #expect(vector("", QueryContext(turn: 4))[6] == 0.4)
    #expect(vector("", QueryContext(turn: 1000))[6] == 1)
    #expect(vector("", probability: 0.9)[7] == 0.4)
    #expect(vector("", probability: .nan)[7] == 0)
    #expect(vector(String(repeating: "x", count: 1_000_000))[2] == 1)
  }

  @Test("values of fields have places of their own, by name and value")
  func fields() {
    let features = ContextVector(buckets: 4096)
    func marks(_ context: QueryContext) -> [Int] {
      let found = vector("x", context, features)
      return found.indices.dropFirst(8).filter { abs(found[$0]) == 1 }
    }
    let sql = marks(QueryContext(taskType: "sql"))
    #expect(sql.count == 2 && marks(QueryContext()).isEmpty)
    #expect(marks(QueryContext(domain: "sql")) != sql)
    #expect(marks(QueryContext(taskType: "code")) != sql)
    #expect(marks(QueryContext(userTier: "free", taskType: "sql", domain: "x")).count == 6)
    #expect(vector("x", QueryContext(taskType: "sql"), ContextVector(buckets: 0)).count == 8)
    // In twelve buckets, of 200 values one pair in 264 looks alike.
    let vectors = (0..<200).map { vector("x", QueryContext(taskType: "value \($0)")) }
    var alike = 0
    for i in 0..<200 {
      for j in 0..<i where vectors[i] == vectors[j] { alike += 1 }
    }
    #expect(alike > 38 && alike < 115, "\(alike)")
  }

  @Test("an embedding is taken when it has the right length, and is zeros otherwise")
  func embedding() {
    let features = ContextVector(buckets: 2, embeddingDimension: 3)
    #expect(vector("x", embedding: [1, -0.5, .infinity], features).suffix(3) == [1, -0.5, 0])
    #expect(vector("x", embedding: [1, 2], features).suffix(3) == [0, 0, 0])
    #expect(vector("x", QueryContext(), features).count == 13)
  }
}
