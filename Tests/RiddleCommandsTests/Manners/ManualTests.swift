import Foundation
import Testing

/// Manual pages and completions, made from the program itself.
@Suite struct ManualTests {
  /// Runs a program of the system; nil where it is not installed.
  private func system(
    _ program: String, _ arguments: [String], input: String = ""
  ) throws -> (status: Int32, output: String)? {
    guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  @Test func everyCommandHasAPageThatFormatsWithoutWarning() throws {
    try withFolder { folder in
      let written = try succeed(["man", "--output", "man1", "--json"], in: folder).object()
      let pages = try #require(written["pages"] as? [String])
      #expect(Set(pages).count == pages.count)
      for command in HelpTests.commands { #expect(pages.contains("riddle-\(command).1")) }
      for page in ["riddle.1", "riddle-policy-check.1", "riddle-runs-repro.1"] {
        #expect(pages.contains(page))
      }
      #expect(folder.files().count == pages.count)
      for page in pages {
        let text = try folder.text("man1/\(page)")
        #expect(text.utf8.allSatisfy { $0 < 127 }, "\(page)")
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS"] {
          #expect(text.contains(section), "\(page)")
        }
        if page != "riddle.1" { #expect(text.contains(".SH EXAMPLES"), "\(page)") }
      }
      guard
        let lint = try system(
          "/usr/bin/groff",
          ["-man", "-Tutf8", "-ww", "-z"] + pages.map { folder.file("man1/\($0)") }
        )
      else { return print("LEFT OUT: groff is not installed; pages are not formatted") }
      #expect(lint.status == 0)
      #expect(lint.output.isEmpty, "\(lint.output.prefix(2000))")
    }
  }

  /// Every option of the help stands on the page.
  @Test(arguments: ["train", "import", "score"])
  func optionsStandOnThePage(command: String) throws {
    let help = try succeed([command, "--help"]).output
    let page = try succeed(["man", command]).output.replacing("\\-", with: "-")
    let options = Set(help.matches(of: /--[a-z][a-z0-9-]+/).map { String($0.output) })
    #expect(options.count > 5)
    for option in options { #expect(page.contains(option), "\(option)") }
  }

  @Test func noPageForNoCommand() throws {
    let result = try runRiddle(["man", "trian"])
    #expect(result.status == 64)
    #expect(result.errors.contains("'trian' is no command of riddle"))
    #expect(result.errors.contains("`riddle train`"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsAreMade(shell: String) throws {
    let script = try succeed(["completions", shell]).output
    for command in HelpTests.commands { #expect(script.contains(command)) }
    #expect(try runRiddle(["completions", "tcsh"]).status == 64)
    try withFolder { folder in
      try folder.write("script", script)
      // A shell that is not installed cannot read its script; bash always can.
      guard let read = try system("/usr/bin/\(shell)", ["-n", folder.file("script")]) else {
        return print("LEFT OUT: \(shell) is not installed; its completions are not read")
      }
      #expect(read.status == 0, "\(read.output)")
    }
  }

  @Test func bashCompletesCommandsAndOptions() throws {
    try withFolder { folder in
      try folder.write("riddle.bash", try succeed(["completions", "bash"]).output)
      func completions(_ words: String, _ count: Int) throws -> Set<String> {
        let script = """
          source '\(folder.file("riddle.bash"))'
          COMP_WORDS=(\(words)); COMP_CWORD=\(count); COMP_LINE="${COMP_WORDS[*]}"
          COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMPREPLY=()
          $(complete -p riddle | sed -E 's/.*-F ([^ ]+).*/\\1/') riddle "${COMP_WORDS[$COMP_CWORD]}" ""
          printf '%s\\n' "${COMPREPLY[@]}"
          """
        let result = try #require(try system("/usr/bin/bash", ["-c", script]))
        return Set(
          result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
      }
      #expect(try completions("riddle tr", 1).contains("train"))
      #expect(try completions("riddle train --st", 2).contains("--store"))
      #expect(try completions("riddle runs re", 2).contains("repro"))
    }
  }
}
