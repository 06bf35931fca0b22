import RiddleEvaluation

/// A simulation as tables, the same for the terminal and the page.
enum SimulationTables {
  /// A share; what never happened is 0% without an interval.
  private static func share(_ figure: Figure) -> String {
    figure.value == 0 ? "0%" : FigureFormat.percent.text(figure)
  }

  /// What each policy earned, cost and made users wait, then the wall.
  static func overview(_ report: SimulationReport) -> ModelTable {
    var rows: [[String]] = []
    let strongest = report.fixed.last?.point
    func cells(
      _ name: String, quality: Figure, cost: Figure, savings: String, retention: String,
      _ replay: SimulationReport.PolicyReplay?, saved: String? = nil
    ) -> [String] {
      func share(_ path: (SimulationReport.PolicyReplay) -> Figure) -> String {
        replay.map { Self.share(path($0)) } ?? ""
      }
      func wait(_ path: (SimulationReport.LatencyFigures) -> Figure, interval: Bool) -> String {
        replay.map { FigureFormat.plain.text(path($0.latency), withInterval: interval) } ?? ""
      }
      return [
        name, report.frontier.contains(name) ? "yes" : "", FigureFormat.plain.text(quality),
        FigureFormat.dollarsPerThousand.text(cost), savings,
        saved ?? replay.map { FigureFormat.percent.text($0.savedAtEqualQuality, isSigned: true) }
          ?? "",
        retention, share(\.escalated), share(\.failed), wait(\.p50, interval: false),
        wait(\.p95, interval: true), wait(\.p99, interval: false),
      ]
    }
    for (figures, replay) in zip(report.evaluation.routers, report.policies) {
      rows.append(
        cells(
          figures.name, quality: figures.quality, cost: figures.costDollars,
          savings: FigureFormat.percent.text(figures.savings),
          retention: FigureFormat.percent.text(figures.retention), replay))
    }
    for one in report.fixed {
      func ratio(_ path: (SimulationReport.SweepPoint) -> Figure) -> Double? {
        guard let own = path(one.point).value, let full = strongest.flatMap({ path($0).value }),
          full > 0
        else { return nil }
        return own / full
      }
      rows.append(
        cells(
          one.replay.name, quality: one.point.quality, cost: one.point.costDollars,
          savings: FigureFormat.percent.text(ratio(\.costDollars).map { 1 - $0 }),
          retention: FigureFormat.percent.text(ratio(\.quality)), one.replay,
          // By construction: the figure compares with these.
          saved: "0%"))
    }
    let isFixed = Set(report.fixed.isEmpty ? [] : ["always-cheapest", "always-strongest"])
    for figures in report.evaluation.baselines where !isFixed.contains(figures.name) {
      rows.append(
        cells(
          figures.name, quality: figures.quality, cost: figures.costDollars,
          savings: FigureFormat.percent.text(figures.savings),
          retention: FigureFormat.percent.text(figures.retention), nil))
    }
    let replays = report.policies + report.fixed.map(\.replay)
    let isTimed = replays.contains { $0.latency.p50.value != nil }
    if !isTimed { rows = rows.map { Array($0.dropLast(3)) } }
    return ModelTable(
      title: "What each policy earns, costs, and makes users wait",
      note:
        "Frontier: nobody is both cheaper and better. Cost: the router, judges and every attempt; a call that ends in an error is free, one given up after a timeout is paid. Escalated: more than one candidate was paid. Errors count as quality 0. random-mix and prompt-length spend what the first policy does. Saved at equal quality: against the cheapest random mix of fixed candidates that is as good; above 0 the policy knows something about queries.",
      columns: [
        "Policy", "Frontier", "Quality", "$ / 1,000 queries", "Savings", "Saved at equal quality",
        "Retention", "Escalated",
        "Errors",
      ] + (isTimed ? ["p50 ms", "p95 ms", "p99 ms"] : []), textColumns: [1], rows: rows)
  }

  /// Who answered.
  static func shares(_ report: SimulationReport) -> ModelTable {
    ModelTable(
      title: "Who answered",
      note: "Share of queries whose user got that candidate's answer.",
      columns: ["Policy"] + report.evaluation.candidates,
      rows: report.policies.map { policy in
        [policy.name] + policy.shares.map { share($0.share) }
      })
  }

  /// Which stage decided.
  static func stages(_ report: SimulationReport) -> ModelTable {
    var rows: [[String]] = []
    for policy in report.policies {
      let started = Dictionary(
        policy.started.map { ($0.name, $0.share) }, uniquingKeysWith: { first, _ in first })
      let names =
        policy.decided.map(\.name)
        + policy.started.map(\.name).filter { name in
          !policy.decided.contains { $0.name == name }
        }
      for name in names {
        let decided = policy.decided.first { $0.name == name }?.share
        rows.append([
          policy.name, name, started[name].map(share) ?? "0%",
          decided.map(share) ?? "0%",
        ])
      }
    }
    return ModelTable(
      title: "Which stage decided",
      note: "Chose the first call, and had the last word.",
      columns: ["Policy", "Stage", "First call", "Last word"], textColumns: [1], rows: rows)
  }

  /// Flags, calls and the price of deciding.
  static func decisions(_ report: SimulationReport) -> ModelTable {
    ModelTable(
      title: "How the policies decide",
      note: "Flagged: a bad header, an infeasible limit, a spent budget: somebody should look.",
      columns: [
        "Policy", "Stages | guards", "Calls per query", "Flagged", "Fees, $ / 1,000", "Mean ms",
      ], textColumns: [1],
      rows: report.policies.map { policy in
        [
          policy.name, policy.stages + (policy.learns ? " (learns, in time order)" : ""),
          FigureFormat.plain.text(policy.calls), share(policy.flagged),
          FigureFormat.dollarsPerThousand.text(policy.feesDollars),
          FigureFormat.plain.text(policy.latency.mean),
        ]
      })
  }

  /// What bandits gave away.
  static func regrets(_ report: SimulationReport) -> ModelTable {
    ModelTable(
      title: "Regret of policies that learn from rewards",
      note:
        "In the policy's own reward, summed over all requests; means over seeds. Against the best fixed candidate in hindsight it can be negative: the policy beat it.",
      columns: [
        "Policy", "Reward per query", "Best fixed", "Its reward", "Oracle's",
        "Regret vs best fixed",
        "Regret vs oracle", "Seeds",
      ], textColumns: [2],
      rows: report.policies.compactMap { policy in
        policy.regret.map { regret in
          [
            policy.name, FigureFormat.plain.text(regret.meanUtility),
            regret.best.map { report.evaluation.candidates[$0] } ?? FigureFormat.undefined,
            FigureFormat.plain.text(regret.bestUtility),
            FigureFormat.plain.text(regret.oracleUtility),
            FigureFormat.plain.text(regret.versusBest, isSigned: true),
            FigureFormat.plain.text(regret.versusOracle, isSigned: true), "\(regret.seeds)",
          ]
        }
      })
  }

  /// Speeds of the candidates.
  static func speeds(_ report: SimulationReport) -> ModelTable {
    let isKnown = report.speeds.contains { $0.profile.p50 != nil || $0.profile.availability < 1 }
    func milliseconds(_ value: Int64?) -> String {
      value.map { FigureFormat.plain.text(Double($0) / 1e3) } ?? FigureFormat.undefined
    }
    return ModelTable(
      title: "How fast the candidates are in this replay",
      columns: ["Candidate", "p50 ms", "p95 ms", "p99 ms", "Answered"],
      rows: (isKnown ? report.speeds : []).map { candidate in
        [
          candidate.name, milliseconds(candidate.profile.p50),
          milliseconds(candidate.profile.p95), milliseconds(candidate.profile.p99),
          FigureFormat.percent.text(candidate.profile.availability),
        ]
      })
  }

  /// One table a sweep.
  static func sweeps(_ report: SimulationReport) -> [ModelTable] {
    report.sweeps.map { sweep in
      ModelTable(
        title: "\(sweep.policy), swept over \(sweep.setting)",
        note:
          "Intervals are normal with cluster-robust errors. A value chosen here is chosen on these rows: confirm it with `riddle optimize`.",
        columns: [
          sweep.setting, "Quality", "$ / 1,000 queries", "Escalated", "Errors", "p95 ms",
        ],
        rows: sweep.points.map { point in
          [
            CountFormat.setting(point.value), FigureFormat.plain.text(point.quality),
            FigureFormat.dollarsPerThousand.text(point.costDollars),
            share(point.escalated), share(point.failed),
            FigureFormat.plain.text(point.p95, withInterval: false),
          ]
        })
    }
  }

  /// How far confidence can be trusted.
  static func confidence(_ report: SimulationReport) -> ModelTable {
    ModelTable(
      title: "Confidence before and after calibration",
      note:
        "ECE: how far confidence is from quality. Risk: 1 − mean quality of the accepted answers when the most confident quarter, half, three quarters are accepted. AURC: the mean risk over all coverages; a signal that says nothing has the risk of all answers.",
      columns: [
        "Candidate", "Signal", "Rows", "ECE raw", "ECE calibrated", "Risk at 25%", "50%", "75%",
        "100%", "AURC",
      ], textColumns: [1],
      rows: report.confidence.map { signal in
        return [
          signal.candidate, signal.source, CountFormat.count(signal.rows),
          FigureFormat.plain.text(signal.rawError), FigureFormat.plain.text(signal.calibratedError),
          FigureFormat.plain.text(signal.riskAt25), FigureFormat.plain.text(signal.riskAt50),
          FigureFormat.plain.text(signal.riskAt75), FigureFormat.plain.text(signal.baseRisk),
          FigureFormat.plain.text(signal.area),
        ]
      })
  }

  /// Every table of the replay that has rows.
  static func all(_ report: SimulationReport) -> [ModelTable] {
    ([
      overview(report), shares(report), stages(report), decisions(report), regrets(report),
      speeds(report), confidence(report),
    ] + sweeps(report)).filter { !$0.rows.isEmpty }
  }
}
