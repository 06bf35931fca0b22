/// How to read logs, for the store and for plain files alike.
public struct ImportOptions: Sendable {
  /// The format; nil recognises it by content.
  public var format: LogFormat?
  /// Which CSV column means what; nil goes by the columns' names.
  public var mapping: CSVMapping?
  /// A mapping of any table or JSON; takes the place of `format` and `mapping`.
  public var fields: FieldMapping?
  /// Prices for answers with tokens and no cost; nil leaves those without a cost.
  public var prices: TokenPrices?
  /// Which score is the quality, in logs that keep scores.
  public var scores = ScoreRule()
  /// The unit of latencies in logs that do not say it.
  public var latencyUnit: LatencyUnit?
  /// Whether rows with an equal prompt become one query with several outcomes; see ``EqualPrompts``.
  public var joinsEqualPrompts = false
  /// Rows per transaction: what a crash can lose.
  public var rowsPerTransaction = 20_000
  /// Longest row in bytes; longer ones are rejected.
  public var maximumRowBytes = 16 << 20

  /// Sniffs the format, without a mapping.
  public init(format: LogFormat? = nil, mapping: CSVMapping? = nil) {
    self.format = format
    self.mapping = mapping
  }

  /// Bytes that are parsed at a time, at least.
  var blockBytes = 1 << 20

  var limits: ReadingLimits {
    ReadingLimits(recordBytes: maximumRowBytes, blockBytes: blockBytes)
  }
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
