import Foundation
import RiddleLinearAlgebra
import RiddleStore

/// What this machine offers: libraries, processors, memory.
enum MachineChecks {
  static func all() -> [HealthCheck] {
    [
      .ok("program", "riddle \(riddleVersion)"), blas(), processors(), memory(), sqlite(),
      .ok("zlib", "\(SystemLibraries.zlibVersion): gzip files are read"), zstd(),
    ]
  }

  private static func blas() -> HealthCheck {
    let words = BLASInformation.description.split(separator: " ")
    let version = words.first { $0.first?.isNumber ?? false } ?? "of unknown version"
    let kernel = words.last ?? "unknown"
    let path = loadedFile("libopenblas") ?? loadedFile("libblas")
    let threads = BLASThreads.count
    let found =
      "OpenBLAS \(version), kernel \(kernel), at most \(threads) \(threads == 1 ? "thread" : "threads"), \(path ?? "file unknown"); \(words.dropLast(2).joined(separator: " "))"
    if ["PRESCOTT", "GENERIC", "unknown"].contains(kernel.uppercased()) {
      return .warning(
        "BLAS", found,
        next:
          "a kernel without vector instructions: slow; unset OPENBLAS_CORETYPE, or use a machine with AVX2"
      )
    }
    return .ok("BLAS", found)
  }

  /// The file behind a loaded library whose name begins so.
  private static func loadedFile(_ name: String) -> String? {
    // Files of /proc have no length: they are read until nothing comes.
    guard let handle = FileHandle(forReadingAtPath: "/proc/self/maps") else { return nil }
    defer { try? handle.close() }
    var bytes: [UInt8] = []
    while let part = try? handle.read(upToCount: 1 << 16), !part.isEmpty { bytes += part }
    let maps = String(decoding: bytes, as: UTF8.self)
    return maps.split(separator: "\n").lazy
      .compactMap { $0.split(separator: " ", omittingEmptySubsequences: true).last }
      .first { ($0.split(separator: "/").last ?? "").hasPrefix(name) }.map(String.init)
  }

  private static func processors() -> HealthCheck {
    let count = ProcessInfo.processInfo.activeProcessorCount
    let all = ProcessInfo.processInfo.processorCount
    let found = count == all ? "\(count)" : "\(count) of \(all) may be used"
    return count > 1
      ? .ok("processors", found)
      : .warning(
        "processors", found, next: "one processor works; folds are not fitted side by side")
  }

  private static func memory() -> HealthCheck {
    func kilobytes(_ key: String) -> Int? {
      guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
        return nil
      }
      let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
      return line?.split(separator: " ").compactMap { Int($0) }.first
    }
    guard let total = kilobytes("MemTotal"), let free = kilobytes("MemAvailable") else {
      return .warning("memory", "/proc/meminfo cannot be read", next: "mount /proc")
    }
    var most = total * 1024
    let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    if let text = limit?.trimmingCharacters(in: .whitespacesAndNewlines), let bytes = Int(text) {
      most = min(most, bytes)
    }
    let available = min(free * 1024, most)
    let found = "\(Sizes.text(available)) available of \(Sizes.text(most))"
    return available < 1 << 30
      ? .warning(
        "memory", found,
        next: "for logs beyond a few hundred thousand rows use `riddle train --stream`")
      : .ok("memory", found)
  }

  private static func sqlite() -> HealthCheck {
    let version = SystemLibraries.sqliteVersion
    let missing = SystemLibraries.missingFromSQLite()
    guard missing.isEmpty else {
      return .error(
        "SQLite", "\(version) lacks \(missing.joined(separator: ", "))",
        next:
          "install SQLite \(SystemLibraries.oldestSQLite) or newer with FTS5: apt-get install libsqlite3-0"
      )
    }
    return .ok("SQLite", "\(version) with STRICT tables, JSON and FTS5")
  }

  private static func zstd() -> HealthCheck {
    guard let version = SystemLibraries.zstdVersion else {
      return .warning(
        "zstd", "no libzstd.so.1: .zst files cannot be read",
        next:
          "apt-get install libzstd1, or unpack such files first: zstd -dc log.jsonl.zst | riddle import -"
      )
    }
    return .ok("zstd", "\(version): .zst files are read")
  }
}

/// Bytes as a person reads them.
enum Sizes {
  static func text(_ bytes: Int) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000 && unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(bytes) bytes" : String(format: "%.1f %@", value, units[unit])
  }
}
