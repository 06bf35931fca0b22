// swift-tools-version: 6.2
import PackageDescription

// A program that depends on Riddle's runtime by path; by URL it reads .package(url: "…/riddle", from: "…").
let package = Package(
  name: "example",
  dependencies: [.package(name: "riddle", path: "../../..")],
  targets: [
    .executableTarget(
      name: "example", dependencies: [.product(name: "RiddleRuntime", package: "riddle")])
  ]
)
