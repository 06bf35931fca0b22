"""Known truth of the support-desk data set: figures computed from the true
probabilities of the outcome model, next to what the drawn outcomes gave."""
import json

import model
from model import CANDIDATES


def auc(scored):
    """scored: [(score, is positive)]; ties count one half."""
    scored = sorted(scored, key=lambda x: x[0])
    positives = sum(1 for _, y in scored if y)
    negatives = len(scored) - positives
    if not positives or not negatives:
        return None
    wins2, below, i = 0, 0, 0                     # twice the number of won pairs
    while i < len(scored):
        j, pos, neg = i, 0, 0
        while j < len(scored) and scored[j][0] == scored[i][0]:
            pos += scored[j][1]
            neg += not scored[j][1]
            j += 1
        wins2 += pos * (2 * below + neg)
        below += neg
        i = j
    return round(wins2 / (2 * positives * negatives), 4)


def expected_auc(probabilities):
    """AUC expected over labels drawn with these probabilities, scored by them."""
    ps = sorted(probabilities)
    won = below = 0.0
    i = 0
    while i < len(ps):
        j = i
        while j < len(ps) and ps[j] == ps[i]:
            j += 1
        pos, neg = ps[i] * (j - i), (1.0 - ps[i]) * (j - i)
        won += pos * (below + 0.5 * neg)
        below += neg
        i = j
    total = 0.0
    for p in ps:
        total += p
    return round(won / (total * (len(ps) - total)), 4)


def mean(values, digits=4):
    total = 0.0
    for v in values:
        total += v
    return round(total / len(values), digits) if values else None


def oracle_pick(row):
    for name in CANDIDATES:                       # cheapest first in every row
        if row["out"][name][0] >= 2:
            return name
    return CANDIDATES[0]


def small_bad(row):
    return model.bad_probability(row["out"]["small"][5])


def text_only_bad(row):
    p = model.point_probability("small", row["base"], row["domain"], row["drifted"])
    return model.bad_probability(p)


def summary(rows):
    picks = [oracle_pick(r) for r in rows]
    return {
        "rows": len(rows),
        "true_mean_quality": {c: mean([r["out"][c][5] for r in rows]) for c in CANDIDATES},
        "mean_quality": {c: mean([r["out"][c][0] / 4 for r in rows]) for c in CANDIDATES},
        "mean_cost_usd": {c: mean([r["out"][c][3] / 1e9 for r in rows], 8) for c in CANDIDATES},
        "mean_latency_ms": {c: mean([r["out"][c][4] for r in rows], 1) for c in CANDIDATES},
        "mean_confidence": {c: mean([r["out"][c][1] / 100 for r in rows]) for c in CANDIDATES},
        "small_below_half": {"expected": mean([small_bad(r) for r in rows]),
                             "drawn": mean([r["out"]["small"][0] < 2 for r in rows])},
        "oracle": {"mean_quality": mean([r["out"][c][0] / 4 for r, c in zip(rows, picks)]),
                   "mean_cost_usd": mean([r["out"][c][3] / 1e9 for r, c in zip(rows, picks)], 8),
                   "share": {c: mean([p == c for p in picks]) for c in CANDIDATES}},
        "domain_share": {d: mean([r["domain"] == d for r in rows])
                         for d in sorted({r["domain"] for r in rows})},
    }


def truth_figures(seed, scenarios, rows):
    label = [r["out"]["small"][0] < 2 for r in rows]
    pair = lambda a, b: {"wins": mean([r["out"][a][0] > r["out"][b][0] for r in rows]),
                         "ties": mean([r["out"][a][0] == r["out"][b][0] for r in rows])}
    figures = {
        "seed": seed,
        "scenarios": len(scenarios),
        "launch_scenarios": sum(s["launch"] for s in scenarios),
        "authored_queries": len({t["text"] for s in scenarios for t in s["turns"]}),
        "conversations": len({r["conversation"] for r in rows}),
        "all": summary(rows),
        "small_against_large": pair("small", "large"),
        "small_against_medium": pair("small", "medium"),
        "medium_against_large": pair("medium", "large"),
        "quality_points": {c: [mean([r["out"][c][0] == k for r in rows]) for k in range(5)] for c in CANDIDATES},
        "bayes_auc_small_below_half": {
            "expected": expected_auc([small_bad(r) for r in rows]),
            "drawn": auc([(small_bad(r), y) for r, y in zip(rows, label)]),
            "without_scenario_effect": auc([(text_only_bad(r), y) for r, y in zip(rows, label)]),
            "own_confidence": auc([(-r["out"]["small"][1], y) for r, y in zip(rows, label)]),
        },
        "per_week": {}, "per_task_type": {}, "per_domain": {},
    }
    for week in sorted({r["week"] for r in rows}):
        part = [r for r in rows if r["week"] == week]
        figures["per_week"][str(week)] = {
            **summary(part), "launch_scenario_share": mean([r["launch"] for r in part]),
            "small_true_quality_api": mean([r["out"]["small"][5] for r in part if r["domain"] == "api"])}
    for key, field in (("per_task_type", "task"), ("per_domain", "domain")):
        for value in sorted({r[field] for r in rows}):
            part = [r for r in rows if r[field] == value]
            figures[key][value] = {
                "rows": len(part), "mean_level": mean([r["level"] for r in part], 2),
                "true_mean_quality": {c: mean([r["out"][c][5] for r in part]) for c in CANDIDATES},
                "small_below_half": mean([r["out"]["small"][0] < 2 for r in part])}
    return figures


def truth_rows(rows):
    lines = []
    for i, r in enumerate(rows, 1):
        lines.append(json.dumps({"id": f"sd-{i:05d}", "language": r["lang"], "authored_level": r["level"],
                                 "difficulty": round(r["difficulty"], 4),
                                 "p": {c: r["out"][c][5] for c in CANDIDATES},
                                 "p_small_below_half": round(small_bad(r), 6)}, separators=(",", ":")))
    return ("\n".join(lines) + "\n").encode("utf-8")
