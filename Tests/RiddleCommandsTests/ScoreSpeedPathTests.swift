import ArgumentParser
import Foundation
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleCommands

/// The scanner, the writer and the threads of `score` print what the JSON decoder and encoder would, line by line.
@Suite struct ScoreSpeedPathTests {
  /// What `PieceScorer` prints, and what the decoder and encoder do.
  private static func outputs(_ lines: [[UInt8]]) throws -> (
    fast: [UInt8], plain: [UInt8], bad: Int, decoded: Int
  ) {
    let folder = try Trained.pair.get().folder
    let opened = try OpenedRouter(path: folder.file("pair"), try SignatureOptions.parse([]))
    let scorer = PieceScorer(opened, writer: try DecisionWriter(opened), isJSON: true, logger: nil)
    var scratch = opened.router.makeScratch()
    var plain: [UInt8] = []
    var bad = 0
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 <= 32 }) {
      do {
        let request = try ScoreRequest(line: line, dimension: 0)
        let decision = opened.router.decide(
          request.text.span, context: request.context, scratch: &scratch)
        plain += try DecisionLine.text(decision, request, opened).utf8
      } catch let error as ScoreRequest.BadLine {
        plain += try FailedLine.text(line: index + 1, error).utf8
        bad += 1
      }
    }
    var fast: [UInt8] = []
    let all = Array(lines.joined(separator: [10])) + [10]
    let fastBad = try all.withUnsafeBufferPointer {
      try scorer.score($0, firstLine: 1, into: &fast)
    }
    #expect(fastBad == bad)
    return (fast, plain, bad, scorer.decodedLines)
  }

  private static let seeds: [String] = [
    #"{"id":"a1","query":"prove the theorem"}"#,
    #"{"query":"hi","turn":3,"user_tier":"Premium","task_type":"sql","domain":"billing","id":"x"}"#,
    #" { "id" : null , "query" : "tab\tnewline\n quote\" slash\\ \/ \b\f\r" , "turn" : 0 } "#,
    #"{"query":"caf\u00e9 \ud83d\ude00 \u0000 \uFFFF","id":"é😀"}"#,
    #"{"query":"","id":"","user_tier":"","turn":null}"#,
    #"{"outcomes":{"s":{"success":true,"cost":0.25e-3,"l":-12.5E+2,"x":[1,[2,{}],[]]}},"query":"q"}"#,
    #"{"query":"a","query":"b"}"#, #"{"que\u0072y":"a"}"#, #"{"query":"a","id":7}"#,
    #"{"query":"\ud800"}"#, #"{"query":"a","note":"\udc00"}"#, #"{"query":"a","turn":1.0}"#,
    #"{"query":"a","turn":-1}"#, #"{"query":"a","turn":99999999999}"#, #"{"query":"a","turn":1e2}"#,
    #"{"query":"a","turn":01}"#, #"{"query":"a","x":01}"#, #"{"query":"a","x":.5}"#,
    #"{"query":"a","x":1.}"#, #"{"query":"a","x":-}"#, #"{"query":"a","x":1e400}"#,
    #"{"query":"a","x":NaN}"#, #"{"query":"a","x":tru}"#, #"{"query":"a",}"#, #"{"query":"a"}}"#,
    #"{"query":"a"} x"#, #"{"query":"a""#,
    #"{"query":"a"#, #"{"query":"a\"#, "{}", "[]", "", "null",
    #"{"query":"a","embedding":[1,2]}"#, #"{"query":"a","embedding":null}"#,
    #"{"query":"a","embedding":"no"}"#, #"{"query":"a","id":"quote\" in it"}"#,
    #"{"query":"a","domain":"b\u0041"}"#, #"{"query":null}"#, #"{"query":["a"]}"#,
    #"{"query":"a","deep":"#
      + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}",
  ]

  @Test func ordinaryAndOddLinesAreReadAlike() throws {
    let (fast, plain, bad, decoded) = try Self.outputs(Self.seeds.map { Array($0.utf8) })
    #expect(String(decoding: fast, as: UTF8.self) == String(decoding: plain, as: UTF8.self))
    #expect(bad > 15 && bad < Self.seeds.count - 8)
    #expect(decoded >= bad && decoded < Self.seeds.count - 5)
  }

  /// Bytes changed, inserted, removed and lines cut and glued, where the scanner has its decisions to make.
  @Test func thousandsOfDamagedLinesAreReadAlike() throws {
    var stream = SyntheticLog.Stream(state: 41)
    let telling =
      Array(#"{}[],:"\/u0129eE+-.tfn d8"#.utf8) + [0, 9, 13, 31, 127, 128, 0xc3, 0xed, 0xff]
    let lines = (0..<6000).map { _ -> [UInt8] in
      var line = Array(Self.seeds[stream.below(Self.seeds.count)].utf8)
      for _ in 0..<(1 + stream.below(3)) {
        let at = stream.below(line.count + 1)
        switch stream.below(5) {
        case 0: line.insert(telling[stream.below(telling.count)], at: at)
        case 1 where at < line.count: line[at] = telling[stream.below(telling.count)]
        case 2 where at < line.count: line.remove(at: at)
        case 3: line.insert(contentsOf: Array("é𝄞 ".utf8), at: at)
        default:
          let other = Array(Self.seeds[stream.below(Self.seeds.count)].utf8)
          line = Array(line[..<at]) + other[stream.below(other.count + 1)...]
        }
      }
      return line.filter { $0 != 10 && ($0 != 13 || line.last != 13) }
    }
    let (fast, plain, bad, _) = try Self.outputs(lines)
    #expect(bad > 1000 && bad < 5900)
    if fast != plain {
      let pairs = zip(fast.split(separator: 10), plain.split(separator: 10))
      for (number, pair) in pairs.enumerated() where pair.0 != pair.1 {
        Issue.record(
          """
          line \(number + 1): \(String(decoding: lines[number], as: UTF8.self))
          \(String(decoding: pair.0, as: UTF8.self)) against \(String(decoding: pair.1, as: UTF8.self))
          """)
        return
      }
      Issue.record("one of them printed more lines")
    }
  }

  /// Every character in an identifier, for the encoder might escape one.
  @Test func identifiersAreWrittenAsTheEncoderDoes() throws {
    let scalars = (1...0x3000).map { UInt32($0) } + [0xe000, 0xfeff, 0xffff, 0x1f600, 0x10ffff]
    let lines = scalars.compactMap { value -> [UInt8]? in
      guard value != 10, let scalar = Unicode.Scalar(value) else { return nil }
      return Array("{\"id\":\"a\(scalar)b\",\"query\":\"q\"}".utf8)
    }
    let (fast, plain, _, decoded) = try Self.outputs(lines)
    #expect(fast == plain)
    #expect(decoded < 40)
  }

  @Test func numbersAreWrittenAsTheEncoderDoes() throws {
    var stream = SyntheticLog.Stream(state: 9)
    var values: [Double] = [
      0, -0.0, 1, -1, 100, 1e15, 1e16, 1e17, -1e22, 0.1, 1e-4, 1e-5, .leastNonzeroMagnitude, .pi,
      .greatestFiniteMagnitude, 9_007_199_254_740_994,
    ]
    values += (0..<2000).map { _ in (stream.unit() - 0.5) * 20 }
    values += (0..<2000).map { _ in Double(stream.below(2000) - 1000) / 8 }
    values += (0..<4000).map { _ in Double(bitPattern: stream.next()) }.filter(\.isFinite)
    for value in values {
      var bytes: [UInt8] = []
      DecisionWriter.append(value, to: &bytes)
      let expected = try JSONOutput.text(value, pretty: false)
      #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
  }

  /// Long and short lines, bad ones among them, a last one without its newline.
  @Test func anyNumberOfThreadsAndAnyInputPrintTheSame() throws {
    let folder = try Trained.pair.get().folder
    var stream = SyntheticLog.Stream(state: 12)
    var text = ""
    for index in 0..<9000 {
      let words = String(repeating: "prove ", count: stream.below(20))
      text +=
        index % 700 == 699
        ? "{\"id\":\"\(index)\"}\r\n" : "{\"id\":\"\(index)\",\"query\":\"\(words)\(index)\"}\n"
      if index == 4000 {
        text += "{\"query\":\"" + String(repeating: "x ", count: 700_000) + "\"}\n"
      }
    }
    text += "{\"id\":\"last\",\"query\":\"prove\"}"
    try withFolder { own in
      try own.write("log.jsonl", text)
      let one = try runRiddle(
        ["score", folder.file("pair"), "--threads", "1"], input: Array(text.utf8))
      #expect(one.status == 65 && one.errors.contains("12 of 9002"))
      #expect(try one.lines().count == 9002)
      for threads in ["2", "5"] {
        let file = try runRiddle(
          ["score", folder.file("pair"), own.file("log.jsonl"), "--threads", threads])
        #expect(file.output == one.output && file.errors == one.errors)
      }
    }
  }

  @Test func aPackedFileIsScoredLikeItsText() throws {
    let folder = try Trained.pair.get().folder
    try withFolder { own in
      let rows = SyntheticLog.text(SyntheticLog.rows(300, seed: 8))
      try own.write("log.jsonl", rows)
      let gzip = Process()
      gzip.executableURL = URL(fileURLWithPath: "/bin/sh")
      gzip.arguments = ["-c", "gzip -k \"$0\"", own.file("log.jsonl")]
      try gzip.run()
      gzip.waitUntilExit()
      let packed = try runRiddle(["score", folder.file("pair"), own.file("log.jsonl.gz")])
      let plain = try runRiddle(["score", folder.file("pair")], input: Array(rows.utf8))
      #expect(packed.status == 0 && packed.output == plain.output)
      #expect(try packed.lines().count == 300)
      #expect(try runRiddle(["score", folder.file("pair"), own.file("none.jsonl")]).status == 66)
    }
  }
}
