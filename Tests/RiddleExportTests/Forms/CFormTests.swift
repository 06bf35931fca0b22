import Foundation
import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// The C form, compiled without a warning by every compiler there is, against the scorer.
@Suite struct CFormTests {
  /// Requests as Tests/Forms/decide.c reads them.
  static func encoded(_ queries: [FormRouters.Query]) -> [UInt8] {
    var bytes: [UInt8] = []
    func add(_ value: UInt32) {
      for i: UInt32 in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
    for query in queries {
      add(UInt32(bitPattern: query.context.turn))
      for value in query.values {
        bytes.append(UInt8(value.utf8.count))
        bytes += Array(value.utf8)
      }
      add(UInt32(query.embedding.count))
      for value in query.embedding { add(value.bitPattern) }
      add(UInt32(query.text.count))
      bytes += query.text
    }
    return bytes
  }

  /// One line a query, as decide.c prints it.
  static func expected(_ router: Router, _ queries: [FormRouters.Query]) -> String {
    var scratch = router.makeScratch()
    var text = ""
    func hexadecimal(_ value: Double) -> String {
      let digits = String(value.bitPattern, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
    for query in queries {
      let decision = router.decide(
        query.text.span, context: query.context, embedding: query.embedding.span,
        scratch: &scratch)
      let bits = [decision.margin, decision.threshold, decision.probability].map(hexadecimal)
      let name = String(decoding: router.candidates[decision.candidate].name, as: UTF8.self)
      text +=
        "\(decision.candidate) \(decision.head) \(bits.joined(separator: " ")) \(name)\n"
    }
    return text
  }

  static let harness = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Forms/decide.c").standardizedFileURL.path

  /// Runs a program; nil when there is none of that name.
  static func run(_ words: [String], input: URL? = nil, output: URL) throws -> Int32? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = process.standardOutput
    process.standardInput =
      try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 127 ? nil : process.terminationStatus
  }

  @Test(arguments: GeneratedRouters.all)
  func marginsAreTheScorersToTheBit(which: GeneratedRouters) throws {
    let router = which.router
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "riddle-c-form-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("tried.c")
    try Data(try cSource(router, name: "tried").utf8).write(to: source)
    let queries = FormRouters.queries(
      2_000, seed: 21, embedding: router.schema.embeddingMeans.count)
    let input = folder.appendingPathComponent("requests")
    try Data(Self.encoded(queries)).write(to: input)
    let wanted = Self.expected(router, queries)
    var compilers = 0
    for compiler in ["cc", "clang"] {
      let program = folder.appendingPathComponent("decide-\(compiler)")
      let log = folder.appendingPathComponent("log")
      let status = try Self.run(
        [
          compiler, "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic",
          "-DFORM=\"\(source.path)\"", "-DNAME=tried", Self.harness, "-o", program.path, "-lm",
        ], output: log)
      guard let status else {
        print("C form: \(compiler) NOT TRIED, there is none")
        continue
      }
      let said = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
      try #require(status == 0, "\(compiler): \(said.prefix(2_000))")
      let output = folder.appendingPathComponent("decisions")
      #expect(try Self.run([program.path], input: input, output: output) == 0)
      let found = String(decoding: try Data(contentsOf: output), as: UTF8.self)
      if found != wanted {
        let pairs = zip(found.split(separator: "\n"), wanted.split(separator: "\n"))
        let first = pairs.enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
          "\(compiler): query \(first?.offset ?? -1): \(first?.element.0 ?? "missing"), expected \(first?.element.1 ?? "")"
        )
      }
      compilers += 1
    }
    #expect(compilers > 0, "no C compiler: install gcc or clang")
  }

  @Test func whatIsTooLargeOrTooOldIsRefused() {
    let old = generatedRouter(kind: .tree, seed: 1)
    let schema = FeatureSchema(
      usesTurn: true, bucketBits: 0, wordOrders: 0, categories: old.schema.categories, version: 2)
    let router = Router(
      schema: schema, model: old.model, calibration: old.calibration, thresholds: old.thresholds,
      candidates: old.candidates)
    #expect(throws: FormError.oldFeaturizer(form: "C", version: 2, needed: 3)) {
      try cSource(router, name: "x")
    }
    let wide = generatedRouter(kind: .linearFloat, seed: 1, bucketBits: 18)
    #expect(throws: FormError.tooManyWeights(form: "C", weights: 2 << 18, limit: 1 << 18)) {
      try cSource(wide, name: "x")
    }
  }
}
