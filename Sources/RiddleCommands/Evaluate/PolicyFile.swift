import Foundation
import RiddlePolicies
import RiddlePolicyFiles

/// A policy file that was opened with the router it names.
struct PolicyFile {
  let path: String
  let document: PolicyDocument
  private let text: String

  /// Reads and parses; what candidates it names is checked when it meets the data.
  init(path: String) throws {
    self.path = path
    text = String(decoding: try Files.read(path, what: "policy"), as: UTF8.self)
    document = try PolicyDocument(text: text, path: path)
  }

  private init(_ other: PolicyFile, overrides: [PolicyOverride]) throws {
    path = other.path
    text = other.text
    document = try PolicyDocument(text: text, path: path, overrides: overrides)
  }

  /// The same file with settings changed.
  func changed(_ overrides: [PolicyOverride]) throws -> PolicyFile {
    try PolicyFile(self, overrides: overrides)
  }

  /// The name it gives itself.
  var name: String? { document.name }

  /// Whether it reads texts, whatever the candidates.
  var readsText: Bool {
    (try? document.plan(candidates: nil, name: "").needs.text) ?? true
  }

  /// The path of its router, relative to the file.
  var routerPath: String? {
    document.routerPath.map {
      $0.hasPrefix("/")
        ? $0 : URL(fileURLWithPath: path).deletingLastPathComponent().path + "/" + $0
    }
  }

  /// The plan for a ladder.
  func plan(candidates: [String], name: String, router: OpenedRouter?) throws -> PolicyPlan {
    if let router, router.candidates != candidates {
      throw CommandFailure(
        .malformedData,
        "\(path): the router's ladder is \(router.candidates.joined(separator: ", ")), the data's \(candidates.joined(separator: ", "))"
      )
    }
    var plan = try document.plan(candidates: candidates, name: name)
    plan.name = name
    return plan
  }
}
