import Foundation
import RiddleData

/// What `planted` measured.
struct PlantedMeasurement: Encodable {
  var rows: Int
  var megabytes: Double
  /// Clusters of more than one text.
  var families: Int
  /// Planted pairs at an exact Jaccard similarity of at least 0.8.
  var planted: Int
  /// Share of these that share a cluster.
  var recall: Double
  /// Share of clustered rows that have an exact near-duplicate or equal in their cluster, of those looked at.
  var precision: Double
  var precisionRows: Int
  var seconds: Double
  var rowsPerSecond: Double
  /// Resident megabytes before the search, the texts among them, and at its peak.
  var megabytesBefore: Double
  var megabytesPeak: Double
}

/// Clusters `--rows` synthetic queries with planted near-duplicates; `--output FILE` writes the first `--slice` of them as
/// lines for the reference.
func measurePlanted(_ arguments: Arguments) throws -> PlantedMeasurement {
  let count = try arguments.count("rows", standard: 1_000_000)
  let log = SyntheticQueries(count: count, seed: 1)
  let slice = try arguments.text("output", standard: "")
  if !slice.isEmpty {
    let lines = log.texts.prefix(try arguments.count("slice", standard: 20_000))
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: slice))
  }
  let before = residentMegabytes("VmRSS")
  let start = ContinuousClock.now
  let clusters = NearDuplicates.clusters(texts: log.texts)
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  let peak = residentMegabytes("VmHWM")
  let found = log.planted.count { clusters[$0.row] == clusters[$0.base] }
  var members: [Int: [Int]] = [:]
  for (row, cluster) in clusters.enumerated() { members[cluster, default: []].append(row) }
  var looked = 0
  var right = 0
  for (cluster, rows) in members.sorted(by: { $0.key < $1.key })
  where rows.count > 1 && rows.count <= 200 && looked < 20_000 {
    _ = cluster
    for row in rows {
      looked += 1
      if rows.contains(where: { $0 != row && isNear(log.texts[row], log.texts[$0]) }) { right += 1 }
    }
  }
  return PlantedMeasurement(
    rows: count, megabytes: Double(log.texts.reduce(0) { $0 + $1.utf8.count }) / 1e6,
    families: members.values.count { $0.count > 1 }, planted: log.planted.count,
    recall: Double(found) / Double(max(1, log.planted.count)),
    precision: Double(right) / Double(max(1, looked)), precisionRows: looked, seconds: seconds,
    rowsPerSecond: Double(count) / seconds, megabytesBefore: before, megabytesPeak: peak)
}

/// Queries like those of an assistant: common and rare words, a few words to a few hundred, every fifth begun by one of
/// 200 templates of 15 to 40 words, every tenth a copy of an earlier one with up to four words replaced or added.
private struct SyntheticQueries {
  var texts: [String] = []
  /// Copies whose exact similarity to their base is at least 0.8.
  var planted: [(row: Int, base: Int)] = []

  init(count: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let letters = Array("etaoinshrdlucmfwypvbgk")
    let words = (0..<40_000).map { i -> String in
      String((0..<(2 + i % 9)).map { _ in letters[min(random.below(22), random.below(22))] })
    }
    // Rank r has probability ∝ 1 / (r + 2): few words make up most of the text, as in language.
    func word() -> String {
      let u = random.unit()
      return words[min(words.count - 1, Int(pow(Double(words.count + 2), u)) - 1)]
    }
    let templates = (0..<200).map { _ in (0..<(15 + random.below(26))).map { _ in word() } }
    texts.reserveCapacity(count)
    for row in 0..<count {
      if row > 0 && random.below(10) == 0 {
        let base = random.below(row)
        var copy = texts[base].split(separator: " ").map(String.init)
        for _ in 0..<(1 + random.below(4)) {
          if random.below(3) == 0 {
            copy.append(word())
          } else {
            copy[random.below(copy.count)] = word()
          }
        }
        let text = copy.joined(separator: " ")
        if isNear(text, texts[base]) { planted.append((row, base)) }
        texts.append(text)
        continue
      }
      // Lengths: geometric on a logarithmic scale, median about 22 words.
      let length = Int(4 * pow(120, pow(random.unit(), 1.5)))
      var query = random.below(5) == 0 ? templates[random.below(templates.count)] : []
      for _ in 0..<length { query.append(word()) }
      texts.append(query.joined(separator: " "))
    }
  }
}

/// Whether two texts are equal or share 0.8 of their word 5-grams, compared as strings: no hash is trusted here.
private func isNear(_ a: String, _ b: String) -> Bool {
  if a == b { return true }
  func set(_ text: String) -> Set<[Substring]> {
    let words = text.split(separator: " ")
    if words.count < 5 { return [] }
    return Set((0...(words.count - 5)).map { Array(words[$0..<($0 + 5)]) })
  }
  let (x, y) = (set(a), set(b))
  let common = x.intersection(y).count
  return common > 0 && 5 * common >= 4 * (x.count + y.count - common)
}

/// A line of /proc/self/status in megabytes; 0 where there is none.
private func residentMegabytes(_ name: String) -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
  let words = line?.split(whereSeparator: \.isWhitespace) ?? []
  return words.count > 1 ? (Double(words[1]) ?? 0) / 1024 : 0
}
