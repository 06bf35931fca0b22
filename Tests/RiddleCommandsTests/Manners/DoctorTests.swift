import Foundation
import Testing

/// What `riddle doctor` sees, and what it says to do.
@Suite struct DoctorTests {
  private func checks(
    _ arguments: [String] = [], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> (status: Int32, checks: [String: (status: String, found: String, next: String?)]) {
    let result = try runRiddle(
      ["doctor", "--json"] + arguments, in: folder, environment: environment)
    let list = try #require(try result.object()["checks"] as? [[String: Any]])
    return (
      result.status,
      Dictionary(
        list.map {
          (
            $0["name"] as? String ?? "",
            ($0["status"] as? String ?? "", $0["found"] as? String ?? "", $0["next"] as? String)
          )
        }, uniquingKeysWith: { first, _ in first })
    )
  }

  @Test func aHealthyMachineHasNoError() throws {
    try withFolder { folder in
      let found = try checks(in: folder, environment: ["LC_ALL": "C.UTF-8"])
      #expect(found.status == 0)
      for name in [
        "program", "BLAS", "processors", "memory", "SQLite", "zlib", "zstd", "settings", "disk",
        "temporary files", "locale", "terminal",
      ] {
        #expect(found.checks[name] != nil, "\(name)")
        #expect(found.checks[name]?.status != "error", "\(name)")
      }
      #expect(found.checks["BLAS"]?.found.contains("OpenBLAS") == true)
      #expect(found.checks["BLAS"]?.found.contains(".so") == true)
      #expect(found.checks["SQLite"]?.found.contains("FTS5") == true)
      #expect(folder.files().isEmpty)
    }
  }

  @Test func theStoreIsLookedAtAndNotTouched() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(20)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite"], in: folder)
      let before = try folder.bytes("s.sqlite")
      let good = try checks(["--store", "s.sqlite"], in: folder)
      #expect(good.checks["store"]?.status == "ok")
      #expect(try folder.bytes("s.sqlite") == before)
      let missing = try checks(["--store", "none.sqlite"], in: folder)
      #expect(missing.checks["store"]?.status == "warning")
      #expect(missing.checks["store"]?.next?.contains("riddle import") == true)
      #expect(missing.status == 0)
      let other = try checks(["--store", "log.jsonl"], in: folder)
      #expect(other.checks["store"]?.status == "error")
      #expect(other.status == 1)
      // The header's schema number of a later program.
      var bytes = before
      bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
      try folder.write("new.sqlite", bytes)
      let newer = try checks(["--store", "new.sqlite"], in: folder)
      #expect(newer.checks["store"]?.found.contains("schema 99") == true)
      #expect(newer.status == 1)
    }
  }

  @Test func mistypedVariablesAndOtherLocalesAreWarnedOf() throws {
    try withFolder { folder in
      let found = try checks(
        in: folder,
        environment: ["RIDDLE_SEDE": "1", "LC_ALL": "C", "NO_COLOR": "1"])
      #expect(found.checks["environment"]?.next?.contains("RIDDLE_SEED") == true)
      #expect(found.checks["locale"]?.status == "warning")
      #expect(found.checks["terminal"]?.found.contains("NO_COLOR") == true)
      #expect(found.status == 0)
    }
  }

  @Test func aTemporaryFolderThatIsNotThereIsAnError() throws {
    try withFolder { folder in
      let found = try checks(in: folder, environment: ["TMPDIR": folder.file("none")])
      #expect(found.checks["temporary files"]?.status == "error")
      #expect(found.checks["temporary files"]?.next != nil)
      #expect(found.status == 1)
    }
  }
}
