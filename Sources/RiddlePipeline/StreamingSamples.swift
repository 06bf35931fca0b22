import RiddleData

/// The sampled calibration and test rows of a streaming run, and which of them repeat a row of an earlier side.
struct StreamingSamples {
  private let calibration: Dataset
  private let test: Dataset
  private var probe: NearDuplicateProbe
  private var passing: [String] = []
  /// Whether training rows were held against the samples.
  private(set) var isChecked = false

  /// Texts held before they are compared, in parallel.
  private static let batch = 4096

  init(calibration: Dataset, test: Dataset) {
    self.calibration = calibration
    self.test = test
    probe = NearDuplicateProbe(calibration.texts + test.texts)
  }

  /// Takes the text of a training row.
  mutating func meet(_ text: String) {
    isChecked = true
    passing.append(text)
    if passing.count >= Self.batch { meetBatch() }
  }

  private mutating func meetBatch() {
    probe.meet(passing)
    passing.removeAll(keepingCapacity: true)
  }

  /// The samples without rows that are near-duplicates of training rows, nor test rows of calibration rows.
  consuming func checked() -> (
    calibration: Dataset, test: Dataset, calibrationDropped: Int, testDropped: Int
  ) {
    meetBatch()
    let kept = (0..<calibration.count).filter { !probe.isMet[$0] }
    var others = NearDuplicateProbe(test.texts)
    if isChecked { others.meet(calibration.texts) }
    let judged = (0..<test.count).filter {
      !probe.isMet[calibration.count + $0] && !others.isMet[$0]
    }
    return (
      calibration.rows(kept), test.rows(judged), calibration.count - kept.count,
      test.count - judged.count
    )
  }
}
