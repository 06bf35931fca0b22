import RiddleEvaluation

/// Gates as JUnit XML, which every CI system shows: a suite a router, a case a gate.
public enum JUnitReport {
  /// The document. An undecided gate is skipped, or a failure when `undecidedFails`.
  public static func render(_ gates: [GateResult], undecidedFails: Bool) -> String {
    var routers: [String] = []
    for gate in gates where !routers.contains(gate.router) { routers.append(gate.router) }
    func fails(_ gate: GateResult) -> Bool {
      gate.verdict == .fail || (gate.verdict == .undecided && undecidedFails)
    }
    func skips(_ gate: GateResult) -> Bool { gate.verdict == .undecided && !undecidedFails }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text +=
      "<testsuites name=\"riddle gates\" tests=\"\(gates.count)\" failures=\"\(gates.count(where: fails))\">\n"
    for router in routers {
      let own = gates.filter { $0.router == router }
      text +=
        "  <testsuite name=\"\(attribute(router))\" tests=\"\(own.count)\" failures=\"\(own.count(where: fails))\" skipped=\"\(own.count(where: skips))\">\n"
      for gate in own {
        text +=
          "    <testcase classname=\"\(attribute(router))\" name=\"\(attribute(name(gate)))\">\n"
        let details = attribute(summary(gate))
        if fails(gate) {
          text += "      <failure message=\"\(gate.verdict.rawValue): \(details)\"/>\n"
        } else if skips(gate) {
          text += "      <skipped message=\"UNDECIDED: \(details)\"/>\n"
        } else {
          text += "      <system-out>PASS: \(details)</system-out>\n"
        }
        text += "    </testcase>\n"
      }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func name(_ gate: GateResult) -> String {
    gate.meaning == gate.gate ? gate.gate : "\(gate.gate) \(gate.meaning)"
  }

  /// The checks of a gate with their figures, in one line; of many, the requirements by verdict.
  static func summary(_ gate: GateResult) -> String {
    let reason = gate.reason.isEmpty ? [] : [gate.reason]
    if gate.checks.count == 1, let check = gate.checks.first, check.requirement == gate.gate {
      return ([FigureFormat.plain.text(check.figure)] + reason).joined(separator: "; ")
    }
    guard gate.checks.count > 4 else {
      let checks = gate.checks.map { check in
        "\(check.requirement): \(FigureFormat.plain.text(check.figure))"
          + (check.verdict.map { " \($0.rawValue)" } ?? "")
      }
      return (checks + reason).joined(separator: "; ")
    }
    let groups = [GateVerdict.pass, .undecided, .fail].compactMap { verdict -> String? in
      let members = gate.checks.filter { $0.verdict == verdict }
      guard !members.isEmpty else { return nil }
      let list = members.map { "\($0.requirement) (\(FigureFormat.plain.text($0.figure)))" }
      return "\(members.count) \(verdict.rawValue): \(list.joined(separator: ", "))"
    }
    return (groups + reason).joined(separator: "; ")
  }

  /// Text that is safe in an attribute and in content; characters that XML 1.0 forbids become U+FFFD.
  private static func attribute(_ text: String) -> String {
    Markup.escape(PlainText.oneLine(text)).replacing("\n", with: " ")
  }
}
