import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// The ONNX form as a message: onnxruntime's numbers are compared by Tests/Forms/onnx_parity.py.
@Suite struct ONNXFormTests {
  /// Fields of a message in order: number, and the varint or the bytes.
  struct Message {
    var numbers: [(field: Int, value: UInt64)] = []
    var blocks: [(field: Int, bytes: ArraySlice<UInt8>)] = []

    init(_ bytes: ArraySlice<UInt8>) throws {
      var rest = bytes
      func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
          let next = rest.popFirst()
          let byte = try #require(next)
          value |= UInt64(byte & 0x7f) << shift
          if byte < 0x80 { break }
        }
        return value
      }
      while !rest.isEmpty {
        let key = try varint()
        if key & 7 == 0 {
          numbers.append((Int(key >> 3), try varint()))
        } else {
          try #require(key & 7 == 2)
          let length = Int(try varint())
          try #require(length <= rest.count)
          blocks.append((Int(key >> 3), rest.prefix(length)))
          rest = rest.dropFirst(length)
        }
      }
    }

    func all(_ field: Int) -> [ArraySlice<UInt8>] {
      blocks.filter { $0.field == field }.map(\.bytes)
    }
    func text(_ field: Int) -> [String] { all(field).map { String(decoding: $0, as: UTF8.self) } }
    func message(_ field: Int) throws -> Message { try Message(try #require(all(field).first)) }
  }

  /// Every node reads what stands before it and nothing is named twice; every declared output is made.
  @Test(arguments: GeneratedRouters.all)
  func theGraphIsInOrder(which: GeneratedRouters) throws {
    let router = which.router
    let columns = featureNames(router.schema)
    let bytes = try onnxModel(router, columns: columns)
    #expect(try onnxModel(router, columns: columns) == bytes)
    let model = try Message(bytes[...])
    let graph = try model.message(7)
    var known: Set<String> = []
    for field in [11, 5] {
      for entry in graph.all(field) {
        let name = try #require(try Message(entry).text(field == 11 ? 1 : 8).first)
        #expect(known.insert(name).inserted)
      }
    }
    for node in graph.all(1) {
      let node = try Message(node)
      for input in node.text(1) { #expect(known.contains(input), "\(input) is read too early") }
      for output in node.text(2) { #expect(known.insert(output).inserted) }
    }
    let outputs = try graph.all(12).map { try #require(try Message($0).text(1).first) }
    #expect(outputs == ["margins", "probabilities", "step_margins", "candidate"])
    #expect(outputs.allSatisfy(known.contains))
    let inputs = try graph.all(11).map { try #require(try Message($0).text(1).first) }
    let schema = router.schema
    #expect(
      inputs == ["dense"] + (schema.wordOrders > 0 ? ["word_keys"] : [])
        + (schema.characterMinimum > 0 ? ["character_keys"] : []))
    let card = try model.all(14).map { entry in
      let entry = try Message(entry)
      return (entry.text(1).first ?? "", entry.text(2).first ?? "")
    }
    #expect(card.contains { $0.0 == "columns" && $0.1 == columns.joined(separator: "\n") })
    for (index, candidate) in router.candidates.enumerated() {
      let name = String(decoding: candidate.name, as: UTF8.self)
      #expect(card.contains { $0.0 == "candidate.\(index)" && $0.1 == name })
    }
  }

  /// Initialisers hold as many bytes as their shapes say, and the hashed table is the scorer's.
  @Test(arguments: GeneratedRouters.all)
  func tensorsAreWhole(which: GeneratedRouters) throws {
    let router = which.router
    let model = try Message(try onnxModel(router, columns: [])[...])
    var tables = 0
    for tensor in try model.message(7).all(5) {
      let tensor = try Message(tensor)
      let type = try #require(tensor.numbers.first { $0.field == 2 }).value
      var size = type == 1 ? 4 : 8
      // Packed dimensions, all below 2⁷ · 2⁷.
      var dimension = 0
      var shift = 0
      for byte in try #require(tensor.all(1).first) {
        dimension |= Int(byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 {
          size *= dimension
          dimension = 0
          shift = 0
        }
      }
      let raw = try #require(tensor.all(9).first)
      #expect(raw.count == size)
      if type == 1 {
        tables += 1
        let linear: LinearModel? =
          switch router.model {
          case .linear(let part), .stack(let part, _): part
          case .tree, .forest: nil
          }
        let hashed = try #require(linear?.hashed)
        let bytes = Array(raw)
        for i in 0..<hashed.count {
          let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * i + $1]) << UInt32(8 * $1) }
          #expect(Float(bitPattern: bits) == hashed.weight(at: i))
        }
      }
    }
    #expect(tables == (router.schema.usesHashing ? 1 : 0))
  }
}

/// Routers of every kind, hashed and plain.
struct GeneratedRouters: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let router: Router

  static let all: [GeneratedRouters] =
    GeneratedKind.allCases.map {
      .init(testDescription: "\($0)", router: WeightFileTests.finished($0))
    }
    + FormRouters.Plain.allCases.map {
      .init(testDescription: "plain \($0)", router: FormRouters.plain($0))
    }
}
