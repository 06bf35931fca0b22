import RiddleData

/// A log as a data set, and where it came from.
struct LoadedData {
  struct Input: Codable {
    /// File name without its folder.
    var name: String
    /// SHA-256 of the file; nil for a store or a folder.
    var sha256: String?
    /// Hash over the content of the rows, the same for a file and for the store it was imported into.
    var content: String
  }

  let dataset: Dataset
  let inputs: [Input]
  /// Models whose vectors the log carries and nobody asked for.
  var unreadEmbeddings: [String] = []
  /// How a store too long for memory was sampled; nil when every row was read. Among the warnings, too.
  var sampling: String?
  /// What a reader of any figure on these data must know: see ``DataLint``.
  var warnings: [String] = []
}
