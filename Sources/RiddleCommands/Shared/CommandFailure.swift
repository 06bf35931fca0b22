import ArgumentParser
import Foundation
import RiddleEvaluation
import RiddleExport
import RiddleLearning
import RiddlePipeline
import RiddlePolicyFiles
import RiddleRemote
import RiddleRuntime
import RiddleStore
import RiddleTrust

/// Exit statuses of every command.
enum ExitStatus: Int32 {
  case gateFailed = 1
  case usage = 64
  case malformedData = 65
  case inputMissing = 66
  case defect = 70
  case inputOutput = 74
}

/// A failure that a person can act on: what, where, expected and actual, and what to try.
struct CommandFailure: Error {
  var message: String
  var status: ExitStatus

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// Runs the body of a command; prints a failure to standard error and turns it into the exit status.
func reportingFailures(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let exit as ExitCode {
    throw exit
  } catch {
    let failure = commandFailure(error)
    Console.error("error: \(failure.message)\(helpHint(failure.message))")
    throw ExitCode(failure.status.rawValue)
  }
}

/// Where to read on, for a message that names no command to try.
private func helpHint(_ message: String) -> String {
  if message.contains("riddle ") { return "" }
  let words = RiddleCommand.words(calledBy: Invocation.arguments)
  return "\n  See `\((["riddle"] + words + ["--help"]).joined(separator: " "))`."
}

/// What to tell the user about any error of any target.
func commandFailure(_ error: any Error) -> CommandFailure {
  switch error {
  case let failure as CommandFailure: failure
  case let error as StoreError:
    CommandFailure(ExitStatus(rawValue: error.exitCode) ?? .defect, "\(error)")
  case let error as RemoteError:
    if case .badEndpoint = error {
      CommandFailure(.usage, "\(error)")
    } else {
      CommandFailure(.inputOutput, "\(error)")
    }
  case let error as PipelineError:
    if case .export = error {
      CommandFailure(.defect, "\(error); please report this message")
    } else {
      CommandFailure(.malformedData, "\(error)")
    }
  case let error as LearningError: CommandFailure(.malformedData, "\(error)")
  case let error as EvaluationError: CommandFailure(.malformedData, "\(error)")
  case let error as PolicyFileError: CommandFailure(.malformedData, "\(error)")
  case let error as OffPolicyError: CommandFailure(.malformedData, "\(error)")
  case let error as ExperimentError:
    CommandFailure(error.isUsage ? .usage : .malformedData, "\(error)")
  case let error as WeightFileError: CommandFailure(.malformedData, RefusedFile.describe(error))
  case let error as TrustError: CommandFailure(.malformedData, "\(error)")
  case let error as ExportError:
    CommandFailure(
      .defect, "the exported file does not reproduce the router (\(error)); nothing was written")
  case let error as CocoaError
  where error.code == .fileNoSuchFile || error.code == .fileReadNoSuchFile:
    CommandFailure(.inputMissing, error.localizedDescription)
  case is EncodingError:
    CommandFailure(.defect, "a result has no form in JSON (\(error)); please report this message")
  default:
    CommandFailure(.inputOutput, "\(error)")
  }
}
