/// Why a router or a policy cannot be served, and what to do.
struct LoadError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
