import RiddleData

/// The rows of a log, sorted into arms and units, checked.
struct ExperimentArms {
  /// Control first.
  let names: [String]
  /// Row numbers of each arm; in a paired test row j of both is the same query.
  let rows: [[Int]]
  /// What was dealt as a whole.
  let unit: ExperimentSettings.Unit
  /// Unit number of every row of the log.
  let unitOfRow: [Int32]
  /// What was left out or looks odd.
  let warnings: [String]

  /// Most arms that are compared.
  static let mostArms = 20

  init(_ log: [ExperimentRow], settings: ExperimentSettings) throws(ExperimentError) {
    guard !log.isEmpty else { throw .noRows }
    names = try Self.names(log, settings: settings)
    var position: [String: Int] = [:]
    for (i, name) in names.enumerated() { position[name] = i }
    var rows = [[Int]](repeating: [], count: names.count)
    for (i, row) in log.enumerated() { if let a = position[row.arm] { rows[a].append(i) } }
    var warnings: [String] = []
    try Self.checkIdentifiers(log, rows: rows, names: names, isPaired: settings.isPaired)
    if settings.isPaired {
      rows = try Self.paired(log, rows: rows, names: names, warnings: &warnings)
    }
    let unit = settings.unit ?? Self.unit(of: log)
    self.unit = unit
    unitOfRow = Self.units(log, by: unit, isPaired: settings.isPaired)
    let keyless = log.count { Self.key($0, by: unit) == nil }
    if unit != .request && keyless > 0 {
      warnings.append(
        "\(keyless) of \(log.count) requests name no \(unit.rawValue) and count as one of their own"
      )
    }
    self.rows = rows
    self.warnings = warnings
  }

  /// The arms, control first, the others as named or by name.
  private static func names(_ log: [ExperimentRow], settings: ExperimentSettings)
    throws(ExperimentError) -> [String]
  {
    var counts: [String: Int] = [:]
    for row in log { counts[row.arm, default: 0] += 1 }
    let available = counts.keys.sorted()
    if !settings.arms.isEmpty {
      for arm in settings.arms where counts[arm] == nil {
        throw .missingArm(arm, available: available)
      }
      for arm in available where !settings.arms.contains(arm) {
        throw .unknownArm(arm, rows: counts[arm] ?? 0, named: settings.arms)
      }
    }
    let named = settings.control ?? settings.arms.first
    if let named, counts[named] == nil { throw .missingArm(named, available: available) }
    guard available.count >= 2 else { throw .oneArm(available[0]) }
    guard available.count <= mostArms else {
      throw .tooManyArms(available.count, most: mostArms)
    }
    guard let control = named ?? available.first(where: { $0 == "control" }) else {
      throw .controlNotNamed(available: available)
    }
    if settings.isPaired && available.count != 2 { throw .pairedArms(available.count) }
    let names =
      [control]
      + (settings.arms.isEmpty ? available : settings.arms).filter { $0 != control }
    if !settings.split.isEmpty && settings.split.count != names.count {
      throw .badSplit(given: settings.split.count, arms: names)
    }
    return names
  }

  private static func checkIdentifiers(
    _ log: [ExperimentRow], rows: [[Int]], names: [String], isPaired: Bool
  ) throws(ExperimentError) {
    var armOf: [String: Int] = [:]
    var shared: (id: String, first: Int, second: Int)?
    var sharedCount = 0
    for (arm, members) in rows.enumerated() {
      var own: Set<String> = []
      for i in members {
        guard let id = log[i].id else {
          if isPaired { throw .missingID(row: i + 1) }
          continue
        }
        guard own.insert(id).inserted else { throw .duplicateID(id, arm: names[arm]) }
        if let other = armOf[id] {
          sharedCount += 1
          shared = shared ?? (id, other, arm)
        } else {
          armOf[id] = arm
        }
      }
    }
    if let shared, !isPaired {
      throw .sharedID(
        shared.id, first: names[shared.first], second: names[shared.second], count: sharedCount)
    }
  }

  /// The rows of the queries that both arms answered, in the control's order.
  private static func paired(
    _ log: [ExperimentRow], rows: [[Int]], names: [String], warnings: inout [String]
  ) throws(ExperimentError) -> [[Int]] {
    var second: [String: Int] = [:]
    for i in rows[1] { if let id = log[i].id { second[id] = i } }
    var pairs: [[Int]] = [[], []]
    for i in rows[0] {
      if let id = log[i].id, let other = second[id] {
        pairs[0].append(i)
        pairs[1].append(other)
      }
    }
    guard !pairs[0].isEmpty else { throw .noPairs(first: rows[0].count, second: rows[1].count) }
    let alone = rows.map { $0.count - pairs[0].count }
    if alone[0] + alone[1] > 0 {
      warnings.append(
        "\(alone[0]) requests of '\(names[0])' and \(alone[1]) of '\(names[1])' have no partner and are left out; if they failed, count them as quality 0 instead"
      )
    }
    return pairs
  }

  private static func unit(of log: [ExperimentRow]) -> ExperimentSettings.Unit {
    if log.contains(where: { $0.user != nil }) { return .user }
    return log.contains { $0.conversation != nil } ? .conversation : .request
  }

  private static func key(_ row: ExperimentRow, by unit: ExperimentSettings.Unit) -> String? {
    switch unit {
    case .user: row.user
    case .conversation: row.conversation
    case .request: nil
    }
  }

  /// Units numbered in the order of their first row; a row without a key is a unit of its own, in a paired test with its
  /// partner.
  private static func units(
    _ log: [ExperimentRow], by unit: ExperimentSettings.Unit, isPaired: Bool
  ) -> [Int32] {
    var numbers: [String: Int32] = [:]
    var pairs: [String: Int32] = [:]
    var next: Int32 = 0
    return log.map { row in
      if let key = key(row, by: unit) {
        if let known = numbers[key] { return known }
        numbers[key] = next
      } else if isPaired, let id = row.id {
        if let known = pairs[id] { return known }
        pairs[id] = next
      }
      next += 1
      return next - 1
    }
  }
}
