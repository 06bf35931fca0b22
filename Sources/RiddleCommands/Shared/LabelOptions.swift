import ArgumentParser
import RiddleData

/// Which candidate is right, and what is learned of it.
struct LabelOptions: ParsableArguments {
  enum OracleName: String, ExpressibleByArgument, CaseIterable {
    case cheapestAdequate = "cheapest-adequate"
    case bestQuality = "best-quality"
    case utility
  }

  @Option(
    help: ArgumentHelp(
      "Rule that names the right candidate: cheapest-adequate (default), best-quality, or utility (`riddle evaluate --lambda`).",
      valueName: "rule"))
  var oracle: OracleName?

  @Option(
    help: ArgumentHelp(
      "What a router learns: weak-fails (default), strong-wins, utility-gap, success, four-way, or auto: the one that does best on held-out rows (`riddle train`).",
      valueName: "target"))
  var target: TargetChoice?

  /// Whether the data choose the target.
  var isAutomatic: Bool { target == .automatic }

  @Option(help: "Quality from which an answer is adequate, in 0…1. Default 0.5.")
  var qualityThreshold: Double?

  func validate() throws {
    if let qualityThreshold, !(qualityThreshold > 0 && qualityThreshold <= 1) {
      throw ValidationError("--quality-threshold must lie above 0 and be at most 1")
    }
  }

  /// Refuses the utility oracle where no price is given.
  func refuseUtility() throws {
    if oracle == .utility {
      throw ValidationError(
        "--oracle utility is for `riddle evaluate`, with --lambda; train for utility with --target utility-gap"
      )
    }
  }

  /// Refuses `auto` where nothing is trained.
  func requireNamedTarget() throws {
    if isAutomatic {
      throw ValidationError("--target auto compares trained routers: use it with `riddle train`")
    }
  }

  /// The given settings, else those of `stored`, else the defaults.
  func resolved(
    stored: (oracle: String, target: String, qualityThreshold: Double)? = nil, lambda: Double = 0
  ) -> (oracle: Oracle, target: LabelTarget, qualityThreshold: Double) {
    Self.labels(
      oracle: oracle, target: target?.given, qualityThreshold: qualityThreshold, stored: stored,
      lambda: lambda)
  }

  /// What is given, else what is stored, else the defaults.
  static func labels(
    oracle: OracleName? = nil, target: LabelTarget? = nil, qualityThreshold: Double? = nil,
    stored: (oracle: String, target: String, qualityThreshold: Double)?, lambda: Double = 0
  ) -> (oracle: Oracle, target: LabelTarget, qualityThreshold: Double) {
    let threshold = qualityThreshold ?? stored?.qualityThreshold ?? 0.5
    let name = oracle ?? stored.flatMap { OracleName(rawValue: $0.oracle) } ?? .cheapestAdequate
    let rule: Oracle =
      switch name {
      case .cheapestAdequate: .cheapestAdequate(qualityThreshold: threshold)
      case .bestQuality: .bestQuality
      case .utility: .utility(pricePerQuality: lambda)
      }
    let learned = target ?? stored.flatMap { LabelTarget(rawValue: $0.target) } ?? .weakFails
    return (rule, learned, threshold)
  }
}

/// A target, or that the data choose it.
enum TargetChoice: ExpressibleByArgument, Equatable {
  case automatic
  case named(LabelTarget)

  init?(argument: String) {
    if argument == "auto" {
      self = .automatic
    } else if let target = LabelTarget(rawValue: argument) {
      self = .named(target)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { ["auto"] + LabelTarget.allCases.map(\.rawValue) }

  /// The named target.
  var given: LabelTarget? {
    if case .named(let target) = self { target } else { nil }
  }
}
