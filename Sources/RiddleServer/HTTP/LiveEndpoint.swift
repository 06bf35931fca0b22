import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RiddleServing
import Synchronization

/// The live page and what it listens to: `GET /`, `GET /live` and `GET /live.json`.
struct LiveEndpoint: Sendable {
  private let state: ServerState
  private let page: ByteBuffer
  private let policy: String

  /// Decisions that the page is sent every second.
  private static let listed = 50
  /// Times that a listener looks whether it should end, in a second.
  private static let looks = 5
  /// Seconds after which a listener gets everything again though nothing came in: rates fall.
  private static let longestSilence = 5

  init(_ state: ServerState) {
    self.state = state
    page = ByteBuffer(string: LivePage.html)
    // The page's own script and style sheet run, and nothing else; it talks to this server alone.
    policy =
      "default-src 'none'; script-src '\(Self.hash(LivePage.script))'; "
      + "style-src '\(Self.hash(LivePage.style))'; connect-src 'self'; img-src data:; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  }

  private static func hash(_ text: String) -> String {
    "sha256-" + Data(SHA256.hash(data: Array(text.utf8))).base64EncodedString()
  }

  // MARK: answers

  /// The page. It holds nothing that a caller without the token should not see.
  func whole() -> Response {
    var headers: HTTPFields = [
      .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
    ]
    headers[Self.policyName] = policy
    headers[Self.sniffName] = "nosniff"
    headers[Self.referrerName] = "no-referrer"
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: page))
  }

  /// One snapshot, with every decision that is kept.
  func snapshot() -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: state.live.snapshot(at: Clocks.wallTime()))))
  }

  /// A snapshot a second, as server-sent events, until the listener leaves or the server stops; nil when too many listen.
  func events() -> Response? {
    guard
      state.listeners.add(1, ordering: .relaxed).newValue <= state.settings.mostListeners
    else {
      state.listeners.subtract(1, ordering: .relaxed)
      state.metrics.add(.shed)
      return nil
    }
    let place = ListenerPlace(state)
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: .init { writer in
        // The place is held until the last event has gone out.
        defer { withExtendedLifetime(place) {} }
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        var sent = -1
        var silence = 0
        while !state.isStopping.load(ordering: .acquiring) {
          state.live.tick(Clocks.wallTime())
          let revision = state.live.revision
          if revision != sent || silence >= Self.longestSilence {
            sent = revision
            silence = 0
            var bytes = ByteBuffer(string: "data: ")
            bytes.writeBytes(
              state.live.snapshot(at: Clocks.wallTime(), decisions: Self.listed))
            bytes.writeString("\n\n")
            try await writer.write(bytes)
          } else {
            silence += 1
            try await writer.write(ByteBuffer(string: ": nothing new\n\n"))
          }
          for _ in 0..<Self.looks where !state.isStopping.load(ordering: .acquiring) {
            try await Task.sleep(for: .milliseconds(1000 / Self.looks))
          }
        }
        try await writer.finish(nil)
      })
  }

  // MARK: headers

  private static let policyName = Endpoint.name("content-security-policy")
  private static let sniffName = Endpoint.name("x-content-type-options")
  private static let referrerName = Endpoint.name("referrer-policy")
}

/// A place among the listeners of the live page, given back when nobody holds it any more.
final class ListenerPlace: Sendable {
  private let state: ServerState

  init(_ state: ServerState) { self.state = state }

  deinit { state.listeners.subtract(1, ordering: .relaxed) }
}
