import ArgumentParser
import RiddleData
import RiddleStore

/// A span of time and a domain: which queries are wanted.
struct QueryFilterOptions: ParsableArguments {
  @Option(help: "Only queries of this domain.")
  var domain: String?

  @Option(help: "Only queries of this task type.")
  var taskType: String?

  @Option(help: "Only queries that this candidate answered.")
  var candidate: String?

  @Option(help: "Only queries from this time on: 2026-03-01, or 2026-03-01T08:00:00Z.")
  var since: TimeArgument?

  @Option(help: "Only queries before this time.")
  var until: TimeArgument?

  /// The filter that was asked for.
  var filter: QueryFilter {
    var filter = QueryFilter()
    filter.domain = domain
    filter.taskType = taskType
    filter.candidate = candidate
    filter.since = since?.time
    filter.until = until?.time
    return filter
  }

  func validate() throws {
    if let since, let until, since.time.count >= until.time.count {
      throw ValidationError("--since must be before --until: queries before --until are taken")
    }
  }
}

/// A time with a zone, or a day, which begins at midnight UTC.
struct TimeArgument: ExpressibleByArgument {
  let time: Microseconds

  init?(argument: String) {
    let isDay =
      argument.utf8.count == 10
      && argument.utf8.allSatisfy { $0 == 0x2d || ($0 >= 0x30 && $0 <= 0x39) }
    guard let time = Microseconds(time: isDay ? argument + "T00:00:00Z" : argument) else {
      return nil
    }
    self.time = time
  }
}
