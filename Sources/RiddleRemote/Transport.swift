import Foundation
import FoundationNetworking

/// A reply, whatever its status.
struct TransportReply: Sendable, Equatable {
  var status: Int
  var retryAfter: String?
  var body: Data
}

/// Why there is no reply.
enum TransportFailure: Error, Equatable {
  /// Nothing was sent.
  case unreachable(reason: String)
  /// The connection ended before the reply did.
  case lost
  case timedOut
  case cancelled
  case tooLarge(bytes: Int)
}

/// Sends one request. A seam, so that tests can answer without a network.
protocol Transport: Sendable {
  func post(_ body: Data, to url: URL, headers: [(name: String, value: String)], timeout: Double)
    async throws(TransportFailure) -> TransportReply
}

/// URLSession, without cookies, caches, stored credentials or redirects.
struct SessionTransport: Transport {
  /// Longest reply that is taken: 256 MB.
  static let maximumReply = 256 << 20

  private let session: URLSession

  init(concurrency: Int) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = max(1, concurrency)
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    session = URLSession(
      configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
  }

  func post(_ body: Data, to url: URL, headers: [(name: String, value: String)], timeout: Double)
    async throws(TransportFailure) -> TransportReply
  {
    let outcome = await withTaskGroup(of: Result<TransportReply, TransportFailure>.self) { group in
      group.addTask { await fetch(body, url, headers, timeout) }
      // URLSession drops fractions of a second on Linux, and 0 is no limit at all: this clock is the one that counts.
      group.addTask {
        do {
          try await Task.sleep(nanoseconds: UInt64(min(timeout, 1e9) * 1e9))
          return .failure(.timedOut)
        } catch {
          return .failure(.cancelled)
        }
      }
      let first = await group.next() ?? .failure(.cancelled)
      group.cancelAll()
      return first
    }
    return try outcome.get()
  }

  private func fetch(
    _ body: Data, _ url: URL, _ headers: [(name: String, value: String)], _ timeout: Double
  ) async -> Result<TransportReply, TransportFailure> {
    var request = URLRequest(url: url, timeoutInterval: timeout.rounded(.up) + 5)
    request.httpMethod = "POST"
    request.httpBody = body
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    do {
      let (data, response) = try await session.data(for: request)
      guard let http = response as? HTTPURLResponse else {
        return .failure(.unreachable(reason: "no HTTP server"))
      }
      guard data.count <= Self.maximumReply else {
        return .failure(.tooLarge(bytes: data.count))
      }
      return .success(
        TransportReply(
          status: http.statusCode, retryAfter: http.value(forHTTPHeaderField: "Retry-After"),
          body: data))
    } catch let error as URLError {
      return .failure(Self.failure(error))
    } catch {
      return .failure(error is CancellationError ? .cancelled : .lost)
    }
  }

  private static func failure(_ error: URLError) -> TransportFailure {
    switch error.code {
    case .cancelled: .cancelled
    case .timedOut: .timedOut
    case .cannotConnectToHost: .unreachable(reason: "connection refused")
    case .cannotFindHost, .dnsLookupFailed: .unreachable(reason: "no such host")
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      .unreachable(reason: "no secure connection; check the certificate and the scheme")
    case .notConnectedToInternet: .unreachable(reason: "no network")
    case .unsupportedURL, .badURL: .unreachable(reason: "not a usable address")
    default: .lost
    }
  }
}

/// Redirects are refused: the key must not go where nobody sent it.
private final class NoRedirects: NSObject, URLSessionTaskDelegate, Sendable {
  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }
}
