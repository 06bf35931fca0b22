import Foundation

/// A manual page in roff's `man` macros, made from what the command says about itself, so that page and `--help` cannot
/// disagree.
///
/// Source of the macros: man(7) of groff and mandoc. Letters beyond ASCII are written as `\[uXXXX]`, which every
/// formatter reads whatever the locale.
struct ManualPage {
  /// Words after `riddle`.
  let words: [String]
  let command: CommandTree.Command

  /// Day of the last change of any page; fixed, so that the same program writes the same bytes.
  static let date = "2026-11-22"

  /// `riddle-policy-check`.
  var name: String { (["riddle"] + words).joined(separator: "-") }
  /// Name of the file in a folder `man1`.
  var fileName: String { name + ".1" }

  /// The page.
  func roff(seeAlso: [String]) -> String {
    var out = [".\\\" Written by `riddle man`; do not edit."]
    out.append(
      ".TH \(Self.escaped(name.uppercased())) 1 \(Self.date) \"riddle \(riddleVersion)\" \"Riddle\""
    )
    out += [".SH NAME", "\(Self.escaped(name)) \\- \(Self.escaped(abstract))"]
    out += [".SH SYNOPSIS"] + synopsis()
    let parts = discussion()
    if !parts.description.isEmpty { out += [".SH DESCRIPTION"] + parts.description }
    let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" }
    if !subcommands.isEmpty {
      out.append(".SH COMMANDS")
      for sub in subcommands {
        out += [
          ".TP", "\\fB\(Self.escaped(sub.commandName))\\fR", Self.line(sub.abstract ?? ""),
        ]
      }
    }
    out += options()
    out += [".SH EXIT STATUS"] + exitStatuses()
    if words.isEmpty { out += [".SH ENVIRONMENT"] + environment() }
    if !parts.examples.isEmpty { out += [".SH EXAMPLES"] + parts.examples }
    if !seeAlso.isEmpty {
      out += [".SH SEE ALSO"]
      out += seeAlso.enumerated().map { index, page in
        ".BR \(Self.escaped(page)) (1)\(index + 1 < seeAlso.count ? "," : "")"
      }
    }
    return out.joined(separator: "\n") + "\n"
  }

  private var abstract: String {
    let text = command.abstract ?? ""
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private var shown: [CommandTree.Argument] {
    (command.arguments ?? []).filter { $0.shouldDisplay ?? true }
  }

  private func synopsis() -> [String] {
    var line = "\\fB\(Self.escaped((["riddle"] + words).joined(separator: " ")))\\fR"
    if !(command.subcommands ?? []).isEmpty { return [line + " \\fIcommand\\fR"] }
    for argument in shown where argument.kind == "positional" {
      var text = "\\fI\(Self.escaped(argument.valueName ?? "value"))\\fR"
      if argument.isRepeating { text += " \\&..." }
      line += argument.isOptional ? " [\(text)]" : " \(text)"
    }
    for argument in shown where argument.kind == "option" && !argument.isOptional {
      let name = argument.names?.first?.typed ?? ""
      line +=
        " \\fB\(Self.escaped(name))\\fR \\fI\(Self.escaped(argument.valueName ?? "value"))\\fR"
    }
    return [line + " [\\fIoptions\\fR]"]
  }

  private func options() -> [String] {
    var positional: [String] = []
    var named: [String] = []
    for argument in shown {
      let value = Self.escaped(argument.valueName ?? "value")
      var about = argument.abstract ?? ""
      if let more = argument.discussion, !more.isEmpty { about += " " + more }
      let values = argument.allValues ?? []
      if !values.isEmpty, !values.allSatisfy({ about.contains($0) }) {
        about += " One of: \(values.joined(separator: ", "))."
      }
      if let fallback = argument.defaultValue, !fallback.isEmpty {
        about += " Default: \(fallback)."
      }
      if argument.isRepeating && argument.kind == "option" { about += " May be repeated." }
      if argument.kind == "positional" {
        positional += [".TP", "\\fI\(value)\\fR", Self.line(about)]
      } else {
        let names = (argument.names ?? []).map { "\\fB\(Self.escaped($0.typed))\\fR" }
          .joined(separator: ", ")
        named += [
          ".TP", names + (argument.kind == "option" ? " \\fI\(value)\\fR" : ""), Self.line(about),
        ]
      }
    }
    return (positional.isEmpty ? [] : [".SH ARGUMENTS"] + positional)
      + (named.isEmpty ? [] : [".SH OPTIONS"] + named)
  }

  private func exitStatuses() -> [String] {
    let statuses = [
      ("0", "done"), ("1", "a gate or check failed"), ("64", "the command line is wrong"),
      ("65", "malformed data"), ("66", "an input is missing"),
      ("70", "a defect of the program"), ("71", "out of memory"),
      ("74", "input or output failed"), ("130", "interrupted"), ("143", "terminated"),
    ]
    return statuses.flatMap { [".TP", "\\fB\($0.0)\\fR", Self.line($0.1)] }
  }

  private func environment() -> [String] {
    let others = [
      (Configuration.userVariable, "File of the user's settings, or none."),
      (Configuration.projectVariable, "File of the project's settings, or none."),
      (
        "RIDDLE_DATA",
        "Folder of data files; recorded commands name paths below it by this variable."
      ),
      ("NO_COLOR", "No colours on the terminal, see no\u{2011}color.org."),
    ]
    return
      (ConfigKey.all.map { ($0.variable, $0.meaning + " Default: " + $0.fallback + ".") } + others)
      .flatMap { [".TP", "\\fB\(Self.escaped($0.0))\\fR", Self.line($0.1)] }
  }

  /// Paragraphs are filled, what is indented stands as it is, a short line above it is a heading.
  private func discussion() -> (description: [String], examples: [String]) {
    var description: [String] = []
    var examples: [String] = []
    var isExample = false
    for paragraph in (command.discussion ?? "").components(separatedBy: "\n\n") {
      var lines = paragraph.components(separatedBy: "\n").filter { !$0.isEmpty }
      guard let first = lines.first else { continue }
      var block: [String] = []
      if first == "EXAMPLES" {
        isExample = true
        lines.removeFirst()
      } else if !first.hasPrefix("  ") && lines.dropFirst().contains(where: { $0.hasPrefix("  ") })
        && !first.hasSuffix(":") && first.count < 40
      {
        block.append(".SS \(Self.escaped(first))")
        lines.removeFirst()
      }
      if lines.allSatisfy({ $0.hasPrefix("  ") }) {
        block += [".PP", ".nf"] + lines.map { Self.line($0) } + [".fi"]
        if block.first?.hasPrefix(".SS") == true || description.isEmpty || isExample {
          block.removeAll { $0 == ".PP" }
        }
      } else {
        if !description.isEmpty { block.append(".PP") }
        block += lines.map { Self.line($0) }
      }
      if isExample { examples += block } else { description += block }
    }
    return (description, examples)
  }

  /// A line of text: what would be a request is none.
  private static func line(_ text: String) -> String {
    let escaped = escaped(text)
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }

  /// Text in which nothing but letters is left for roff.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\e"
      case "-": "\\-"
      case "`": "\\(ga"
      case "'": "\\(aq"
      case "^": "\\(ha"
      case "~": "\\(ti"
      case "\"": "\\(dq"
      case _ where scalar.value > 126:
        "\\[u" + String(format: "%04X", scalar.value) + "]"
      default: String(scalar)
      }
    }.joined()
  }
}
