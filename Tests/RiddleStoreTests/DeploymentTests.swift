import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Runs, routers, deployments") struct DeploymentTests {
  let scratch: Scratch
  let store: Store

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(3))])
  }

  static func hash(_ digit: Character) -> String { String(repeating: digit, count: 64) }

  static func run(_ digit: Character, labelling: String? = nil) -> RunRecord {
    RunRecord(
      folder: "models/\(digit)", time: Microseconds(5),
      manifest: "{\"inputs\":[{\"content\":\"cafe\"}]}", manifestSHA256: hash(digit),
      labelling: labelling,
      splits: [
        SplitRecord(
          part: "train", rule: "{\"unit\":\"text\"}", queryCount: 2, idsSHA256: hash("1")),
        SplitRecord(part: "test", rule: "{\"unit\":\"text\"}", queryCount: 1, idsSHA256: hash("2")),
      ])
  }

  static func router(_ digit: Character, run: Character? = nil) -> RouterRecord {
    RouterRecord(
      sha256: hash(digit), name: "router \(digit)", bytes: [1, 2, 3],
      runManifestSHA256: run.map(hash), time: Microseconds(6),
      thresholds: [ThresholdRecord(name: "above small", head: 0, margin: 0.5, guarantee: "{}")])
  }

  @Test("which data trained the router now in production is one query, and the documented one")
  func production() throws {
    try store.saveLabelling(
      Labelling(
        name: "weekly", candidates: ["small", "large"],
        oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails,
        qualityThreshold: 0.5), verdicts: [])
    #expect(
      try store.registerTraining(Self.run("a", labelling: "weekly"), Self.router("b", run: "a")))
    #expect(try store.deployedTraining(environment: "production") == nil)
    try store.recordDeployment(
      NewDeployment(
        environment: "production", kind: .promote, router: Self.hash("b"), pointer: "/p",
        time: Microseconds(9), reason: "first"))
    let found = try #require(try store.deployedTraining(environment: "production"))
    #expect(found.deployment.router == Self.hash("b"))
    #expect(found.deployment.pointer == "/p")
    #expect(found.run == Self.run("a", labelling: "weekly"))
    #expect(found.hasBytes)
    #expect(found.thresholds == Self.router("b").thresholds)
    let document = try String(
      contentsOfFile: #filePath.replacingOccurrences(
        of: "Tests/RiddleStoreTests/DeploymentTests.swift",
        with: "Sources/RiddleStore/RiddleStore.docc/Schema.md"), encoding: .utf8)
    let part = try #require(document.components(separatedBy: "-- Which data trained").last)
    let sql = "-- Which data trained" + (part.components(separatedBy: "```").first ?? "")
    let answers = try store.read { try Row.fetchAll($0, sql: sql) }
    #expect(answers.count == 2)
    #expect(answers[0]["sha256"] == Self.hash("b"))
    #expect(answers[0]["log_hash"] == "cafe")
    #expect(answers[0]["labelling"] == "weekly")
    #expect(Set(answers.map { $0["part"] as String }) == ["train", "test"])
  }

  @Test("registering again adds what was missing and changes nothing else")
  func again() throws {
    var bare = Self.router("b")
    bare.bytes = nil
    bare.name = nil
    bare.thresholds = []
    #expect(try store.registerRouter(bare))
    #expect(try store.registerTraining(Self.run("a"), Self.router("b", run: "a")))
    #expect(try !store.registerTraining(Self.run("a"), Self.router("b", run: "a")))
    var moved = Self.run("a")
    moved.folder = "elsewhere"
    #expect(try !store.registerRun(moved))
    #expect(try store.runs().map(\.folder) == ["elsewhere"])
    let router = try #require(try store.router(sha256: Self.hash("b")))
    #expect(router.bytes == [1, 2, 3])
    #expect(router.name == "router b")
    #expect(router.runManifestSHA256 == Self.hash("a"))
    #expect(router.thresholds.count == 1)
    #expect(try store.routers(beginningWith: "bb") == [Self.hash("b")])
    #expect(try store.integrityProblems() == [])
  }

  @Test("a run outlives its labelling")
  func labelling() throws {
    let labelling = Labelling(
      name: "weekly", candidates: ["small", "large"],
      oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails, qualityThreshold: 0.5)
    try store.saveLabelling(labelling, verdicts: [])
    try store.registerRun(Self.run("a", labelling: "weekly"))
    try store.saveLabelling(labelling, verdicts: [])
    #expect(try store.runs().map(\.labelling) == ["weekly #1"])
    #expect(try store.integrityProblems() == [])
  }

  @Test("rollbacks take promotions from a stack")
  func rollbacks() throws {
    var history: [DeploymentRecord] = []
    func deploy(_ kind: DeploymentKind, _ digit: Character, _ environment: String = "production")
      throws
    {
      try store.registerRouter(Self.router(digit))
      try store.recordDeployment(
        NewDeployment(
          environment: environment, kind: kind, router: Self.hash(digit), time: Microseconds(1)))
      history = try store.deployments(environment: "production")
    }
    #expect(history.rollbackTarget == nil)
    try deploy(.promote, "a")
    #expect(history.rollbackTarget == nil)
    try deploy(.promote, "b")
    try deploy(.promote, "e", "staging")
    try deploy(.promote, "c")
    #expect(history.rollbackTarget?.router == Self.hash("b"))
    try deploy(.rollback, "b")
    #expect(history.rollbackTarget?.router == Self.hash("a"))
    try deploy(.rollback, "a")
    #expect(history.rollbackTarget == nil)
    try deploy(.promote, "d")
    #expect(history.rollbackTarget?.router == Self.hash("a"))
    #expect(history.map(\.id) == [1, 2, 4, 5, 6, 7])
    #expect(try store.deployments().count == 7)
  }

  @Test("what is no hash, no JSON, no router or no run is refused and nothing is kept")
  func refused() throws {
    var run = Self.run("a")
    run.manifestSHA256 = "short"
    #expect(throws: StoreError.self) { try store.registerRun(run) }
    run = Self.run("a")
    run.manifest = "{"
    #expect(throws: StoreError.self) { try store.registerRun(run) }
    run = Self.run("a")
    run.splits += run.splits
    #expect(throws: StoreError.self) { try store.registerRun(run) }
    #expect(throws: StoreError.self) { try store.registerRouter(Self.router("b", run: "f")) }
    var router = Self.router("b")
    router.thresholds[0].margin = .nan
    #expect(throws: StoreError.self) { try store.registerRouter(router) }
    router = Self.router("b")
    router.bytes = []
    #expect(throws: StoreError.self) { try store.registerRouter(router) }
    #expect(throws: StoreError.self) {
      try store.recordDeployment(
        NewDeployment(
          environment: "production", kind: .promote, router: Self.hash("9"), time: Microseconds(1)))
    }
    #expect(throws: StoreError.self) {
      try store.registerTraining(Self.run("a"), Self.router("b", run: "f"))
    }
    #expect(try store.runs().isEmpty)
    #expect(try store.routers().isEmpty)
    #expect(try store.deployments().isEmpty)
  }

  @Test("a policy is known by its document, or by name")
  func policies() throws {
    try store.registerPolicy(PolicyRecord(name: "band"))
    try store.registerPolicy(PolicyRecord(name: "band", sha256: Self.hash("a"), document: "x: 1"))
    try store.registerPolicy(PolicyRecord(name: "other", sha256: Self.hash("a")))
    try store.registerPolicy(PolicyRecord(name: "band"))
    #expect(try store.policies().map(\.sha256) == [nil, Self.hash("a")])
    #expect(throws: StoreError.self) {
      try store.registerPolicy(PolicyRecord(name: "x", document: "x: 1"))
    }
  }
}
