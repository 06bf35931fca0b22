import Foundation
import RiddleData
import RiddlePipeline
import RiddleRuntime
import RiddleStore

/// Puts a run and its router into a store, from the files that it left.
struct RunRegistration {
  let folder: RunFolder

  /// Registers what is in the folder; says what it did.
  ///
  /// The files are written already: a store that cannot take the record is a warning, never a lost run.
  func add(to path: String, output: OutputOptions) throws {
    do {
      let store = try Store.open(path: path, mode: .readWrite)
      // What was committed stays; closing only folds the log of writes.
      defer { try? store.close() }
      let router = try OpenedRouter(path: folder.path, SignatureOptions.none)
      let isNew = try register(router, in: store)
      output.note(
        isNew
          ? "registered in \(path): \(Files.sha256(router.bytes).prefix(12)), with its run and split"
          : "\(path) knows this run already")
    } catch {
      Console.error(
        "warning: the run is complete but not registered in \(path): \(commandFailure(error).message)\n  `riddle promote \(folder.path) --store \(path)` registers it later"
      )
    }
  }

  /// Registers the router and, where its manifest is beside it, the run.
  ///
  /// - Returns: whether the store did not know it.
  @discardableResult
  func register(_ router: OpenedRouter, in store: Store) throws -> Bool {
    var record = Self.record(of: router)
    guard let run = try self.run(of: router, in: store) else {
      return try store.registerRouter(record)
    }
    record.runManifestSHA256 = run.manifestSHA256
    return try store.registerTraining(run, record)
  }

  /// The run whose folder this is; nil when the folder has no manifest, or one that does not name the router.
  private func run(of router: OpenedRouter, in store: Store) throws -> RunRecord? {
    let file = folder.file(RunFolder.manifestName)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let bytes = try Files.read(file, what: "manifest")
    guard let manifest = try? JSONDecoder().decode(RunManifest.self, from: Data(bytes)) else {
      throw CommandFailure(.malformedData, "\(file): not a manifest; train the run again")
    }
    guard manifest.artefacts[RunFolder.routerName]?.sha256 == Files.sha256(router.bytes) else {
      return nil  // another router's run proves nothing about this one
    }
    return RunRecord(
      folder: AbsolutePath.of(folder.path), time: TimeText.now,
      manifest: String(decoding: bytes, as: UTF8.self), manifestSHA256: Files.sha256(bytes),
      labelling: try Self.labelling(of: manifest, in: store), splits: try Self.splits(manifest))
  }

  /// The parts of the run; none for a manifest of an earlier version, which does not name its queries.
  private static func splits(_ manifest: RunManifest) throws -> [SplitRecord] {
    struct Rule: Encodable {
      var unit: String
      var seed: UInt64
      var segment_field: String?
      var first_time: String?
      var last_time: String?
    }
    let split = manifest.split
    let rule = try JSONOutput.text(
      Rule(
        unit: split.unit, seed: split.seed, segment_field: split.segment_field,
        first_time: split.first_time, last_time: split.last_time), pretty: false)
    return [("train", split.train), ("calibrate", split.calibrate), ("test", split.test)]
      .compactMap { part, count in
        split.ids_sha256?[part].map {
          SplitRecord(part: part, rule: rule, queryCount: count, idsSHA256: $0)
        }
      }
  }

  /// The store's latest labelling, when the run learned by its rules.
  private static func labelling(of manifest: RunManifest, in store: Store) throws -> String? {
    guard let latest = try store.latestLabelling() else { return nil }
    let settings = manifest.settings
    let isSame =
      latest.candidates == settings.candidates && latest.oracle.name == settings.oracle
      && latest.target.rawValue == settings.target
      && latest.qualityThreshold == settings.quality_threshold
    return isSame ? latest.name : nil
  }

  /// What the store keeps of a weight file.
  static func record(of router: OpenedRouter) -> RouterRecord {
    let names = router.candidates
    let metadata = router.metadata
    let thresholds = router.router.thresholds.enumerated().map { head, threshold in
      let kind = RouterDescription.name(threshold.guarantee)
      let guarantee = StoredGuarantee(
        kind: kind, rule: metadata[RouterMetadata.thresholdRule],
        promise: threshold.guarantee == .none ? nil : metadata[RouterMetadata.promise])
      return ThresholdRecord(
        name: "above \(names[head])", head: head, margin: threshold.value,
        guarantee: try? JSONOutput.text(guarantee, pretty: false))
    }
    return RouterRecord(
      sha256: Files.sha256(router.bytes), name: router.name, bytes: router.bytes,
      time: TimeText.now, thresholds: thresholds)
  }

  /// Registers a weight file that was made from another one: with the run of that one, where the store knows it.
  static func addDerived(
    _ path: String, from parent: OpenedRouter, to storePath: String, output: OutputOptions
  ) throws {
    do {
      let store = try Store.open(path: storePath, mode: .readWrite)
      defer { try? store.close() }  // As above.
      try RunRegistration(folder: RunFolder(path: parent.folder)).register(parent, in: store)
      var record = record(of: try OpenedRouter(path: path, SignatureOptions.none))
      record.runManifestSHA256 = try store.run(ofRouter: Files.sha256(parent.bytes))?.manifestSHA256
      let isNew = try store.registerRouter(record)
      output.note(
        isNew
          ? "registered in \(storePath): \(record.sha256.prefix(12)), made from \(Files.sha256(parent.bytes).prefix(12))"
          : "\(storePath) knows \(record.sha256.prefix(12)) already")
    } catch {
      Console.error(
        "warning: \(path) is written but not registered in \(storePath): \(commandFailure(error).message)"
      )
    }
  }
}

extension OpenedRouter {
  /// The folder of the weight file.
  var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
}

/// Paths that mean the same from any folder.
enum AbsolutePath {
  /// `path` from the root, without `.`, `..` and doubled slashes; symbolic links stay.
  static func of(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
