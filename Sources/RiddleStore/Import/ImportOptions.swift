/// How to read logs, for the store and for plain files alike.
public struct ImportOptions: Sendable {
  /// The format; nil recognises it by content.
  public var format: LogFormat?
  /// Which CSV column means what; nil goes by the columns' names.
  public var mapping: CSVMapping?
  /// Rows per transaction: what a crash can lose.
  public var rowsPerTransaction = 20_000
  /// Longest row in bytes; longer ones are rejected.
  public var maximumRowBytes = 16 << 20

  /// Sniffs the format, without a mapping.
  public init(format: LogFormat? = nil, mapping: CSVMapping? = nil) {
    self.format = format
    self.mapping = mapping
  }

  var limits: ReadingLimits { ReadingLimits(recordBytes: maximumRowBytes) }
}

/// How far an import is. Reported after every transaction.
public struct ImportProgress: Equatable, Sendable {
  /// The source being read.
  public var path: String
  /// Rows of all sources read so far.
  public var rowsRead: Int
  /// Rows of all sources rejected so far, conflicts included.
  public var rejected: Int
  /// Bytes of this source read so far, as stored (compressed).
  public var bytesRead: Int
  /// Size of this source in bytes, when it is known.
  public var totalBytes: Int?
}
