/// A file that is read from its start, inflated when it is gzip.
public final class InputFile {
  private let source: ByteSource

  /// Opens `path`.
  ///
  /// - Throws: ``StoreError/inputMissing(path:)``, `.io`, `.unsupportedInput` for a folder.
  public init(path: String) throws(StoreError) { source = try ByteSource(path: path) }

  /// Appends some bytes to `buffer`; false at the end.
  ///
  /// - Throws: `.io`; `.damagedGzip`.
  public func read(appendingTo buffer: inout [UInt8]) throws(StoreError) -> Bool {
    try source.read(appendingTo: &buffer)
  }
}
