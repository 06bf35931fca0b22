import ArgumentParser
import Foundation
import RiddleData
import RiddleReport
import RiddleRuntime
import RiddleStore
import RiddleTrust

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a file is and what is in it.",
    discussion: """
      Reads weight files, folders of runs, stores and logs. --verify replays the probes of a \
      weight file and compares a run's files with the checksums of its manifest; a difference \
      ends with exit status 65.

      EXAMPLES
        riddle inspect models/support-desk/router.riddle --verify
        riddle inspect models/support-desk --verify --json
        riddle inspect models/tree --tree --tree-svg tree.svg
        riddle inspect models/support-desk --global --odds
        riddle inspect desk.sqlite
        riddle inspect log.jsonl.gz
      """)

  @Argument(help: "A weight file, a folder of a run, a store or a log.")
  var path: String

  @Flag(help: "Replay probes and check checksums.")
  var verify = false

  @Flag(help: "Print the trees of a weight file or run.")
  var tree = false

  @Option(
    name: .customLong("tree-svg"),
    help: ArgumentHelp("Draw the trees into this file.", valueName: "file"))
  var treeDrawing: String?

  @Flag(help: "Print what each head of a run looks at: features and n-grams by effect.")
  var global = false

  @Flag(help: "Print odds ratios of a run's dense features, with intervals.")
  var odds = false

  @Option(help: "How many rows --global and --odds show per table.")
  var top: Int = 15

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top must be at least 1") }
    if tree && output.json {
      throw ValidationError("--tree prints text; leave --json out, or draw with --tree-svg FILE")
    }
  }

  func run() throws {
    try reportingFailures {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw CommandFailure(.inputMissing, "\(path): no such file; check the path")
      }
      if isDirectory.boolValue
        && FileManager.default.fileExists(atPath: path + "/" + RunFolder.manifestName)
      {
        try inspectRun()
        return
      }
      if global || odds {
        throw CommandFailure(
          .usage,
          "\(path): --global and --odds need the folder of a run; a weight file does not hold them")
      }
      // A pipe gives its bytes once: it can only be a log, and the log's reader looks at them itself.
      let head = Files.isRegularFile(path) ? firstBytes() : []
      if head.starts(with: [0x89, 0x52, 0x44, 0x4c]) || path.hasSuffix(".riddle") {
        try inspectRouter()
      } else if signature.isRequired {
        throw CommandFailure(
          .usage,
          "\(path): --require-signature needs a weight file or a folder of a run; nothing else is signed"
        )
      } else if tree || treeDrawing != nil {
        throw CommandFailure(
          .usage, "\(path): --tree and --tree-svg need a weight file or a folder of a run")
      } else if let kind = ForeignFile.modelKind(of: head) {
        throw CommandFailure(
          .malformedData,
          "\(path): it looks like \(kind); inspect reads weight files, folders of runs, stores and logs"
        )
      } else if head.starts(with: Array("SQLite format 3".utf8)) {
        try inspectStore()
      } else {
        try inspectLog()
      }
    }
  }

  private func firstBytes() -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
    defer { handle.closeFile() }
    return [UInt8]((try? handle.read(upToCount: 16)) ?? Data())
  }

  // MARK: weight files

  private func inspectRouter() throws {
    // Opening checks every byte and replays the probes: a file that fails never gets here.
    let opened = try OpenedRouter(path: path, signature)
    try drawTrees(opened)
    let description = RouterDescription(opened.router, file: opened.bytes)
    if output.json {
      Console.print(
        try JSONOutput.text(
          RouterResult(
            router: description, verified: verify ? verification(opened) : nil,
            signed_by: opened.signer)))
      return
    }
    Console.print(RouterText(description).text)
    if tree { Console.print(try RouterTrees(opened).text) }
    if verify {
      let result = verification(opened)
      Console.print(
        "verified: checksum over \(opened.bytes.count) bytes, structure, \(result.probes) probes with features and margins equal to the last bit"
      )
    }
    if let signer = opened.signer { Console.print("signed: by key \(signer)") }
  }

  /// Writes the drawing, if one is wanted.
  private func drawTrees(_ opened: @autoclosure () throws -> OpenedRouter) throws {
    guard let treeDrawing else { return }
    try Files.write(RouterTrees(opened()).svg, to: treeDrawing)
    output.note("drew the trees into \(treeDrawing)")
  }

  private struct Verification: Encodable {
    var checksum = "ok"
    var structure = "ok"
    var probes: Int
    var failed_probe: Int?
  }

  private func verification(_ opened: OpenedRouter) -> Verification {
    Verification(
      probes: opened.router.probes.count, failed_probe: opened.router.firstFailingProbe())
  }

  private struct RouterResult: Encodable {
    var router: RouterDescription
    var verified: Verification?
    /// Fingerprint of the key, where a signature was required.
    var signed_by: String?
  }

  // MARK: runs

  private func inspectRun() throws {
    let bytes = try Files.read(path + "/" + RunFolder.manifestName, what: "manifest")
    let manifest: RunManifest
    do {
      manifest = try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
    } catch {
      throw CommandFailure(
        .malformedData,
        "\(path)/\(RunFolder.manifestName): not a manifest of a run; train again")
    }
    var different: [String] = []
    if verify {
      for (name, artefact) in manifest.artefacts.sorted(by: { $0.key < $1.key }) {
        let file = path + "/" + name
        guard FileManager.default.fileExists(atPath: file) else {
          different.append("\(name) is missing")
          continue
        }
        let sum = try Files.sha256(ofFile: file)
        if sum != artefact.sha256 {
          different.append("\(name) has sha256 \(sum), the manifest says \(artefact.sha256)")
        }
      }
    }
    if verify || signature.isRequired { _ = try OpenedRouter(path: path, signature) }
    try drawTrees(OpenedRouter(path: path, signature))
    let inside = try RunInsight(
      path: path, heads: manifest.heads, wantsGlobal: global, wantsOdds: odds,
      signature: signature)
    if output.json {
      Console.print(
        try JSONOutput.text(
          RunResult(
            run: manifest, verified: verify ? different.isEmpty : nil, different: different,
            global: inside.global(limit: top), odds: inside.odds)))
    } else if global || odds {
      for table in inside.tables(limit: top) { Console.print(table.text(width: Console.width)) }
    } else {
      Console.print(
        "run \(manifest.name): \(manifest.settings.model), \(manifest.settings.candidates.joined(separator: " → "))"
      )
      Console.print(
        "  rows: \(manifest.split.sentence)"
      )
      Console.print("  rebuilt by: \(manifest.command)")
      for (name, artefact) in manifest.artefacts.sorted(by: { $0.key < $1.key }) {
        Console.print("  \(name): \(artefact.bytes) bytes, sha256 \(artefact.sha256)")
      }
      for warning in manifest.warnings { Console.print("  warning: \(warning)") }
      if tree { Console.print(try RouterTrees(OpenedRouter(path: path, signature)).text) }
      if verify && different.isEmpty {
        Console.print("verified: every file is the one the manifest names")
      }
    }
    if !different.isEmpty {
      throw CommandFailure(
        .malformedData,
        "\(path): \(different.joined(separator: "; ")); rebuild with: \(manifest.command)")
    }
  }

  private struct RunResult: Encodable {
    var kind = "run"
    var run: RunManifest
    var verified: Bool?
    var different: [String]
    var global: RunInsight.Global?
    var odds: [RunInsight.HeadOdds]?
  }

  // MARK: stores and logs

  private func inspectStore() throws {
    let store = try Store.open(path: path, mode: .readOnly)
    let counts = try store.counts()
    let candidates = try store.candidateSummaries()
    let problems = verify ? try store.integrityProblems() : []
    let labelling = try store.latestLabelling()
    if output.json {
      Console.print(
        try JSONOutput.text(
          StoreResult(
            queries: counts.queries, with_text: counts.queriesWithText,
            content: try store.contentHash(),
            candidates: candidates.map {
              .init(
                name: $0.name, answered: $0.answered, judged: $0.judged,
                mean_quality: $0.meanQuality, mean_cost_usd: $0.meanCostNanoDollars.map { $0 / 1e9 }
              )
            },
            labelling: labelling.map {
              .init(
                name: $0.name, candidates: $0.candidates, oracle: $0.oracle.name,
                target: $0.target.rawValue, quality_threshold: $0.qualityThreshold)
            }, problems: verify ? problems : nil)))
    } else {
      Console.print("store: \(counts.queries) queries, \(counts.queriesWithText) with text")
      let table = TerminalTable(
        columns: [
          .init("candidate", .left), .init("answers"), .init("judged"), .init("mean quality"),
          .init("$ / 1,000 queries"),
        ],
        rows: candidates.map {
          [
            $0.name, "\($0.answered)", "\($0.judged)", FigureFormat.plain.text($0.meanQuality),
            FigureFormat.dollarsPerThousand.text($0.meanCostNanoDollars.map { $0 / 1e9 }),
          ]
        })
      Console.print(table.render(width: Console.width))
      if let labelling {
        Console.print(
          "labelling '\(labelling.name)': \(labelling.candidates.joined(separator: " → ")), \(labelling.oracle.name), \(labelling.target.rawValue)"
        )
      }
      if verify && problems.isEmpty { Console.print("verified: SQLite finds the file whole") }
    }
    if let first = problems.first {
      throw CommandFailure(
        .malformedData, "\(path): \(first); restore it from a copy, or import again")
    }
  }

  private struct StoreResult: Encodable {
    struct Candidate: Encodable {
      var name: String
      var answered: Int
      var judged: Int
      var mean_quality: Double?
      var mean_cost_usd: Double?
    }
    struct StoredLabelling: Encodable {
      var name: String
      var candidates: [String]
      var oracle: String
      var target: String
      var quality_threshold: Double
    }
    var kind = "store"
    var queries: Int
    var with_text: Int
    var content: String
    var candidates: [Candidate]
    var labelling: StoredLabelling?
    var problems: [String]?
  }

  private func inspectLog() throws {
    var source = DataOptions()
    source.data = [path]
    source.reading = reading
    let read = try source.readLog(output: output)
    let contexts = read.log.map(\.context)
    let fields: [(String, (QueryContext) -> Bool)] = [
      ("group", { $0.group != nil }), ("conversation", { $0.conversation != nil }),
      ("turn", { $0.turn != nil }), ("user_tier", { $0.userTier != nil }),
      ("task_type", { $0.taskType != nil }), ("domain", { $0.domain != nil }),
      ("time", { $0.time != nil }), ("metadata", { !$0.metadata.isEmpty }),
    ]
    let counts = fields.map { name, has in (name, contexts.count(where: has)) }
    if output.json {
      Console.print(
        try JSONOutput.text(
          LogResult(
            queries: read.log.count, content: ContentHash.text(of: read.log),
            fields: Dictionary(uniqueKeysWithValues: counts), report: read.report)))
      return
    }
    let format = read.report.sources.first?.format.rawValue ?? "?"
    Console.print(
      "log (\(format)): \(read.log.count) queries, \(read.report.rejected + read.report.conflicts) rejected"
    )
    for candidate in read.report.candidates {
      Console.print(
        "  \(candidate.name): \(candidate.answered) answers, \(candidate.judged) judged, \(candidate.priced) with cost, \(candidate.timed) with latency"
      )
    }
    for (name, count) in counts where count > 0 { Console.print("  \(name): \(count) rows") }
  }

  private struct LogResult: Encodable {
    var kind = "log"
    var queries: Int
    var content: String
    var fields: [String: Int]
    var report: ImportReport
  }
}
