import ArgumentParser
import Foundation

struct PolicySchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of policy files, for editors.",
    discussion: """
      The same text stands in datasets/policies/policy.schema.json. An editor that knows YAML \
      schemas completes and checks policy files with it.

      EXAMPLES
        riddle policy schema
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reportingFailures { Console.write(try PolicySchema.text(), to: .standardOutput) }
  }
}
