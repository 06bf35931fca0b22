/// The fixed numbers of the weight file. The specification is `WeightFileFormat.md` in this target's documentation.
public enum WeightFileLayout {
  /// First eight bytes: a byte no text begins with, a name, and line ends that a text-mode copy would damage.
  public static let magic: InlineArray<8, UInt8> = [
    0x89, 0x52, 0x44, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a,
  ]
  /// The version this code writes.
  public static let version: UInt32 = 3
  /// The first version that is read.
  public static let firstVersion: UInt32 = 1
  /// Bytes before the section table.
  public static let headerLength = 32
  /// Bytes per entry of the section table.
  public static let sectionEntryLength = 24
  /// Bytes of the checksum at the end.
  public static let checksumLength = 8
  /// Sections begin at multiples of this.
  public static let alignment = 8
  /// Largest file.
  public static let maximumLength = 64 << 20
  /// Most heads.
  public static let maximumHeads = 63
  /// Most candidates.
  public static let maximumCandidates = 64
  /// Most knots of an isotonic map.
  public static let maximumKnots = 4096
  /// Largest number of embedding columns.
  public static let maximumEmbedding = 4000
  /// Most tree nodes.
  public static let maximumNodes = 1 << 20
  /// Deepest tree.
  public static let maximumDepth = 64
  /// Most probes.
  public static let maximumProbes = 256
  /// Longest policy text.
  public static let maximumPolicy = 1 << 20
  /// Most weights of a pruned table with the buckets that were left out: 32 MB in memory.
  public static let maximumUnpackedWeights = 1 << 23
  /// Largest magnitude of the numbers that a rule of values computes with, and of the inverse of a gap between prices: far
  /// above what is meaningful, far below what overflows.
  public static let maximumMagnitude = 1e100
  /// Bytes per tree node.
  public static let nodeLength = 20

  /// The version that the header of a weight file names, decoded or not; nil for fewer bytes than a header has.
  public static func statedVersion(of file: Span<UInt8>) -> UInt32? {
    file.count < headerLength
      ? nil : UInt32(truncatingIfNeeded: littleEndian(file, at: 8, size: 4))
  }

  /// A section's tag: four ASCII letters, first letter in the lowest byte. Sections stand in this order.
  public enum Section: UInt32, CaseIterable, Sendable {
    /// Feature schema.
    case schema = 0x4d48_4353  // SCHM
    /// Learned parameters.
    case model = 0x4c44_4f4d  // MODL
    /// One calibration map per head.
    case calibration = 0x424c_4143  // CALB
    /// How heads become a position on the ladder; since version 2.
    case rule = 0x454c_5552  // RULE
    /// One threshold per step of the ladder.
    case thresholds = 0x5352_4854  // THRS
    /// Names and prices of the candidates, cheapest first.
    case candidates = 0x444e_4143  // CAND
    /// The text of a policy file, empty without one; since version 3.
    case policy = 0x5943_4c50  // PLCY
    /// Queries with their expected features and margins.
    case probes = 0x424f_5250  // PROB
    /// UTF-8 key–value pairs: the model card.
    case metadata = 0x4154_454d  // META

    /// The version of the format that brought the section.
    public var firstVersion: UInt32 {
      switch self {
      case .rule: 2
      case .policy: 3
      default: WeightFileLayout.firstVersion
      }
    }
  }
}
