import ArgumentParser
import Foundation
import RiddleData
import RiddleStore

struct StoreRedactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Take personal data out of a store, or everything of one user.",
    discussion: """
      Without --erase-user: e-mail addresses, telephone numbers, cards (Luhn), IBANs (check digits), IP \
      addresses, US social security numbers, keys, tokens and the patterns of --patterns become [email], \
      [phone]… in queries, metadata, answers, decisions and comments. --hash-text removes texts and answers \
      altogether and keeps the hashes of texts, by which duplicates are still known.

      With --erase-user: every query, answer, label, verdict, decision, feedback and vector of that user \
      goes. A hash stays, by which an import leaves out what was erased. The user is looked for in the \
      metadata user_id, user, end_user, user.id and the like, or where --user-field says.

      Afterwards the bytes are in no page of the file and the write-ahead log is empty; copies, backups and \
      a rejects file beside the store are not touched. The content hash of the log changes: label and train \
      again. Importing the same log again brings nothing back.

      EXAMPLES
        riddle store redact desk.sqlite --dry-run
        riddle store redact desk.sqlite --only email,phone --patterns staff.txt
        riddle store redact desk.sqlite --hash-text
        riddle store redact desk.sqlite --erase-user u-17 --dry-run
      """)

  @Argument(help: "The store.")
  var store: String

  @Option(
    help: ArgumentHelp(
      "Kinds to look for, separated by commas: jwt, key, email, iban, card, ssn, phone, ip. Default: all.",
      valueName: "kinds"))
  var only: String?

  @Option(
    help: ArgumentHelp(
      "Patterns of your own, a line each: NAME = REGULAR EXPRESSION.", valueName: "file"))
  var patterns: String?

  @Flag(help: "Remove texts and answers; keep the hashes of texts.")
  var hashText = false

  @Option(help: ArgumentHelp("Remove everything of this user.", valueName: "id"))
  var eraseUser: String?

  @Option(
    help: ArgumentHelp(
      "Where the user stands: a name of metadata, conversation, or group.", valueName: "name"))
  var userField: String?

  @Flag(help: "Count what would be changed, and change nothing.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let eraseUser, eraseUser.isEmpty { throw ValidationError("--erase-user needs an id") }
    if eraseUser != nil && (hashText || patterns != nil || only != nil) {
      throw ValidationError("give --erase-user or patterns, not both: run one after the other")
    }
    if eraseUser == nil && userField != nil {
      throw ValidationError("--user-field goes with --erase-user")
    }
    _ = try kinds()
  }

  func run() throws {
    try reportingFailures {
      var plan = RedactionPlan()
      plan.kinds = try kinds()
      plan.hashesText = hashText
      if let patterns {
        let bytes = try Files.read(patterns, what: "patterns", atMost: 1 << 20)
        plan.own = try OwnPatterns(String(decoding: bytes, as: UTF8.self), path: patterns)
      }
      // A count of patterns only reads; a count of a user's rows needs temporary tables.
      let opened = try Store.open(
        path: store, mode: dryRun && eraseUser == nil ? .readOnly : .readWrite)
      let now = Microseconds(Int64(Date().timeIntervalSince1970 * 1e6))
      let progress = Progress(dryRun ? "counting" : "redacting", quiet: output.quiet)
      let report =
        if let eraseUser {
          try opened.erase(user: eraseUser, field: userField, isDryRun: dryRun, time: now)
        } else {
          try opened.redact(plan, isDryRun: dryRun, time: now) { done, total in
            progress.update(done, fraction: Double(done) / Double(max(1, total)))
          }
        }
      progress.finish()
      try opened.close()
      if output.json {
        Console.print(
          try JSONOutput.text(Result(store: store, dry_run: dryRun, report: report)))
      } else {
        show(report)
      }
    }
  }

  private func show(_ report: RedactionReport) {
    let would = dryRun ? "would be " : ""
    for (name, count) in report.found.sorted(by: { $0.key < $1.key }) {
      Console.print("found \(count) \(name)")
    }
    for (name, count) in report.changed.sorted(by: { $0.key < $1.key }) {
      Console.print("\(name): \(count) \(would)\(eraseUser == nil ? "changed" : "removed")")
    }
    if report.changed.isEmpty {
      Console.print(eraseUser == nil ? "nothing found" : "nothing of this user in the store")
    }
    if report.idsWithMatches > 0 {
      Console.print(
        "\(report.idsWithMatches) ids of queries or requests hold such data and stay: rows are known by them; import under other ids, or erase their users"
      )
    }
    if dryRun { return }
    Console.print(
      "content hash \(report.contentHashBefore) before, \(report.contentHashAfter) after")
    if !report.staleLabellings.isEmpty {
      Console.print(
        "made of the log as it was: labellings \(report.staleLabellings.joined(separator: ", ")); label and train again"
      )
    }
    Console.print(
      "\(ByteText.text(report.bytesBefore)) before, \(ByteText.text(report.bytesAfter)) after; nothing of it is left in the file; copies and backups are yours to find"
    )
    if eraseUser != nil {
      Console.print("importing their rows again leaves them out")
    } else {
      Console.print("importing the same log again changes nothing")
    }
  }

  private func kinds() throws -> [PersonalData] {
    guard let only else { return PersonalData.allCases }
    return try only.split(separator: ",").map { name in
      guard let kind = PersonalData(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
        throw ValidationError(
          "--only \(name): expected some of \(PersonalData.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      return kind
    }
  }

  private struct Result: Encodable {
    var store: String
    var dry_run: Bool
    var report: RedactionReport
  }
}
