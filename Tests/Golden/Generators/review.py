#!/usr/bin/env python3
"""Golden figures of the weekly review: cluster-robust ratios, Wilson at the effective number, differences, PSI.

Writes Tests/Golden/review.json. Made with Python 3.11, numpy 2.4.6, statsmodels 0.15.0 (any recent pair gives the same to 1e-12):

    pip install numpy statsmodels && python3 Tests/Golden/Generators/review.py
"""
import json
import os

import numpy as np

try:
    import statsmodels.api as sm
except ImportError:  # Said aloud: the ratios are then this file's own formula alone.
    sm = None
    print("statsmodels is not installed: cluster-robust errors are not compared with it")


def ratio(clusters, y, x):
    ids = sorted(set(clusters))
    ys = np.array([sum(b for a, b in zip(clusters, y) if a == c) for c in ids])
    xs = np.array([sum(b for a, b in zip(clusters, x) if a == c) for c in ids])
    r = ys.sum() / xs.sum()
    g = len(ids)
    return r, g / (g - 1) * ((ys - r * xs) ** 2).sum() / xs.sum() ** 2


def wilson(p, n, z=1.959963984540054):
    centre = p + z * z / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [(centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)]


def mover(a, b):
    (x, al, ah), (y, bl, bh) = a, b
    return [x - y, x - y - np.hypot(x - al, bh - y), x - y + np.hypot(ah - x, y - bl)]


def psi(reference, actual):
    """Over the bins as they are, each count plus one half."""
    k = len(reference)
    e = (np.array(reference) + 0.5) / (sum(reference) + 0.5 * k)
    a = (np.array(actual) + 0.5) / (sum(actual) + 0.5 * k)
    return float(((a - e) * np.log(a / e)).sum())


rng = np.random.default_rng(7)
cases = []
for n, groups in [(40, 12), (200, 150), (60, 60)]:
    clusters = np.sort(rng.integers(0, groups, n)).tolist()
    y = rng.integers(0, 2, n).astype(float).tolist()
    x = (0.5 + rng.random(n)).tolist()
    mean, variance = ratio(clusters, y, [1.0] * n)
    if sm is not None:
        fit = sm.OLS(y, np.ones(n)).fit(
            cov_type="cluster", cov_kwds={"groups": np.array(clusters), "use_correction": False})
        g = len(set(clusters))
        assert abs(fit.bse[0] ** 2 * g / (g - 1) - variance) < 1e-12
    r, rv = ratio(clusters, y, x)
    effective = min(n, mean * (1 - mean) / variance)
    cases.append({
        "clusters": clusters, "y": y, "x": x, "mean": mean, "variance": variance,
        "ratio": r, "ratio_variance": rv, "wilson": wilson(mean, effective)})

flat = [100] * 10
shifted = [60, 70, 80, 90, 100, 110, 120, 130, 140, 100]
result = {
    "ratios": cases,
    "differences": [
        {"a": [0.6, 0.5, 0.72], "b": [0.4, 0.33, 0.5],
         "difference": mover([0.6, 0.5, 0.72], [0.4, 0.33, 0.5])}],
    "psi": {"reference": flat, "actual": shifted, "value": psi(flat, shifted)},
}
target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "review.json")
with open(target, "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
