import Foundation
import Testing

/// What people get wrong, and what they are told: the right status, what and where, and a command to try.
@Suite struct MistakesTests {
  /// A mistake: arguments, the status, and what the message must hold beside a command or option to try.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var status: Int32
    var says: [String]

    init(_ line: String, _ status: Int32, _ says: String...) {
      arguments = line.split(separator: " ").map(String.init)
      self.status = status
      self.says = says
    }

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let mistakes: [Mistake] = [
    // Missing files and folders.
    Mistake("import none.jsonl --store s.sqlite", 66, "none.jsonl"),
    Mistake("label --store none.sqlite --candidates a,b", 66, "none.sqlite"),
    Mistake("train --data none.jsonl --candidates a,b --output m", 66, "none.jsonl"),
    Mistake("train --store none.sqlite --output m", 66, "none.sqlite"),
    Mistake("evaluate none --data log.jsonl", 66, "none"),
    Mistake("evaluate log.jsonl --routers none.yaml --candidates tiny,huge", 66, "none.yaml"),
    Mistake("export none --to x.riddle", 66, "none"),
    Mistake("score none.riddle", 66, "none.riddle"),
    Mistake("inspect none", 66, "none"),
    Mistake("compare none none", 66, "none"),
    Mistake("threshold none --data log.jsonl --strong-share 0.3", 66, "none"),
    Mistake("off-policy none.jsonl --target always=huge", 66, "none.jsonl"),
    Mistake("simulate log.jsonl --candidates tiny,huge --policy none.yaml", 66, "none.yaml"),
    Mistake("attack none log.jsonl", 66, "none"),
    Mistake("headroom none.jsonl --candidates tiny,huge", 66, "none.jsonl"),
    Mistake("leaks none.jsonl", 66, "none.jsonl"),
    Mistake("policy check none.yaml", 66, "none.yaml"),
    Mistake("sign none.riddle --key none.key", 66, "none"),
    Mistake("review --store none.sqlite", 66, "none.sqlite"),
    Mistake("query none.sqlite refund", 66, "none.sqlite"),
    Mistake("store check none.sqlite", 66, "none.sqlite"),
    Mistake("runs list none", 66, "none"),
    Mistake("runs show none", 66, "none"),
    Mistake("runs diff none none", 66, "none"),
    Mistake("runs repro none", 66, "none"),
    // The wrong kind of file.
    Mistake("import router.riddle --store s.sqlite", 65, "router.riddle"),
    Mistake("label --store log.jsonl --candidates tiny,huge", 65, "log.jsonl"),
    Mistake("train --store log.jsonl --output m", 65, "log.jsonl"),
    Mistake("score log.jsonl", 65, "log.jsonl"),
    Mistake("evaluate log.jsonl --data log.jsonl", 65, "log.jsonl"),
    Mistake("export log.jsonl --to x.riddle", 65, "log.jsonl"),
    Mistake("policy check log.jsonl", 65, "log.jsonl"),
    Mistake("simulate router.riddle --candidates a,b --policy rules.yaml", 65, "router.riddle"),
    Mistake("runs show log.jsonl", 64, "log.jsonl"),
    Mistake("runs show folder", 66, "run.json"),
    Mistake("runs list log.jsonl", 64, "log.jsonl"),
    // A folder where a file is wanted.
    Mistake("score folder", 66, "folder"),
    Mistake("label --store folder --candidates tiny,huge", 65, "folder"),
    Mistake("policy check folder", 66, "folder"),
    // Wrong words.
    Mistake("trian", 64, "trian", "did you mean `riddle train`"),
    Mistake("train --dta log.jsonl --output m", 64, "--dta"),
    Mistake(
      "train --data log.jsonl --candidates tiny,huge --output m --model forest", 64, "forest"),
    Mistake("man trian", 64, "trian", "did you mean `riddle train`"),
    Mistake("schema trian", 64, "trian"),
    Mistake("schema policy", 64, "policy"),
    Mistake("completions tcsh", 64, "tcsh"),
    Mistake("init log.jsonl", 64, "log.jsonl"),
    // Data that do not suffice.
    Mistake("label --store empty.sqlite --candidates tiny,huge", 65, "0 read"),
    Mistake("train --store unlabelled.sqlite --output m", 64, "--candidates"),
    Mistake(
      "train --data log.jsonl --candidates tiny,nobody --output m", 65, "nobody", "Available"),
    Mistake("headroom log.jsonl --candidates tiny,nobody", 65, "nobody", "Available"),
    Mistake("headroom log.jsonl", 64, "--candidates"),
    Mistake("train --data blank.jsonl --candidates tiny,huge --output m", 65, "blank.jsonl"),
    Mistake("headroom log.jsonl --candidates tiny", 64, "--candidates"),
    Mistake("headroom log.jsonl --store s.sqlite --candidates a,b", 64, "once"),
    Mistake("train --data log.jsonl --output m", 64, "--candidates"),
    // Places that cannot be written.
    Mistake("train --data log.jsonl --candidates tiny,huge --output log.jsonl/m", 74, "log.jsonl"),
    Mistake("import log.jsonl --store /proc/none/s.sqlite", 74, "/proc/none"),
    Mistake("man --output /proc/none", 74, "/proc/none"),
    Mistake("schema --output /proc/none", 74, "/proc/none"),
    Mistake("init /proc/none", 74, "/proc/none"),
  ]

  /// What every mistake meets; nothing of it is changed.
  private static let world = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200)))
    try folder.write("blank.jsonl", "")
    try folder.write("router.riddle", [0x89, 0x52, 0x44, 0x4C, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0])
    try folder.write(
      "rules.yaml", "name: rules\nstages:\n  - static: {ask: cheapest}\ndefault: cheapest\n")
    try FileManager.default.createDirectory(
      atPath: folder.file("folder"), withIntermediateDirectories: true)
    try succeed(["import", "log.jsonl", "--store", "unlabelled.sqlite", "--quiet"], in: folder)
    // A store without a row: feedback may come before everything else.
    try folder.write("said.jsonl", "{\"request_id\":\"r1\",\"satisfaction\":1}\n")
    try succeed(["feedback", "import", "said.jsonl", "--store", "empty.sqlite"], in: folder)
    return folder
  }

  @Test(arguments: mistakes)
  func aMistakeIsExplained(mistake: Mistake) throws {
    let folder = try Self.world.get()
    let result = try runRiddle(mistake.arguments, in: folder)
    #expect(result.status == mistake.status, "\(result.errors)")
    #expect(result.output.isEmpty)
    for part in mistake.says { #expect(result.errors.contains(part), "\(result.errors)") }
    // A command to try, or where to read how.
    #expect(result.errors.contains("riddle "), "\(result.errors)")
    for symptom in ["Fatal", "Swift.", "NSCocoa", "Error Domain", "Optional("] {
      #expect(!result.errors.contains(symptom), "\(result.errors)")
    }
  }

  @Test func thereAreManyMistakes() {
    #expect(Self.mistakes.count >= 55)
    #expect(Set(Self.mistakes.map(\.testDescription)).count == Self.mistakes.count)
  }
}
