import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Embeddings")
struct EmbeddingTests {
  let scratch: Scratch
  let store: Store

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
  }

  static func line(_ id: String, _ text: String?, _ more: String = "") -> String {
    "{\"id\":\"\(id)\",\"query\":\(text.map(JSONText.quoted) ?? "null")\(more),\"outcomes\":{\"m\":{\"quality\":1},\"n\":{\"quality\":0}}}"
  }

  @Test("the log's vectors are kept by text and model, and fill a data set by name")
  func fromLog() throws {
    let path = try scratch.file(
      "a.jsonl",
      [
        Self.line("a", "one", #","embedding":[0.5,-1,3e-2],"embedding_model":"e""#),
        Self.line("b", "two"),
        Self.line("c", "one"),
        Self.line("d", "three", #","embedding":[1,2]"#),
        Self.line("x", "four", #","embedding":[1,2],"embedding_model":"e""#),
        Self.line("y", nil, #","embedding":[1,2]"#),
      ].joined(separator: "\n"))
    let report = try store.import([path])
    #expect((report.inserted, report.rejected, report.withEmbedding) == (4, 2, 2))
    #expect(report.firstRejects.map(\.field) == ["embedding", "embedding"])
    #expect(
      try store.embeddingModels() == [
        EmbeddingModelSummary(name: "e", dimension: 3, vectors: 1),
        EmbeddingModelSummary(name: "log", dimension: 2, vectors: 1),
      ])
    let column = try store.embeddings(model: "e", texts: ["one", "two", "one", "three"])
    #expect(column.isPresent == [true, false, true, false])
    #expect(column.values == [0.5, -1, 0.03, 0, 0, 0, 0.5, -1, 0.03, 0, 0, 0])
    let (direct, _) = try LogFile.read(paths: [path])
    let dataset = Dataset(log: direct, candidates: ["m", "n"], embeddingModel: "e")
    let own = try #require(dataset.embeddings)
    #expect(own.isPresent == [true, false, false, false], "a file's rows carry their own")
    #expect(own.presentCount == 1 && own.dimension == 3)
    let joined = Dataset(log: try store.readLog(), candidates: ["m", "n"]).withEmbeddings(column)
    #expect(joined.rows([2, 0]).embeddings?.isPresent == [true, true])
    #expect(joined.fillingMissingCosts(["m": 1]).embeddings == column)
    #expect(Dataset(log: direct, candidates: ["m", "n"], embeddingModel: "zz").embeddings == nil)
    #expect(throws: StoreError.unknownEmbeddingModel(name: "zz", available: ["e", "log"])) {
      try store.embeddings(model: "zz", texts: [])
    }
    #expect(try store.import([path]).unchanged == 4)
  }

  @Test(
    "what is no vector is rejected",
    arguments: [
      "[]", "[1,\"2\"]", "[1,null]", "[1e60]", "[[1]]", "\"x\"", "5", "{}", "[1", "[NaN]",
    ])
  func bad(_ vector: String) throws {
    let path = try scratch.file("a", Self.line("a", "canary", ",\"embedding\":\(vector)"))
    let (queries, report) = try LogFile.read(
      paths: [path], options: ImportOptions(format: .riddleJSONL))
    #expect(queries.isEmpty && report.rejected == 1)
    #expect(report.firstRejects.allSatisfy { !$0.jsonLine.contains("canary") })
  }

  @Test("texts without a vector are named once each, and those fetched are named no more")
  func missing() throws {
    _ = try store.import([
      scratch.file(
        "a.jsonl",
        [Self.line("a", "one"), Self.line("b", "two"), Self.line("c", "one"), Self.line("d", nil)]
          .joined(separator: "\n"))
    ])
    let texts = try store.textsWithoutEmbedding(model: "e")
    #expect(texts.map(\.queryID) == ["a", "b"])
    #expect(texts.map(\.byteCount) == [3, 3])
    let call = try store.openCall(job: "j", reserving: NanoDollars(5), time: Microseconds(0))
    let settled = SettledCall(call, inputTokens: 1, outputTokens: 0, cost: NanoDollars(1))
    #expect(
      try store.saveEmbeddings([(texts[0].textHash, [1, 2])], model: "e", settling: settled) == 1)
    #expect(try store.spending(of: "j").openCalls == 0)
    #expect(try store.textsWithoutEmbedding(model: "e").map(\.queryID) == ["b"])
    #expect(try store.textsWithoutEmbedding(model: "f").count == 2)
    #expect(
      try store.saveEmbeddings([(texts[0].textHash, [9, 9])], model: "e", settling: nil) == 0)
    #expect(throws: StoreError.self) {
      try store.saveEmbeddings([(texts[1].textHash, [1])], model: "e", settling: nil)
    }
    #expect(throws: StoreError.self) {
      try store.saveEmbeddings([(texts[1].textHash, [1, .nan])], model: "e", settling: nil)
    }
  }

  @Test("vectors of a file: by id, once, replaced only when asked")
  func byID() throws {
    _ = try store.import([
      scratch.file(
        "a.jsonl",
        [Self.line("a", "one"), Self.line("b", "two"), Self.line("d", nil)].joined(separator: "\n"))
    ])
    func save(_ ids: [String], _ vectors: [[Float]], replacing: Bool = false) throws -> (Int, Int) {
      var rest = vectors[...]
      return try store.saveEmbeddings(ids: ids, model: "n", replacing: replacing) { count in
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
    }
    #expect(try save(["a", "b"], [[1, 2], [3, 4]]) == (2, 0))
    #expect(try save(["b", "a"], [[3, 4], [1, 2]]) == (0, 2))
    #expect(throws: StoreError.self) { try save(["a"], [[5, 6]]) }
    #expect(try save(["a"], [[5, 6]], replacing: true) == (1, 0))
    #expect(try store.embeddings(model: "n", texts: ["one", "two"]).values == [5, 6, 3, 4])
    #expect(throws: StoreError.unknownQuery(id: "zz")) { try save(["zz"], [[1, 2]]) }
    #expect(throws: StoreError.self) { try save(["d"], [[1, 2]]) }
    #expect(throws: StoreError.self) { try save(["a"], [[1]], replacing: true) }
  }

  @Test("bytes are little-endian floats and come back bit by bit")
  func blob() {
    #expect(Array(VectorBlob.encode([1, -2])) == [0, 0, 128, 63, 0, 0, 0, 192])
    var random = SplitMix64(seed: 1)
    let values = (0..<500).map { _ in Float(random.unit() * 2e30 - 1e30) }
    var back = [Float](repeating: 0, count: 502)
    #expect(VectorBlob.decode(VectorBlob.encode(values), dimension: 500, into: &back, at: 1))
    #expect(Array(back[1...500]) == values && back[0] == 0 && back[501] == 0)
    #expect(!VectorBlob.decode(VectorBlob.encode([1]), dimension: 2, into: &back, at: 0))
    #expect(!VectorBlob.decode(VectorBlob.encode([.infinity]), dimension: 1, into: &back, at: 0))
  }
}

@Suite("NumPy files")
struct NpyTests {
  static func file(
    _ header: String, _ data: [UInt8], version: UInt8 = 1,
    magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  ) -> [UInt8] {
    let text = Array(header.utf8) + [0x0a]
    let length =
      version == 1
      ? [UInt8(text.count & 255), UInt8(text.count >> 8)]
      : [UInt8(text.count & 255), UInt8(text.count >> 8 & 255), 0, 0]
    return magic + [version, 0] + length + text + data
  }

  static func bytes(_ values: [Float]) -> [UInt8] { Array(VectorBlob.encode(values)) }
  static let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

  @Test(
    "float16, float32 and float64 of versions 1 and 2 are read, in any key order",
    arguments: [1, 2])
  func reads(_ version: UInt8) throws {
    let scratch = try Scratch()
    let values: [Float] = [1, -2.5, 0, 0.5, 65_504, -0.000061]
    let single = try NpyFile(
      path: scratch.file("4", Self.file(Self.good, Self.bytes(values), version: version)))
    #expect((single.rows, single.columns) == (2, 3))
    #expect(try single.nextRows(1) == [[1, -2.5, 0]])
    #expect(try single.nextRows(5) == [[0.5, 65_504, -0.000061]])
    #expect(try single.nextRows(5) == [])
    let doubles = values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: Double(value).bitPattern >> UInt64(8 * $0)) }
    }
    let double = try NpyFile(
      path: scratch.file(
        "8",
        Self.file(
          #"{"shape":(2,3),"descr":"<f8","fortran_order":False}"#, doubles, version: version)))
    #expect(try double.nextRows(2).flatMap { $0 } == values)
    // 1, −2.5, smallest subnormal, largest, −0, smallest normal.
    let halves: [UInt16] = [0x3c00, 0xc100, 0x0001, 0x7bff, 0x8000, 0x0400]
    let half = try NpyFile(
      path: scratch.file(
        "2",
        Self.file(
          "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3)}",
          halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, version: version)))
    #expect(
      try half.nextRows(2).flatMap { $0 } == [
        1, -2.5, 5.960_464_5e-8, 65_504, 0, 6.103_515_6e-5,
      ])
  }

  @Test(
    "hostile headers are refused",
    arguments: [
      "", "{}", "{'descr': '<f4'}", "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': ()}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + 1",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2*1, 3)}",
      "__import__('os').system('true')", "{'descr': '<f4\\x00', 'shape': (2, 3)}",
    ])
  func hostile(_ header: String) throws {
    let scratch = try Scratch()
    let data = Self.bytes([1, 2, 3, 4, 5, 6])
    let path = try scratch.file("v.npy", Self.file(header, data))
    #expect(throws: StoreError.self) { try NpyFile(path: path) }
  }

  @Test("every truncation, other versions, and numbers that are not finite are refused")
  func damaged() throws {
    let scratch = try Scratch()
    let whole = Self.file(Self.good, Self.bytes([1, 2, 3, 4, 5, 6]))
    for length in 0..<whole.count {
      let path = try scratch.file("v.npy", Array(whole.prefix(length)))
      #expect(throws: StoreError.self) { try NpyFile(path: path) }
    }
    let longer = try scratch.file("v.npy", whole + [0])
    #expect(throws: StoreError.self) { try NpyFile(path: longer) }
    let version = try scratch.file("w.npy", Self.file(Self.good, [], version: 3))
    #expect(throws: StoreError.self) { try NpyFile(path: version) }
    let pickle = try scratch.file("p.npy", [0x80, 4, 0x95] + [UInt8](repeating: 0, count: 40))
    #expect(throws: StoreError.self) { try NpyFile(path: pickle) }
    #expect(throws: StoreError.inputMissing(path: scratch.at("none"))) {
      try NpyFile(path: scratch.at("none"))
    }
    #expect(throws: StoreError.self) { try NpyFile(path: scratch.path) }
    let path = try scratch.file("n.npy", Self.file(Self.good, Self.bytes([1, 2, 3, 4, .nan, 6])))
    let file = try NpyFile(path: path)
    do {
      _ = try file.nextRows(2)
      Issue.record("NaN passed")
    } catch {
      #expect("\(error)".contains("row 1, column 1"))
    }
  }
}
