import Foundation
import Testing

@testable import RiddleStore

@Suite("Rejects writer")
struct RejectsWriterTests {
  @Test("rejects are lines of JSON that decode to themselves")
  func lines() throws {
    let scratch = try Scratch()
    let rejects = [
      RejectedRow(
        file: "a \"b\"\\\n\u{1}é", line: 1, column: 2, field: "outcomes.x", reason: "r\t"),
      RejectedRow(file: "b", line: 3, reason: "whole row"),
    ]
    let writer = RejectsWriter(path: scratch.at("r"))
    for _ in 0..<2000 { for reject in rejects { try writer.write(reject) } }
    try writer.close()
    let text = try String(contentsOfFile: scratch.at("r"), encoding: .utf8)
    let decoded = try text.split(separator: "\n").map {
      try JSONDecoder().decode(RejectedRow.self, from: Data($0.utf8))
    }
    #expect(decoded.count == 4000 && writer.count == 4000)
    #expect(Array(decoded.prefix(2)) == rejects)
  }

  @Test("nothing rejected leaves no file, not even an old one")
  func empty() throws {
    let scratch = try Scratch()
    let old = RejectedRow(file: "a", line: 1, reason: "r").jsonLine
    let path = try scratch.file("r", old + "\n")
    try RejectsWriter(path: path).close()
    #expect(!FileManager.default.fileExists(atPath: path))
    try RejectsWriter(path: path).close()
  }

  @Test("a file that cannot be written is an input-output error")
  func unwritable() throws {
    let scratch = try Scratch()
    let writer = RejectsWriter(path: scratch.at("no/folder/r"))
    let error = #expect(throws: StoreError.self) {
      try writer.write(RejectedRow(file: "a", line: 1, reason: "r"))
    }
    #expect(error?.exitCode == 74)
  }
}
