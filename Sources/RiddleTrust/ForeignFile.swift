/// Guesses from its first bytes what a file is that is no weight file. Nothing in it is run or unpacked.
public enum ForeignFile {
  /// What `bytes` look like, in words that follow "it looks like"; nil when they look like nothing known.
  public static func kind(of bytes: [UInt8]) -> String? {
    let head = bytes.prefix(512)
    for (prefix, name) in magics where head.starts(with: prefix) { return name }
    if isPickle(head) {
      return mentions(bytes.prefix(4096), ["sklearn", "joblib", "numpy_pickle"])
        ? "a joblib or scikit-learn pickle (it was not run)" : "a pickle (it was not run)"
    }
    if isZlib(head) { return "a zlib stream, as joblib and Git write it" }
    if isSafetensors(head) { return "a safetensors file" }
    if isONNX(head) { return "an ONNX model" }
    if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) { return "a tar archive" }
    if !head.isEmpty, head.allSatisfy({ $0 == 0 }) {
      return "zero bytes, an unfinished download perhaps"
    }
    return text(head)
  }

  /// The same for models of other programs and mangled weight files, which cannot be anything else.
  public static func modelKind(of bytes: [UInt8]) -> String? {
    guard let kind = kind(of: bytes) else { return nil }
    let models = ["model", "safetensors", "GGUF", "HDF5", "weight file"]
    return models.contains { kind.contains($0) } ? kind : nil
  }

  private static let magics: [([UInt8], String)] = [
    (Array("PK\u{3}\u{4}".utf8), "a zip archive (PyTorch, Keras, NumPy .npz and .xlsx files are)"),
    (Array("PK\u{5}\u{6}".utf8), "an empty zip archive"), ([0x1f, 0x8b], "a gzip file"),
    (Array("BZh".utf8), "a bzip2 file"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "an xz file"),
    ([0x28, 0xb5, 0x2f, 0xfd], "a Zstandard file"),
    (Array("SQLite format 3".utf8), "a SQLite database"),
    (Array("GGUF".utf8), "a GGUF file"), (Array("PAR1".utf8), "a Parquet file"),
    (Array("ARROW1".utf8), "an Arrow file"), ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image"),
    ([0x7f, 0x45, 0x4c, 0x46], "an ELF program or library"),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array"),
    ([0xba, 0x16, 0x4f, 0x2f], "a fastText model"), (Array("%PDF".utf8), "a PDF"),
    (Array("tree\nversion=".utf8), "a LightGBM model"),
    (Array("tree\r\nversion=".utf8), "a LightGBM model"),
    ([0x7b, 0x4c], "an XGBoost model"), (Array("binf".utf8), "an XGBoost model"),
    (
      Array("version https://git-lfs".utf8),
      "a Git LFS pointer: fetch the file itself with git lfs pull"
    ),
    (Array("iVJETA0K".utf8), "a weight file in Base64: decode it first"),
    // The magic has a carriage return, a line feed and a byte above 127 so that these can be told.
    ([0x89, 0x52, 0x44, 0x4c, 0x0a], "a weight file that was copied as text: copy it as binary"),
    (
      [0x89, 0x52, 0x44, 0x4c, 0x0d, 0x0d],
      "a weight file that was copied as text: copy it as binary"
    ),
    ([0xc2, 0x89, 0x52, 0x44, 0x4c], "a weight file that was copied as text: copy it as binary"),
    (
      [0xef, 0xbf, 0xbd, 0x52, 0x44, 0x4c],
      "a weight file that was copied as text: copy it as binary"
    ),
    (Array("-----BEGIN ".utf8), "a PEM file"), ([0xff, 0xfe], "text in UTF-16"),
    ([0xfe, 0xff], "text in UTF-16"),
  ]

  /// Protocol 2 and later begin with 0x80 and the protocol; 0 and 1 are text that ends in a full stop.
  private static func isPickle(_ head: ArraySlice<UInt8>) -> Bool {
    head.count >= 2 && head[0] == 0x80 && (2...5).contains(head[1])
      || head.starts(with: "ccopy_reg\n".utf8) || head.starts(with: "csklearn".utf8)
  }

  /// RFC 1950: method 8, a window of at most 32 KiB, check bits.
  private static func isZlib(_ head: ArraySlice<UInt8>) -> Bool {
    head.count >= 2 && head[0] == 0x78 && (Int(head[0]) << 8 | Int(head[1])) % 31 == 0
  }

  /// Eight bytes of length, then a JSON object.
  private static func isSafetensors(_ head: ArraySlice<UInt8>) -> Bool {
    head.count >= 10 && head[5...7].allSatisfy { $0 == 0 } && head[8] == UInt8(ascii: "{")
      && (head[9] == UInt8(ascii: "\"") || head[9] == UInt8(ascii: "}"))
  }

  /// A protocol buffer whose field 1 is a small number (the IR version), with the next field a string, an opset or a
  /// graph.
  private static func isONNX(_ head: ArraySlice<UInt8>) -> Bool {
    head.count >= 4 && head[0] == 0x08 && (1...31).contains(head[1])
      && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains(head[2])
  }

  private static func text(_ head: ArraySlice<UInt8>) -> String? {
    var visible = head
    if visible.starts(with: [0xef, 0xbb, 0xbf]) { visible.removeFirst(3) }
    visible = visible.drop { $0 <= 32 }
    let start = visible.prefix(16).map { (65...90).contains($0) ? $0 | 32 : $0 }
    if start.starts(with: "<!doctype html".utf8) || start.starts(with: "<html".utf8) {
      return "an HTML page, a download link's perhaps"
    }
    if start.starts(with: "<?xml".utf8) { return "XML" }
    if start.first == UInt8(ascii: "{") || start.starts(with: "[{".utf8)
      || start.starts(with: "[\"".utf8)
    {
      return "JSON"
    }
    let isText =
      !visible.isEmpty && head.allSatisfy { $0 >= 32 && $0 != 127 || (9...13).contains($0) }
      && head.contains { $0 < 127 }
    return isText ? "text" : nil
  }

  private static func mentions(_ bytes: ArraySlice<UInt8>, _ words: [String]) -> Bool {
    words.contains { word in
      let wanted = Array(word.utf8)
      return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
  }
}
