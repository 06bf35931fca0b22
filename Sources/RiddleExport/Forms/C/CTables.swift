import RiddleRuntime

/// Tables of numbers as C text.
enum CTables {
  /// `static const TYPE NAME[COUNT] = {…};` with lines of about 110 characters.
  static func array(_ type: String, _ name: String, _ values: some Collection<String>) -> String {
    var text = "static const \(type) \(name)[\(values.count)] = {"
    var column = 1000
    for value in values {
      if column + value.utf8.count > 110 {
        text += "\n "
        column = 1
      }
      text += " \(value),"
      column += value.utf8.count + 2
    }
    return text + "\n};\n\n"
  }

  /// C has no empty arrays.
  private static func orZero(_ values: [String]) -> [String] { values.isEmpty ? ["0"] : values }

  private static let wordBucketBits = 9

  /// The featurizer's words in buckets of four slots, each the upper 48 bits of the hash, group and mark; a word's bucket is
  /// the top of (hash >> 16) · multiplier, the first multiplier under which no bucket overflows.
  private static func wordBuckets(version: UInt16) -> (slots: [UInt64], multiplier: UInt64) {
    let unknown = FeaturizerTables.unknownWord
    let known = FeaturizerTables.wordSlots(version: version)
    var seed: UInt64 = 0
    while true {
      seed += 1
      let multiplier = StableHash.mixed(seed) | 1
      var slots = [UInt64](repeating: unknown, count: 4 << wordBucketBits)
      let allFit = known.allSatisfy { word in
        let bucket = Int(((word >> 16) &* multiplier) >> UInt64(64 - wordBucketBits))
        guard let free = (4 * bucket..<4 * bucket + 4).first(where: { slots[$0] == unknown }) else {
          return false
        }
        slots[free] = word
        return true
      }
      if allFit { return (slots, multiplier) }
    }
  }

  /// Constants and tables of the featurizer.
  static func featurizer(version: UInt16) -> String {
    let counts = FeaturizerTables.counts
    let special = FeaturizerTables.special
    let hashing = FeaturizerTables.hashing
    let words = wordBuckets(version: version)
    var text = "enum {\n"
    for (name, bits) in FeaturizerTables.classBits { text += "  \(name) = \(bits),\n" }
    text += """
        RARE = 65536 /* digits, the apostrophe, bytes >= 0x80 */
      };
      #define GROUPS \(counts.groups)
      #define MARKS \(counts.marks)
      #define NEGATIONS \(special.negations)
      #define SUPERLATIVES \(special.superlatives)
      #define MANY \(special.many)
      #define HOW \(special.how)
      #define QUANTIFIER \(special.quantifier)
      #define HASH_FIRST 0x\(FormText.hexadecimal(hashing.first))u
      #define HASH_SECOND 0x\(FormText.hexadecimal(hashing.second))u
      #define HASH_START 0x\(FormText.hexadecimal(hashing.start))u
      #define WORD_BUCKET_BITS \(wordBucketBits)
      #define WORD_MULTIPLIER 0x\(FormText.hexadecimal(words.multiplier))u
      #define UNKNOWN_WORD \(FeaturizerTables.unknownWord)u


      """
    let digit = FeaturizerTables.classBits.first { $0.name == "DIGIT" }?.bits ?? 0
    text += array(
      "uint32_t", "classes",
      FeaturizerTables.byteClasses.enumerated().map { value, bits in
        let isRare = bits & digit != 0 || value == 39 || value >= 0x80
        return "\(UInt32(bits) | (isRare ? 65536 : 0))"
      })
    text += array(
      "uint64_t", "words",
      words.slots.map {
        $0 == FeaturizerTables.unknownWord ? "\($0)" : "0x\(String($0, radix: 16))u"
      })
    return text
      + array("float", "logarithms", FeaturizerTables.logarithms.map { FormText.number($0) })
  }

  /// Constants and the table of hashed n-grams: whole numbers of UNIT, bucket by bucket, head by head.
  static func hashed(_ schema: FeatureSchema, _ weights: HashedWeights) -> String {
    let fixed = weights.fixedPointWeights
    var text = """
      #define BITS \(schema.bucketBits)
      #define UNIT \(FormText.number(fixed.unit))


      """
    if schema.characterMinimum > 0 {
      let multipliers = (0...schema.characterMaximum).map {
        "0x\(FormText.hexadecimal(FeaturizerTables.multiplier(length: $0)))u"
      }
      text += """
        #define SHORTEST \(schema.characterMinimum)
        #define LONGEST \(schema.characterMaximum)
        #define STAMP_BITS \(FeaturizerTables.hashing.stampBits)
        #define mask(length) (0xffffffffffffffffu >> (64 - 8 * (length)))


        """ + array("uint64_t", "multipliers", multipliers)
    }
    return text + array("int32_t", "table", fixed.weights.map { "\($0)" })
  }

  /// Nodes of trees as ``TreeModel`` has them, with a leaf its own child.
  static func trees(_ parts: ModelParts) -> String {
    let nodes = parts.nodes.enumerated().map { index, node in
      node.isLeaf
        ? "{0, 0, \(index), \(index)}"
        : "{\(FormText.number(node.threshold)), \(node.feature), \(node.left), \(node.right)}"
    }
    let roots = Array(parts.roots.joined())
    var depth = [Int](repeating: 0, count: parts.nodes.count)
    var depths = [Int](repeating: 0, count: roots.count)
    for (tree, root) in roots.enumerated() {
      for index in parts.indices(ofTreeAt: root) {
        let node = parts.nodes[index]
        depths[tree] = max(depths[tree], depth[index])
        if node.isLeaf { continue }
        depth[Int(node.left)] = depth[index] + 1
        depth[Int(node.right)] = depth[index] + 1
      }
    }
    var first = [0]
    for head in parts.roots { first.append(first[first.count - 1] + head.count) }
    return """
      typedef struct { float threshold; uint32_t feature, left, right; } node;


      """ + array("node", "nodes", nodes.isEmpty ? ["{0, 0, 0, 0}"] : nodes)
        + array("float", "values", orZero(parts.nodes.map { FormText.number($0.value) }))
        + array("uint32_t", "roots", orZero(roots.map { "\($0)" }))
        + array("uint32_t", "depths", orZero(depths.map { "\($0)" }))
        + array("int", "first_tree", first.map { "\($0)" })
        + array(
          "double", "bases",
          (parts.bases ?? [Double](repeating: 0, count: parts.headCount)).map {
            FormText.number($0)
          })
  }
}
