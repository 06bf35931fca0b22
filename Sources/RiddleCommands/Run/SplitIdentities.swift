import Crypto
import Foundation
import RiddleData
import RiddlePipeline

/// Which queries the parts of a split came to: a checksum of the ids of each, and the time that training spans.
struct SplitIdentities {
  private var hashers: [SplitSide: SHA256] = [:]
  private var first: Microseconds?
  private var last: Microseconds?

  /// No query yet.
  init() {}

  /// The parts of a run whose rows are those of `data`.
  init(_ trained: TrainedRouter, _ data: Dataset) {
    for side in SplitSide.allCases {
      for row in trained.rows[side] ?? [] {
        add(data.ids[row], time: data.contexts[row].time, to: side)
      }
    }
  }

  /// Takes the next query of a part, in the order of the log.
  mutating func add(_ id: String, time: Microseconds?, to side: SplitSide) {
    hashers[side, default: SHA256()].update(data: Data((id + "\n").utf8))
    guard side != .test, let time else { return }
    first = min(first ?? time, time)
    last = max(last ?? time, time)
  }

  /// Writes them into a manifest.
  func write(into counts: inout RunManifest.SplitCounts) {
    var sums: [String: String] = [:]
    for side in SplitSide.allCases {
      sums["\(side)"] = Files.hexadecimal((hashers[side] ?? SHA256()).finalize())
    }
    counts.ids_sha256 = sums
    counts.first_time = first.map(TimeText.utc)
    counts.last_time = last.map(TimeText.utc)
  }
}

/// Times as this program writes them.
enum TimeText {
  /// ISO 8601 in UTC, to the second: 2026-04-13T00:00:00Z.
  static func utc(_ time: Microseconds) -> String {
    Date(timeIntervalSince1970: Double(time.count) / 1e6).ISO8601Format()
  }

  /// The day: 2026-04-13.
  static func day(_ time: Microseconds) -> String { String(utc(time).prefix(10)) }

  /// Now.
  static var now: Microseconds { Microseconds(Int64(Date().timeIntervalSince1970 * 1e6)) }
}
