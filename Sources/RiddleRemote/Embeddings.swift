import Foundation

/// Vectors that an endpoint made: `POST /embeddings`.
public struct EmbeddingReply: Equatable, Sendable {
  /// One vector a text, in the order asked; all finite and of one length.
  public var vectors: [[Float]]
  /// Tokens, when the server says.
  public var usage: TokenUsage?

  /// Parses a reply to `count` texts.
  ///
  /// - Throws: ``RemoteError/badReply(address:reason:)`` for missing, repeated or uneven vectors, and for numbers
  ///   that are not finite as 32-bit floats.
  public init(parsing body: Data, count: Int, address: String) throws(RemoteError) {
    guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
      throw .badReply(address: address, reason: "no JSON object")
    }
    guard let data = object["data"] as? [[String: Any]] else {
      throw .badReply(address: address, reason: "no data in it")
    }
    guard data.count == count else {
      throw .badReply(address: address, reason: "\(data.count) vectors for \(count) texts")
    }
    var vectors = [[Float]](repeating: [], count: count)
    for (position, entry) in data.enumerated() {
      let index = (entry["index"] as? NSNumber)?.intValue ?? position
      guard vectors.indices.contains(index), vectors[index].isEmpty else {
        throw .badReply(address: address, reason: "index \(index) is out of range or repeated")
      }
      guard let numbers = entry["embedding"] as? [Any], !numbers.isEmpty else {
        throw .badReply(address: address, reason: "no array of numbers under embedding")
      }
      var vector: [Float] = []
      vector.reserveCapacity(numbers.count)
      for number in numbers {
        guard let value = (number as? NSNumber)?.floatValue, value.isFinite else {
          throw .badReply(
            address: address, reason: "an embedding holds something that is no number")
        }
        vector.append(value)
      }
      vectors[index] = vector
    }
    guard Set(vectors.map(\.count)).count <= 1 else {
      throw .badReply(address: address, reason: "vectors of different lengths")
    }
    self.vectors = vectors
    usage = TokenUsage(object)
  }
}

extension RemoteClient {
  /// Asks for the vectors of `texts`.
  ///
  /// - Parameter dimensions: the length wanted, for models that can shorten; nil for the model's own.
  public func embed(_ texts: [String], dimensions: Int? = nil) async throws(RemoteError)
    -> EmbeddingReply
  {
    let operation = "embeddings"
    let address = endpoint.base + "/" + operation
    var object: [String: Any] = [
      "model": endpoint.model, "input": texts, "encoding_format": "float",
    ]
    if let dimensions { object["dimensions"] = dimensions }
    guard
      let body = try? JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    else { throw .badEndpoint(reason: "the request has no form in JSON") }
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    let reply = try await post(body, to: operation, tokens: Int(TokenEstimate.likely(bytes: bytes)))
    return try EmbeddingReply(parsing: reply.body, count: texts.count, address: address)
  }
}
