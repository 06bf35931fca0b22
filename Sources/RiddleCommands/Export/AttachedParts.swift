import Foundation
import RiddleData
import RiddlePolicyFiles
import RiddleRuntime

/// The policy and the price list that an export puts into a weight file.
struct AttachedParts {
  /// The word that takes something out.
  static let nothing = "none"

  /// The router with the policy file at `path` inside, or without one.
  ///
  /// - Throws: what reading the file as a policy for the router's ladder throws.
  static func policy(_ path: String, in opened: OpenedRouter, _ router: Router) throws -> Router {
    if path == nothing { return router.replacing(policy: []) }
    let bytes = try Files.read(path, what: "policy", atMost: WeightFileLayout.maximumPolicy)
    let file = try PolicyFile(path: path)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CommandFailure(.malformedData, "\(path): not UTF-8; save it as UTF-8")
    }
    _ = try file.plan(candidates: opened.candidates, name: file.name ?? path, router: nil)
    return router.replacing(policy: bytes)
  }

  /// The router with the prices that `arguments` give: files, `name=input/output` and `name=input/cached/output`, or none.
  /// Candidates that no argument names keep what they have; a later argument counts.
  static func prices(
    _ arguments: [String], in opened: OpenedRouter, _ router: Router, output: OutputOptions
  ) throws -> Router {
    var candidates = router.candidates
    for argument in arguments {
      if argument == nothing {
        candidates = candidates.map { .init(name: $0.name, meanCost: $0.meanCost) }
        continue
      }
      let listed = try entries(argument)
      let known = listed.filter { opened.candidates.contains($0.name) }
      if known.isEmpty {
        throw CommandFailure(
          .malformedData,
          "--prices \(argument): no candidate of the router in it; its ladder is \(opened.candidates.joined(separator: ", ")), the prices are of \(listed.prefix(20).map(\.name).joined(separator: ", "))"
        )
      }
      if known.count < listed.count {
        output.note(
          "note: \(argument): \(listed.count - known.count) of \(listed.count) entries are of other candidates than the router's"
        )
      }
      for entry in known {
        guard let place = opened.candidates.firstIndex(of: entry.name) else { continue }
        if let cached = entry.cachedInput, cached > entry.input {
          output.note(
            "warning: \(entry.name): cached input at \(cached.dollars) is dearer than input at \(entry.input.dollars) dollars"
          )
        }
        candidates[place] = .init(
          name: candidates[place].name, meanCost: candidates[place].meanCost,
          prices: .init(
            input: entry.input.count, cachedInput: entry.cachedInput?.count ?? -1,
            output: entry.output.count))
      }
    }
    let unknown = zip(opened.candidates, candidates).filter { $0.1.prices == .unknown }.map(\.0)
    if !unknown.isEmpty && arguments.last != nothing {
      output.note("note: no prices are known of \(unknown.joined(separator: ", "))")
    }
    return router.replacing(candidates: candidates)
  }

  private static func entries(_ argument: String) throws -> [PriceList.Entry] {
    if let entry = PriceList.Entry(argument: argument) { return [entry] }
    if argument.contains("=") && !Files.exists(argument) {
      throw CommandFailure(
        .usage,
        "--prices \(argument): expected name=input/output or name=input/cached/output in dollars per million tokens, for example small=0.15/0.6, or a file"
      )
    }
    let bytes = try Files.read(argument, what: "prices", atMost: 1 << 20)
    return try PriceList(text: String(decoding: bytes, as: UTF8.self), path: argument).entries
  }
}
