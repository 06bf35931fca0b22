/// Why a weight file was refused. A refused file never gives a score.
public enum WeightFileError: Error, Equatable, Sendable {
  /// Fewer bytes than any weight file has.
  case tooShort(length: Int)
  /// More bytes than the format allows.
  case tooLong(length: Int)
  /// The first bytes are another format's, or no format's at all.
  case notAWeightFile
  /// The header states another length than the file has: truncated, or something was appended.
  case wrongLength(stated: UInt64, actual: Int)
  /// The checksum over every byte disagrees: the file was damaged.
  case wrongChecksum(stated: UInt64, computed: UInt64)
  /// Written for another version of the format.
  case unsupportedVersion(found: UInt32, supported: UInt32)
  /// Learned with another version of the featurizer.
  case unsupportedFeatures(found: UInt16, supported: UInt16)
  /// A section is missing, doubled, out of order, misplaced or of the wrong length.
  case badSectionTable(offset: Int)
  /// A value in a section breaks a rule of the format.
  case badValue(section: WeightFileLayout.Section, offset: Int, rule: Rule)
  /// The fingerprint of the schema differs from the one in the header.
  case schemaMismatch(stated: UInt64, computed: UInt64)
  /// This reader computes another result for a stored query than the writer did.
  case probeMismatch(probe: Int)

  /// The rule of the format that a value breaks.
  public enum Rule: UInt8, Equatable, Sendable {
    /// A count is above its limit or does not fit into the bytes that remain.
    case countOutOfRange
    /// A section has bytes left over.
    case trailingBytes
    /// Bytes that must be zero are not.
    case nonZeroPadding
    /// A weight, threshold or calibration value is not finite, or so large that what is computed with it would not be.
    case notFinite
    /// An unknown kind of model, precision, calibration, field or guarantee.
    case unknownKind
    /// A combination of settings the schema does not allow.
    case invalidSchema
    /// Numbers of heads, candidates or dense columns disagree between sections.
    case inconsistentCounts
    /// A child that does not stand behind its parent, a shared child, an unreachable node, too deep a tree.
    case badTree
    /// A calibration slope that is not positive, knots or prices that do not increase.
    case notIncreasing
    /// Keys out of order, or a name that is empty or not UTF-8.
    case badText
  }
}
