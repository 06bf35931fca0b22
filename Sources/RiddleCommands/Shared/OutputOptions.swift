import ArgumentParser

/// Flags of every command.
struct OutputOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Print the result as JSON.")
  var json = false

  @Flag(inversion: .prefixedNo, help: "Say nothing on standard error but errors.")
  var quiet = false

  /// Says something to the person at the terminal, unless asked not to.
  func note(_ text: @autoclosure () -> String) {
    if !quiet { Console.error(text()) }
  }
}
