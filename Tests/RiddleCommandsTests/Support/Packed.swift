import Foundation
import Testing

/// `gzip -c source > target`; given `bytes`, cut after so many of them, as a copy that was torn off.
func packed(_ source: String, to target: String, cutAfter bytes: Int? = nil) throws {
  let gzip = Process()
  gzip.executableURL = URL(filePath: "/bin/sh")
  let cut = bytes.map { " | head -c \($0)" } ?? ""
  gzip.arguments = ["-c", "gzip -c \"$0\"\(cut) > \"$1\"", source, target]
  try gzip.run()
  gzip.waitUntilExit()
  #expect(gzip.terminationStatus == 0)
}
