import Foundation
import Synchronization

/// An HTTP server on 127.0.0.1 that answers every POST as a test says, and remembers what it was asked.
///
/// One thread accepts, one more serves each connection; a connection carries one request.
public final class FakeEndpoint: Sendable {
  /// What was asked.
  public struct Request: Sendable {
    /// For example `/v1/chat/completions`.
    public var path: String
    /// Fields by lower-case name.
    public var headers: [String: String]
    /// The body.
    public var body: Data
    /// Number of the request, from 0, in the order of arrival.
    public var number: Int

    /// The body as a JSON object.
    public var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:]
    }
  }

  /// What to answer.
  public struct Response: Sendable {
    /// 0 closes the connection without a word.
    public var status: Int
    /// Further fields.
    public var headers: [String: String]
    /// The body.
    public var body: Data
    /// Seconds to wait first.
    public var delay: Double

    /// A response with any body.
    public init(
      status: Int = 200, headers: [String: String] = [:], body: String = "{}", delay: Double = 0
    ) {
      self.status = status
      self.headers = headers
      self.body = Data(body.utf8)
      self.delay = delay
    }

    /// Closes the connection without a word.
    public static let drop = Response(status: 0)

    /// A chat completion that says `text`.
    public static func chat(
      _ text: String, input: Int = 100, output: Int = 10, finish: String = "stop",
      delay: Double = 0
    ) -> Response {
      let object: [String: Any] = [
        "choices": [
          [
            "index": 0, "finish_reason": finish,
            "message": ["role": "assistant", "content": text],
          ]
        ],
        "usage": ["prompt_tokens": input, "completion_tokens": output],
      ]
      let body = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
      return Response(body: String(decoding: body, as: UTF8.self), delay: delay)
    }

    /// Vectors, given in reverse order with their indices: the order of the array means nothing.
    public static func vectors(_ vectors: [[Float]], tokens: Int = 8) -> Response {
      let data = vectors.enumerated().reversed().map { index, values in
        "{\"index\":\(index),\"embedding\":[\(values.map { "\($0)" }.joined(separator: ","))]}"
      }
      return Response(
        body:
          "{\"data\":[\(data.joined(separator: ","))],\"usage\":{\"prompt_tokens\":\(tokens)}}")
    }
  }

  /// The port that was free.
  public let port: Int
  /// For example `http://127.0.0.1:43123`.
  public var url: String { "http://127.0.0.1:\(port)" }

  private let socket: Int32
  private let handler: @Sendable (Request) -> Response
  private let state = Mutex(State())

  private struct State {
    var requests: [Request] = []
    var underWay = 0
    var mostUnderWay = 0
    var answered = 0
    var isStopped = false
  }

  /// Starts serving.
  public init(_ handler: @escaping @Sendable (Request) -> Response) throws {
    self.handler = handler
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw Failure("socket: \(errno)") }
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = socket
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 128) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else {
      close(socket)
      throw Failure("bind: \(errno)")
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in accept() }
  }

  /// Everything asked so far, in the order of arrival.
  public var requests: [Request] { state.withLock { $0.requests } }
  /// Most requests that were being answered at a time.
  public var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
  /// Requests that were answered, as far as the server knows.
  public var answered: Int { state.withLock { $0.answered } }

  /// Stops accepting.
  public func stop() {
    let wasStopped = state.withLock { state in
      defer { state.isStopped = true }
      return state.isStopped
    }
    if !wasStopped {
      shutdown(socket, Int32(SHUT_RDWR))
      close(socket)
    }
  }

  private struct Failure: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(socket, nil, nil)
      if connection < 0 {
        if errno == EINTR { continue }
        return
      }
      Thread.detachNewThread { [self] in
        serve(connection)
        close(connection)
      }
    }
  }

  private func serve(_ connection: Int32) {
    guard var request = read(connection) else { return }
    request.number = state.withLock { state in
      let number = state.requests.count
      request.number = number
      state.requests.append(request)
      state.underWay += 1
      state.mostUnderWay = max(state.mostUnderWay, state.underWay)
      return number
    }
    let response = handler(request)
    if response.delay > 0 { Thread.sleep(forTimeInterval: response.delay) }
    state.withLock { $0.underWay -= 1 }
    guard response.status != 0 else {
      shutdown(connection, Int32(SHUT_RDWR))
      return
    }
    var head = "HTTP/1.1 \(response.status) Status\r\nContent-Length: \(response.body.count)\r\n"
    head += "Content-Type: application/json\r\nConnection: close\r\n"
    for (name, value) in response.headers.sorted(by: { $0.key < $1.key }) {
      head += "\(name): \(value)\r\n"
    }
    if write(connection, Data((head + "\r\n").utf8) + response.body) {
      state.withLock { $0.answered += 1 }
    }
  }

  private func write(_ connection: Int32, _ bytes: Data) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent < 0 && errno == EINTR { continue }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private func read(_ connection: Int32) -> Request? {
    var bytes = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var headEnd: Int?
    var length = 0
    var headers: [String: String] = [:]
    var path = ""
    while true {
      let got = recv(connection, &chunk, chunk.count, 0)
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { return nil }
      bytes.append(contentsOf: chunk[..<got])
      if headEnd == nil, let range = bytes.range(of: Data("\r\n\r\n".utf8)) {
        let lines = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
          .components(separatedBy: "\r\n")
        path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          guard parts.count == 2 else { continue }
          headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        headEnd = range.upperBound
        length = headers["content-length"].flatMap(Int.init) ?? 0
        if headers["expect"]?.lowercased() == "100-continue" {
          _ = write(connection, Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
      }
      if let headEnd, bytes.count >= headEnd + length {
        return Request(
          path: path, headers: headers, body: Data(bytes[headEnd..<(headEnd + length)]), number: 0)
      }
    }
  }
}
