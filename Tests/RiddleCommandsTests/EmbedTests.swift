import Foundation
import RiddleTestSupport
import Synchronization
import Testing

/// `riddle embed` against a server on this machine, and from files.
@Suite("Embed", .serialized)
struct EmbedTests {
  static func log(_ count: Int) -> String {
    (0..<count).map { i in
      "{\"id\":\"q\(i)\",\"query\":\"text \(i / 2)\",\"outcomes\":{\"m\":{\"quality\":1},\"n\":{\"quality\":0}}}\n"
    }.joined()
  }

  static func reply(_ request: FakeEndpoint.Request) -> FakeEndpoint.Response {
    let texts = request.json["input"] as? [String] ?? []
    return .vectors(texts.map { [Float($0.utf8.count), 0.5] }, tokens: texts.count * 10)
  }

  static func command(_ server: FakeEndpoint, _ more: [String] = []) -> [String] {
    [
      "embed", "--store", "s.sqlite", "--endpoint", server.url, "--embedding-model", "e", "--json",
      "--quiet",
    ] + more
  }

  static func withStore(_ text: String, _ body: (TemporaryFolder) throws -> Void) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", text)
      try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try body(folder)
    }
  }

  @Test("each text is fetched once, in batches; a second run asks nothing")
  func fetches() throws {
    let server = try FakeEndpoint(Self.reply)
    defer { server.stop() }
    try Self.withStore(Self.log(40)) { folder in
      let dry = try succeed(
        Self.command(server, ["--batch", "8", "--dry-run", "--price-in", "1"]), in: folder
      ).object()
      #expect(dry["texts"] as? Int == 20)
      #expect((dry["estimate"] as? [String: Any])?["calls"] as? Int == 3)
      #expect(server.requests.isEmpty)
      let first = try succeed(
        Self.command(server, ["--batch", "8", "--price-in", "1", "--budget", "1"]), in: folder
      ).object()
      #expect(first["vectors"] as? Int == 20 && first["left"] as? Int == 0)
      #expect(abs((first["dollars"] as? Double ?? 0) - 200e-6) < 1e-12)
      #expect(server.requests.count == 3)
      #expect(server.requests.allSatisfy { $0.path == "/v1/embeddings" })
      let second = try succeed(Self.command(server), in: folder).object()
      #expect(second["calls"] as? Int == 0)
      #expect(server.requests.count == 3)
      // New texts alone are asked for.
      try folder.write("more.jsonl", Self.log(44))
      try succeed(["import", "more.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(Self.command(server), in: folder)
      #expect(server.requests.last?.json["input"] as? [String] == ["text 20", "text 21"])
      let list = try succeed(["embed", "--store", "s.sqlite", "--json"], in: folder).object()
      let models = try #require(list["models"] as? [[String: Any]])
      #expect(models.count == 1 && models[0]["vectors"] as? Int == 22)
    }
  }

  @Test("a killed run fetches again only what had no reply")
  func killed() throws {
    let isStuck = Mutex(true)
    let server = try FakeEndpoint { request in
      var waited = 0
      while request.number >= 2 && isStuck.withLock({ $0 }) && waited < 600 {
        Thread.sleep(forTimeInterval: 0.05)
        waited += 1
      }
      return Self.reply(request)
    }
    defer { server.stop() }
    try Self.withStore(Self.log(40)) { folder in
      let process = Process()
      process.executableURL = try riddleProgram()
      process.arguments = Self.command(server, ["--batch", "5", "--concurrency", "1"])
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      var waited = 0
      while server.requests.count < 3 && waited < 1200 {
        Thread.sleep(forTimeInterval: 0.05)
        waited += 1
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      isStuck.withLock { $0 = false }
      let result = try succeed(Self.command(server, ["--batch", "5"]), in: folder).object()
      #expect(result["vectors"] as? Int == 10)
      #expect(server.requests.count == 5)
    }
  }

  @Test("a text that the server refuses is found by halving, and named by its query's id")
  func refused() throws {
    let server = try FakeEndpoint { request in
      let texts = request.json["input"] as? [String] ?? []
      return texts.contains("text 3")
        ? .init(status: 400, body: #"{"error":{"code":"too_long"}}"#) : Self.reply(request)
    }
    defer { server.stop() }
    try Self.withStore(Self.log(16)) { folder in
      let result = try succeed(Self.command(server), in: folder).object()
      #expect(result["vectors"] as? Int == 7 && result["left"] as? Int == 1)
      #expect(result["refused"] as? [String] == ["q6"])
    }
  }

  @Test("vectors come from a NumPy file by id; a list of another length is refused")
  func numpy() throws {
    try Self.withStore(Self.log(4)) { folder in
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n"
      let data: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64]
      try folder.write(
        "v.npy",
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
          + data)
      try folder.write("ids", "q0\r\nq2\n")
      let arguments = [
        "embed", "--store", "s.sqlite", "--npy", "v.npy", "--ids", "ids", "--embedding-model", "n",
        "--json",
      ]
      let result = try succeed(arguments, in: folder).object()
      #expect(result["written"] as? Int == 2 && result["texts_without_vector"] as? Int == 0)
      #expect(try succeed(arguments, in: folder).object()["unchanged"] as? Int == 2)
      try folder.write("ids", "q0\n")
      #expect(try runRiddle(arguments, in: folder).status == 65)
      try folder.write("ids", "q0\n\n")
      #expect(try runRiddle(arguments, in: folder).status == 65)
      try folder.write("ids", "q0\nzz\n")
      #expect(try runRiddle(arguments, in: folder).status == 65)
    }
  }
}
