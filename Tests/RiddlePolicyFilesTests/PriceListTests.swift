import RiddleData
import RiddlePolicyFiles
import Testing

/// Price lists in files and arguments.
@Suite struct PriceListTests {
  @Test(arguments: [
    "small: {input: 0.15, cached_input: 0.075, output: 0.60}\nlarge: {input: 3, output: 15}\n",
    "{\"small\": {\"input\": 0.15, \"cached_input\": 0.075, \"output\": 0.6}, \"large\": {\"output\": 15, \"input\": 3}}",
    "note: list\ncandidates:\n  small: {input: 0.15, cached_input: 0.075, output: 0.60}\n  large: {input: 3, output: 15}\n",
  ])
  func yamlAndJSONSayTheSame(text: String) throws {
    let entries = try PriceList(text: text, path: "p").entries
    try #require(entries.count == 2)
    #expect(entries[0].name == "small" && entries[1].name == "large")
    #expect(entries[0].input.count == 150_000_000)
    #expect(entries[0].cachedInput?.count == 75_000_000)
    #expect(entries[0].output.count == 600_000_000)
    #expect(entries[1].input.count == 3_000_000_000)
    #expect(entries[1].cachedInput == nil)
    #expect(entries[1].output.count == 15_000_000_000)
  }

  @Test(arguments: [
    ("", nil), ("- a\n", 1), ("a: 3\n", 1), ("a:\n  input: 1\n", 2),
    ("a: {input: 1, output: 2}\nb: {input: -1, output: 2}\n", 2),
    ("a: {input: nan, output: 2}\n", 1), ("a: {input: 1e7, output: 2}\n", 1),
    ("a: {input: 1, output: 2, cached: 3}\n", 1), ("a: {input: 1, output: 2\n", 2),
    ("a: {input: 1, output: 2}\na: {input: 1, output: 2}\n", 1),
  ])
  func whatIsNoPriceListSaysWhere(text: String, line: Int?) {
    let error = #expect(throws: PolicyFileError.self) { try PriceList(text: text, path: "p.yaml") }
    #expect(error?.path == "p.yaml")
    #expect((error?.line == nil) == (line == nil))
  }

  @Test func argumentsNamePrices() throws {
    let pair = try #require(PriceList.Entry(argument: "a=b=0.15/0.6"))
    #expect(pair.name == "a=b" && pair.input.count == 150_000_000)
    #expect(pair.cachedInput == nil && pair.output.count == 600_000_000)
    let triple = try #require(PriceList.Entry(argument: "large=3/0.3/15"))
    #expect(triple.cachedInput?.count == 300_000_000 && triple.output.count == 15_000_000_000)
    for wrong in [
      "large", "=1/2", "a=1", "a=1/2/3/4", "a=-1/2", "a=1/x", "a=1//2", "a=/", "a=inf/1", "a=1e7/1",
    ] { #expect(PriceList.Entry(argument: wrong) == nil, "\(wrong)") }
  }
}
