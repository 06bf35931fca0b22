/// What a redaction or erasure changed, or would.
public struct RedactionReport: Equatable, Sendable, Codable {
  /// What patterns found, by name.
  public var found: [String: Int] = [:]
  /// Values changed or removed, by table and column, or rows removed, by table.
  public var changed: [String: Int] = [:]
  /// Ids of queries and requests in which patterns found something; ids stay, because rows are known by them.
  public var idsWithMatches = 0
  /// Queries whose content is another one now, or that are gone.
  public var queries = 0
  /// Labellings that were made of the log as it was.
  public var staleLabellings: [String] = []
  /// Content hash of the log before.
  public var contentHashBefore = ""
  /// Content hash of the log after.
  public var contentHashAfter = ""
  /// Bytes of the file and its write-ahead log before.
  public var bytesBefore = 0
  /// The same after.
  public var bytesAfter = 0

  private enum CodingKeys: String, CodingKey {
    case found, changed, queries
    case idsWithMatches = "ids_with_matches"
    case staleLabellings = "stale_labellings"
    case contentHashBefore = "content_hash_before"
    case contentHashAfter = "content_hash_after"
    case bytesBefore = "bytes_before"
    case bytesAfter = "bytes_after"
  }

  /// The counts as the store keeps them.
  var json: String {
    func object(_ counts: [String: Int]) -> String {
      let members = counts.sorted { $0.key < $1.key }.map {
        "\(JSONText.quoted($0.key)):\($0.value)"
      }
      return "{\(members.joined(separator: ","))}"
    }
    return "{\"changed\":\(object(changed)),\"found\":\(object(found))}"
  }
}
