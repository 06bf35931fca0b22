import Foundation
import RiddleTestSupport
import Testing

/// What is no weight file, wherever one is expected: the right exit status, a name for it, and no hang.
@Suite struct ForeignFilesTests {
  /// The first bytes of files as their programs write them, and the words that must name them.
  static let kinds: [(what: String, bytes: [UInt8], names: String)] = [
    ("zip", Array("PK\u{3}\u{4}".utf8) + [20, 0, 0, 0, 8, 0], "a zip archive"),
    ("pickle", [0x80, 4, 0x95, 0x1c, 0, 0, 0, 0, 0, 0, 0, 0x7d], "a pickle (it was not run)"),
    ("protocol 0 pickle", Array("ccopy_reg\n_reconstructor\np0\n".utf8), "a pickle"),
    (
      "joblib",
      [0x80, 4, 0x95, 0x5c, 1, 0, 0, 0, 0, 0, 0, 0x8c, 21] + Array("sklearn.tree._classes".utf8),
      "a joblib or scikit-learn pickle (it was not run)"
    ),
    ("compressed joblib", [0x78, 0x9c, 0xed, 0x9d, 0x79], "a zlib stream"),
    ("onnx", [0x08, 0x0a, 0x12, 8] + Array("skl2onnx".utf8), "an ONNX model"),
    ("onnx of PyTorch", [0x08, 8, 0x12, 7] + Array("pytorch".utf8), "an ONNX model"),
    ("json", Array(" \n{\"learner\": {}}".utf8), "JSON"),
    ("json with a mark", [0xef, 0xbb, 0xbf] + Array("[{\"id\": 1}]".utf8), "JSON"),
    ("gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], "a gzip file"),
    ("html", Array("<!DOCTYPE html>\n<html><body>404".utf8), "an HTML page"),
    ("html in capitals", Array("\n<HTML>".utf8), "an HTML page"),
    (
      "safetensors", [0x58, 0, 0, 0, 0, 0, 0, 0] + Array("{\"bias\":{\"dtype\"".utf8),
      "a safetensors file"
    ),
    ("gguf", Array("GGUF".utf8) + [3, 0, 0, 0], "a GGUF file"),
    ("hdf5", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "an HDF5 file"),
    ("png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "a PNG image"),
    ("elf", [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], "an ELF program"),
    ("numpy", [0x93] + Array("NUMPY\u{1}\u{0}".utf8), "a NumPy array"),
    ("fasttext", [0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0], "a fastText model"),
    ("lightgbm", Array("tree\nversion=v4\nnum_class=1\n".utf8), "a LightGBM model"),
    ("xgboost", Array("{L".utf8) + [0, 0, 0, 0, 0, 0, 0, 7], "an XGBoost model"),
    ("parquet", Array("PAR1".utf8) + [0x15, 4], "a Parquet file"),
    ("sqlite", Array("SQLite format 3\u{0}".utf8), "a SQLite database"),
    ("git lfs", Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a Git LFS pointer"),
    ("base64", Array("iVJETA0KGgoBAAAABwAAACAP".utf8), "a weight file in Base64"),
    ("line ends changed", [0x89, 0x52, 0x44, 0x4c, 0x0a, 0x1a, 0x0a], "copied as text"),
    ("read as Latin 1", [0xc2, 0x89, 0x52, 0x44, 0x4c, 0x0d, 0x0a], "copied as text"),
    ("replaced as UTF-8", [0xef, 0xbf, 0xbd, 0x52, 0x44, 0x4c, 0x0d], "copied as text"),
    ("zero bytes", [UInt8](repeating: 0, count: 300), "an unfinished download"),
    ("a private key", Array("-----BEGIN PRIVATE KEY-----\n".utf8), "a PEM file"),
    ("prose", Array("Dear router, please decide.\n".utf8), "text"),
    ("noise", [0xf3, 0x01, 0x99, 0xd7, 0x04, 0xee], "does not begin with the bytes"),
    ("nothing", [], "it is empty"),
  ]

  /// Long and short: the end of the file plays no part.
  @Test(arguments: kinds.indices) func foreignFilesAreNamed(index: Int) throws {
    let (_, bytes, names) = Self.kinds[index]
    try withFolder { folder in
      let long = names == "text" || names.hasPrefix("it is") ? bytes : bytes + bytes + bytes
      for content in [bytes, long] {
        try folder.write("r.riddle", content)
        BadFilesTests.check(
          try runRiddle(["score", "r.riddle"], in: folder, seconds: 20), 65, names: names)
      }
      BadFilesTests.check(
        try runRiddle(["inspect", "r.riddle"], in: folder, seconds: 20), 65, names: names)
    }
  }

  /// Models of other programs under their own names, which inspect would else take for a log.
  @Test(
    arguments: kinds.indices.filter {
      ["onnx", "safetensors", "gguf", "hdf5", "xgboost", "fasttext", "lightgbm", "base64"]
        .contains(kinds[$0].what)
    })
  func inspectNamesModelsOfOtherPrograms(index: Int) throws {
    let (what, bytes, names) = Self.kinds[index]
    try withFolder { folder in
      try folder.write("m.\(what)", bytes + bytes)
      BadFilesTests.check(
        try runRiddle(["inspect", "m.\(what)"], in: folder, seconds: 20), 65, names: names)
    }
  }

  /// Whatever stands where a router is expected, every command says so and ends.
  @Test(arguments: SignTests.openers)
  func noCommandHangsOnWhatIsNoFile(arguments: [String]) throws {
    try withFolder { folder in
      try folder.write("stranger.key", "")
      try SignTests.writeInputs(folder, for: arguments)
      if arguments[0] == "sign" {
        try FileManager.default.removeItem(atPath: folder.file("stranger.key"))
        try succeed(["sign", "keygen", "--to", "stranger"], in: folder)
      }
      let router = folder.file("r.riddle")
      func expectEnd(_ what: String, _ statuses: Set<Int32>) throws {
        let result = try runRiddle(arguments, in: folder, seconds: 20)
        #expect(statuses.contains(result.status), "\(what): \(result.status) \(result.errors)")
        #expect(result.errors.contains("r.riddle"), "\(what): \(result.errors)")
        #expect(result.output.isEmpty, "\(what)")
      }
      try expectEnd("missing", [66])
      try folder.write("r.riddle", [])
      try expectEnd("empty", [65])
      try FileManager.default.removeItem(atPath: router)
      #expect(mkfifo(router, 0o600) == 0)
      try expectEnd("a pipe", [66])
      try FileManager.default.removeItem(atPath: router)
      for device in ["/dev/zero", "/dev/null", "/dev/full"] {
        try FileManager.default.createSymbolicLink(atPath: router, withDestinationPath: device)
        try expectEnd(device, [66])
        try FileManager.default.removeItem(atPath: router)
      }
      try FileManager.default.createDirectory(atPath: router, withIntermediateDirectories: true)
      try expectEnd("a folder", [65, 66])
      try FileManager.default.removeItem(atPath: router)
      try FileManager.default.createSymbolicLink(atPath: router, withDestinationPath: router)
      try expectEnd("a link to itself", [66])
    }
  }

  /// A file of a terabyte without a byte on the disk: no more is read than the format allows.
  @Test func aHugeFileIsRefusedWithoutReadingIt() throws {
    try withFolder { folder in
      try folder.write("r.riddle", [0x89, 0x52, 0x44, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a])
      guard truncate(folder.file("r.riddle"), 1 << 40) == 0 else {
        throw Unexpected("this file system has no sparse files of a terabyte")
      }
      BadFilesTests.check(
        try runRiddle(["score", "r.riddle"], in: folder, seconds: 20), 65,
        names: "more than the 67108864 bytes")
    }
  }
}
