import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleStore

@Suite struct LatencyTraceTests {
  private func read(_ text: String) throws -> LatencyTrace {
    try LatencyTrace.read(path: try Scratch().file("trace.csv", text))
  }

  private func failure(_ text: String) throws -> String {
    let path = try Scratch().file("trace.csv", text)
    do throws(StoreError) {
      let trace = try LatencyTrace.read(path: path)
      Issue.record("read \(trace.models.count) models of \(text)")
      return ""
    } catch {
      #expect(error.exitCode == 65)
      let message = "\(error)"
      #expect(message.hasPrefix(path))
      return message
    }
  }

  @Test("a plain table: models by name, latencies sorted, failures by kind")
  func generic() throws {
    let trace = try read(
      """
      model,latency_ms,error
      b,250.5,
      a,20,
      a,10.0004,none
      a,30,rate_limited
      a,,429
      a,15,timeout
      a,0,boom
      a,,503
      a,12,500
      b,100,0

      """)
    #expect(trace.models.map(\.name) == ["a", "b"])
    let a = try #require(trace.model("a"))
    #expect(a.latencies == [10_000, 20_000])
    #expect(a.rateLimited == 2 && a.errors == 4 && a.requests == 8)
    #expect(a.errorLatencies == [12_000, 15_000])
    #expect(a.errorShare == 0.5 && a.rateLimitedShare == 0.25)
    #expect(trace.model("b")?.latencies == [100_000, 250_500])
    #expect(trace.model("c") == nil)
  }

  @Test(
    "llmperf's table: provider/model; 429 is a rate limit, -100 and -1 are errors, 0 was not measured"
  )
  func llmperf() throws {
    let header =
      "provider,model,ttft_s,end_to_end_s,inter_token_s,input_tokens,output_tokens,error_code,error_msg\n"
    let trace = try read(
      header + "x,m,0.5,1.5281514210000182,0.01,550,151,,\n"
        + "x,m,0.3,1.7,0.01,550,58,-100,Output too few tokens 58\n"
        + "x,m,0,0,0,550,1,429,\"too many, \"\"please\"\" wait\"\n" + "x,m,0,0,0,550,1,-1,reset\n"
        + "x,m,0,0,0,550,1,,no code\n")
    let model = try #require(trace.model("x/m"))
    #expect(model.latencies == [1_528_151])
    #expect(model.errorLatencies == [1_700_000])
    #expect(model.rateLimited == 1 && model.errors == 3)
  }

  @Test("seconds, other names, capitals, semicolons, CRLF, a byte-order mark and gzip are read")
  func dialects() throws {
    let expected = try read("model,latency_ms\na,1500\n")
    #expect(try read("candidate,latency_s\na,1.5\n") == expected)
    #expect(try read("\u{feff} Model ; LATENCY_MS \r\na;1500\r\n") == expected)
    #expect(try read("latency_ms,note,model\n1.5e3,x,a") == expected)
    let scratch = try Scratch()
    let packed = try scratch.file("t.csv.gz", gzip(Array("model,latency_ms\na,1500\n".utf8)))
    #expect(try LatencyTrace.read(path: packed) == expected)
  }

  @Test(
    "a line that is wrong is named with its field",
    arguments: [
      ("model,latency_ms\na,1\na,x\n", "line 3, field latency_ms: expected milliseconds"),
      ("model,latency_ms\na,-1\n", "line 2, field latency_ms: expected milliseconds, 0 or more"),
      ("model,latency_ms\na,nan\n", "line 2, field latency_ms"),
      ("model,latency_ms\na,1e300\n", "line 2, field latency_ms: longer than 30 days"),
      ("model,latency_s\na,9999999\n", "the unit is seconds"),
      ("model,latency_ms\na,\n", "line 2, field latency_ms: an answered request needs"),
      ("model,latency_ms\na,0\n", "line 2, field latency_ms: an answered request needs"),
      ("model,latency_ms\n,5\n", "line 2, field model: is empty"),
      ("model,latency_ms\na,5,6\n", "line 2: 3 fields, the header has 2"),
      ("model,latency_ms\na\n", "line 2: 1 fields, the header has 2"),
      ("model,latency_ms\n\"a,5\n", "line 2: the quote of field 1 is never closed"),
      ("model,latency_ms\n\"a\"b,5\n", "line 2: text after the closing quote"),
      ("model,latency_ms\n", "has a header and no request"),
      ("model,model,latency_ms\na,b,5\n", "two columns are called \"model\""),
      ("id,query\n1,hello\n", "found \"id\", \"query\""),
      ("t_s,context_tokens\n0,1\n", "--arrivals"),
      ("{\"model\":\"a\"}\n", "JSON lines"),
      ("", "is empty"),
      ("PAR1....", "Parquet"),
      ("model,latency_ms\n\"a\nb\",5\nc,y\n", "line 4, field latency_ms"),
    ])
  func hostile(_ text: String, _ expected: String) throws {
    let message = try failure(text)
    #expect(message.contains(expected), "\(message)")
  }

  @Test("bytes that are no text, a cut gzip, a folder and a missing file are errors")
  func broken() throws {
    let scratch = try Scratch()
    let bad = try scratch.file(
      "bad.csv", Array("model,latency_ms\n".utf8) + [0xff, 0xfe, 0x2c, 0x35])
    #expect {
      try LatencyTrace.read(path: bad)
    } throws: {
      "\($0)".contains("line 2, field model: is not valid UTF-8")
    }
    let whole = gzip(Array("model,latency_ms\na,1500\n".utf8))
    for length in 2..<whole.count {
      let cut = try scratch.file("cut.csv.gz", Array(whole[..<length]))
      #expect(throws: StoreError.self) { try LatencyTrace.read(path: cut) }
    }
    #expect(throws: StoreError.self) { try LatencyTrace.read(path: scratch.path) }
    #expect(throws: StoreError.inputMissing(path: scratch.at("none"))) {
      try LatencyTrace.read(path: scratch.at("none"))
    }
  }

  @Test("any bytes are read or refused", arguments: 0..<200)
  func anyBytes(seed: UInt64) throws {
    var stream = SplitMix64(seed: seed)
    var bytes = Array("model,latency_ms,error\na,10,\n\"b\",20,429\nt_s,1,\n".utf8)
    for _ in 0..<(1 + stream.below(6)) {
      bytes[stream.below(bytes.count)] =
        stream.below(2) == 0
        ? UInt8(stream.below(256)) : Array("\",\n\r0-.e".utf8)[stream.below(8)]
    }
    let path = try Scratch().file("any.csv", bytes)
    do throws(StoreError) {
      for model in try LatencyTrace.read(path: path).models {
        #expect(model.latencies.allSatisfy { $0 > 0 } && model.requests > 0)
      }
    } catch { #expect(error.exitCode == 65) }
    do throws(StoreError) {
      #expect(try ArrivalTrace.read(path: path).first == 0)
    } catch { #expect(error.exitCode == 65) }
  }

  @Test(
    "the published requests of 2023 are read whole",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"))
  func real() throws {
    let trace = try LatencyTrace.read(
      path: "\(try #require(realData))/traces/llmperf_2023_requests.csv.gz")
    #expect(trace.models.count == 19)
    #expect(trace.models.reduce(0) { $0 + $1.requests } == 2845)
    let lepton = try #require(trace.model("lepton/llama-2-7b-chat"))
    #expect((lepton.latencies.count, lepton.rateLimited, lepton.errors) == (20, 130, 0))
    let bedrock = try #require(trace.model("bedrock/llama-2-13b-chat"))
    #expect((bedrock.latencies.count, bedrock.rateLimited, bedrock.errors) == (53, 0, 97))
    // "Output too few tokens" is known when the answer ends: its time is measured.
    #expect(bedrock.errorLatencies.count == 97)
    let groq = try #require(trace.model("groq/llama-2-70b-chat"))
    #expect(groq.latencies.first == 717_185 && groq.errors == 0)
  }
}

@Suite struct ArrivalTraceTests {
  private func read(_ text: String) throws -> [Int64] {
    try ArrivalTrace.read(path: try Scratch().file("arrivals.csv", text))
  }

  @Test("seconds or milliseconds since the start, in any order, from the first on")
  func units() throws {
    #expect(try read("t_s,x\n0.5,1\n0.0521,2\n2,3\n") == [0, 447_900, 1_947_900])
    #expect(try read("t_ms\n100\n0\n0.5\n") == [0, 500, 100_000])
    #expect(try read("T_S\n7\n\n9\n") == [0, 2_000_000])
  }

  @Test(
    "what is no arrival is named with line and field",
    arguments: [
      ("t_s\n1\nx\n", "line 3, field t_s: expected seconds"),
      ("t_s,n\n,2\n", "line 2, field t_s: is missing"),
      ("t_ms\n-1\n", "line 2, field t_ms: expected milliseconds, 0 or more"),
      ("t_s\n1700000000\n", "line 2, field t_s: longer than ten years"),
      ("t_s\n", "no arrival"), ("time\n1\n", "t_s (seconds)"),
    ])
  func hostile(_ text: String, _ expected: String) throws {
    #expect {
      try read(text)
    } throws: {
      "\($0)".contains(expected)
    }
  }

  @Test(
    "the published arrivals of 2023 are read whole",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"),
    arguments: [
      ("azure_llm_2023_conv", 19_366, 3_501_721_900 as Int64),
      ("azure_llm_2023_code", 8_819, 3_435_948_100),
      ("mooncake_conversation", 12_031, 3_536_999_000),
    ])
  func real(_ name: String, _ count: Int, _ last: Int64) throws {
    let arrivals = try ArrivalTrace.read(
      path: "\(try #require(realData))/traces/\(name).csv.gz")
    #expect(arrivals.count == count && arrivals.first == 0 && arrivals.last == last)
  }
}
