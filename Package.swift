// swift-tools-version: 6.2
import PackageDescription

// RIDDLE_EMBEDDED=1 builds the runtime and its C interface alone, as Embedded Swift: the library that
// production links needs libc and nothing else. Everything else uses the ordinary build of the same files.
let isEmbedded = Context.environment["RIDDLE_EMBEDDED"] == "1"
// RIDDLE_SERVER=1 adds the HTTP server and what it needs of SwiftNIO. Without it none of that is resolved or compiled:
// training, evaluating and scoring never wait for a network stack.
let isServer = Context.environment["RIDDLE_SERVER"] == "1"

let language: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
// `make check` sets RIDDLE_STRICT=1: any warning is an error.
let strict: [SwiftSetting] =
  Context.environment["RIDDLE_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []
// `make test` sets RIDDLE_OPTIMIZED=1: the layers that compute, and the importers, are optimised in the debug build as
// well, so that a suite that trains hundreds of models runs in minutes. Checks of ranges and overflow stay.
let optimized: [SwiftSetting] =
  Context.environment["RIDDLE_OPTIMIZED"] == "1"
  ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []
let ordinary = language + strict
// Strict memory safety: every use of an unsafe construct is marked `unsafe` and explained.
let safe: [SwiftSetting] = ordinary + optimized + [.strictMemorySafety()]
let embedded: [SwiftSetting] =
  isEmbedded ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])] : []
// An embedded module compiles what it uses of another one into itself, so these flags shape the whole C library: small
// code but where a function says `@_optimize(speed)`, and a section for each function, so that the linker drops the rest.
let small: [SwiftSetting] =
  isEmbedded
  ? [
    .unsafeFlags([
      "-Osize", "-Xfrontend", "-function-sections", "-Xfrontend", "-mergeable-traps",
    ])
  ] : []

// MARK: the runtime: no dependency at all

let runtimeTargets: [Target] = [
  .target(name: "RiddleRuntime", swiftSettings: safe + embedded),
  .target(name: "CRiddle"),
  .target(
    name: "RiddleABI", dependencies: ["RiddleRuntime", "CRiddle"],
    swiftSettings: ordinary + embedded + small),
]

// MARK: the workbench

let dependencies: [Package.Dependency] = [
  // Subcommands, help, validation and shell completions from declarations.
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  // SQLite: pool, WAL, migrations, prepared statements; its errors hide bound values.
  .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  // SHA-256 of inputs and artefacts in manifests, and of what a store must not take back.
  .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  // YAML of policy files, with the line and column of every node.
  .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
]
let serverDependencies: [Package.Dependency] = [
  // HTTP/1 server on SwiftNIO: parsing, limits, keep-alive, back-pressure. No traits: its configuration files are not ours.
  .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
  // Calls of the upstream LLMs: TLS, pooled connections, streamed answers, cancellation.
  .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  // SIGTERM and SIGHUP, and services that stop in order: requests under way are answered, the log is flushed.
  .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  // Operational messages; both of the above take a logger.
  .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  // Channel handlers: a decision is answered on the event loop, without a task per request.
  .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  // The request and response types that Hummingbird's channel handlers speak.
  .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
  .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
]
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let workbenchTargets: [Target] = [
  // System libraries.
  .systemLibrary(
    name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

  // Pure layers, lowest first.
  .target(name: "RiddleData", dependencies: ["RiddleRuntime"], swiftSettings: safe),
  .target(name: "RiddleLinearAlgebra", dependencies: ["COpenBLAS"], swiftSettings: safe),
  .target(
    name: "RiddleLearning", dependencies: ["RiddleRuntime", "RiddleData", "RiddleLinearAlgebra"],
    swiftSettings: safe),
  .target(
    name: "RiddlePolicies", dependencies: ["RiddleRuntime", "RiddleData", "RiddleLinearAlgebra"],
    swiftSettings: safe),
  .target(
    name: "RiddleEvaluation",
    dependencies: ["RiddleRuntime", "RiddleData", "RiddleLinearAlgebra", "RiddlePolicies"],
    swiftSettings: safe),
  .target(name: "RiddleExport", dependencies: ["RiddleRuntime"], swiftSettings: safe),
  .target(
    name: "RiddlePipeline",
    dependencies: [
      "RiddleRuntime", "RiddleData", "RiddleLearning", "RiddlePolicies", "RiddleEvaluation",
      "RiddleExport",
    ], swiftSettings: safe),
  .target(
    name: "RiddleReport", dependencies: ["RiddleRuntime", "RiddleData", "RiddleEvaluation"],
    swiftSettings: safe),
  // What a server does, without its sockets: requests and answers as bytes, decisions, live policies, metrics.
  .target(
    name: "RiddleServing",
    dependencies: [
      "RiddleRuntime", "RiddleData", "RiddlePolicies", "RiddleEvaluation", "RiddlePipeline",
    ],
    swiftSettings: safe),

  // Edges: files, SQLite, endpoints, terminal. URLSession is part of the toolchain: no build, no dependency.
  // Its own target because of Yams: whatever runs policies, a replay or a server, reads the same files.
  .target(
    name: "RiddlePolicyFiles",
    dependencies: ["RiddleRuntime", "RiddleData", "RiddlePolicies", yams],
    swiftSettings: ordinary),
  // Whether a weight file is what it should be: signatures, and what a refused file looks like.
  .target(name: "RiddleTrust", dependencies: ["RiddleRuntime", crypto], swiftSettings: ordinary),
  .target(name: "RiddleRemote", dependencies: ["RiddleData"], swiftSettings: ordinary),
  .target(
    name: "RiddleStore",
    dependencies: ["RiddleRuntime", "RiddleData", "CZlib", grdb, yams, crypto],
    swiftSettings: ordinary + optimized),
  .target(
    name: "RiddleCommands",
    dependencies: [
      "RiddleRuntime", "RiddleData", "RiddleLinearAlgebra", "RiddleLearning", "RiddlePolicies",
      "RiddleEvaluation", "RiddleExport", "RiddlePipeline", "RiddleReport", "RiddleStore",
      "RiddleRemote", "RiddlePolicyFiles", "RiddleTrust", argumentParser, crypto, yams,
    ], swiftSettings: ordinary),
  .executableTarget(
    name: "riddle", dependencies: ["RiddleCommands", argumentParser], swiftSettings: ordinary),
  .executableTarget(
    name: "riddle-bench",
    dependencies: [
      "RiddleRuntime", "RiddleData", "RiddleLinearAlgebra", "RiddleLearning", "RiddlePolicies",
      "RiddleEvaluation", "RiddlePipeline", "RiddleStore",
    ],
    path: "Benchmarks/riddle-bench", swiftSettings: ordinary),
]

// MARK: the server: RIDDLE_SERVER=1

let serverTargets: [Target] = [
  .target(
    name: "RiddleServer",
    dependencies: [
      "RiddleRuntime", "RiddleData", "RiddlePolicies", "RiddlePipeline", "RiddleServing",
      "RiddleStore", "RiddlePolicyFiles", "RiddleTrust", crypto,
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
      .product(name: "HTTPTypes", package: "swift-http-types"),
    ], exclude: ["Deploy", "Schemas"], swiftSettings: ordinary),
  .executableTarget(
    name: "riddle-server",
    dependencies: [
      "RiddleServer", "RiddleData", argumentParser, .product(name: "Logging", package: "swift-log"),
    ],
    swiftSettings: ordinary),
]

// MARK: tests: one suite per target, and what they share

func tests(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "RiddleTestSupport"] + more,
    swiftSettings: ordinary)
}

let testTargets: [Target] = [
  .target(
    name: "RiddleTestSupport", dependencies: ["RiddleRuntime", "RiddleData", "RiddlePolicies"],
    path: "Tests/RiddleTestSupport", swiftSettings: ordinary),
  tests("RiddleRuntime", ["RiddleExport"]),
  tests("RiddleABI", ["RiddleRuntime", "RiddleExport", "CRiddle"]),
  tests("RiddleData"),
  tests("RiddleLinearAlgebra"),
  tests("RiddleLearning", ["RiddleLinearAlgebra", "RiddleData", "RiddleRuntime"]),
  tests("RiddlePolicies", ["RiddleData", "RiddleLinearAlgebra", "RiddleRuntime"]),
  tests("RiddleEvaluation", ["RiddleData", "RiddlePolicies", "RiddleRuntime"]),
  tests("RiddleExport", ["RiddleRuntime", "RiddleData", grdb]),
  tests("RiddlePipeline", ["RiddleData", "RiddleRuntime", "RiddleEvaluation", "RiddleLearning"]),
  tests("RiddleReport", ["RiddleEvaluation"]),
  tests("RiddleStore", ["RiddleData", grdb]),
  tests(
    "RiddleServing",
    [
      "RiddleData", "RiddlePolicies", "RiddlePolicyFiles", "RiddleEvaluation", "RiddleRuntime",
      "RiddleExport",
    ]),
  tests("RiddleRemote", ["RiddleData"]),
  tests("RiddlePolicyFiles", ["RiddleData", "RiddlePolicies"]),
  tests("RiddleCommands", ["RiddleData", "RiddleEvaluation", argumentParser]),
]

let package = Package(
  name: "riddle",
  products: isEmbedded
    ? [.library(name: "riddle-c", type: .static, targets: ["RiddleABI"])]
    : [
      .executable(name: "riddle", targets: ["riddle"]),
      .library(name: "RiddleRuntime", targets: ["RiddleRuntime"]),
    ] + (isServer ? [.executable(name: "riddle-server", targets: ["riddle-server"])] : []),
  dependencies: isEmbedded ? [] : dependencies + (isServer ? serverDependencies : []),
  targets: runtimeTargets
    + (isEmbedded
      ? [] : workbenchTargets + testTargets + (isServer ? serverTargets : [])),
  swiftLanguageModes: [.v6]
)
