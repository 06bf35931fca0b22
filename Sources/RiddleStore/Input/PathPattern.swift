import Glibc

/// Names of files with `*`, `?` and `[…]`, for shells and schedulers that do not expand them.
public enum PathPattern {
  /// The files that `paths` name: one that exists stands for itself, a pattern for what it matches, in order of names.
  ///
  /// - Throws: ``StoreError/inputMissing(path:)`` for a pattern that matches nothing.
  public static func expand(_ paths: [String]) throws(StoreError) -> [String] {
    var files: [String] = []
    for path in paths {
      let isPattern = path.contains { $0 == "*" || $0 == "?" || $0 == "[" }
      guard path != "-", isPattern, access(path, F_OK) != 0 else {
        files.append(path)
        continue
      }
      var found = glob_t()
      // Owned from here to `globfree`; `gl_pathv` holds `gl_pathc` strings that end in NUL.
      defer { globfree(&found) }
      guard glob(path, 0, nil, &found) == 0, found.gl_pathc > 0 else {
        throw .inputMissing(path: path)
      }
      for i in 0..<Int(found.gl_pathc) {
        if let name = found.gl_pathv[i] { files.append(String(cString: name)) }
      }
    }
    return files
  }
}
