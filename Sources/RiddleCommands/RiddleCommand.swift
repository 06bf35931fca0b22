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
      70 defect; 71 out of memory; 74 input or output; 130 interrupted; 143 terminated.
      """,
    version: riddleVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "From logs to a router",
        subcommands: [
          ImportCommand.self, LabelCommand.self, EmbedCommand.self, TrainCommand.self,
          ThresholdCommand.self, ExportCommand.self, ScoreCommand.self,
        ]),
      CommandGroup(
        name: "What it is worth",
        subcommands: [
          EvaluateCommand.self, CompareCommand.self, HeadroomCommand.self, LeaksCommand.self,
          OffPolicyCommand.self, ExperimentCommand.self, AdviseCommand.self, ReproCommand.self,
        ]),
      CommandGroup(
        name: "Policies",
        subcommands: [SimulateCommand.self, OptimizeCommand.self, PolicyCommand.self]),
      CommandGroup(
        name: "Weight files",
        subcommands: [InspectCommand.self, SignCommand.self, AttackCommand.self]),
      CommandGroup(
        name: "Every week",
        subcommands: [
          DecisionsCommand.self, FeedbackCommand.self, ReviewCommand.self, DriftCommand.self,
          RetrainCommand.self, PromoteCommand.self, RollbackCommand.self, DeploymentsCommand.self,
          ScheduleCommand.self, DashboardCommand.self,
        ]),
      CommandGroup(
        name: "Store and runs",
        subcommands: [StoreCommand.self, QueryCommand.self, RunsCommand.self]),
      CommandGroup(
        name: "The workbench",
        subcommands: [
          InitCommand.self, DoctorCommand.self, ConfigCommand.self, CompletionsCommand.self,
          ManCommand.self, SchemaCommand.self,
        ]),
    ])

  /// The program without a subcommand.
  public init() {}
}
