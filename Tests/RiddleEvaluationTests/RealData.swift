import Foundation
import RiddleData

/// Published outcomes that are not part of the repository: the folder named by `RIDDLE_DATA`, if set.
enum RealData {
  static let folder = ProcessInfo.processInfo.environment["RIDDLE_DATA"]
  static var isPresent: Bool { folder != nil }

  struct Row: Decodable {
    struct Outcome: Decodable { var quality: Double }
    var query: String
    var outcomes: [String: Outcome]
    var ref_scores: [String: Double]?
  }

  struct Golden: Decodable {
    struct Point: Decodable {
      var threshold: Double
      var strong_pct: Double
      var score: Double
    }
    struct Router: Decodable {
      var points: [Point]
      var CPT20: Double
      var CPT50: Double
      var CPT80: Double
      var APGR: Double
    }
    var rows: Int
    var weak_score: Double
    var strong_score: Double
    var weak_wrong_strong_right: Double
    var strong_wrong_weak_right: Double
    var oracle_best_of_two: Double
    var routers: [String: Router]
    var optimal_accuracy_by_strong_pct: [String: Double]?
  }

  /// Rows of a gzip file of JSON lines.
  static func rows(_ name: String) throws -> [Row] {
    let gunzip = Process()
    gunzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gunzip.arguments = ["gzip", "-dc", "\(folder ?? "")/\(name)"]
    let output = Pipe()
    gunzip.standardOutput = output
    try gunzip.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    gunzip.waitUntilExit()
    let decoder = JSONDecoder()
    return try data.split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(Row.self, from: $0)
    }
  }

  static func golden(_ name: String) throws -> Golden {
    let file = URL(fileURLWithPath: "\(folder ?? "")/\(name)")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  /// First eight bytes of SHA-256 (FIPS 180-4) of the text as a fraction of 2⁶⁴: the tie breaker of the golden files.
  static func hashFraction(_ text: String) -> Double {
    var message = Array(text.utf8)
    let bits = UInt64(message.count) * 8
    message.append(0x80)
    while message.count % 64 != 56 { message.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      message.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { (x >> n) | (x << (32 - n)) }
    var state = initial
    var w = [UInt32](repeating: 0, count: 64)
    for block in stride(from: 0, to: message.count, by: 64) {
      for t in 0..<16 {
        w[t] = 0
        for byte in message[(block + 4 * t)..<(block + 4 * t + 4)] {
          w[t] = w[t] << 8 | UInt32(byte)
        }
      }
      for t in 16..<64 {
        let a = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >> 3)
        let b = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >> 10)
        w[t] = w[t - 16] &+ a &+ w[t - 7] &+ b
      }
      var s = state
      for t in 0..<64 {
        let sum1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)
        let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
        let keyed = constants[t] &+ w[t]
        let one = s[7] &+ sum1 &+ choice &+ keyed
        let sum0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)
        let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
        let two = sum0 &+ majority
        s = [one &+ two, s[0], s[1], s[2], s[3] &+ one, s[4], s[5], s[6]]
      }
      for i in 0..<8 { state[i] = state[i] &+ s[i] }
    }
    return Double(UInt64(state[0]) << 32 | UInt64(state[1])) / 18_446_744_073_709_551_616
  }

  /// The first primes, whose roots' fractional bits are SHA-256's constants.
  private static let primes: [UInt128] = (2...311).filter { n in
    !(2..<n).contains { n % $0 == 0 }
  }
  private static let initial: [UInt32] = primes.prefix(8).map { root($0, degree: 2) }
  private static let constants: [UInt32] = primes.map { root($0, degree: 3) }

  /// First 32 bits of the fractional part of a root: the largest r with r^degree ≤ prime · 2^(32·degree).
  private static func root(_ prime: UInt128, degree: Int) -> UInt32 {
    var low: UInt128 = 0
    var high: UInt128 = 1 << 37
    while high - low > 1 {
      let middle = (low + high) / 2
      let power = degree == 2 ? middle * middle : middle * middle * middle
      if power <= prime << UInt128(32 * degree) { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
}
