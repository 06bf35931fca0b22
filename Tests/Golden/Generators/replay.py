"""Reference numbers for ClusterRobustTests and RiskCoverageTests: writes ../replay.json.

Values come from splitmix64, so that the tests rebuild them from a seed: cluster floor(u G); value floor(20 v^2) / 20 + c / (2 G)
of cluster c, unknown (NaN) where w < missing. Means: statsmodels' OLS on a constant with cluster-robust covariance, whose small
sample factor is G / (G - 1) for one regressor. Shares (value > 0.4): Wilson's interval of statsmodels at the effective number of
rows p (1 - p) / variance, at most n; at the number of clusters where the variance is 0. Quantiles: the inverse of the empirical
distribution, interval by Woodruff's definition: the quantiles at level -+ z standard errors of the share of rows at or below.
Risk and coverage: the plainest loop over the definition; with ties the mean over every order that respects the confidences.
Run: python3 replay.py
"""

import itertools
import json
import math
import os
from importlib.metadata import version

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

MASK = (1 << 64) - 1


def units(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        yield (z >> 11) / (1 << 53)


def rows(seed, n, groups, missing):
    stream = units(seed)
    clusters, values = [], []
    for _ in range(n):
        c = int(next(stream) * groups)
        v = math.floor(20 * next(stream) ** 2) / 20 + c / (2 * groups)
        clusters.append(c)
        values.append(float("nan") if next(stream) < missing else v)
    return np.array(clusters), np.array(values)


def robust(values, clusters):
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    return float(fit.params[0]), float(fit.bse[0])


def quantile(level, ordered):
    return float(ordered[min(len(ordered), max(1, math.ceil(level * len(ordered)))) - 1])


cases = []
for seed, n, groups, missing, confidence in [
    (1, 40, 40, 0, 0.95), (2, 200, 7, 0, 0.95), (3, 1000, 60, 0.1, 0.9), (4, 30, 2, 0.2, 0.99), (5, 500, 500, 0, 0.5),
]:
    clusters, all_values = rows(seed, n, groups, missing)
    keep = ~np.isnan(all_values)
    values, kept = all_values[keep], clusters[keep]
    z = stats.norm.ppf(0.5 + confidence / 2)
    mean, se = robust(values, kept)
    # Shares are of all rows, an unknown value counts as no.
    hit = np.where(keep, all_values > 0.4, False).astype(float)
    p, share_se = robust(hit, clusters)
    effective = min(n, p * (1 - p) / share_se**2) if share_se > 0 else len(set(clusters))
    share = proportion_confint(p * effective, effective, alpha=1 - confidence, method="wilson")
    ordered = np.sort(values)
    quantiles = []
    for level in [0.5, 0.95, 0.99]:
        value = quantile(level, ordered)
        _, below_se = robust((values <= value).astype(float), kept)
        quantiles.append(
            [level, value, quantile(max(0, level - z * below_se), ordered), quantile(min(1, level + z * below_se), ordered)]
        )
    cases.append(
        {
            "seed": seed, "rows": n, "groups": groups, "missing": missing, "confidence": confidence,
            "mean": [mean, mean - z * se, mean + z * se], "share": [p, float(share[0]), float(share[1])],
            "quantiles": quantiles,
        }
    )


def risks(order, quality):
    return np.cumsum(1 - quality[order]) / np.arange(1, len(order) + 1)


curves = []
for seed, n, levels in [(11, 300, 10**9), (12, 7, 3), (13, 6, 1), (14, 1, 5)]:
    stream = units(seed)
    confidence = np.array([math.floor(next(stream) * levels) / levels for _ in range(n)])
    quality = np.array([math.floor(next(stream) * 5) / 4 for _ in range(n)])
    if levels > 1000:
        area = float(risks(np.argsort(-confidence, kind="stable"), quality).mean())
    else:
        orders = [
            np.array(o) for o in itertools.permutations(range(n))
            if all(confidence[o[i]] >= confidence[o[i + 1]] for i in range(n - 1))
        ]
        area = float(np.mean([risks(o, quality).mean() for o in orders]))
    points = []
    for cut in sorted(set(confidence), reverse=True):
        accepted = confidence >= cut
        points.append([float(accepted.mean()), float((1 - quality[accepted]).mean())])
    curves.append({"seed": seed, "rows": n, "levels": levels, "area": area, "points": points if n < 10 else points[::50]})

out = {
    "versions": {name: version(name) for name in ["numpy", "scipy", "statsmodels"]}, "robust": cases, "curves": curves,
}
path = os.path.join(os.path.dirname(__file__), "..", "replay.json")
with open(path, "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
