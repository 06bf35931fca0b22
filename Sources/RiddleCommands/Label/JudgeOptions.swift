import ArgumentParser
import Foundation
import RiddleData
import RiddleRemote

/// The flags of `riddle label --judge`.
struct JudgeOptions: ParsableArguments {
  enum ModeName: String, ExpressibleByArgument, CaseIterable {
    case grade, difficulty
  }

  @Flag(help: "Ask an LLM behind --endpoint to grade stored answers or rate queries.")
  var judge = false

  @Option(help: ArgumentHelp("The judge's name at the endpoint.", valueName: "name"))
  var judgeModel: String?

  @Option(
    help: "grade: quality of candidates' stored answers. difficulty: the tier of each query.")
  var mode: ModeName = .grade

  @Option(
    help: ArgumentHelp(
      "Of what the log judged already, ask about this many too, to measure agreement.",
      valueName: "n"))
  var check: Int = 100

  @Flag(help: "Write verdicts into the log where it has no quality or tier; never over one it has.")
  var apply = false

  @Flag(help: "Ask again where an earlier reply could not be used.")
  var retryFailed = false

  @Flag(help: "Forget calls of killed runs that count as spent; look at the provider's bill first.")
  var forgetOpenCalls = false

  @Option(help: "Dollars per million tokens written.")
  var priceOut: Double?

  @Option(help: "Most tokens of a reply.")
  var maxTokens: Int = 200

  @Option(
    help: "Name of the field that limits a reply's tokens: max_tokens or max_completion_tokens.")
  var tokenField: ChatRequest.TokenField = .maxTokens

  @Flag(help: "Do not ask the server to let only JSON through; some do not know the option.")
  var noJsonMode = false

  @OptionGroup(title: "Endpoints") var endpoint: EndpointOptions

  func validate() throws {
    try EndpointOptions.checkDollars("--price-out", priceOut)
    guard (1...100_000).contains(maxTokens) else {
      throw ValidationError("--max-tokens must lie in 1…100000")
    }
    guard check >= 0 else { throw ValidationError("--check must be 0 or more") }
    if !judge {
      for (name, isGiven) in [
        ("--judge-model", judgeModel != nil), ("--endpoint", endpoint.endpoint != nil),
        ("--apply", apply), ("--dry-run", endpoint.dryRun),
        ("--budget", endpoint.budget != nil),
      ] where isGiven {
        throw ValidationError("\(name) is for --judge")
      }
      return
    }
    if judgeModel?.isEmpty ?? true { throw ValidationError("give --judge-model NAME") }
    if endpoint.endpoint == nil {
      throw ValidationError("give --endpoint URL, for example http://127.0.0.1:8000/v1")
    }
    if endpoint.budget != nil && (endpoint.priceIn == nil || priceOut == nil) {
      throw ValidationError(
        "--budget needs --price-in and --price-out, dollars per million tokens")
    }
  }

  /// What the judge is asked; `tiers` are those of --mode difficulty.
  func prompt(tiers: [String]) -> JudgePrompt {
    JudgePrompt(mode == .grade ? .grade : .difficulty(tiers: tiers))
  }

  var price: Price {
    Price(
      inputPerMillion: EndpointOptions.money(endpoint.priceIn),
      outputPerMillion: EndpointOptions.money(priceOut))
  }
}

extension ChatRequest.TokenField: ExpressibleByArgument {}
