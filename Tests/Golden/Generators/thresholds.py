"""Reference numbers for RiddleEvaluationTests/Thresholds: writes ../thresholds.json.

p-values of "the mean loss exceeds alpha" on the 400 rows of evaluation.py (splitmix64, seed 42), for policies that ask the
strong candidate from a score downwards, computed with scipy or by the plainest loop over the formula; sample sizes by
statsmodels and by the normal formula. Made with numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0. Run: python3 thresholds.py
"""

import json
import math
import os
from importlib.metadata import version

import numpy as np
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestPower
from statsmodels.stats.proportion import proportion_effectsize

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


def hoeffding_bentkus(mean, n, alpha):
    a = min(mean, alpha)
    kl = (a * math.log(a / alpha) if a > 0 else 0) + (1 - a) * math.log((1 - a) / (1 - alpha))
    bentkus = math.e * stats.binom.cdf(math.ceil(round(n * mean, 9)), n, alpha)
    return float(min(1.0, math.exp(-n * kl), bentkus))


def betting(x, m, delta):
    """Waudby-Smith & Ramdas: every stake from the rows before it, recomputed from scratch."""
    n = len(x)
    capital, best = 1.0, 1.0
    means = [(0.5 + x[: i + 1].sum()) / (i + 2) for i in range(n)]
    for i in range(n):
        variance = (0.25 + sum((x[j] - means[j]) ** 2 for j in range(i))) / (i + 1)
        stake = min(math.sqrt(2 * math.log(1 / delta) / (n * variance)), 0.75 / (1 - m))
        capital *= 1 + stake * (m - x[i])
        best = max(best, capital)
    return 1 / best


n = 400
u = splitmix64(42, 3 * n).reshape(3, n)
score = u[0]
weak = (u[1] < 0.35 + 0.6 * score).astype(float)
strong = (u[2] < 0.75 + 0.2 * score).astype(float)
graded_weak = np.round(u[1], 2)
graded_strong = np.round(np.minimum(1, u[1] + 0.5 * u[2] - 0.1), 2)

cases = []
for name, w, s in (("binary", weak, strong), ("graded", graded_weak, graded_strong)):
    for cut in (0.0, 0.6, 0.8, 0.9, 1.0):
        loss = np.where(score >= cut, s - w, 0.0)
        for alpha in (0.02, 0.05, 0.1, 0.2):
            for delta in (0.05, 0.2):
                sd = loss.std(ddof=1)
                cases.append({
                    "data": name, "cut": cut, "alpha": alpha, "delta": delta,
                    "wsr": betting((1 + loss) / 2, (1 + alpha) / 2, delta),
                    "hoeffding_bentkus": hoeffding_bentkus((1 + loss.mean()) / 2, n, (1 + alpha) / 2),
                    "binomial": float(stats.binom.cdf((loss > 0).sum(), n, alpha)),
                    "clt": float(stats.norm.cdf((loss.mean() - alpha) / (sd / math.sqrt(n)))) if sd > 0
                    else float((1 - alpha) ** n),
                })

golden = {
    "versions": {p: version(p) for p in ("numpy", "scipy", "statsmodels")},
    "cases": cases,
    "hoeffding_bentkus": [
        {"mean": r, "n": k, "alpha": a, "p": hoeffding_bentkus(r, k, a)}
        for r, k, a in ((0.02, 1000, 0.05), (0.04, 1000, 0.05), (0.0, 200, 0.02), (0.08, 500, 0.1), (0.3, 50, 0.2))
    ],
    "binomial": [
        {"k": k, "n": m, "alpha": a, "p": float(stats.binom.cdf(k, m, a))}
        for k, m, a in ((0, 100, 0.03), (5, 100, 0.1), (30, 1000, 0.04), (100, 100, 0.5), (3, 14037, 0.001))
    ],
    "power": {
        "paired": [
            {"difference": d, "sd": s, "confidence": 0.95, "power": 0.8,
             "n": int(math.ceil(((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * s / d) ** 2)),
             "n_t": int(math.ceil(TTestPower().solve_power(d / s, power=0.8, alpha=0.05)))}
            for d, s in ((0.02, 0.4), (0.02, 0.5), (0.05, 0.4), (0.01, 0.1))
        ],
        "two_sample": [
            {"first": a, "second": b,
             "n": int(math.ceil(NormalIndPower().solve_power(proportion_effectsize(a, b), power=0.8, alpha=0.05)))}
            for a, b in ((0.80, 0.78), (0.68, 0.70))
        ],
    },
}

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "thresholds.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
