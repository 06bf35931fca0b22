import ArgumentParser
import Foundation
import RiddleCommands

@main enum Riddle {
  static func main() {
    AddressSpace.check()
    // A reader that stops reading (`riddle … | head`) ends the program quietly at its next write, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    Interruption.install()
    RiddleCommand.launch()
  }
}
