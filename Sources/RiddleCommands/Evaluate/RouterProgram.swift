import Foundation
import RiddleData
import RiddleStore
import Synchronization

/// A router that is a program: it reads one JSON object a query from standard input and writes one answer a line.
///
/// A request is `{"id": …, "query": …, "candidates": […], "context": {…}}`; an answer is a line of a scores file (see
/// ``RouterAnswers``). Answers may come in any order and are matched by identifier. Standard input is closed after the last
/// request; the program ends by itself.
struct RouterProgram {
  /// Handed to `/bin/sh -c`.
  let command: String
  /// Seconds without any answer after which the program is stopped.
  let timeout: Double

  private struct Request: Encodable {
    struct Context: Encodable {
      var group: String?
      var conversation: String?
      var turn: Int?
      var user_tier: String?
      var task_type: String?
      var domain: String?
    }
    var id: String
    var query: String
    var candidates: [String]
    var context: Context
  }

  /// The program's answer to every row of `data`.
  func answers(_ data: Dataset, progress: Progress) throws -> [String: RouterAnswer] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw CommandFailure(.inputMissing, "cmd:\(command): cannot be started (\(error))")
    }
    let complaints = Collected()
    let readers = DispatchGroup()
    DispatchQueue.global().async(group: readers) {
      complaints.collect(errors.fileHandleForReading)
    }
    let lines = try requests(data)
    DispatchQueue.global().async(group: readers) {
      Self.send(lines, to: input.fileHandleForWriting)
    }
    defer {
      if process.isRunning { process.terminate() }
    }
    let found = try read(
      output.fileHandleForReading, expecting: data, progress: progress)
    process.waitUntilExit()
    readers.wait()
    if process.terminationStatus != 0 {
      throw CommandFailure(
        .malformedData,
        "cmd:\(command): ended with status \(process.terminationStatus) after \(found.count) of \(data.count) answers\(complaints.lastLine)"
      )
    }
    if found.count < data.count {
      let missing = data.ids.first { found[$0] == nil } ?? ""
      throw CommandFailure(
        .malformedData,
        "cmd:\(command): answered \(found.count) of \(data.count) queries, not \(missing); one answer a request is expected, flushed at the end\(complaints.lastLine)"
      )
    }
    return found
  }

  private func requests(_ data: Dataset) throws -> [[UInt8]] {
    try (0..<data.count).map { i in
      let context = data.contexts[i]
      let request = Request(
        id: data.ids[i], query: data.texts[i], candidates: data.outcomes.candidates,
        context: .init(
          group: context.group, conversation: context.conversation, turn: context.turn,
          user_tier: context.userTier, task_type: context.taskType, domain: context.domain))
      return Array((try JSONOutput.text(request, pretty: false) + "\n").utf8)
    }
  }

  /// Writes all requests; stops quietly when the program closes its input.
  private static func send(_ lines: [[UInt8]], to handle: FileHandle) {
    for line in lines {
      var rest = line[...]
      while !rest.isEmpty {
        // `write` reads at most `rest.count` bytes of the slice's own storage, during the call.
        let written = rest.withUnsafeBytes {
          write(handle.fileDescriptor, $0.baseAddress, $0.count)
        }
        if written < 0 {
          if errno == EINTR { continue }
          try? handle.close()
          return
        }
        rest = rest.dropFirst(written)
      }
    }
    try? handle.close()
  }

  private func read(_ handle: FileHandle, expecting data: Dataset, progress: Progress) throws
    -> [String: RouterAnswer]
  {
    let known = Set(data.ids)
    var found: [String: RouterAnswer] = [:]
    var buffer: [UInt8] = []
    var line = 0
    func take(_ bytes: [UInt8]) throws {
      line += 1
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return }
      let place = "cmd:\(command), answer line \(line)"
      let answer = try RouterAnswers.parse(bytes, place: place)
      guard known.contains(answer.id) else {
        throw CommandFailure(
          .malformedData, "\(place): answers \(answer.id.prefix(80)), which was not asked")
      }
      guard found.updateValue(answer, forKey: answer.id) == nil else {
        throw CommandFailure(.malformedData, "\(place): answers \(answer.id) a second time")
      }
      progress.update(found.count, fraction: Double(found.count) / Double(data.count))
    }
    while true {
      var waiting = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, Int32(min(timeout * 1000, 2e9)))
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else {
        throw CommandFailure(
          .malformedData,
          "cmd:\(command): no answer for \(Int(timeout)) s after \(found.count) of \(data.count); answers must be flushed line by line, or raise --command-timeout"
        )
      }
      let chunk = handle.availableData
      if chunk.isEmpty { break }
      buffer.append(contentsOf: chunk)
      var start = 0
      while let newline = buffer[start...].firstIndex(of: 0x0a) {
        try take(Array(buffer[start..<newline]))
        start = newline + 1
      }
      buffer.removeFirst(start)
      if buffer.count > 16 << 20 {
        throw CommandFailure(
          .malformedData, "cmd:\(command): answer line \(line + 1) is longer than 16 MB")
      }
    }
    if !buffer.isEmpty { try take(buffer) }
    return found
  }
}

/// What a program says on standard error; only its end is kept.
private final class Collected: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func collect(_ handle: FileHandle) {
    while true {
      let chunk = handle.availableData
      if chunk.isEmpty { return }
      bytes.withLock { kept in
        kept.append(contentsOf: chunk)
        if kept.count > 4096 { kept.removeFirst(kept.count - 4096) }
      }
    }
  }

  /// Its last line, introduced, or nothing.
  var lastLine: String {
    let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
    guard let line = text.split(separator: "\n").last else { return "" }
    return "; it said: \(line.prefix(300))"
  }
}
