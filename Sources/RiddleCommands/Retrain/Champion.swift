import Foundation
import RiddleData
import RiddlePipeline
import RiddleStore

/// The router that is to be beaten: its weight file, how it was trained, and which rows it has seen.
struct Champion {
  let opened: OpenedRouter
  /// How it was trained.
  let words: TrainingWords
  /// Its run's manifest; nil when only the weight file is known.
  let manifest: RunManifest?
  /// Fingerprints of the rows it was trained on; nil when the list is gone.
  let trainingRows: TrainingRows?
  let warnings: [String]

  /// - Parameter name: `production` for the router that decides in `environment`, else a weight file or a run's folder.
  init(
    _ name: String, store: Store, environment: String, signature: SignatureOptions
  ) throws {
    var warnings: [String] = []
    var run: RunRecord?
    if name == "production" {
      guard let deployed = try store.deployedTraining(environment: environment) else {
        throw CommandFailure(
          .inputMissing,
          "nothing was deployed to \(environment) in \(store.path); promote a first router with `riddle promote ROUTER --store \(store.path)`, or name the champion's file with --champion"
        )
      }
      let (bytes, _) = try Deployer(store: store, environment: environment)
        .storedRouter(deployed.deployment.router)
      run = deployed.run
      let folder = deployed.run?.folder
      opened = try OpenedRouter(
        bytes: bytes,
        path: folder.map { $0 + "/" + RunFolder.routerName }
          ?? "\(store.path)#\(deployed.deployment.router.prefix(12))")
    } else {
      opened = try OpenedRouter(path: name, signature)
      run = try store.run(ofRouter: Files.sha256(opened.bytes))
    }
    manifest = try Self.manifest(of: opened, run)
    if let manifest, let words = TrainingWords(command: manifest.command) {
      self.words = words
    } else {
      guard manifest == nil else {
        throw CommandFailure(
          .malformedData,
          "the run of \(opened.name) was not made by `riddle train` (\(OneLine.of(manifest?.command ?? ""))); name a champion that was with --champion"
        )
      }
      words = try Self.words(fromCard: opened)
      warnings.append(
        "the champion's run is not known: its settings are those of its weight file's card, the others the defaults"
      )
    }
    trainingRows = try opened.trainingRows()
    if trainingRows == nil {
      warnings.append(
        "the list of the champion's training rows (\(RunFolder.trainingRowsName)) is not beside \(opened.path): rows of the window are taken as unseen by it because they are newer, near-duplicates of its training rows among them"
      )
    }
    self.warnings = warnings
  }

  /// When its newest training row arrived; nil when that is not known.
  var lastTraining: Microseconds? {
    manifest?.split.last_time.flatMap { Microseconds(time: $0) }
  }

  /// The manifest beside the file where it names the router, else the store's.
  private static func manifest(of opened: OpenedRouter, _ run: RunRecord?) throws -> RunManifest? {
    let decoder = JSONDecoder()
    let file = opened.folder + "/" + RunFolder.manifestName
    if FileManager.default.fileExists(atPath: file) {
      let bytes = try Files.read(file, what: "manifest")
      if let found = try? decoder.decode(RunManifest.self, from: Data(bytes)),
        found.artefacts[RunFolder.routerName]?.sha256 == Files.sha256(opened.bytes)
      {
        return found
      }
    }
    guard let run else { return nil }
    guard let found = try? decoder.decode(RunManifest.self, from: Data(run.manifest.utf8)) else {
      throw CommandFailure(
        .malformedData,
        "the store's manifest of run \(run.manifestSHA256.prefix(12)) cannot be read; it was written by another version"
      )
    }
    return found
  }

  /// What the card inside a weight file says of the training.
  private static func words(fromCard opened: OpenedRouter) throws -> TrainingWords {
    let card = opened.metadata
    var command = "riddle train"
    for (key, option) in [
      (RouterMetadata.model, "--model"), (RouterMetadata.target, "--target"),
      (RouterMetadata.oracle, "--oracle"),
      (RouterMetadata.qualityThreshold, "--quality-threshold"),
      (RouterMetadata.thresholdRule, "--threshold"), (RouterMetadata.splitUnit, "--split-by"),
      (RouterMetadata.seed, "--seed"), (RouterMetadata.embeddingModel, "--embedding-model"),
    ] {
      if let value = card[key] { command += " \(option) \(ShellWord.quoted(value))" }
    }
    guard let words = TrainingWords(command: command) else {
      throw CommandFailure(.malformedData, "\(opened.path): its card cannot be read")
    }
    return words
  }
}
