import Glibc
import RiddleData

/// Where a recorder puts decisions; used by one thread at a time.
public protocol DecisionSink: Sendable {
  /// Keeps `decisions`, all of them or none.
  func append(_ decisions: [DecisionRecord]) throws(StoreError) -> DecisionCounts
  /// Nothing more comes.
  func close() throws(StoreError)
}

/// Decisions into a store, a batch a transaction.
public struct StoreSink: DecisionSink {
  private let store: Store

  /// A sink into `store`, which is open for writing.
  public init(_ store: Store) { self.store = store }

  /// Keeps `decisions`, all of them or none.
  public func append(_ decisions: [DecisionRecord]) throws(StoreError) -> DecisionCounts {
    try store.append(decisions)
  }

  /// Nothing more comes.
  public func close() throws(StoreError) { try store.close() }
}

/// Decisions behind those in a file of JSON lines.
///
/// The file is opened for appending only, and a batch of whole lines is one `write`: what several processes append does not mix,
/// and a crash can tear the last line of a file at most. A line that is torn already is ended first, so that it spoils no other.
public final class DecisionFile: DecisionSink {
  /// The file.
  public let path: String
  private let descriptor: Int32

  /// Opens the file at `path`, or makes it.
  ///
  /// - Throws: ``StoreError/io(path:operation:reason:)``.
  public init(path: String) throws(StoreError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw .io(path: path, operation: "append to", reason: ByteSource.lastError())
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0
    else { return }
    var last: UInt8 = 0x0a
    // One byte into `last`, during the call.
    let got = pread(descriptor, &last, 1, status.st_size - 1)
    if got == 1, last != 0x0a { try write([0x0a]) }
  }

  /// Appends `decisions`; a full disk can leave some of them, and a torn line.
  public func append(_ decisions: [DecisionRecord]) throws(StoreError) -> DecisionCounts {
    var counts = DecisionCounts()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(decisions.count * 512)
    for decision in decisions {
      if decision.fault != nil {
        counts.refused += 1
        continue
      }
      DecisionLogLine.append(decision, to: &bytes)
      counts.inserted += 1
    }
    try write(bytes)
    return counts
  }

  /// Nothing more comes.
  public func close() throws(StoreError) {
    if Glibc.close(descriptor) != 0 {
      throw .io(path: path, operation: "write", reason: ByteSource.lastError())
    }
  }

  private func write(_ bytes: [UInt8]) throws(StoreError) {
    var written = 0
    while written < bytes.count {
      // `write` reads at most `count - written` bytes of the array's own storage, during the call.
      let status = bytes.withUnsafeBytes { all in
        Glibc.write(descriptor, all.baseAddress.map { $0 + written }, all.count - written)
      }
      if status < 0 {
        if errno == EINTR { continue }
        throw .io(path: path, operation: "append to", reason: ByteSource.lastError())
      }
      written += status
    }
  }
}
