import Foundation
import RiddleData
import RiddlePipeline
import RiddleRuntime

/// A decoded router and where it came from.
struct OpenedRouter {
  let router: Router
  let bytes: [UInt8]
  let path: String

  /// Opens a weight file, or the `router.riddle` of a run's folder.
  init(path given: String) throws {
    var isDirectory: ObjCBool = false
    let isFolder =
      FileManager.default.fileExists(atPath: given, isDirectory: &isDirectory)
      && isDirectory.boolValue
    let file = isFolder ? given + "/" + RunFolder.routerName : given
    let content = try Files.read(file, what: "weight file")
    do throws(WeightFileError) {
      router = try Router(decoding: content.span)
    } catch {
      throw CommandFailure(.malformedData, "\(file): \(describeOpening(error, content))")
    }
    path = file
    bytes = content
  }

  /// Names of the ladder, cheapest first.
  var candidates: [String] { router.candidates.map { String(decoding: $0.name, as: UTF8.self) } }

  /// The model card inside the file.
  var metadata: [String: String] {
    Dictionary(
      router.metadata.map {
        (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Name for tables: the file's own, else its folder's or file's name.
  var name: String {
    if let name = metadata[RouterMetadata.name], !name.isEmpty { return name }
    let url = URL(fileURLWithPath: path)
    return url.deletingPathExtension().lastPathComponent
  }

  /// The fingerprints of the rows it was trained on, from the file beside it; nil without that file.
  func trainingRows() throws -> TrainingRows? {
    let file = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent(RunFolder.trainingRowsName).path
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let bytes = try Files.read(file, what: "training rows")
    if let expected = metadata[RouterMetadata.trainingRows], expected != Files.sha256(bytes) {
      return nil  // another router's rows prove nothing about this one
    }
    guard let rows = TrainingRows(decoding: bytes) else {
      throw CommandFailure(
        .malformedData, "\(file): damaged list of training rows; train again, or delete it")
    }
    return rows
  }
}

/// As ``describe(_:)``, and for a foreign file what it looks like.
private func describeOpening(_ error: WeightFileError, _ bytes: [UInt8]) -> String {
  guard error == .notAWeightFile else { return describe(error) }
  let kinds: [(String, String)] = [
    ("PK\u{3}\u{4}", "a zip archive"), ("SQLite format 3", "a SQLite database"), ("{", "JSON"),
    ("\u{80}\u{4}", "a pickle"), ("GGUF", "a GGUF file"), ("PAR1", "a Parquet file"),
    ("tree", "a LightGBM model"),
  ]
  for (prefix, name) in kinds
  where bytes.starts(with: prefix.unicodeScalars.map { UInt8($0.value) }) {
    return "not a weight file: it looks like \(name); give the router.riddle of a run"
  }
  return describe(error)
}
