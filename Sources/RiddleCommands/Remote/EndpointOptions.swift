import ArgumentParser
import Foundation
import RiddleData
import RiddleRemote

/// Where an OpenAI-compatible server is, how fast it may be asked, and what may be spent. Its names are shared by
/// every command that asks one.
struct EndpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "OpenAI-compatible server, for example https://api.openai.com/v1.", valueName: "url"))
  var endpoint: String?

  @Option(
    help: ArgumentHelp(
      "Environment variable that holds the API key; local servers need none.",
      valueName: "name"))
  var apiKeyEnv: String = "OPENAI_API_KEY"

  @Option(help: "Dollars per million tokens read.")
  var priceIn: Double?

  @Option(
    help: ArgumentHelp(
      "Dollars that may be spent, earlier runs of the same job included. No call is started that could exceed it.",
      valueName: "dollars"))
  var budget: Double?

  @Option(help: "Most calls of this run.")
  var maxCalls: Int?

  @Option(help: "Calls under way at a time.")
  var concurrency: Int = 4

  @Option(help: "Most calls a minute.")
  var rpm: Double?

  @Option(help: "Most tokens a minute, by estimate.")
  var tpm: Double?

  @Option(help: "Seconds to wait for a reply.")
  var timeout: Double = 60

  @Flag(help: "Print the calls and the money, and do nothing else.")
  var dryRun = false

  func validate() throws {
    for (name, value) in [("--price-in", priceIn), ("--budget", budget)] {
      try Self.checkDollars(name, value)
    }
    if let maxCalls, maxCalls < 0 { throw ValidationError("--max-calls must be 0 or more") }
    guard (1...256).contains(concurrency) else {
      throw ValidationError("--concurrency must lie in 1…256")
    }
    for (name, value) in [("--rpm", rpm), ("--tpm", tpm), ("--timeout", timeout)] {
      if let value, !(value.isFinite && value > 0 && value <= 1e9) {
        throw ValidationError("\(name) must be a number above 0")
      }
    }
  }

  static func checkDollars(_ name: String, _ value: Double?) throws {
    if let value, !(value >= 0 && value <= 1_000_000) {
      throw ValidationError("\(name) must be dollars from 0 to 1000000")
    }
  }

  /// Nano-dollars; values have been checked.
  static func money(_ dollars: Double?) -> Int64 {
    dollars.flatMap { NanoDollars(dollars: $0)?.count } ?? 0
  }

  /// The server, with its key from the environment.
  func endpoint(model: String, output: OutputOptions) throws -> Endpoint {
    guard let endpoint else {
      throw CommandFailure(.usage, "give --endpoint URL, for example http://127.0.0.1:8000/v1")
    }
    let made = try Endpoint(
      url: endpoint, model: model, keyVariable: apiKeyEnv,
      environment: ProcessInfo.processInfo.environment)
    if made.sendsKeyInClear {
      output.note("warning: the key in \(apiKeyEnv) travels unencrypted to \(made.base)")
    }
    return made
  }

  /// How the server is asked. Calls that may have been billed are not repeated unseen: the ledger decides.
  var client: RemoteClient.Settings {
    var settings = RemoteClient.Settings()
    settings.concurrency = concurrency
    settings.requestsPerMinute = rpm
    settings.tokensPerMinute = tpm
    settings.timeout = timeout
    settings.retry.repeatsUnsettled = false
    settings.seed = UInt64(ProcessInfo.processInfo.processIdentifier)
    return settings
  }
}
