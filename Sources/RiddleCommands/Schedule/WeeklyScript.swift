import Foundation

/// The weekly loop as a shell script, and what starts it.
///
/// Every path and argument is one quoted word; nothing of them is expanded by the shell, cron or systemd.
struct WeeklyLoop {
  /// The program, absolute.
  var program: String
  /// The store, absolute.
  var store: String
  /// Log files to import, absolute; may be patterns. Empty leaves the import out.
  var logs: [String]
  /// Options of `riddle label`; nil leaves the labelling out (training makes its labels itself).
  var labelling: [String]?
  /// Folder of runs, absolute: one folder a week.
  var models: String
  /// File that servers read; nil leaves it to the last deployment.
  var pointer: String?
  /// Folder of reports and logs, absolute.
  var reports: String
  /// Length of a period.
  var window: String
  /// Whether a better challenger is promoted at once.
  var promotes: Bool
  /// Environment of the deployments.
  var environment: String

  /// Lock of the whole loop.
  private var lock: String { store + ".weekly.lock" }

  /// The script: `sh`, each step after the one before, stopped by the first failure.
  ///
  /// A drift or a kept champion is news, not a failure: both are written down and the loop goes on.
  var script: String {
    let q = ShellWord.quoted
    var lines = [
      "#!/bin/sh",
      "# Weekly loop of \(OneLine.of(store)), written by riddle schedule.",
      "# Safe to run twice: a second run beside this one ends with status 74, one after it changes nothing.",
      "set -eu",
      "umask 077",
      "riddle=\(q(program))",
      "store=\(q(store))",
      "models=\(q(models))",
      "reports=\(q(reports))",
      "week=$(date -u +%G-W%V)",
      "mkdir -p -- \"$models\" \"$reports\"",
      "exec 9>>\(q(lock))",
      "flock -n 9 || { echo \"$(date -u +%FT%TZ) another run holds \"\(q(lock)) >&2; exit 74; }",
      "log=\"$reports/$week.log\"",
      "exec >>\"$log\" 2>&1",
      "echo \"$(date -u +%FT%TZ) start\"",
      "trap 'echo \"$(date -u +%FT%TZ) end, status $?\"' EXIT",
    ]
    if !logs.isEmpty {
      lines.append(
        "\"$riddle\" import \(logs.map(q).joined(separator: " ")) --store \"$store\" --quiet")
    }
    if let labelling {
      lines.append(
        "\"$riddle\" label --store \"$store\" \(labelling.map(q).joined(separator: " ")) --quiet")
    }
    lines.append(
      "\"$riddle\" drift --store \"$store\" --window \(q(window)) --environment \(q(environment)) --report \"$reports/$week-drift.html\" --quiet"
    )
    let promotion =
      promotes ? " --promote" + (pointer.map { " --to \(q($0))" } ?? "") : ""
    lines.append(
      "\"$riddle\" retrain --store \"$store\" --window \(q(window)) --environment \(q(environment)) --output \"$models/$week\"\(promotion) --quiet"
    )
    lines.append(
      // 65: the store has no decisions, only logs.
      "\"$riddle\" review --store \"$store\" --window \(q(window)) || [ $? -eq 65 ]"
    )
    lines.append("\"$riddle\" deployments show --store \"$store\" --environment \(q(environment))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The line of a crontab: Monday 04:17, UTC where the daemon runs in UTC.
  ///
  /// cron turns `%` into a line feed unless it is escaped.
  func crontab(script path: String) -> String {
    let word = ShellWord.quoted(path).replacingOccurrences(of: "%", with: "\\%")
    return """
      # riddle: the weekly loop of \(OneLine.of(store)); install with: crontab -l | cat - THIS | crontab -
      17 4 * * 1 /bin/sh \(word)

      """
  }

  /// A systemd service that runs the script once.
  func service(script path: String) -> String {
    """
    [Unit]
    Description=Riddle weekly loop: import, label, drift, retrain, review

    [Service]
    Type=oneshot
    ExecStart=/bin/sh \(SystemdWord.quoted(path))
    Nice=10
    IOSchedulingClass=idle
    NoNewPrivileges=true
    PrivateTmp=true

    """
  }

  /// The timer that starts the service, also after the machine was off.
  var timer: String {
    """
    [Unit]
    Description=Riddle weekly loop, every Monday

    [Timer]
    OnCalendar=Mon *-*-* 04:17:00 UTC
    Persistent=true
    RandomizedDelaySec=600

    [Install]
    WantedBy=timers.target

    """
  }
}

/// One word of a systemd command line.
enum SystemdWord {
  /// `word` in double quotes; `%` and `$` doubled, because specifiers and variables are expanded inside quotes too
  /// (systemd.service(5), systemd.unit(5)).
  static func quoted(_ word: String) -> String {
    var result = "\""
    for character in word {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "%": result += "%%"
      case "$": result += "$$"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
