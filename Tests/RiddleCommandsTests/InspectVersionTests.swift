import Foundation
import RiddleTestSupport
import Testing

/// `inspect` names the version of the format that the file has, whatever this build writes.
@Suite struct InspectVersionTests {
  @Test(arguments: [
    ("version-1-tree", 1), ("version-2-small-linearInt8", 2), ("version-2-values", 2),
    ("version-3-small-linearPruned", 3),
  ])
  func theFilesOwnVersionIsPrinted(name: String, version: Int) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Golden/WeightFiles/\(name).riddle").path
    let text = try succeed(["inspect", file, "--quiet"]).output
    #expect(text.hasPrefix("weight file, format \(version): "))
    let shown = try succeed(["inspect", file, "--json", "--quiet"]).object()
    let router = try #require(shown["router"] as? [String: Any])
    #expect(router["format_version"] as? Int == version)
  }
}
