import Foundation
import RiddleTestSupport
import Testing

/// `riddle sign`, and `--require-signature` on every command that opens a weight file.
@Suite struct SignTests {
  static func golden(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Golden")
    return [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// A folder with an unsigned router, a key of ours, the key of a stranger, and data.
  func withRouter(_ body: (TemporaryFolder) throws -> Void) throws {
    try withFolder { folder in
      try folder.write("r.riddle", try Self.golden("WeightFiles/version-1-tree.riddle"))
      try folder.write("team.key", try Self.golden("Signature/team.key"))
      try folder.write("team.pub", try Self.golden("Signature/team.pub"))
      try succeed(["sign", "keygen", "--to", "stranger"], in: folder)
      try body(folder)
    }
  }

  /// The signature is the one that another library makes with the same key (Tests/Golden/Generators/signature.py).
  @Test func theSignatureIsThatOfAnotherImplementation() throws {
    try withRouter { folder in
      let result = try succeed(["sign", "r.riddle", "--key", "team.key", "--json"], in: folder)
      #expect(
        try folder.bytes("r.riddle.sig") == Self.golden("Signature/version-1-tree.riddle.sig"))
      #expect(try result.object()["file"] as? String == "r.riddle.sig")
      let inspect = ["inspect", "r.riddle", "--verify", "--require-signature", "team.pub"]
      let key = try #require(try result.object()["key"] as? String)
      #expect(try succeed(inspect, in: folder).output.contains("signed: by key \(key)"))
      #expect(
        try succeed(inspect + ["--json"], in: folder).object()["signed_by"] as? String == key)
    }
  }

  @Test func keysAreNeverOverwrittenAndThePrivateOneIsForItsOwnerAlone() throws {
    try withFolder { folder in
      let made = try succeed(["sign", "keygen", "--to", "a", "--json"], in: folder).object()
      #expect((made["fingerprint"] as? String)?.count == 64)
      for (name, mode) in [("a.key", 0o600), ("a.pub", 0o644)] {
        let found = try FileManager.default.attributesOfItem(atPath: folder.file(name))
        #expect((found[.posixPermissions] as? Int ?? 0) & ~mode == 0)
      }
      let before = [try folder.bytes("a.key"), try folder.bytes("a.pub")]
      BadFilesTests.check(
        try runRiddle(["sign", "keygen", "--to", "a"], in: folder), 74, names: "a.key")
      try FileManager.default.removeItem(atPath: folder.file("a.key"))
      BadFilesTests.check(
        try runRiddle(["sign", "keygen", "--to", "a"], in: folder), 74, names: "a.pub")
      #expect(folder.files() == ["a.pub"])
      #expect(try folder.bytes("a.pub") == before[1])
      // Two pairs are two keys.
      try succeed(["sign", "keygen", "--to", "b"], in: folder)
      #expect(try folder.bytes("b.key") != before[0])
      BadFilesTests.check(
        try runRiddle(["sign", "keygen", "--to", "no/such/folder"], in: folder), 74, names: "no/")
      #expect(try runRiddle(["sign", "keygen", "--to", ""], in: folder).status == 64)
    }
  }

  /// Everything that opens a weight file: what is asked of each, and on which router.
  static let openers: [[String]] = [
    ["score", "r.riddle"], ["inspect", "r.riddle"], ["inspect", "r.riddle", "--json"],
    ["inspect", "r.riddle", "--tree"], ["export", "r.riddle", "--to", "out.riddle"],
    ["compare", "r.riddle", "r.riddle", "--data", "log.jsonl"],
    ["evaluate", "r.riddle", "--data", "log.jsonl"],
    ["evaluate", "log.jsonl", "--routers", "r.riddle,p.yaml"],
    ["evaluate", "log.jsonl", "--routers", "p.yaml"],
    ["advise", "--routers", "r.riddle", "--data", "log.jsonl"],
    ["simulate", "log.jsonl", "--policy", "p.yaml"],
    ["simulate", "log.jsonl", "--policy", "r.riddle"],
    [
      "optimize", "log.jsonl", "--policy", "p.yaml", "--budget", "9", "--unit", "usd/1000",
    ],
    ["label", "--suggest", "5", "--router", "r.riddle", "--data", "log.jsonl"],
    ["threshold", "r.riddle", "--data", "log.jsonl", "--strong-share", "0.5", "--rows", "all"],
    ["leaks", "r.riddle", "--data", "log.jsonl"], ["policy", "check", "p.yaml"],
    ["policy", "check", "p.yaml", "--data", "log.jsonl"],
    ["off-policy", "decisions.jsonl", "--target", "r.riddle"],
    ["sign", "r.riddle", "--key", "stranger.key"], ["attack", "r.riddle", "log.jsonl"],
    ["promote", "r.riddle", "--store", "s.sqlite"],
    ["retrain", "--store", "s.sqlite", "--champion", "r.riddle", "--output", "next"],
    ["drift", "log.jsonl", "--current", "log.jsonl", "--router", "r.riddle"],
  ]

  /// The files that `arguments` name beside the router.
  static func writeInputs(_ folder: TemporaryFolder, for arguments: [String]) throws {
    try folder.write(
      "log.jsonl",
      SyntheticLog.rows(60).map {
        SyntheticLog.line($0, candidates: ["small", "medium", "large"]) + "\n"
      }.joined())
    try folder.write(
      "decisions.jsonl", OffPolicyTests.lines(60).joined(separator: "\n"))
    try folder.write(
      "p.yaml",
      "name: p\nrouter: r.riddle\nstages:\n  - classifier: {threshold: 0.5}\ndefault: strongest\n")
    if arguments.contains("s.sqlite") {
      try succeed(["import", "log.jsonl", "--store", "s.sqlite"], in: folder)
    }
  }

  /// No signature, a stranger's, one of other bytes, a damaged one: each refused, with a sentence and nothing done.
  @Test(arguments: openers)
  func everyCommandRefusesWhatIsNotSigned(arguments: [String]) throws {
    try withRouter { folder in
      try Self.writeInputs(folder, for: arguments)
      let required = arguments + ["--require-signature", "team.pub"]
      let files = folder.files()
      BadFilesTests.check(try runRiddle(required, in: folder), 65, names: "not signed")
      // The lock of a command that changes a store stays beside it.
      #expect(folder.files().filter { !$0.hasSuffix(".lock") } == files)
      try succeed(["sign", "r.riddle", "--key", "stranger.key"], in: folder)
      BadFilesTests.check(try runRiddle(required, in: folder), 65, names: "signed with key")
      try succeed(["sign", "r.riddle", "--key", "team.key"], in: folder)
      let result = try runRiddle(required, in: folder)
      #expect(!result.errors.contains("signed"), "\(result.errors)")
    }
  }

  /// A command that learns to open routers must be on the list above: it has the option, and is tested with it.
  @Test func theOptionIsThereWhereverRoutersAreOpened() throws {
    let tested = Set(Self.openers.map { $0[0] })
    for command in HelpTests.commands where command != "policy" && command != "sign" {
      let help = try succeed([command, "--help"]).output
      #expect(
        help.contains("--require-signature") == tested.contains(command), "\(command)")
    }
    #expect(try succeed(["policy", "check", "--help"]).output.contains("--require-signature"))
  }

  @Test func everyChangeAfterSigningIsFound() throws {
    try withRouter { folder in
      try succeed(["sign", "r.riddle", "--key", "team.key"], in: folder)
      let require = ["score", "r.riddle", "--require-signature", "team.pub"]
      let router = try folder.bytes("r.riddle")
      let signature = try folder.text("r.riddle.sig")
      #expect(try runRiddle(require, in: folder).status == 0)
      for position in [0, 8, router.count / 2, router.count - 1] {
        var changed = router
        changed[position] ^= 1
        try folder.write("r.riddle", changed)
        BadFilesTests.check(try runRiddle(require, in: folder), 65, names: "changed after")
      }
      try folder.write("r.riddle", router + [0])
      BadFilesTests.check(try runRiddle(require, in: folder), 65, names: "changed after")
      try folder.write("r.riddle", router)
      let text = try #require(
        JSONSerialization.jsonObject(with: Data(signature.utf8)) as? [String: String])
      let base64 = try #require(text["signature"])
      let fingerprint = try #require(text["key"])
      var bits = try #require(Data(base64Encoded: base64))
      bits[10] ^= 4
      for (damaged, names) in [
        ("", "not a signature"), ("{}", "not a signature"), ("[1]", "not a signature"),
        (String(repeating: "[", count: 100_000), "not a signature"),
        (signature.replacingOccurrences(of: "Ed25519", with: "none"), "expected format"),
        (signature.replacingOccurrences(of: "signature-1", with: "signature-2"), "expected format"),
        (signature.replacingOccurrences(of: base64, with: ""), "changed after"),
        (
          signature.replacingOccurrences(of: base64, with: bits.base64EncodedString()),
          "changed after"
        ),
        (
          signature.replacingOccurrences(
            of: fingerprint, with: String(repeating: "0", count: 64)), "signed with key"
        ),
      ] {
        try folder.write("r.riddle.sig", damaged)
        BadFilesTests.check(try runRiddle(require, in: folder), 65, names: names)
      }
      // A signature of the bare bytes, without the prefix that says what is signed, does not count.
      try folder.write("r.riddle.sig", signature)
      #expect(try runRiddle(require, in: folder).status == 0)
    }
  }

  @Test func anyOfSeveralKeysWillDo() throws {
    try withRouter { folder in
      try succeed(["sign", "r.riddle", "--key", "stranger.key"], in: folder)
      let both = ["--require-signature", "team.pub", "--require-signature", "stranger.pub"]
      #expect(try runRiddle(["score", "r.riddle"] + both, in: folder).status == 0)
    }
  }

  /// The folder of a run is signed by its router; without a look at the router the run is not shown either.
  @Test func aRunIsSignedByItsRouter() throws {
    let run = try Trained.pair.get()
    try withRouter { folder in
      for name in ["router.riddle", "run.json"] {
        try folder.write(name, try run.folder.bytes("pair/\(name)"))
      }
      let require = ["inspect", ".", "--require-signature", "team.pub"]
      BadFilesTests.check(try runRiddle(require, in: folder), 65, names: "not signed")
      try succeed(["sign", ".", "--key", "team.key"], in: folder)
      #expect(folder.has("router.riddle.sig"))
      #expect(try runRiddle(require, in: folder).status == 0)
    }
  }

  @Test func keysOfTheWrongKindAreNamed() throws {
    try withRouter { folder in
      for (name, content) in [
        ("empty", ""), ("text", "hello\n"), ("rsa", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"),
        ("short", "-----BEGIN EC KEY-----\nMCowBQYDK2Vw\n-----END EC KEY-----\n"),
        ("long", String(repeating: "A", count: 9000)),
      ] {
        try folder.write(name, content)
        for arguments in [
          ["score", "r.riddle", "--require-signature", name],
          ["sign", "r.riddle", "--key", name],
        ] {
          BadFilesTests.check(try runRiddle(arguments, in: folder), 65, names: "\(name): not an")
        }
      }
      BadFilesTests.check(
        try runRiddle(["score", "r.riddle", "--require-signature", "team.key"], in: folder), 65,
        names: "this is a private key")
      BadFilesTests.check(
        try runRiddle(["sign", "r.riddle", "--key", "team.pub"], in: folder), 65,
        names: "this is a public key")
      BadFilesTests.check(
        try runRiddle(["score", "r.riddle", "--require-signature", "no.pub"], in: folder), 66,
        names: "no.pub")
      BadFilesTests.check(
        try runRiddle(["inspect", "team.pub", "--require-signature", "team.pub"], in: folder), 64,
        names: "nothing else is signed")
      #expect(!folder.has("r.riddle.sig"))
    }
  }

  @Test func whatDoesNotOpenIsNotSigned() throws {
    try withRouter { folder in
      var bytes = try folder.bytes("r.riddle")
      bytes[100] ^= 1
      try folder.write("r.riddle", bytes)
      BadFilesTests.check(
        try runRiddle(["sign", "r.riddle", "--key", "team.key"], in: folder), 65, names: "damaged")
      #expect(!folder.has("r.riddle.sig"))
    }
  }
}
