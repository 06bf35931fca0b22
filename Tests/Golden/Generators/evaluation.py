"""Reference numbers for RiddleEvaluationTests: writes ../evaluation.json.

Data come from splitmix64, so that the tests rebuild them from a seed. Figures are computed by scipy, scikit-learn and
statsmodels where they exist, else by the plainest loop over the definition. Run: python3 evaluation.py
"""

import json
import os
from importlib.metadata import version

import numpy as np
from scipy import special, stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

MASK = (1 << 64) - 1


def splitmix64(seed, count):
    state, out = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 11) / (1 << 53))
    return np.array(out)


def ece_mass(p, y, bins):
    order = np.argsort(p, kind="stable")
    return float(
        sum(abs(p[g].mean() - y[g].mean()) * len(g) for g in np.array_split(order, bins) if len(g)) / len(p)
    )


def ece_width(p, y, bins):
    index = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[index == b].sum() - y[index == b].sum()) for b in range(bins)) / len(p))


def delong(a, b, y):
    """By the definition: placements against every row of the other class."""
    pos, neg = np.flatnonzero(y == 1), np.flatnonzero(y == 0)

    def placements(s):
        wins = (s[pos][:, None] > s[neg][None, :]) + 0.5 * (s[pos][:, None] == s[neg][None, :])
        return wins.mean(1), wins.mean(0), wins.mean()

    (pa, na, auc_a), (pb, nb, auc_b) = placements(a), placements(b)
    cov = np.cov(pa, pb) / len(pos) + np.cov(na, nb) / len(neg)
    var = cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]
    z = (auc_a - auc_b) / np.sqrt(var)
    return {
        "first": auc_a, "second": auc_b, "first_variance": cov[0, 0], "second_variance": cov[1, 1],
        "difference_variance": var, "p": float(2 * stats.norm.sf(abs(z))),
    }


def sweep(score, weak, strong):
    """Exact APGR and CPT over all operating points; tied scores move together."""
    n = len(score)
    w, gap = weak.mean(), strong.mean() - weak.mean()
    points = [(0.0, w)]
    for t in sorted(set(score), reverse=True):
        up = score >= t
        points.append((up.mean(), np.where(up, strong, weak).mean()))
    x, a = np.array(points).T
    apgr = np.trapezoid((a - w) / gap, x)

    def cpt(p):
        reached = [xi for xi, ai in points if ai >= w + p * gap - 1e-12 / n]
        return min(reached) if reached else None

    return {"apgr": float(apgr), "cpt50": cpt(0.5), "cpt80": cpt(0.8)}


def routellm(score, weak, strong):
    """11 decile edges, strong iff score >= edge (last: >), trapezoid, numpy's interpolation."""
    edges = np.quantile(score, np.linspace(0, 1, 11))
    points = []
    for i, t in enumerate(edges):
        up = score > t if i == 10 else score >= t
        points.append((float(up.mean()), float(np.where(up, strong, weak).mean())))
    rising = points[::-1]
    x, a = np.array(rising).T
    w, s = weak.mean(), strong.mean()
    area = np.trapezoid(a, x)
    flat_w, flat_s = np.trapezoid(np.full(11, w), x), np.trapezoid(np.full(11, s), x)
    return {
        "thresholds": edges.tolist(), "shares": [p[0] for p in points], "qualities": [p[1] for p in points],
        "apgr": float((area - flat_w) / (flat_s - flat_w)),
        "cpt": {str(p): float(np.interp(p * (s - w) + w, a, x)) for p in (0.2, 0.5, 0.8)},
        "monotone": bool((np.diff(a) >= 0).all()), "coinciding": bool((np.diff(edges) == 0).any()),
    }


golden = {"versions": {p: version(p) for p in ("numpy", "scipy", "scikit-learn", "statsmodels")}}

# 400 rows of the reference layout: u = 3n draws row-major; score = u0; weak = u1 < .35 + .6 score; strong = u2 < .75 + .2 score
n = 400
u = splitmix64(42, 3 * n).reshape(3, n)
score = u[0]
weak = (u[1] < 0.35 + 0.6 * score).astype(float)
strong = (u[2] < 0.75 + 0.2 * score).astype(float)
other = splitmix64(43, n)
coarse = np.floor(score * 8) / 8

b = int(((strong == 1) & (weak == 0)).sum())
c = int(((strong == 0) & (weak == 1)).sum())
table = [[0, b], [c, 0]]
corrected = mcnemar(table, exact=False, correction=True)
golden["mcnemar"] = [
    {"b": b, "c": c, "exact": float(mcnemar(table, exact=True).pvalue), "statistic": float(corrected.statistic),
     "asymptotic": float(corrected.pvalue)},
    *[{"b": i, "c": j, "exact": float(mcnemar([[0, i], [j, 0]], exact=True).pvalue),
       "statistic": float(mcnemar([[0, i], [j, 0]], exact=False).statistic),
       "asymptotic": float(mcnemar([[0, i], [j, 0]], exact=False).pvalue)} for i, j in ((1, 0), (3, 9), (40, 61))],
]
golden["proportions"] = [
    {"k": k, "n": m, "wilson": list(map(float, proportion_confint(k, m, 0.05, "wilson"))),
     "clopper_pearson": list(map(float, proportion_confint(k, m, 0.05, "beta")))}
    for k, m in ((275, 400), (0, 10), (10, 10), (1, 3), (9576, 14037))
]
golden["clopper_pearson_upper"] = [
    {"k": k, "n": m, "delta": d, "u": float(stats.beta.ppf(1 - d, k + 1, m - k))}
    for k, m, d in ((0, 100, 0.05), (5, 100, 0.05), (30, 1000, 0.05))
]
golden["incomplete_beta"] = [
    {"x": x, "a": a, "b": bb, "value": float(special.betainc(a, bb, x))}
    for x, a, bb in ((0.1, 0.5, 0.5), (0.5, 106, 37), (0.9, 3, 400), (0.01, 2, 5000), (0.731, 900, 350), (0.3, 1, 1))
]
golden["normal_quantile"] = [
    {"p": p, "z": float(stats.norm.ppf(p))} for p in (1e-12, 0.001, 0.02, 0.025, 0.3, 0.5, 0.75, 0.975, 0.99999)
]
p_values = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04]
golden["holm"] = {"p": p_values, "adjusted": multipletests(p_values, method="holm")[1].tolist()}
golden["probabilities"] = [
    {"name": name, "auc": float(metrics.roc_auc_score(weak, s)),
     "average_precision": float(metrics.average_precision_score(weak, s)),
     "brier": float(metrics.brier_score_loss(weak, s)),
     "log_loss": float(-np.mean(weak * np.log(np.clip(s, 1e-15, 1 - 1e-15))
                                + (1 - weak) * np.log(1 - np.clip(s, 1e-15, 1 - 1e-15)))),
     "ece10": ece_mass(s, weak, 10), "ece15": ece_mass(s, weak, 15), "ece15_width": ece_width(s, weak, 15)}
    for name, s in (("score", score), ("other", other))
]
golden["ties"] = {
    "auc": float(metrics.roc_auc_score(weak, coarse)),
    "average_precision": float(metrics.average_precision_score(weak, coarse)),
}
golden["delong"] = [delong(score, other, weak), delong(coarse, other, weak)]
golden["sweeps"] = [
    {"name": name, **sweep(s, weak, strong)}
    for name, s in (("score", score), ("negated", -score), ("other", other), ("coarse", coarse), ("gain", strong - weak))
]
graded_weak = np.round(u[1], 2)
graded_strong = np.round(np.minimum(1, u[1] + 0.5 * u[2] - 0.1), 2)
golden["sweeps_graded"] = [
    {"name": name, **sweep(s, graded_weak, graded_strong)} for name, s in (("score", score), ("coarse", coarse))
]
golden["routellm"] = [
    {"name": name, "rows": m, "strong_is_union": False, **routellm(s[:m], weak[:m], strong[:m])}
    for name, s, m in (("score", score, 400), ("negated", -score, 400), ("other", other, 101), ("coarse", coarse, 400),
                       ("score", score, 11), ("score", score, 37))
] + [{"name": "score", "rows": n, "strong_is_union": True, **routellm(score, weak, np.maximum(weak, strong))}]

# Three classes: oracle = 0, 1, 2 by u1; pick by a noisy copy.
right = np.minimum((u[1] * 3).astype(int), 2)
pick = np.where(u[2] < 0.6, right, np.minimum((u[0] * 3).astype(int), 2))
precision, recall, f1, _ = metrics.precision_recall_fscore_support(right, pick, labels=[0, 1, 2])
golden["confusion"] = {
    "counts": metrics.confusion_matrix(right, pick).tolist(), "precision": precision.tolist(),
    "recall": recall.tolist(), "f1": f1.tolist(), "macro": float(metrics.f1_score(right, pick, average="macro")),
    "weighted": float(metrics.f1_score(right, pick, average="weighted")),
}

# Bootstrap of the mean difference: Monte-Carlo, compared with a tolerance.
golden["bootstrap"] = {}
for method in ("percentile", "BCa"):
    skewed = other**6
    for name, data in (("difference", strong - weak), ("skewed", skewed[:60])):
        r = stats.bootstrap((data,), np.mean, n_resamples=50000, method=method, rng=np.random.default_rng(1))
        golden["bootstrap"][f"{name}_{method}"] = [float(r.confidence_interval.low), float(r.confidence_interval.high)]

# Spread of APGR over random orders, simulated.
rng = np.random.default_rng(5)
draws = [sweep(rng.random(n), weak, strong)["apgr"] for _ in range(600)]
golden["random_band"] = {"mean": float(np.mean(draws)), "sd": float(np.std(draws, ddof=1)), "draws": len(draws)}

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "evaluation.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
