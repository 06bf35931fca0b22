/// Whether the score that was asked for by name is in the logs, looked up before a row is stored.
enum ScoreNames {
  /// Refuses `--score NAME` when no score of the logs has that name.
  ///
  /// Evaluations on OpenTelemetry's spans stand among the calls, so those files are gone through once more. What cannot
  /// be read twice, standard input, is not looked at.
  ///
  /// - Throws: `.badFormat`, naming the scores that were found; what is wrong with a file is said when it is imported.
  static func check(paths: [String], options: ImportOptions, sides: SideTables)
    throws(StoreError)
  {
    guard let wanted = options.scores.name, !paths.contains("-") else { return }
    var found = sides.scores?.found ?? []
    for path in paths where sides.files[path] == nil {
      if found.contains(wanted) { return }
      found.formUnion(names(on: path, options))
    }
    if found.contains(wanted) { return }
    let list = found.sorted().prefix(20).map { $0.isEmpty ? "(without a name)" : $0 }
    throw .badFormat(
      path: paths.first { sides.files[$0] == nil } ?? paths[0],
      reason: found.isEmpty
        ? "--score \(wanted): these logs have no scores. Scores are read from evaluations of OpenTelemetry, and from a "
          + "Langfuse export of scores named beside the calls"
        : "--score \(wanted): no score has that name\n  Scores found: \(list.joined(separator: ", "))"
    )
  }

  /// Names of the evaluations on the spans of the file at `path`; none when it is another kind of file.
  private static func names(on path: String, _ options: ImportOptions) -> Set<String> {
    do throws(StoreError) {
      let head = try ByteSource(path: path).peek(Sniffer.headBytes)
      guard
        case .known(.readable(.openTelemetry, _), let shape) = try Sniffer.sniff(head, path: path)
      else { return [] }
      let records = try shape.records(
        of: try ByteSource(path: path),
        targets: RecordShape.usualTargets + OpenTelemetryMapper.targets, limits: options.limits)
      var mapper = OpenTelemetryMapper(rule: options.scores, scores: nil)
      while let (block, _) = try records.next() {
        for record in block {
          if case .success(let value) = record.content {
            _ = mapper.items(of: value, part: record.part)
          }
        }
      }
      return mapper.scoreNames
    } catch {
      return []
    }
  }
}
