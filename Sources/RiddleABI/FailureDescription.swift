import CRiddle
import RiddleRuntime

/// A failure as the C contract states it.
struct FailureDescription {
  var code: Int32
  var offset: UInt64 = 0
  var expected: UInt64 = 0
  var actual: UInt64 = 0
  var section: UInt32 = 0
  var message: StaticString

  static var invalidArgument: FailureDescription {
    FailureDescription(
      code: Int32(RIDDLE_INVALID_ARGUMENT),
      message: "An argument is null, or the size field of a struct is not set.")
  }

  init(code: Int32, message: StaticString) {
    self.code = code
    self.message = message
  }

  init(_ error: WeightFileError) {
    switch error {
    case .tooShort(let length):
      self.init(
        code: Int32(RIDDLE_NOT_A_WEIGHT_FILE), message: "Shorter than any weight file: truncated.")
      actual = UInt64(length)
    case .tooLong(let length):
      self.init(
        code: Int32(RIDDLE_NOT_A_WEIGHT_FILE), message: "Longer than the format allows (64 MiB).")
      expected = UInt64(WeightFileLayout.maximumLength)
      actual = UInt64(length)
    case .notAWeightFile:
      self.init(
        code: Int32(RIDDLE_NOT_A_WEIGHT_FILE),
        message: "The first bytes are not those of a Riddle weight file.")
    case .wrongLength(let stated, let found):
      self.init(
        code: Int32(RIDDLE_DAMAGED),
        message: "The file is not as long as its header states: truncated, or bytes appended.")
      expected = stated
      actual = UInt64(found)
    case .wrongChecksum(let stated, let computed):
      self.init(
        code: Int32(RIDDLE_DAMAGED), message: "The checksum disagrees: the file is damaged.")
      expected = stated
      actual = computed
    case .unsupportedVersion(let found, let supported):
      self.init(
        code: Int32(RIDDLE_UNSUPPORTED_VERSION),
        message: "Written in another version of the format than this library reads.")
      expected = UInt64(supported)
      actual = UInt64(found)
    case .unsupportedFeatures(let found, let supported):
      self.init(
        code: Int32(RIDDLE_UNSUPPORTED_VERSION),
        message: "Learned with another version of the featurizer than this library has.")
      expected = UInt64(supported)
      actual = UInt64(found)
    case .badSectionTable(let position):
      self.init(code: Int32(RIDDLE_DAMAGED), message: "The section table breaks the format.")
      offset = UInt64(position)
    case .badValue(let name, let position, _):
      self.init(code: Int32(RIDDLE_DAMAGED), message: "A value breaks a rule of the format.")
      offset = UInt64(position)
      section = name.rawValue
    case .schemaMismatch(let stated, let computed):
      self.init(
        code: Int32(RIDDLE_DAMAGED), message: "The schema is not the one the header promises.")
      expected = stated
      actual = computed
    case .probeMismatch(let probe):
      self.init(
        code: Int32(RIDDLE_PROBE_MISMATCH),
        message: "This build computes another result for a stored probe than the writer did.")
      actual = UInt64(probe)
    }
  }

  /// Fills `error`, if there is one of a known size, and returns the code.
  func report(to error: UnsafeMutablePointer<riddle_error>?) -> Int32 {
    guard let error, Int(error.pointee.size) >= MemoryLayout<riddle_error>.size else { return code }
    error.pointee.code = code
    error.pointee.offset = offset
    error.pointee.expected = expected
    error.pointee.actual = actual
    withUnsafeMutableBytes(of: &error.pointee.section) { bytes in
      for i in 0..<bytes.count {
        bytes[i] = i < 4 ? UInt8(truncatingIfNeeded: section >> UInt32(8 * i)) : 0
      }
    }
    withUnsafeMutableBytes(of: &error.pointee.message) { bytes in
      let length = min(message.utf8CodeUnitCount, bytes.count - 1)
      for i in 0..<bytes.count { bytes[i] = i < length ? message.utf8Start[i] : 0 }
    }
    return code
  }
}
