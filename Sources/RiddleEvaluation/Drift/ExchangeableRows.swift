import RiddleData

/// Which rows could have been the period's, had nothing moved.
///
/// With times: a family of near-duplicates comes at its own rate, the same in every stretch, in bursts or evenly; so its
/// stretches are exchangeable. A permutation draws for every family, by itself, which of its stretches (those of the
/// reference and the period, empty ones included) plays the period. A burst is one observation, which falls into the period
/// with probability 1 / stretches; a family that comes every week leaves the null distribution as narrow as it is; and a family that
/// was never seen before counts for what it is.
///
/// Without times: a family's rows of one side are a unit, and the units are shuffled, as many as the period has.
struct ExchangeableRows: Sendable {
  private enum Scheme: Sendable {
    /// Families, each with rows by number of stretch; stretches in all.
    case stretches([[(stretch: Int, rows: [Int32])]], count: Int)
    /// Units, and how many the period has.
    case units([[Int32]], inPeriod: Int)
  }
  private let scheme: Scheme

  /// Stretches of every row; rows of equal family and stretch stay together.
  ///
  /// - Parameters:
  ///   - families: of every row.
  ///   - stretches: of every row.
  init(families: [UInt64], stretches: [Int64]) {
    var numbers: [Int64: Int] = [:]
    for stretch in Set(stretches).sorted() { numbers[stretch] = numbers.count }
    var places: [UInt64: Int] = [:]
    var cells: [[(stretch: Int, rows: [Int32])]] = []
    for (row, family) in families.enumerated() {
      let stretch = numbers[stretches[row]] ?? 0
      let place = places[family] ?? cells.count
      if place == cells.count {
        places[family] = place
        cells.append([])
      }
      if let known = cells[place].firstIndex(where: { $0.stretch == stretch }) {
        cells[place][known].rows.append(Int32(row))
      } else {
        cells[place].append((stretch, [Int32(row)]))
      }
    }
    scheme = .stretches(cells, count: numbers.count)
  }

  /// Shuffled units.
  ///
  /// - Parameters:
  ///   - units: of every row, numbered from 0 without gaps.
  ///   - inPeriod: how many the period has.
  init(units: [Int], inPeriod: Int) {
    var rows = [[Int32]](repeating: [], count: (units.max() ?? -1) + 1)
    for (row, unit) in units.enumerated() { rows[unit].append(Int32(row)) }
    scheme = .units(rows, inPeriod: inPeriod)
  }

  /// The rows of the period in one permutation.
  func draw(_ random: inout SplitMix64) -> [Int32] {
    var result: [Int32] = []
    switch scheme {
    case .stretches(let families, let count):
      for cells in families {
        let drawn = random.below(count)
        for cell in cells where cell.stretch == drawn { result += cell.rows }
      }
    case .units(let units, let inPeriod):
      var order = Array(units.indices)
      for i in 0..<min(inPeriod, units.count - 1) {
        order.swapAt(i, i + random.below(units.count - i))
        result += units[order[i]]
      }
    }
    return result
  }
}
