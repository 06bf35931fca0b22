import RiddleExport
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Files that are wrong inside and whose checksum is right: each is refused, and for the right reason.
///
/// A case is one line: what is wrong, in a router of which kind, how it is done, and the expected error.
@Suite struct StructureFaultsTests {
  /// One way of being wrong.
  struct Fault: Sendable, CustomTestStringConvertible {
    var what: String
    var kind: GeneratedKind
    var expected: Expected
    var edit: @Sendable (inout WeightFileParts) -> Void

    init(
      _ what: String, _ kind: GeneratedKind, _ expected: Expected,
      _ edit: @escaping @Sendable (inout WeightFileParts) -> Void
    ) {
      self.what = what
      self.kind = kind
      self.expected = expected
      self.edit = edit
    }

    var testDescription: String { "\(kind): \(what)" }
  }

  /// The error that must come.
  enum Expected: Equatable, Sendable {
    case value(WeightFileLayout.Section, WeightFileError.Rule)
    case table, version, features, schema, probe

    func matches(_ error: WeightFileError?) -> Bool {
      switch (self, error) {
      case (.value(let section, let rule), .badValue(let found, _, let broken)?):
        section == found && rule == broken
      case (.table, .badSectionTable?), (.version, .unsupportedVersion?),
        (.features, .unsupportedFeatures?), (.schema, .schemaMismatch?), (.probe, .probeMismatch?):
        true
      default: false
      }
    }
  }

  static func check(_ fault: Fault) throws {
    let bytes = try encodeWeightFile(WeightFileTests.finished(fault.kind))
    var parts = WeightFileParts(bytes)
    #expect(parts.sealed() == bytes)  // taking apart and putting together changes nothing
    fault.edit(&parts)
    let forged = parts.sealed()
    #expect(forged != bytes, "the edit changed nothing")
    let error = WeightFileTests.failure(forged)
    #expect(
      fault.expected.matches(error),
      "expected \(fault.expected), found \(String(describing: error))")
  }

  // MARK: the frame

  static let frame: [Fault] = [
    Fault("a version before the first", .tree, .version) { $0.version = 0 },
    Fault("a version of the future", .tree, .version) { $0.version = .max },
    Fault("another fingerprint", .tree, .schema) { $0.fingerprint ^= 1 },
    Fault("no sections", .tree, .table) { $0.parts = [] },
    Fault("an unknown section", .tree, .table) { $0.parts[1].tag = 0x4141_4141 },
    Fault("one section too many", .tree, .table) { $0.parts.append($0.parts[0]) },
    Fault("a byte behind the tag", .tree, .table) { $0.parts[2].reserved = 1 },
  ]

  @Test(arguments: frame) func frames(fault: Fault) throws { try Self.check(fault) }

  /// Each section missing, doubled in another's place, and changed with its neighbour.
  @Test(arguments: GeneratedKind.allCases)
  func sectionsMissingDoubledOrInAnotherOrder(kind: GeneratedKind) throws {
    let whole = WeightFileParts(try encodeWeightFile(WeightFileTests.finished(kind)))
    for index in whole.parts.indices {
      var missing = whole
      missing.parts.remove(at: index)
      var doubled = whole
      doubled.parts.insert(whole.parts[index], at: index)
      var replaced = whole
      replaced.parts[index] = whole.parts[(index + 1) % whole.parts.count]
      var swapped = whole
      swapped.parts.swapAt(index, (index + 1) % whole.parts.count)
      for (what, forged) in [
        ("missing", missing), ("doubled", doubled), ("replaced", replaced), ("swapped", swapped),
      ] {
        let error = WeightFileTests.failure(forged.sealed())
        #expect(
          Expected.table.matches(error), "section \(index) \(what): \(String(describing: error))")
      }
    }
  }

  /// Every number of the section table replaced by ones that overflow, overlap or leave the file.
  @Test func offsetsAndLengthsOfTheTable() throws {
    let bytes = try encodeWeightFile(WeightFileTests.finished(.tree))
    let count = WeightFileParts(bytes).parts.count
    for entry in 0..<count {
      let place = WeightFileLayout.headerLength + entry * WeightFileLayout.sectionEntryLength
      for position in [8, 16] {
        let old = number(in: bytes, at: place + position, size: 8)
        for value in [
          0, 1, old &- 8, old &- 1, old &+ 1, old &+ 8, UInt64(bytes.count), 1 << 31, 1 << 32,
          UInt64(Int64.max), 1 << 63, .max, .max - 7,
        ] where value != old {
          var forged = bytes
          for i in 0..<8 {
            forged[place + position + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i))
          }
          #expect(
            WeightFileTests.failure(seal(forged)) != nil, "entry \(entry) +\(position): \(value)")
        }
      }
    }
    for sections: UInt64 in [0, 1, 255, 1 << 31, .max] {
      var forged = bytes
      for i in 0..<4 { forged[12 + i] = UInt8(truncatingIfNeeded: sections >> UInt64(8 * i)) }
      #expect(Expected.table.matches(WeightFileTests.failure(seal(forged))))
    }
  }

  /// Bytes between sections are zero, every one of them.
  @Test(arguments: GeneratedKind.allCases) func paddingBetweenSections(kind: GeneratedKind) throws {
    let bytes = try encodeWeightFile(WeightFileTests.finished(kind))
    let parts = WeightFileParts(bytes).parts
    var found = 0
    for index in parts.indices {
      let entry = WeightFileLayout.headerLength + index * WeightFileLayout.sectionEntryLength
      let end = Int(number(in: bytes, at: entry + 8, size: 8)) + parts[index].content.count
      for place in end..<((end + 7) / 8 * 8) {
        var forged = bytes
        forged[place] = 1
        guard case .badValue(_, _, .nonZeroPadding)? = WeightFileTests.failure(seal(forged)) else {
          Issue.record(
            "byte \(place): \(String(describing: WeightFileTests.failure(seal(forged))))")
          continue
        }
        found += 1
      }
    }
    #expect(found > 0)
  }

  // MARK: sections

  static let schema: [Fault] = [
    Fault("featurizer 0", .tree, .features) { $0.write(0, 2, at: 0, in: .schema) },
    Fault("featurizer 99", .tree, .features) { $0.write(99, 2, at: 0, in: .schema) },
    Fault("an unknown flag", .tree, .value(.schema, .unknownKind)) {
      $0.write(0x80, 1, at: 2, in: .schema)
    },
    Fault("3 bucket bits", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(3, 1, at: 3, in: .schema)
    },
    Fault("23 bucket bits", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(23, 1, at: 3, in: .schema)
    },
    Fault("255 bucket bits", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(255, 1, at: 3, in: .schema)
    },
    Fault("n-grams without buckets", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(0, 1, at: 3, in: .schema)
    },
    Fault("word 3-grams", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(3, 1, at: 4, in: .schema)
    },
    Fault("character 1-grams", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(1, 1, at: 5, in: .schema)
    },
    Fault("characters 5 to 4", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(5, 1, at: 5, in: .schema)
    },
    Fault("character 9-grams", .linearInt8, .value(.schema, .invalidSchema)) {
      $0.write(9, 1, at: 6, in: .schema)
    },
    Fault("more categories than bytes", .tree, .value(.schema, .countOutOfRange)) {
      $0.write(2, 4, at: 8, in: .schema)
    },
    Fault("1025 categories", .tree, .value(.schema, .countOutOfRange)) {
      $0.write(1025, 4, at: 8, in: .schema)
    },
    Fault("2³² − 1 categories", .tree, .value(.schema, .countOutOfRange)) {
      $0.write(.max, 4, at: 8, in: .schema)
    },
    Fault("fewer categories than bytes", .tree, .value(.schema, .trailingBytes)) {
      $0.write(0, 4, at: 8, in: .schema)
    },
    Fault("embedding columns without the flag", .tree, .value(.schema, .invalidSchema)) {
      $0.write(1, 4, at: 12, in: .schema)
    },
    Fault("the flag without embedding columns", .forest, .value(.schema, .invalidSchema)) {
      $0.write(0, 4, at: 12, in: .schema)
    },
    Fault("4001 embedding columns", .forest, .value(.schema, .countOutOfRange)) {
      $0.write(4001, 4, at: 12, in: .schema)
    },
    Fault("2³² − 1 embedding columns", .forest, .value(.schema, .countOutOfRange)) {
      $0.write(.max, 4, at: 12, in: .schema)
    },
    Fault("an unknown field", .tree, .value(.schema, .unknownKind)) {
      $0.write(3, 1, at: 16, in: .schema)
    },
    Fault("padding of a category", .tree, .value(.schema, .nonZeroPadding)) {
      $0.write(1, 1, at: 19, in: .schema)
    },
    Fault("a share of NaN", .tree, .value(.schema, .notFinite)) {
      $0.write(nan32, 4, at: 20, in: .schema)
    },
    Fault("a share above 1", .tree, .value(.schema, .invalidSchema)) {
      $0.write(UInt64(Float(1.5).bitPattern), 4, at: 20, in: .schema)
    },
    Fault("a share below 0", .tree, .value(.schema, .invalidSchema)) {
      $0.write(UInt64(Float(-0.5).bitPattern), 4, at: 20, in: .schema)
    },
    Fault("an infinite mean", .forest, .value(.schema, .notFinite)) {
      $0.write(infinity32, 4, at: $0[.schema].count - 4, in: .schema)
    },
    Fault("cut short", .forest, .value(.schema, .countOutOfRange)) { $0[.schema].removeLast(4) },
    Fault("empty", .tree, .value(.schema, .countOutOfRange)) { $0[.schema] = [] },
    Fault("bytes left over", .tree, .value(.schema, .trailingBytes)) { $0[.schema] += [0] },
    Fault("other settings than the header promises", .linearInt8, .schema) {
      $0.write(1, 1, at: 4, in: .schema)
    },
    Fault("other n-grams than the probes were made with", .linearInt8, .probe) {
      $0.write(1, 1, at: 4, in: .schema)
      $0.promiseWhatIsThere()
    },
    Fault("longer n-grams than the probes were made with", .linearInt8, .probe) {
      $0.write(8, 1, at: 6, in: .schema)
      $0.promiseWhatIsThere()
    },
    Fault("a share that the probes were not made with", .tree, .probe) {
      $0.write(UInt64(Float(0.75).bitPattern), 4, at: 20, in: .schema)
      $0.promiseWhatIsThere()
    },
    Fault("fewer dense columns than weights", .linearInt8, .value(.model, .inconsistentCounts)) {
      $0.write($0.value(1, at: 2, in: .schema) & ~2, 1, at: 2, in: .schema)
      $0.promiseWhatIsThere()
    },
  ]

  @Test(arguments: schema) func schemas(fault: Fault) throws { try Self.check(fault) }

  static let linear: [Fault] = [
    Fault("kind 0", .linearFloat, .value(.model, .unknownKind)) {
      $0.write(0, 4, at: 0, in: .model)
    },
    Fault("kind 2³² − 1", .linearFloat, .value(.model, .unknownKind)) {
      $0.write(.max, 4, at: 0, in: .model)
    },
    Fault("no heads", .linearFloat, .value(.model, .countOutOfRange)) {
      $0.write(0, 4, at: 4, in: .model)
    },
    Fault("64 heads", .linearFloat, .value(.model, .countOutOfRange)) {
      $0.write(64, 4, at: 4, in: .model)
    },
    Fault("2³² − 1 heads", .linearFloat, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 4, in: .model)
    },
    Fault("63 heads in the bytes of two", .linearFloat, .value(.model, .countOutOfRange)) {
      $0.write(63, 4, at: 4, in: .model)
    },
    Fault("another number of columns", .linearFloat, .value(.model, .inconsistentCounts)) {
      $0.write($0.value(4, at: 8, in: .model) + 1, 4, at: 8, in: .model)
    },
    Fault("2³² − 1 columns", .linearFloat, .value(.model, .inconsistentCounts)) {
      $0.write(.max, 4, at: 8, in: .model)
    },
    Fault("no table where the schema hashes", .linearFloat, .value(.model, .inconsistentCounts)) {
      $0.write(0, 4, at: 12, in: .model)
    },
    Fault("an unknown precision", .linearFloat, .value(.model, .unknownKind)) {
      $0.write(99, 4, at: 12, in: .model)
    },
    Fault("an intercept of NaN", .linearFloat, .value(.model, .notFinite)) {
      $0.write(nan64, 8, at: 24, in: .model)
    },
    Fault("an infinite intercept", .linearFloat, .value(.model, .notFinite)) {
      $0.write(infinity64, 8, at: 32, in: .model)
    },
    Fault("a dense weight of NaN", .linearFloat, .value(.model, .notFinite)) {
      $0.write(nan32, 4, at: 40, in: .model)
    },
    Fault("an infinite last weight", .linearFloat, .value(.model, .notFinite)) {
      $0.write(infinity32, 4, at: $0[.model].count - 4, in: .model)
    },
    Fault("a weight missing", .linearFloat, .value(.model, .countOutOfRange)) {
      $0[.model].removeLast(4)
    },
    Fault("a weight too many", .linearFloat, .value(.model, .trailingBytes)) {
      $0[.model] += [0, 0, 0, 0]
    },
    Fault("an unknown pruning", .linearHalf, .value(.model, .unknownKind)) {
      $0.write(3, 4, at: 16, in: .model)
    },
    Fault("pruned with nothing left out", .linearFloat, .value(.model, .inconsistentCounts)) {
      $0.write(1, 4, at: 16, in: .model)
    },
    Fault("whole with buckets left out", .linearHalf, .value(.model, .inconsistentCounts)) {
      $0.write(0, 4, at: 16, in: .model)
    },
    Fault("2³² − 1 kept buckets", .linearPruned, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 20, in: .model)
    },
    Fault("a bitmap of one bucket more", .linearHalf, .value(.model, .inconsistentCounts)) {
      $0.write($0.value(4, at: 20, in: .model) + 1, 4, at: 20, in: .model)
    },
    Fault("a bitmap of one bucket fewer", .linearHalf, .value(.model, .inconsistentCounts)) {
      $0.write($0.value(4, at: 20, in: .model) - 1, 4, at: 20, in: .model)
    },
    Fault("gaps where a bitmap is shorter", .linearHalf, .value(.model, .inconsistentCounts)) {
      // Half the buckets as gaps of one byte each: longer than the bitmap.
      let kept = Int($0.value(4, at: 20, in: .model))
      let start = $0.keptBuckets
      $0.write(2, 4, at: 16, in: .model)
      $0[.model].replaceSubrange(start..<(start + 8), with: [UInt8](repeating: 0, count: kept))
    },
    Fault("a gap beyond the table", .linearPruned, .value(.model, .countOutOfRange)) {
      $0.write(0x7f, 1, at: $0.keptBuckets, in: .model)
    },
    Fault("a gap with a needless byte", .linearPruned, .value(.model, .countOutOfRange)) {
      let start = $0.keptBuckets
      $0.write($0.value(1, at: start, in: .model) | 0x80, 1, at: start, in: .model)
      $0[.model].insert(0, at: start + 1)
    },
    Fault("a gap without an end", .linearPruned, .value(.model, .countOutOfRange)) {
      for i in 0..<7 { $0.write(0xff, 1, at: $0.keptBuckets + i, in: .model) }
    },
    Fault("a small file that asks for gigabytes", .linearPruned, .value(.model, .countOutOfRange)) {
      $0.write(22, 1, at: 3, in: .schema)
      $0.promiseWhatIsThere()
      $0.write(63, 4, at: 4, in: .model)
    },
    Fault("a half of infinity", .linearHalf, .value(.model, .notFinite)) {
      $0.write(0x7c00, 2, at: $0[.model].count - 2, in: .model)
    },
    Fault("a half of NaN", .linearHalf, .value(.model, .notFinite)) {
      $0.write(0xfe00, 2, at: $0[.model].count - 2, in: .model)
    },
    Fault("an int8 weight missing", .linearInt8, .value(.model, .countOutOfRange)) {
      $0[.model].removeLast()
    },
    Fault("an infinite scale", .linearInt8, .value(.model, .notFinite)) {
      $0.write(infinity32, 4, at: $0[.model].count - 128 - 4, in: .model)
    },
    Fault("a scale that makes weights infinite", .linearInt8, .value(.model, .notFinite)) {
      let largest = UInt64(Float.greatestFiniteMagnitude.bitPattern)
      $0.write(largest, 4, at: $0[.model].count - 128 - 4, in: .model)
    },
    Fault("an intercept in its last bit", .linearFloat, .probe) {
      $0.write($0.value(1, at: 24, in: .model) ^ 1, 1, at: 24, in: .model)
    },
  ]

  @Test(arguments: linear) func linearModels(fault: Fault) throws { try Self.check(fault) }

  /// Nodes begin behind kind, heads, count, zero and two roots; two trees of five nodes (see `generatedRouter`).
  static let tree: [Fault] = [
    Fault("more nodes than bytes", .tree, .value(.model, .countOutOfRange)) {
      $0.write(11, 4, at: 8, in: .model)
    },
    Fault("2²⁰ + 1 nodes", .tree, .value(.model, .countOutOfRange)) {
      $0.write(1 << 20 + 1, 4, at: 8, in: .model)
    },
    Fault("2³² − 1 nodes", .tree, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 8, in: .model)
    },
    Fault("no nodes", .tree, .value(.model, .badTree)) { $0.write(0, 4, at: 8, in: .model) },
    Fault("padding behind the count", .tree, .value(.model, .nonZeroPadding)) {
      $0.write(1, 4, at: 12, in: .model)
    },
    Fault("a first root that is not 0", .tree, .value(.model, .badTree)) {
      $0.write(1, 4, at: 16, in: .model)
    },
    Fault("roots that do not increase", .tree, .value(.model, .badTree)) {
      $0.write(0, 4, at: 20, in: .model)
    },
    Fault("a root behind the nodes", .tree, .value(.model, .badTree)) {
      $0.write(10, 4, at: 20, in: .model)
    },
    Fault("a root of 2³² − 1", .tree, .value(.model, .badTree)) {
      $0.write(.max, 4, at: 20, in: .model)
    },
    Fault("a root inside the tree before", .tree, .value(.model, .badTree)) {
      $0.write(3, 4, at: 20, in: .model)
    },
    Fault("a feature that does not exist", .tree, .value(.model, .badTree)) {
      $0.write(0xffff, 2, at: node(0), in: .model)
    },
    Fault("padding of a node", .tree, .value(.model, .nonZeroPadding)) {
      $0.write(1, 1, at: node(0) + 3, in: .model)
    },
    Fault("a threshold of NaN", .tree, .value(.model, .notFinite)) {
      $0.write(nan32, 4, at: node(0) + 4, in: .model)
    },
    Fault("an infinite threshold", .tree, .value(.model, .notFinite)) {
      $0.write(infinity32, 4, at: node(2) + 4, in: .model)
    },
    Fault("a leaf of NaN", .tree, .value(.model, .notFinite)) {
      $0.write(nan32, 4, at: node(1) + 16, in: .model)
    },
    Fault("a child out of range", .tree, .value(.model, .badTree)) {
      $0.write(99, 4, at: node(0) + 12, in: .model)
    },
    Fault("a child of 2³² − 1", .tree, .value(.model, .badTree)) {
      $0.write(.max, 4, at: node(0) + 8, in: .model)
    },
    Fault("a negative child", .tree, .value(.model, .badTree)) {
      $0.write(0x8000_0001, 4, at: node(0) + 12, in: .model)
    },
    Fault("itself as a child", .tree, .value(.model, .badTree)) {
      $0.write(2, 4, at: node(2) + 8, in: .model)
    },
    Fault("a child before its parent", .tree, .value(.model, .badTree)) {
      $0.write(1, 4, at: node(2) + 12, in: .model)
    },
    Fault("a cycle of two", .tree, .value(.model, .badTree)) {
      $0.write(3, 4, at: node(2) + 8, in: .model)
      $0.write(2, 4, at: node(3) + 8, in: .model)
      $0.write(4, 4, at: node(3) + 12, in: .model)
    },
    Fault("one child twice", .tree, .value(.model, .badTree)) {
      $0.write(3, 4, at: node(2) + 12, in: .model)
    },
    Fault("a child of two parents", .tree, .value(.model, .badTree)) {
      $0.write(3, 4, at: node(0) + 8, in: .model)
    },
    Fault("a node nobody reaches", .tree, .value(.model, .badTree)) {
      for i in 0..<4 { $0.write(0, 1, at: node(2) + 8 + i, in: .model) }
      $0.write(0, 2, at: node(2), in: .model)
      $0.write(0, 4, at: node(2) + 4, in: .model)
      $0.write(0, 4, at: node(2) + 12, in: .model)
    },
    Fault("a child in the next tree", .tree, .value(.model, .badTree)) {
      $0.write(6, 4, at: node(2) + 12, in: .model)
    },
    Fault("a leaf with a right child", .tree, .value(.model, .badTree)) {
      $0.write(4, 4, at: node(1) + 12, in: .model)
    },
    Fault("a leaf with a feature", .tree, .value(.model, .badTree)) {
      $0.write(1, 2, at: node(1), in: .model)
    },
    Fault("a leaf with a threshold", .tree, .value(.model, .badTree)) {
      $0.write(UInt64(Float(1).bitPattern), 4, at: node(1) + 4, in: .model)
    },
    Fault("a node missing", .tree, .value(.model, .countOutOfRange)) {
      $0[.model].removeLast(20)
    },
    Fault("bytes left over", .tree, .value(.model, .trailingBytes)) { $0[.model] += [0] },
    Fault("65 levels", .tree, .value(.model, .badTree)) { $0[.model] = chain(levels: 65) },
  ]

  @Test(arguments: tree) func trees(fault: Fault) throws { try Self.check(fault) }

  /// 64 levels are the limit, and are read: what remains wrong are the probes of another model.
  @Test func theDeepestTreeIsRead() throws {
    var parts = WeightFileParts(try encodeWeightFile(WeightFileTests.finished(.tree)))
    parts[.model] = Self.chain(levels: 64)
    #expect(WeightFileTests.failure(parts.sealed()) == .probeMismatch(probe: 0))
    parts[.probes] = [0, 0, 0, 0]
    #expect(WeightFileTests.failure(parts.sealed()) == nil)
  }

  /// kind, heads, number of nodes, number of trees, two bases, two counts, three roots, then nodes.
  static let forest: [Fault] = [
    Fault("2³² − 1 nodes", .forest, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 8, in: .model)
    },
    Fault("2³² − 1 trees", .forest, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 12, in: .model)
    },
    Fault("2²⁰ trees in few bytes", .forest, .value(.model, .countOutOfRange)) {
      $0.write(1 << 20, 4, at: 12, in: .model)
    },
    Fault("a base of NaN", .forest, .value(.model, .notFinite)) {
      $0.write(nan64, 8, at: 16, in: .model)
    },
    Fault("heads with fewer trees than there are", .forest, .value(.model, .badTree)) {
      $0.write(1, 4, at: 32, in: .model)
    },
    Fault("a head with more trees than there are", .forest, .value(.model, .countOutOfRange)) {
      $0.write(4, 4, at: 32, in: .model)
    },
    Fault("heads with 2³² − 1 trees", .forest, .value(.model, .countOutOfRange)) {
      $0.write(.max, 4, at: 36, in: .model)
    },
    Fault("roots out of order", .forest, .value(.model, .badTree)) {
      $0.write(10, 4, at: 44, in: .model)
    },
    Fault("nodes without trees", .forest, .value(.model, .badTree)) {
      $0.write(0, 4, at: 12, in: .model)
      $0.write(0, 8, at: 32, in: .model)
      $0[.model].removeSubrange(40..<52)
    },
    Fault("an infinite leaf", .forest, .value(.model, .notFinite)) {
      $0.write(infinity32, 4, at: $0[.model].count - 4, in: .model)
    },
    Fault("a stack's infinite leaf", .stack, .value(.model, .notFinite)) {
      $0.write(infinity32, 4, at: $0[.model].count - 4, in: .model)
    },
    Fault("a stack without its forest", .stack, .value(.model, .countOutOfRange)) {
      $0[.model].removeLast(3 * 5 * 20 + 44)
    },
  ]

  @Test(arguments: forest) func forests(fault: Fault) throws { try Self.check(fault) }

  /// The forest's second map is isotonic with three knots; the first is Platt's.
  static let calibration: [Fault] = [
    Fault("an unknown kind", .tree, .value(.calibration, .unknownKind)) {
      $0.write(3, 4, at: 0, in: .calibration)
    },
    Fault("Platt with knots", .tree, .value(.calibration, .inconsistentCounts)) {
      $0.write(1, 4, at: 4, in: .calibration)
    },
    Fault("4097 knots", .forest, .value(.calibration, .countOutOfRange)) {
      $0.write(4097, 4, at: 28, in: .calibration)
    },
    Fault("2³² − 1 knots", .forest, .value(.calibration, .countOutOfRange)) {
      $0.write(.max, 4, at: 28, in: .calibration)
    },
    Fault("4096 knots in few bytes", .forest, .value(.calibration, .countOutOfRange)) {
      $0.write(4096, 4, at: 28, in: .calibration)
    },
    Fault("isotonic without knots", .forest, .value(.calibration, .inconsistentCounts)) {
      $0.write(0, 4, at: 28, in: .calibration)
    },
    Fault("a slope of 0", .tree, .value(.calibration, .notIncreasing)) {
      $0.write(0, 8, at: 8, in: .calibration)
    },
    Fault("a falling slope", .tree, .value(.calibration, .notIncreasing)) {
      $0.write(Double(-1).bitPattern, 8, at: 8, in: .calibration)
    },
    Fault("a slope of NaN", .tree, .value(.calibration, .notFinite)) {
      $0.write(nan64, 8, at: 8, in: .calibration)
    },
    Fault("an infinite offset", .tree, .value(.calibration, .notFinite)) {
      $0.write(infinity64, 8, at: 16, in: .calibration)
    },
    Fault("an identity with an offset of −0", .tree, .value(.calibration, .inconsistentCounts)) {
      $0.write(1 << 63, 8, at: 40, in: .calibration)
    },
    Fault("an identity with a slope", .tree, .value(.calibration, .inconsistentCounts)) {
      $0.write(Double(2).bitPattern, 8, at: 32, in: .calibration)
    },
    Fault("knots at one margin", .forest, .value(.calibration, .notIncreasing)) {
      $0.write($0.value(8, at: 32, in: .calibration), 8, at: 40, in: .calibration)
    },
    Fault("knots in falling order", .forest, .value(.calibration, .notIncreasing)) {
      $0.write(Double(-9).bitPattern, 8, at: 48, in: .calibration)
    },
    Fault("a knot at NaN", .forest, .value(.calibration, .notFinite)) {
      $0.write(nan64, 8, at: 32, in: .calibration)
    },
    Fault("a knot at infinity", .forest, .value(.calibration, .notFinite)) {
      $0.write(infinity64, 8, at: 48, in: .calibration)
    },
    Fault("a falling probability", .forest, .value(.calibration, .notIncreasing)) {
      $0.write(Double(0.9).bitPattern, 8, at: 56, in: .calibration)
    },
    Fault("a probability above 1", .forest, .value(.calibration, .notIncreasing)) {
      $0.write(Double(1.5).bitPattern, 8, at: 72, in: .calibration)
    },
    Fault("a negative probability", .forest, .value(.calibration, .notIncreasing)) {
      $0.write(Double(-0.5).bitPattern, 8, at: 56, in: .calibration)
    },
    Fault("a probability of NaN", .forest, .value(.calibration, .notFinite)) {
      $0.write(nan64, 8, at: 64, in: .calibration)
    },
    Fault("a map missing", .tree, .value(.calibration, .countOutOfRange)) {
      $0[.calibration].removeLast(24)
    },
    Fault("a map too many", .tree, .value(.calibration, .trailingBytes)) {
      $0[.calibration] += $0[.calibration]
    },
    Fault("a slope that overflows a softmax", .stack, .value(.calibration, .notFinite)) {
      $0.write(UInt64(1), 4, at: 0, in: .calibration)
      $0.write(Double(1e101).bitPattern, 8, at: 8, in: .calibration)
    },
    Fault("an offset that overflows a softmax", .stack, .value(.calibration, .notFinite)) {
      $0.write(UInt64(1), 4, at: 0, in: .calibration)
      $0.write(Double(-1e101).bitPattern, 8, at: 16, in: .calibration)
    },
    Fault("knots under a softmax", .stack, .value(.calibration, .unknownKind)) {
      $0.write(2, 4, at: 0, in: .calibration)
      $0.write(1, 4, at: 4, in: .calibration)
    },
  ]

  @Test(arguments: calibration) func calibrations(fault: Fault) throws { try Self.check(fault) }

  /// Forest and stack choose among three candidates by the values of two heads' outcomes.
  static let rules: [Fault] = [
    Fault("an unknown kind", .tree, .value(.rule, .unknownKind)) {
      $0.write(2, 4, at: 0, in: .rule)
    },
    Fault("padding of a ladder", .tree, .value(.rule, .nonZeroPadding)) {
      $0.write(1, 4, at: 4, in: .rule)
    },
    Fault("an unknown link", .forest, .value(.rule, .unknownKind)) {
      $0.write(2, 4, at: 4, in: .rule)
    },
    Fault("65 candidates", .forest, .value(.rule, .countOutOfRange)) {
      $0.write(65, 4, at: 8, in: .rule)
    },
    Fault("2³² − 1 candidates", .forest, .value(.rule, .countOutOfRange)) {
      $0.write(.max, 4, at: 8, in: .rule)
    },
    Fault("64 candidates in the bytes of three", .forest, .value(.rule, .countOutOfRange)) {
      $0.write(64, 4, at: 8, in: .rule)
    },
    Fault("one candidate", .forest, .value(.rule, .notIncreasing)) {
      $0.write(1, 4, at: 8, in: .rule)
    },
    Fault("padding of values", .forest, .value(.rule, .nonZeroPadding)) {
      $0.write(1, 4, at: 12, in: .rule)
    },
    Fault("a worth of NaN", .forest, .value(.rule, .notFinite)) {
      $0.write(nan64, 8, at: 16, in: .rule)
    },
    Fault("a worth whose sum would overflow", .forest, .value(.rule, .notFinite)) {
      $0.write(Double(-1.1e100).bitPattern, 8, at: 16, in: .rule)
    },
    Fault("a price whose differences would overflow", .forest, .value(.rule, .notFinite)) {
      $0.write(Double(1.1e100).bitPattern, 8, at: $0[.rule].count - 8, in: .rule)
    },
    Fault("prices too near each other", .forest, .value(.rule, .notFinite)) {
      $0.write(Double(1e-101).bitPattern, 8, at: $0[.rule].count - 16, in: .rule)
    },
    Fault("an infinite price", .forest, .value(.rule, .notFinite)) {
      $0.write(infinity64, 8, at: $0[.rule].count - 8, in: .rule)
    },
    Fault("a first price that is not 0", .forest, .value(.rule, .notIncreasing)) {
      $0.write(Double(0.1).bitPattern, 8, at: $0[.rule].count - 24, in: .rule)
    },
    Fault("equal prices", .forest, .value(.rule, .notIncreasing)) {
      $0.write(Double(1).bitPattern, 8, at: $0[.rule].count - 16, in: .rule)
    },
    Fault("a price missing", .forest, .value(.rule, .countOutOfRange)) { $0[.rule].removeLast(8) },
    Fault("a price too many", .forest, .value(.rule, .trailingBytes)) {
      $0[.rule] += [UInt8](repeating: 0, count: 8)
    },
  ]

  @Test(arguments: rules) func decisionRules(fault: Fault) throws { try Self.check(fault) }

  static let rest: [Fault] = [
    Fault("a threshold of NaN", .tree, .value(.thresholds, .notFinite)) {
      $0.write(nan64, 8, at: 0, in: .thresholds)
    },
    Fault("an infinite threshold", .tree, .value(.thresholds, .notFinite)) {
      $0.write(infinity64, 8, at: 16, in: .thresholds)
    },
    Fault("an unknown guarantee", .tree, .value(.thresholds, .unknownKind)) {
      $0.write(99, 4, at: 8, in: .thresholds)
    },
    Fault("padding of a threshold", .tree, .value(.thresholds, .nonZeroPadding)) {
      $0.write(1, 4, at: 28, in: .thresholds)
    },
    Fault("a threshold missing", .tree, .value(.thresholds, .countOutOfRange)) {
      $0[.thresholds].removeLast(16)
    },
    Fault("a threshold too many", .tree, .value(.thresholds, .trailingBytes)) {
      $0[.thresholds] += $0[.thresholds]
    },
    Fault("no candidates", .tree, .value(.candidates, .inconsistentCounts)) {
      $0.write(0, 4, at: 0, in: .candidates)
    },
    Fault("a candidate too few", .tree, .value(.candidates, .inconsistentCounts)) {
      $0.write(2, 4, at: 0, in: .candidates)
    },
    Fault("2³² − 1 candidates", .tree, .value(.candidates, .countOutOfRange)) {
      $0.write(.max, 4, at: 0, in: .candidates)
    },
    Fault("a name of 2³² − 1 bytes", .tree, .value(.candidates, .countOutOfRange)) {
      $0.write(.max, 4, at: 4, in: .candidates)
    },
    Fault("a name of 2³¹ bytes", .tree, .value(.candidates, .countOutOfRange)) {
      $0.write(1 << 31, 4, at: 4, in: .candidates)
    },
    Fault("a price below −1", .linearFloat, .value(.candidates, .countOutOfRange)) {
      $0.write(.max - 1, 8, at: 16, in: .candidates)
    },
    Fault("a policy that is not UTF-8", .tree, .value(.policy, .badText)) {
      $0[.policy] = [0x61, 0xff]
    },
    Fault("a policy of a megabyte and a byte", .tree, .value(.policy, .countOutOfRange)) {
      $0[.policy] = [UInt8](repeating: 32, count: 1 << 20 + 1)
    },
    Fault("a name that is not UTF-8", .tree, .value(.candidates, .badText)) {
      $0.write(0xff, 1, at: 40, in: .candidates)
    },
    Fault("a name with half a surrogate pair", .tree, .value(.candidates, .badText)) {
      $0.write(0x80a0ed, 3, at: 40, in: .candidates)
    },
    Fault("a name with an overlong slash", .tree, .value(.candidates, .badText)) {
      $0.write(0xafc0, 2, at: 40, in: .candidates)
    },
    Fault("an empty name", .tree, .value(.candidates, .badText)) {
      $0.write(0, 4, at: 4, in: .candidates)
      $0[.candidates].removeSubrange(40..<45)
    },
    Fault("bytes behind the names", .tree, .value(.candidates, .trailingBytes)) {
      $0[.candidates] += [0]
    },
    Fault("257 probes", .tree, .value(.probes, .countOutOfRange)) {
      $0.write(257, 4, at: 0, in: .probes)
    },
    Fault("2³² − 1 probes", .tree, .value(.probes, .countOutOfRange)) {
      $0.write(.max, 4, at: 0, in: .probes)
    },
    Fault("a probe more than there are", .tree, .value(.probes, .countOutOfRange)) {
      $0.write($0.value(4, at: 0, in: .probes) + 1, 4, at: 0, in: .probes)
    },
    Fault("a probe fewer than there are", .tree, .value(.probes, .trailingBytes)) {
      $0.write($0.value(4, at: 0, in: .probes) - 1, 4, at: 0, in: .probes)
    },
    Fault("a text of 2³² − 1 bytes", .tree, .value(.probes, .countOutOfRange)) {
      $0.write(.max, 4, at: 4, in: .probes)
    },
    Fault("a fingerprint in its last bit", .tree, .probe) {
      $0.write($0.value(1, at: 36, in: .probes) ^ 1, 1, at: 36, in: .probes)
    },
    Fault("a margin in its last bit", .tree, .probe) {
      $0.write($0.value(1, at: 44, in: .probes) ^ 1, 1, at: 44, in: .probes)
    },
    Fault("the sign of a zero margin", .tree, .probe) {
      $0.write($0.value(1, at: 51, in: .probes) ^ 0x80, 1, at: 51, in: .probes)
    },
    Fault("a margin of NaN", .tree, .value(.probes, .notFinite)) {
      $0.write(nan64, 8, at: 44, in: .probes)
    },
    Fault("another turn", .tree, .probe) { $0.write(3, 4, at: 8, in: .probes) },
    Fault("2³² − 1 entries", .tree, .value(.metadata, .countOutOfRange)) {
      $0.write(.max, 4, at: 0, in: .metadata)
    },
    Fault("a key of 2³² − 1 bytes", .tree, .value(.metadata, .countOutOfRange)) {
      $0.write(.max, 4, at: 4, in: .metadata)
    },
    Fault("a value of 2³² − 1 bytes", .tree, .value(.metadata, .countOutOfRange)) {
      $0.write(.max, 4, at: 8, in: .metadata)
    },
    Fault("a key that is not UTF-8", .tree, .value(.metadata, .badText)) {
      $0.write(0xc3, 1, at: 12, in: .metadata)
    },
    Fault("a value that is not UTF-8", .tree, .value(.metadata, .badText)) {
      $0[.metadata][$0[.metadata].count - 1] = 0xe2
    },
    Fault("an empty key", .tree, .value(.metadata, .badText)) {
      $0.write(0, 4, at: 4, in: .metadata)
      $0[.metadata].removeSubrange(12..<16)
    },
    Fault("a key twice", .tree, .value(.metadata, .badText)) {
      let entry = $0[.metadata].dropFirst(4)
      $0.write(2, 4, at: 0, in: .metadata)
      $0[.metadata] += entry
    },
    Fault("keys out of order", .tree, .value(.metadata, .badText)) {
      $0.write(2, 4, at: 0, in: .metadata)
      $0[.metadata] += [1, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "a")]
    },
    Fault("bytes behind the entries", .tree, .value(.metadata, .trailingBytes)) {
      $0[.metadata] += [0]
    },
  ]

  @Test(arguments: rest) func thresholdsCandidatesProbesAndCard(fault: Fault) throws {
    try Self.check(fault)
  }

  // MARK: everything everywhere

  /// Counts, minus zero and what is no number; Tests/Faults writes more of them over every byte of optimised builds.
  static let wide: [UInt64] = [1 << 63, nan64]
  static let narrow: [UInt64] = [0x8000_0000, 0xffff_ffff, infinity32]

  /// They are written over every fourth byte of every section. Whatever is accepted then must be a router like any
  /// other: it scores without a NaN, and is written as the very bytes it was read from.
  @Test(arguments: GeneratedKind.allCases)
  func hostileNumbersEverywhere(kind: GeneratedKind) throws {
    let bytes = try encodeWeightFile(WeightFileTests.finished(kind))
    let texts = generatedTexts(3, seed: 3)
    var refused = 0
    var accepted = 0
    for place in stride(from: 8, to: bytes.count - 16, by: 4) {
      for (size, values) in [(8, Self.wide), (4, Self.narrow)] {
        for value in values {
          var forged = bytes
          for i in 0..<size {
            forged[place + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i))
          }
          forged = seal(forged)
          let router: Router
          do throws(WeightFileError) {
            router = try Router(decoding: forged.span)
          } catch {
            refused += 1
            continue
          }
          accepted += 1
          #expect(try encodeWeightFile(router) == forged, "byte \(place): \(value)")
          var scratch = router.makeScratch()
          for text in texts {
            let decision = router.decide(text.span, context: RequestContext(), scratch: &scratch)
            #expect(!decision.margin.isNaN, "byte \(place): \(value)")
            #expect(decision.probability >= 0 && decision.probability <= 1, "byte \(place)")
          }
        }
      }
    }
    #expect(refused > accepted)
  }

  // MARK: parts of edits

  private static let nan32: UInt64 = 0x7fc0_0000
  private static let infinity32: UInt64 = 0x7f80_0000
  private static let nan64: UInt64 = 0x7ff8_0000_0000_0000
  private static let infinity64: UInt64 = 0x7ff0_0000_0000_0000

  /// Where node `index` begins in the section of a tree of two heads.
  private static func node(_ index: Int) -> Int { 24 + WeightFileLayout.nodeLength * index }

  /// The section of a model of two heads: a chain of `levels`, and a single leaf.
  private static func chain(levels: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    func add(_ value: Int, _ size: Int) {
      for i in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
    let nodes = 2 * levels - 1
    for value in [2, 2, nodes + 1, 0, 0, nodes] { add(value, 4) }
    for level in 0..<(levels - 1) {
      // The node, then its left leaf; the right child is the next level.
      add(0, 4)
      for value in [0, 2 * level + 1, 2 * level + 2, 0] { add(value, 4) }
      add(0, 20)
    }
    add(0, 20)
    add(0, 20)
    return bytes
  }
}

extension WeightFileParts {
  /// Where the kept buckets of a pruned table begin: behind six numbers, two intercepts and two heads' dense weights.
  var keptBuckets: Int { 24 + 2 * 8 + 2 * 4 * Int(value(4, at: 8, in: .model)) }

  /// Puts the fingerprint of the schema that is there into the header.
  mutating func promiseWhatIsThere() {
    if case .schemaMismatch(_, let computed)? = WeightFileTests.failure(sealed()) {
      fingerprint = computed
    }
  }
}
