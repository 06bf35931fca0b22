import ArgumentParser

/// The program: subcommands, and help that teaches by example.
public struct RiddleCommand: ParsableCommand {
  /// Name, help and subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "riddle",
    abstract: "Learn which queries need an expensive LLM, and prove it.",
    discussion: """
      From logs to a router in six steps:

        riddle import log.jsonl.gz --store desk.sqlite
        riddle label --store desk.sqlite --candidates small,large
        riddle train --store desk.sqlite --output models/desk --seed 7
        riddle evaluate models/desk --store desk.sqlite --report report.html
        riddle export models/desk --to router.riddle
        echo "How do I reset my password?" | riddle score router.riddle --explain

      Results go to standard output, everything else to standard error; --json works \
      everywhere.
      Exit status: 0 done; 1 a gate failed; 64 usage; 65 malformed data; 66 input missing; \
      70 defect; 74 input or output.
      """,
    version: riddleVersion,
    subcommands: [
      ImportCommand.self, LabelCommand.self, EmbedCommand.self, TrainCommand.self,
      EvaluateCommand.self, CompareCommand.self, ExportCommand.self, ScoreCommand.self,
      InspectCommand.self, OffPolicyCommand.self, ReproCommand.self, ThresholdCommand.self,
      HeadroomCommand.self, LeaksCommand.self, ExperimentCommand.self, AdviseCommand.self,
      SimulateCommand.self, OptimizeCommand.self, PolicyCommand.self, SignCommand.self,
      AttackCommand.self,
    ])

  /// The program without a subcommand.
  public init() {}
}
