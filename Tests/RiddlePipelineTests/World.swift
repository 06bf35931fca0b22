import RiddleData
import RiddlePipeline

/// A seeded log whose outcomes follow from the words of the query.
enum World {
  /// - Parameters:
  ///   - candidates: how many rungs the ladder has, 2 or 3.
  ///   - repeats: share of rows that repeat an earlier text, in other case and spacing.
  ///   - groups: number of groups; 0 for none.
  static func dataset(
    _ count: Int = 300, seed: UInt64 = 1, candidates: Int = 2, repeats: Double = 0, groups: Int = 0,
    prefix: String = "q"
  ) -> Dataset {
    var random = SplitMix64(seed: seed)
    let easy = ["reset", "opening", "invoice", "address", "hello", "password"]
    let hard = ["prove", "deadlock", "integral", "migrate", "optimise", "derive"]
    let neutral = ["please", "today", "our", "the", "shop", "team"]
    var log: [LoggedQuery] = []
    for i in 0..<count {
      let difficulty = random.unit()
      var text = "\(prefix)\(i)"
      for _ in 0..<(4 + random.below(16)) {
        let list = random.unit() < 0.4 ? neutral : random.unit() < difficulty ? hard : easy
        text += " " + list[random.below(list.count)]
      }
      if i > 0 && random.unit() < repeats, let earlier = log[random.below(i)].text {
        text = "  " + earlier.uppercased().split(separator: " ").joined(separator: "\t ") + " \n"
      }
      let noise = random.unit() * 0.2 - 0.1
      let quality = [0.45, 0.75, 2].map { difficulty + noise < $0 ? 1.0 : 0 }
      let names = candidates == 2 ? ["tiny", "huge"] : ["tiny", "middle", "huge"]
      let levels = candidates == 2 ? [0, 2] : [0, 1, 2]
      log.append(
        LoggedQuery(
          id: "\(prefix)\(i)", text: text,
          context: QueryContext(
            group: groups > 0 ? "g\(random.below(groups))" : nil,
            taskType: difficulty > 0.5 ? "Reasoning" : "support"),
          outcomes: zip(names, levels).map { name, level in
            CandidateOutcome(
              candidate: name,
              outcome: Outcome(
                quality: quality[level], cost: NanoDollars([100_000, 900_000, 6_000_000][level])))
          }))
    }
    return Dataset(
      log: log, candidates: candidates == 2 ? ["tiny", "huge"] : ["tiny", "middle", "huge"])
  }

  /// Settings that make a run cheap.
  static func plan(
    _ model: TrainingPlan.ModelKind = .logistic, features: TrainingPlan.FeatureChoice = .context,
    seed: UInt64 = 1, splitUnit: SplitUnit? = nil, characters: ClosedRange<Int>? = nil
  ) -> TrainingPlan {
    TrainingPlan(
      model: model, features: features, bucketBits: 9, characters: characters, penalties: [1],
      splitUnit: splitUnit, seed: seed)
  }
}
