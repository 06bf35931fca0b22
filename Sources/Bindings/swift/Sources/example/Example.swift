// Decides queries from Swift, with the ordinary build of the runtime.
//
//   swift run -c release example router.riddle "How do I reset my password?"
//   swift run -c release example router.riddle < queries.netstrings
//
// Prints the bits of each margin and the candidate. Without queries as arguments it reads netstrings, LENGTH:BYTES, one
// after the other, because a query may contain newlines and zeros.
import Foundation
import RiddleRuntime

@main enum Example {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1 else { fail("usage: example ROUTER.riddle [QUERY ...]") }
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
    let router: Router
    do {
      router = try Router(decoding: file.span)
    } catch {
      fail("\(arguments[1]): refused (\(error))")
    }
    let names = router.candidates.map { String(decoding: $0.name, as: UTF8.self) }
    let queries =
      arguments.count > 2
      ? arguments.dropFirst(2).map { Array($0.utf8) }
      : netstrings([UInt8](FileHandle.standardInput.readDataToEndOfFile()))

    var scratch = router.makeScratch()  // one per thread
    for query in queries {
      let decision = router.decide(query.span, context: RequestContext(), scratch: &scratch)
      let bits = String(decision.margin.bitPattern, radix: 16)
      print(String(repeating: "0", count: 16 - bits.count) + bits, names[decision.candidate])
    }
  }

  static func netstrings(_ bytes: [UInt8]) -> [[UInt8]] {
    var queries: [[UInt8]] = []
    var at = 0
    while at < bytes.count {
      guard let colon = bytes[at...].firstIndex(of: UInt8(ascii: ":")),
        let length = Int(String(decoding: bytes[at..<colon], as: UTF8.self)), length >= 0,
        length < bytes.count - colon - 1, bytes[colon + 1 + length] == UInt8(ascii: ",")
      else { fail("byte \(at): not a whole netstring") }
      queries.append(Array(bytes[(colon + 1)..<(colon + 1 + length)]))
      at = colon + length + 2
    }
    return queries
  }

  static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(1)
  }
}
