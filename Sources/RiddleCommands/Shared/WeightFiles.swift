import Foundation
import RiddleData
import RiddlePipeline
import RiddleRuntime
import RiddleTrust

/// A decoded router and where it came from.
struct OpenedRouter {
  let router: Router
  let bytes: [UInt8]
  let path: String
  /// Fingerprint of the key that signed it, where a signature was required.
  let signer: String?

  /// Opens a weight file, or the `router.riddle` of a run's folder: the one place where this program opens any.
  ///
  /// - Throws: `CommandFailure` for a file that is missing, not a weight file, damaged, or not signed as required. The
  ///   signature is checked first, over the very bytes that are decoded after it.
  init(path given: String, _ signature: SignatureOptions) throws {
    var isDirectory: ObjCBool = false
    let isFolder =
      FileManager.default.fileExists(atPath: given, isDirectory: &isDirectory)
      && isDirectory.boolValue
    let file = isFolder ? given + "/" + RunFolder.routerName : given
    let content = try Files.read(
      file, what: "weight file", atMost: WeightFileLayout.maximumLength)
    signer = try signature.check(content, of: file)
    do throws(WeightFileError) {
      router = try Router(decoding: content.span)
    } catch {
      throw CommandFailure(.malformedData, "\(file): \(RefusedFile.describe(error, content))")
    }
    path = file
    bytes = content
  }

  /// A weight file that is in memory already, proven to be what it should be; `path` names it in messages.
  init(bytes: [UInt8], path: String) throws {
    do throws(WeightFileError) {
      router = try Router(decoding: bytes.span)
    } catch {
      throw CommandFailure(.malformedData, "\(path): \(RefusedFile.describe(error, bytes))")
    }
    self.bytes = bytes
    self.path = path
    signer = nil
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

  /// Names of the dense columns: those stored, else the schema's.
  var columnNames: [String] { RiddlePipeline.columnNames(of: router) }

  /// The strings behind heavy hash buckets: inside the file, else from the run's file beside it; nil without either.
  ///
  /// - Throws: `CommandFailure` when they are damaged or another router's.
  func ngrams() throws -> NGramStrings? {
    var place = "\(path): metadata \(RouterMetadata.ngrams)"
    let bytes: [UInt8]
    let stored = metadata[RouterMetadata.ngrams]
    if let stored {
      bytes = Array(stored.utf8)
    } else {
      place =
        URL(fileURLWithPath: path).deletingLastPathComponent()
        .appendingPathComponent(RunFolder.ngramsName).path
      guard FileManager.default.fileExists(atPath: place) else { return nil }
      bytes = try Files.read(place, what: "n-grams")
    }
    guard var ngrams = try? JSONDecoder().decode(NGramStrings.self, from: Data(bytes)) else {
      throw CommandFailure(
        .malformedData, "\(place): not a list of n-grams; train again, or delete it")
    }
    // Strings inside the file are this router's, with the weights it had before it was made smaller.
    if stored != nil && ngrams.fits(router) { ngrams.reweigh(for: router) }
    return ngrams.belongs(to: router) ? ngrams : nil
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
