import RiddleEvaluation

/// Reports made of numbers chosen by hand: plausible, and the same on every machine.
enum SampleReports {
  /// A pair with two routers and seven baselines.
  static func pair() -> EvaluationReport {
    let router = scored(
      "support-desk", kind: "logistic regression, 312 features", lift: 0.11, share: 0.312)
    var second = scored(
      "support-desk-tree", kind: "decision tree, 31 leaves", lift: 0.07, share: 0.4)
    second.cpt80 = .undefined
    second.notes = ["cpt80 undefined: no operating point reaches 80% of the gap"]
    var report = EvaluationReport(
      queries: 2_412, candidates: ["gpt-mini", "gpt-large"],
      rows: .init(
        description: "held-out rows of the training data, split by near-duplicate family",
        total: 12_480, seenInTraining: 9_984, incomplete: 84),
      labelling: .init(
        oracle: "cheapest-adequate", target: "weak-fails", qualityThreshold: 0.5, tieShare: 0.77,
        positiveShare: 0.195),
      headroom: .init(
        meanQuality: [0.6809, 0.8058], meanCostDollars: [0.000_412, 0.009_873],
        outcomeCounts: [1_515, 429, 127, 341], oracleQuality: 0.8587,
        oracleCostDollars: 0.002_094, oracleSavings: 0.7879),
      randomBand: Figure(0.5, low: 0.472, high: 0.528),
      routers: [router, second], baselines: baselines(), comparisons: [], segments: [],
      segmentField: "task_type",
      warnings: [
        "31 rows have cost 0; they are left out of cost figures.",
        "Segment legal has 38 queries: its interval is wider than the gap it is meant to show.",
      ],
      intervals: .init(
        method: "percentile bootstrap, paired, clustered by conversation", replicates: 2_000,
        confidence: 0.95, seed: 20_240_817, clusters: 1_873),
      inputs: [
        .init(
          role: "data", name: "support-logs.jsonl",
          sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        .init(
          role: "router", name: "support-desk.riddle",
          sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"),
      ])
    report.comparisons = comparisons("support-desk", best: 0.0312)
    report.comparisons += comparisons("support-desk-tree", best: 0.0153)
    report.segments = segments(8)
    return report
  }

  /// A ladder of three with one router.
  static func ladder() -> EvaluationReport {
    var report = pair()
    report.candidates = ["small", "medium", "large"]
    report.headroom.meanQuality = [0.6809, 0.7466, 0.8058]
    report.headroom.meanCostDollars = [0.000_412, 0.0041, 0.009_873]
    report.headroom.outcomeCounts = [1_502, 588, 322]
    report.routers = [report.routers[0]]
    report.routers[0].confusion = [[1_230, 190, 82], [240, 270, 78], [102, 90, 130]]
    report.routers[0].perTier = report.candidates.map {
      .init(candidate: $0, precision: Figure(0.61), recall: Figure(0.55), f1: Figure(0.5785))
    }
    report.comparisons = comparisons("support-desk", best: 0.02)
    return report
  }

  /// The wall without a router.
  static func baselinesOnly() -> EvaluationReport {
    var report = pair()
    report.routers = []
    report.comparisons = []
    report.segments = []
    report.segmentField = nil
    report.warnings = []
    return report
  }

  /// Nothing known: no cost, no score, no interval.
  static func undefined() -> EvaluationReport {
    var report = baselinesOnly()
    report.headroom = .init(
      meanQuality: [0.5, 0.7], meanCostDollars: [nil, nil], outcomeCounts: [0, 0, 0, 0],
      oracleQuality: 0.8, oracleCostDollars: nil, oracleSavings: nil)
    report.routers = [PolicyFigures(name: "blank", kind: "nothing measured")]
    report.routers[0].notes = ["savings undefined: costs are missing on 12 rows"]
    report.baselines = [PolicyFigures(name: "always-cheapest", kind: "constant")]
    report.randomBand = .undefined
    return report
  }

  /// 60 segments, ten policies, 200 curve points each: the most a report may hold.
  static func largest() -> EvaluationReport {
    var report = pair()
    report.routers = (0..<5).map { scored("router-\($0)", kind: "tree", lift: 0.1, share: 0.3) }
    report.baselines = (0..<5).map {
      scored("baseline-\($0)", kind: "rule", lift: 0.02, share: 0.3)
    }
    report.comparisons = report.routers.flatMap { comparisons($0.name, best: 0.02) }
    report.segments = segments(60)
    return report
  }

  // MARK: parts

  /// A policy with a score whose curve lies `lift` above the random line at its highest.
  static func scored(_ name: String, kind: String, lift: Double, share: Double) -> PolicyFigures {
    var policy = PolicyFigures(name: name, kind: kind)
    func quality(_ x: Double) -> Double { 0.6809 + 0.1249 * x + lift * 2.2 * x * (1 - x) * (1 - x) }
    policy.curve = (0..<200).map { index in
      let x = Double(index) / 199
      let half = 0.017 + 0.004 * x
      return .init(
        share: x, costDollars: 0.000_412 + 0.009_461 * x, quality: quality(x),
        low: quality(x) - half, high: quality(x) + half)
    }
    let q = quality(share)
    let cost = 0.000_412 + 0.009_461 * share
    policy.quality = Figure(q, low: q - 0.0163, high: q + 0.0158)
    policy.costDollars = Figure(cost, low: cost * 0.94, high: cost * 1.063)
    let savings = 1 - cost / 0.009_873
    policy.savings = Figure(savings, low: savings - 0.0213, high: savings + 0.0207)
    policy.retention = Figure(q / 0.8058, low: q / 0.8058 - 0.0132, high: q / 0.8058 + 0.0128)
    policy.shareStrong = Figure(share, low: share - 0.0186, high: share + 0.0189)
    let pgr = (q - 0.6809) / 0.1249
    policy.pgr = Figure(pgr, low: pgr - 0.107, high: pgr + 0.111)
    policy.apgr = Figure(0.5 + lift * 1.4, low: 0.48 + lift * 1.3, high: 0.52 + lift * 1.5)
    policy.apgrRouteLLM = Figure(0.49 + lift * 1.4, low: 0.47 + lift * 1.3, high: 0.51 + lift * 1.5)
    policy.auc = Figure(0.5 + lift * 2, low: 0.47 + lift * 2, high: 0.53 + lift * 2)
    policy.averagePrecision = Figure(0.3 + lift, low: 0.27 + lift, high: 0.34 + lift)
    policy.logLoss = Figure(0.4412, low: 0.4203, high: 0.4631)
    policy.brier = Figure(0.1403, low: 0.1321, high: 0.1488)
    policy.ece = Figure(0.0187, low: 0.0121, high: 0.0302)
    policy.cpt50 = Figure(0.208, low: 0.171, high: 0.262)
    policy.cpt80 = Figure(0.447, low: 0.381, high: 0.539)
    policy.cpt50RouteLLM = Figure(0.214, low: 0.172, high: 0.27)
    policy.cpt80RouteLLM = Figure(0.451, low: 0.377, high: 0.55)
    policy.regret = Figure(0.0512, low: 0.0433, high: 0.0597)
    policy.accuracy.labelMatch = Figure(0.744, low: 0.727, high: 0.761)
    policy.accuracy.acceptableSet = Figure(0.893, low: 0.881, high: 0.905)
    policy.accuracy.acceptableSetStrict = Figure(0.731, low: 0.713, high: 0.749)
    policy.accuracy.decisiveOnly = Figure(0.688, low: 0.651, high: 0.725)
    policy.shares = [Figure(1 - share), Figure(share)]
    policy.confusion = [[1_498, 485], [162, 267]]
    policy.perTier = [
      .init(
        candidate: "gpt-mini", precision: Figure(0.9024), recall: Figure(0.7554), f1: Figure(0.8224)
      ),
      .init(
        candidate: "gpt-large", precision: Figure(0.3551), recall: Figure(0.6224),
        f1: Figure(0.4522)),
    ]
    policy.reliability = (0..<15).map { bin in
      let p = 0.03 + 0.055 * Double(bin)
      let wobble = [0.01, -0.012, 0.02, -0.006, 0.015][bin % 5]
      return .init(count: 160 + bin % 3, predicted: p, observed: max(0, p + wobble))
    }
    return policy
  }

  /// A policy without a score.
  static func constant(
    _ name: String, kind: String, quality: Double, cost: Double, share: Double
  ) -> PolicyFigures {
    var policy = PolicyFigures(name: name, kind: kind)
    policy.quality = Figure(quality, low: quality - 0.0171, high: quality + 0.0169)
    policy.costDollars = Figure(cost, low: cost * 0.95, high: cost * 1.05)
    policy.savings = Figure(
      1 - cost / 0.009_873, low: 1 - cost * 1.02 / 0.009_873, high: 1 - cost * 0.98 / 0.009_873)
    policy.retention = Figure(
      quality / 0.8058, low: quality / 0.8058 - 0.012, high: quality / 0.8058 + 0.012)
    policy.shareStrong = Figure(share, low: share, high: share)
    policy.pgr = Figure((quality - 0.6809) / 0.1249)
    policy.regret = Figure(0.0893, low: 0.081, high: 0.0977)
    policy.accuracy.labelMatch = Figure(0.6, low: 0.58, high: 0.62)
    policy.accuracy.acceptableSet = Figure(0.8, low: 0.78, high: 0.82)
    return policy
  }

  static func baselines() -> [PolicyFigures] {
    [
      constant(
        "always-cheapest", kind: "constant: gpt-mini", quality: 0.6809, cost: 0.000_412, share: 0),
      constant(
        "always-strongest", kind: "constant: gpt-large", quality: 0.8058, cost: 0.009_873, share: 1),
      constant(
        "best-single", kind: "constant: gpt-large", quality: 0.8058, cost: 0.009_873, share: 1),
      constant(
        "random-mix", kind: "random at the router's cost", quality: 0.7199, cost: 0.003_364,
        share: 0.312),
      scored("prompt-length", kind: "score: characters", lift: 0.04, share: 0.312),
      constant(
        "keyword-rule", kind: "rule table A26", quality: 0.7281, cost: 0.002_73, share: 0.245),
      constant("oracle", kind: "knows the answers", quality: 0.8587, cost: 0.002_094, share: 0.178),
    ]
  }

  static func comparisons(_ router: String, best: Double) -> [EvaluationReport.Comparison] {
    let rows: [(String, Double, Double, String)] = [
      ("always-cheapest", best, best * 0.45, "better"),
      ("always-strongest", best * 0.8, best * 0.4, "better"),
      ("random-mix", best * 0.7, best * 0.3, "better"),
      ("prompt-length", best * 0.3, best * 0.5, "undecided"),
      ("keyword-rule", best * 0.5, best * 0.25, "better"),
    ]
    return rows.map { row in
      .init(
        router: router, baseline: row.0, metric: "utility",
        difference: Figure(row.1, low: row.1 - row.2, high: row.1 + row.2), verdict: row.3)
    }
  }

  static func segments(_ count: Int) -> [EvaluationReport.Segment] {
    let names = [
      "billing", "how-to", "debugging", "refunds", "account", "sql", "summarise", "legal",
    ]
    return (0..<count).map { index in
      let lap = index / names.count
      let name = names[index % names.count] + (lap == 0 ? "" : "-\(lap)")
      let weak = 0.82 - 0.035 * Double(index % names.count)
      let strong = 0.9 - 0.02 * Double(index % names.count)
      let router = weak + 0.6 * (strong - weak)
      let half = 0.02 + 0.006 * Double(index % names.count)
      return .init(
        name: name, queries: max(38, 620 - 83 * (index % names.count)), weakQuality: weak,
        strongQuality: strong,
        routerQuality: Figure(router, low: router - half, high: router + half),
        shareStrong: 0.12 + 0.05 * Double(index % names.count),
        savings: 0.81 - 0.05 * Double(index % names.count))
    }
  }

  static let facts = [
    ("Router", "support-desk"), ("Seed", "20240817"), ("Riddle", "1.0.0"),
    ("Swift", "6.3.1, x86-64 Linux"), ("Schema fingerprint", "5b1d-90c4-77e2-0a3f"),
  ]
  static let commands = [
    "riddle train support-logs.jsonl --seed 20240817 --out models/support-desk",
    "riddle evaluate models/support-desk/router.riddle --data support-logs.jsonl --html report.html",
  ]
}
