import ArgumentParser
import Foundation

/// Looks at everything that this program needs from the machine.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check libraries, disk, store, settings and terminal; say what to do.",
    discussion: """
      Nothing is changed but a file that is written and removed again, to see whether folders \
      can be written. Status 0 with nothing worse than warnings, 1 with an error.

      EXAMPLES
        riddle doctor
        riddle doctor --store desk.sqlite --json
      """)

  @Option(help: "Store to look at; that of the settings unless given.")
  var store: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures {
      let checks = MachineChecks.all() + PlaceChecks.all(store: store)
      let errors = checks.filter { $0.status == .error }.count
      let warnings = checks.filter { $0.status == .warning }.count
      if output.json {
        Console.print(
          try JSONOutput.text(Result(errors: errors, warnings: warnings, checks: checks)))
      } else {
        let width = checks.map { $0.name.count }.max() ?? 0
        for check in checks {
          let status = check.status.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
          let name = check.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
          Console.print(status + name + check.found)
          if let next = check.next {
            Console.print(String(repeating: " ", count: width + 11) + "→ " + next)
          }
        }
        Console.print(
          errors > 0
            ? "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) \(warnings == 1 ? "warning" : "warnings")"
            : warnings > 0
              ? "no errors, \(warnings) \(warnings == 1 ? "warning" : "warnings")"
              : "everything is there")
        output.note("next: riddle init, or riddle --help")
      }
      if errors > 0 { throw ExitCode(ExitStatus.gateFailed.rawValue) }
    }
  }

  private struct Result: Encodable {
    var errors: Int
    var warnings: Int
    var checks: [HealthCheck]
  }
}
