import Foundation
import RiddlePolicyFiles
import RiddleStore

/// Where this program works: folders, the store, settings, the terminal.
enum PlaceChecks {
  static func all(store given: String?) -> [HealthCheck] {
    let environment = ProcessInfo.processInfo.environment
    let (settings, configured) = settingsCheck(environment)
    let path = given ?? configured
    var checks = [settings] + variables(environment)
    checks.append(disk("disk", folder: "."))
    checks.append(disk("temporary files", folder: NSTemporaryDirectory()))
    if let path { checks += store(path) }
    checks.append(locale(environment))
    checks.append(terminal(environment))
    return checks
  }

  private static func settingsCheck(_ environment: [String: String]) -> (HealthCheck, String?) {
    do {
      let configuration = try Configuration(environment: environment)
      let set = configuration.values.filter { $0.text != nil }
      let files = [
        configuration.projectExists ? configuration.places.project : nil,
        configuration.userExists ? configuration.places.user : nil,
      ].compactMap { $0 }
      let found =
        set.isEmpty
        ? "none"
        : "\(set.map { $0.key.name }.joined(separator: ", ")); see `riddle config show --origin`"
      return (
        .ok("settings", files.isEmpty ? found : "\(files.joined(separator: ", ")): \(found)"),
        set.first { $0.key.name == "store" }?.text
      )
    } catch {
      return (
        .error(
          "settings", commandFailure(error).message, next: "correct it; see `riddle config keys`"),
        nil
      )
    }
  }

  /// Variables that look like settings and are none.
  private static func variables(_ environment: [String: String]) -> [HealthCheck] {
    let known =
      ConfigKey.all.map(\.variable)
      + [Configuration.userVariable, Configuration.projectVariable, "RIDDLE_DATA"]
    return environment.keys.sorted().compactMap { name in
      guard name.hasPrefix("RIDDLE_"), !known.contains(name),
        let close = nearest(name, in: known)
      else { return nil }
      return .warning(
        "environment", "\(name) is no variable of this program", next: "did you mean \(close)?")
    }
  }

  private static func disk(_ name: String, folder: String) -> HealthCheck {
    let shown = URL(fileURLWithPath: folder).standardizedFileURL.path
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      return .error(name, "\(shown): \(String(cString: strerror(errno)))", next: "make the folder")
    }
    let free = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    let probe = folder + "/.riddle-doctor.\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try Files.write("", to: probe)
      unlink(probe)
    } catch {
      return .error(
        name, "\(shown) cannot be written",
        next: "work in a folder of your own, or mount it writable")
    }
    let found = "\(Sizes.text(free)) free in \(shown), writable"
    if free < 100_000_000 {
      return .error(name, found, next: "free some space: stores and runs take more than that")
    }
    return free < 1_000_000_000
      ? .warning(name, found, next: "a store takes about 1 KB a row") : .ok(name, found)
  }

  private static func store(_ path: String) -> [HealthCheck] {
    guard Files.exists(path) else {
      return [
        .warning(
          "store", "\(path): not there yet", next: "riddle import LOG --store \(path)")
      ]
    }
    guard let schema = SystemLibraries.schema(ofStoreAt: path) else {
      return [
        .error(
          "store", "\(path): no store of this program",
          next: "name another file; a store is made by `riddle import`")
      ]
    }
    let size =
      ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0
    let known = SystemLibraries.storeSchema
    let found = "\(path): schema \(schema), \(Sizes.text(size))"
    var checks: [HealthCheck] = []
    if schema > known {
      checks.append(
        .error(
          "store", "\(found); this program knows schema \(known)", next: "update this program"))
    } else if let damage = Self.damage(path) {
      checks.append(
        .error("store", "\(found), damaged: \(damage)", next: "riddle store check \(path)"))
    } else if access(path, W_OK) != 0 {
      checks.append(
        .warning(
          "store", "\(found), cannot be written",
          next: "reading works; to import or label, get permission to write it"))
    } else {
      checks.append(
        .ok(
          "store",
          found
            + (schema < known
              ? ", brought to schema \(known) when it is opened next" : ", writable")
        ))
    }
    let folder = (path as NSString).deletingLastPathComponent
    checks.append(disk("disk of the store", folder: folder.isEmpty ? "." : folder))
    return checks
  }

  /// Why the store cannot be counted, or nil when it can: a look, no check of every page.
  private static func damage(_ path: String) -> String? {
    do {
      let store = try Store.open(path: path, mode: .readOnly)
      _ = try store.counts()
      try store.close()
      return nil
    } catch { return OneLine.of("\(error)") }
  }

  private static func locale(_ environment: [String: String]) -> HealthCheck {
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
    let shown = name ?? "none set"
    let isUTF8 = name?.lowercased().replacing("-", with: "").contains("utf8") ?? false
    return isUTF8
      ? .ok("locale", shown)
      : .warning(
        "locale", "\(shown): output is UTF-8 whatever the locale, a terminal may show it wrongly",
        next: "export LC_ALL=C.UTF-8")
  }

  private static func terminal(_ environment: [String: String]) -> HealthCheck {
    let output =
      isatty(STDOUT_FILENO) == 1 ? "a terminal of \(Console.width) columns" : "no terminal"
    let colour = environment["NO_COLOR"].map { $0.isEmpty ? "" : ", NO_COLOR is set" } ?? ""
    return .ok("terminal", "standard output is \(output); no colours are ever printed\(colour)")
  }
}
