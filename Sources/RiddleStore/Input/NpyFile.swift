import Glibc

/// A matrix in NumPy's `.npy` format, read row by row.
///
/// Versions 1.0 and 2.0 of the format (numpy.org/doc/stable/reference/generated/numpy.lib.format.html), two
/// dimensions, C order, little-endian float16, float32 or float64. The header is a Python literal of three known
/// keys and is parsed as nothing else; arrays of objects are pickles and are refused. The file's length must be
/// exactly what its header promises: nothing is allocated before that is checked.
public final class NpyFile {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  let element: NpyHeader.Element
  private let path: String
  private let descriptor: Int32
  private var nextRow = 0

  /// Opens a file and checks its header.
  ///
  /// - Throws: `.inputMissing`; `.badFormat`, saying what was found and how to write what is read; `.io`.
  public init(path: String) throws(StoreError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .inputMissing(path: path) }
      throw .io(path: path, operation: "open", reason: ByteSource.lastError())
    }
    do throws(StoreError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw .badFormat(path: path, reason: "is not a regular file")
      }
      let head = try Self.read(descriptor, path, at: 0, count: NpyHeader.maximumBytes + 12)
      let header: NpyHeader
      do throws(NpyHeader.Fault) {
        header = try NpyHeader(parsing: head)
      } catch {
        throw StoreError.badFormat(path: path, reason: error.reason)
      }
      guard header.columns >= 1, header.columns <= FieldRules.maximumDimension else {
        throw .badFormat(
          path: path,
          reason: "has \(header.columns) columns; expected 1 to \(FieldRules.maximumDimension)")
      }
      let (cells, overflow) = header.rows.multipliedReportingOverflow(by: header.columns)
      let (bytes, overflow2) = cells.multipliedReportingOverflow(by: header.element.byteCount)
      let (total, overflow3) = bytes.addingReportingOverflow(header.byteCount)
      guard !overflow, !overflow2, !overflow3, total == Int(status.st_size) else {
        throw .badFormat(
          path: path,
          reason: "has \(status.st_size) bytes; its header promises \(header.rows) × "
            + "\(header.columns) numbers of \(header.element.byteCount) bytes behind "
            + "\(header.byteCount); write it again")
      }
      rows = header.rows
      columns = header.columns
      element = header.element
      dataStart = header.byteCount
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  private let dataStart: Int

  deinit { close(descriptor) }

  /// The next rows, at most `count`; empty at the end. Numbers are rounded to the nearest `Float`.
  ///
  /// - Throws: `.badFormat` for a number that is not finite as a `Float`, with its row and column; `.io`.
  public func nextRows(_ count: Int) throws(StoreError) -> [[Float]] {
    let rowBytes = columns * element.byteCount
    let wanted = min(count, rows - nextRow)
    guard wanted > 0 else { return [] }
    let bytes = try Self.read(
      descriptor, path, at: dataStart + nextRow * rowBytes, count: wanted * rowBytes)
    guard bytes.count == wanted * rowBytes else {
      throw .io(path: path, operation: "read", reason: "it became shorter while it was read")
    }
    var result: [[Float]] = []
    result.reserveCapacity(wanted)
    for row in 0..<wanted {
      var values: [Float] = []
      values.reserveCapacity(columns)
      for column in 0..<columns {
        let value = element.value(bytes, at: row * rowBytes + column * element.byteCount)
        guard value.isFinite else {
          throw .badFormat(
            path: path,
            reason: "row \(nextRow + row), column \(column) (from 0) is not a finite 32-bit number")
        }
        values.append(value)
      }
      result.append(values)
    }
    nextRow += wanted
    return result
  }

  private static func read(_ descriptor: Int32, _ path: String, at offset: Int, count: Int)
    throws(StoreError) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      // Into the array's own storage, `done ..< count` of it, for the call.
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, offset + done)
      }
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw .io(path: path, operation: "read", reason: ByteSource.lastError())
      }
      done += got
    }
    bytes.removeLast(count - done)
    return bytes
  }
}
