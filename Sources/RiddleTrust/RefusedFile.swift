import RiddleRuntime

/// Says of a weight file that was refused what is wrong with it, where, and what to do.
public enum RefusedFile {
  /// As ``describe(_:)``, and for a foreign file what it looks like.
  public static func describe(_ error: WeightFileError, _ bytes: [UInt8]) -> String {
    switch error {
    case .notAWeightFile:
      guard let kind = ForeignFile.kind(of: bytes) else { return describe(error) }
      return "not a weight file: it looks like \(kind); give the router.riddle of a run"
    case .tooShort(let length) where length == 0:
      return
        "not a weight file: it is empty, the shortest has 40 bytes; copy the file again, or rebuild it with the command in its run.json"
    case .tooLong:
      return
        "not a weight file: more than the \(WeightFileLayout.maximumLength) bytes that the format allows"
    default: return describe(error)
    }
  }

  /// What a person needs to know about a refused weight file.
  public static func describe(_ error: WeightFileError) -> String {
    let again = "copy the file again, or rebuild it with the command in its run.json"
    switch error {
    case .tooShort(let length):
      return "not a weight file: \(length) bytes, the shortest has 40; \(again)"
    case .tooLong(let length):
      return
        "not a weight file: \(length) bytes, the format allows \(WeightFileLayout.maximumLength)"
    case .notAWeightFile:
      return "not a weight file: it does not begin with the bytes 89 52 44 4C 0D 0A 1A 0A"
    case .wrongLength(let stated, let actual):
      return
        "damaged weight file: its header (byte 16) states \(stated) bytes, the file has \(actual); \(again)"
    case .wrongChecksum(let stated, let computed):
      return
        "damaged weight file: its checksum says \(hex(stated)), its bytes give \(hex(computed)); \(again)"
    case .unsupportedVersion(let found, let supported):
      return
        "weight file of format version \(found), this program reads version \(supported); update the older of the two"
    case .unsupportedFeatures(let found, let supported):
      return
        "weight file made for featurizer version \(found), this program has version \(supported); train again"
    case .badSectionTable(let offset):
      return "damaged weight file: the section table breaks the format at byte \(offset); \(again)"
    case .badValue(let section, let offset, let rule):
      return "damaged weight file: section \(section), byte \(offset): \(describe(rule)); \(again)"
    case .schemaMismatch(let stated, let computed):
      return
        "damaged weight file: its header promises schema \(hex(stated)), it holds \(hex(computed)); \(again)"
    case .probeMismatch(let probe):
      return
        "this program computes another result for stored probe \(probe) than the writer did; it will not score with this file"
    }
  }

  private static func describe(_ rule: WeightFileError.Rule) -> String {
    switch rule {
    case .countOutOfRange: "a count is out of range"
    case .trailingBytes: "bytes are left over"
    case .nonZeroPadding: "padding is not zero"
    case .notFinite: "a number is not finite"
    case .unknownKind: "an unknown kind or flag"
    case .invalidSchema: "a combination of features that does not exist"
    case .inconsistentCounts: "counts disagree between sections"
    case .badTree: "the nodes do not form trees"
    case .notIncreasing: "the calibration does not increase"
    case .badText: "text that is empty, out of order or not UTF-8"
    }
  }

  private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
