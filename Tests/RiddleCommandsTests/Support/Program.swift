import Foundation
import Synchronization

/// How a run of the program ended, and what it said.
struct ProgramResult: Sendable {
  var status: Int32
  var output: String
  var errors: String

  /// The whole of standard output as one JSON object.
  func object() throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    guard let object = value as? [String: Any] else { throw Unexpected("not a JSON object") }
    return object
  }

  /// Every line of standard output as a JSON object of its own.
  func lines() throws -> [[String: Any]] {
    try output.split(separator: "\n", omittingEmptySubsequences: true).map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      guard let object = value as? [String: Any] else { throw Unexpected("not a JSON object") }
      return object
    }
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Runs the built `riddle` as a user would: a process of its own, its streams in files so that nothing can block.
///
/// - Parameters:
///   - input: bytes of standard input; empty is an input that ends at once.
///   - folder: working directory.
///   - seconds: the process is killed after this time, and the run throws.
func runRiddle(
  _ arguments: [String], input: [UInt8] = [], in folder: TemporaryFolder? = nil,
  environment: [String: String] = [:], seconds: Double = 120
) throws -> ProgramResult {
  let streams = try TemporaryFolder()
  defer { streams.remove() }
  try streams.write("in", input)
  try streams.write("out", [])
  try streams.write("err", [])
  let process = Process()
  process.executableURL = try riddleProgram()
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: (folder ?? streams).path)
  // What a developer has set must not decide a test: no settings but those of the test.
  let inherited = ProcessInfo.processInfo.environment.filter {
    !$0.key.hasPrefix("RIDDLE_") || $0.key == "RIDDLE_DATA"
  }
  process.environment =
    inherited
    .merging(["RIDDLE_CONFIG": "none"]) { $1 }.merging(environment) { $1 }
  let handles = [
    try FileHandle(forReadingFrom: streams.url("in")),
    try FileHandle(forWritingTo: streams.url("out")),
    try FileHandle(forWritingTo: streams.url("err")),
  ]
  // A process with a termination handler is never freed (Foundation, Swift 6.3), nor would be what it holds open.
  defer { for handle in handles { try? handle.close() } }
  process.standardInput = handles[0]
  process.standardOutput = handles[1]
  process.standardError = handles[2]
  let ended = DispatchSemaphore(value: 0)
  process.terminationHandler = { _ in ended.signal() }
  try process.run()
  guard ended.wait(timeout: .now() + seconds) == .success else {
    kill(process.processIdentifier, SIGKILL)
    throw Unexpected("riddle \(arguments.joined(separator: " ")) ran longer than \(seconds) s")
  }
  guard process.terminationReason == .exit else {
    throw Unexpected(
      "riddle \(arguments.joined(separator: " ")) ended by signal \(process.terminationStatus): \(try streams.text("err"))"
    )
  }
  return ProgramResult(
    status: process.terminationStatus, output: try streams.text("out"),
    errors: try streams.text("err"))
}

/// As ``runRiddle(_:input:in:environment:seconds:)`` for a run that must succeed.
@discardableResult
func succeed(
  _ arguments: [String], input: [UInt8] = [], in folder: TemporaryFolder? = nil
) throws -> ProgramResult {
  let result = try runRiddle(arguments, input: input, in: folder)
  guard result.status == 0 else {
    throw Unexpected(
      "riddle \(arguments.joined(separator: " ")) ended with \(result.status): \(result.errors)")
  }
  return result
}

/// The program that stands beside this test bundle.
func riddleProgram() throws -> URL {
  let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  let program = own.deletingLastPathComponent().appendingPathComponent("riddle")
  guard FileManager.default.isExecutableFile(atPath: program.path) else {
    throw Unexpected("no riddle beside the tests in \(program.path); run `swift build` first")
  }
  return program
}

/// A folder of one test's own. Remove it when done.
struct TemporaryFolder: Sendable {
  let path: String

  private static let serial = Mutex(0)
  /// Removes what tests share and no single one can remove, when the process ends.
  private static let sweep: Void = {
    atexit {
      let folder = URL(fileURLWithPath: NSTemporaryDirectory())
      let prefix = "riddle-tests-\(ProcessInfo.processInfo.processIdentifier)-"
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
      for name in names ?? [] where name.hasPrefix(prefix) {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      }
    }
  }()

  init() throws {
    _ = Self.sweep
    let number = Self.serial.withLock { value in
      value += 1
      return value
    }
    path =
      NSTemporaryDirectory()
      + "/riddle-tests-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func url(_ name: String) -> URL { URL(fileURLWithPath: file(name)) }

  func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: url(name)) }
  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Every file below the folder, by its path inside it, sorted.
  func files() -> [String] {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: file(name), isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }.sorted()
  }
}

/// Runs `body` with a folder that is gone afterwards.
func withFolder<Result>(_ body: (TemporaryFolder) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  return try body(folder)
}
