import Foundation
import Testing

/// Golden files of this target, and snapshots that `RIDDLE_RECORD=1` writes anew.
enum Golden {
  static func url(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/Report/\(name)")
  }

  /// Expects `actual` to be the recorded text, byte for byte.
  static func expectSnapshot(
    _ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if ProcessInfo.processInfo.environment["RIDDLE_RECORD"] == "1" {
      try actual.write(to: url(name), atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: url(name), encoding: .utf8)
    #expect(
      actual == expected, "differs from Golden/Report/\(name)", sourceLocation: sourceLocation)
  }
}
