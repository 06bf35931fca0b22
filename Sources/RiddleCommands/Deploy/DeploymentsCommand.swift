import ArgumentParser
import Foundation
import RiddleData
import RiddleReport
import RiddleStore

struct DeploymentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deployments",
    abstract: "Show which router decides, which data trained it, and the history.",
    discussion: """
      Every promotion and rollback stays in the store. show answers which data trained the router \
      that decides now: its run, the split with a checksum of the ids of each part, the log's \
      hash, the labelling, the thresholds and what is promised of them.

      EXAMPLES
        riddle deployments show --store desk.sqlite
        riddle deployments show --store desk.sqlite --environment staging --json
        riddle deployments list --store desk.sqlite
      """,
    subcommands: [Show.self, List.self], defaultSubcommand: Show.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Every promotion and rollback, oldest first.",
      discussion: """
        EXAMPLES
          riddle deployments list --store desk.sqlite
          riddle deployments list --store desk.sqlite --environment staging --json
        """)

    @Option(help: "Store that keeps the history of deployments.")
    var store: String

    @Option(help: "Only this environment. Default: all.")
    var environment: String?

    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
      var deployments: [DeploymentText]
    }

    func run() throws {
      try reportingFailures {
        let opened = try Store.open(path: store, mode: .readOnly)
        let all = try opened.deployments(environment: environment).map(DeploymentText.init)
        if output.json {
          Console.print(try JSONOutput.text(Result(deployments: all)))
        } else if all.isEmpty {
          Console.print("nothing was deployed\(environment.map { " to \($0)" } ?? "") yet")
          output.note("next: riddle promote ROUTER --store \(store)")
        } else {
          let table = TerminalTable(
            columns: [.init("No.")]
              + ["Time", "Environment", "Kind", "Router", "Policy", "Reason"].map {
                .init($0, .left)
              },
            rows: all.map {
              [
                "\($0.id)", $0.time, $0.environment, $0.kind, $0.routerText, $0.policy ?? "–",
                OneLine.of($0.reason ?? "–"),
              ]
            })
          Console.print(table.render(width: Console.width))
        }
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "The router that decides now, and the data that trained it.",
      discussion: """
        EXAMPLES
          riddle deployments show --store desk.sqlite
          riddle deployments show --store desk.sqlite --environment staging --json
        """)

    @OptionGroup var place: DeployOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      try reportingFailures {
        let store = try Store.open(path: place.store, mode: .readOnly)
        guard let found = try store.deployedTraining(environment: place.environment) else {
          throw CommandFailure(
            .inputMissing,
            "nothing was deployed to \(place.environment) in \(place.store); promote a router with `riddle promote ROUTER --store \(place.store)`"
          )
        }
        let description = DeployedDescription(found)
        Console.print(
          output.json ? try JSONOutput.text(description) : description.text(width: Console.width))
      }
    }
  }
}

/// The router that decides now, as it is printed.
struct DeployedDescription: Encodable {
  var deployment: DeploymentText
  /// Whether the store can bring the weight file back.
  var has_bytes: Bool
  var thresholds: [ThresholdRecord]
  /// Nil when the store does not know which run made it.
  var run: Run?

  struct Run: Encodable {
    var folder: String
    var manifest_sha256: String
    /// Hash of the log that was read; the same for a file and for the store it was imported into.
    var log_hash: String?
    var labelling: String?
    var command: String?
    var registered: String
    var splits: [SplitRecord]
  }

  init(_ found: DeployedTraining) {
    deployment = DeploymentText(found.deployment)
    has_bytes = found.hasBytes
    thresholds = found.thresholds
    run = found.run.map { run in
      let manifest = try? JSONDecoder().decode(RunManifest.self, from: Data(run.manifest.utf8))
      return Run(
        folder: run.folder, manifest_sha256: run.manifestSHA256,
        log_hash: manifest?.inputs.first?.content, labelling: run.labelling,
        command: manifest?.command, registered: TimeText.utc(run.time), splits: run.splits)
    }
  }

  /// The members of an object of JSON in words.
  private static func words(_ json: String) -> String {
    guard
      let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    else { return OneLine.of(json) }
    return object.sorted { $0.key < $1.key }
      .map { "\($0.key.replacingOccurrences(of: "_", with: " ")) \(OneLine.of("\($0.value)"))" }
      .joined(separator: ", ")
  }

  func text(width: Int) -> String {
    var lines = [
      "\(deployment.environment): \(deployment.routerText), \(deployment.kind == "rollback" ? "rolled back to" : "promoted") \(deployment.time)\(deployment.reason.map { ": \(OneLine.of($0))" } ?? "")",
      "  sha256 \(deployment.router)\(has_bytes ? ", kept in the store" : ", known by its checksum alone")",
    ]
    if let pointer = deployment.pointer { lines.append("  servers read \(pointer)") }
    if let policy = deployment.policy { lines.append("  policy \(OneLine.of(policy))") }
    for threshold in thresholds {
      lines.append(
        "  \(OneLine.of(threshold.name)) from margin \(FigureFormat.plain.text(threshold.margin)), \(StoredGuarantee.text(threshold.guarantee))"
      )
    }
    guard let run else {
      lines.append(
        "  trained on: unknown; promote it from the folder of its run to have that remembered")
      return lines.joined(separator: "\n")
    }
    lines.append("trained by \(run.folder), manifest \(run.manifest_sha256.prefix(12))")
    lines.append(
      "  log \(run.log_hash ?? "unknown"), labelling \(run.labelling.map(OneLine.of) ?? "not one of the store's")"
    )
    if let command = run.command { lines.append("  by: \(OneLine.of(command))") }
    if run.splits.isEmpty {
      lines.append("  its manifest does not say which queries (written by an earlier version)")
    } else {
      lines.append(
        TerminalTable(
          columns: [.init("Part", .left), .init("Queries"), .init("SHA-256 of their ids", .left)],
          rows: run.splits.map { [$0.part, CountText.grouped($0.queryCount), $0.idsSHA256] }
        ).render(width: max(width, 90)))
      lines.append("split by: \(Self.words(run.splits[0].rule))")
    }
    return lines.joined(separator: "\n")
  }
}

/// Counts for people.
enum CountText {
  /// 10,000.
  static func grouped(_ count: Int) -> String {
    var digits = Array(String(abs(count)))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (count < 0 ? "-" : "") + String(digits)
  }
}
