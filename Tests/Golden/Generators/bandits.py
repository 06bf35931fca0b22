"""Reference numbers for the learning and predicting policies: writes ../bandits.json.

Contexts, rewards, embeddings and qualities come from splitmix64, so that the tests rebuild them from a seed. LinUCB: every step
with numpy.linalg.inv of A. P(best): scipy.integrate.quad of f_k times the product of F_j. Quantiles of Student's t: scipy.
Neighbours: scikit-learn's NearestNeighbors, brute force, cosine. Variances between and within segments: the REML fit of
statsmodels' MixedLM, which equals the estimate by moments on balanced data (versions in the file).
Run: python3 bandits.py
"""

import json
import os
from importlib.metadata import version

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import integrate, stats
from sklearn.neighbors import NearestNeighbors

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


def linucb(seed, d, arms, steps, alpha, penalty):
    """Contexts: d numbers in [-1/2, 1/2); reward of arm k: x_k + u / 10 for the context's entry k and the next number u."""
    stream = units(seed)
    a = [penalty * np.eye(d) for _ in range(arms)]
    b = [np.zeros(d) for _ in range(arms)]
    picks, bounds = [], []
    for _ in range(steps):
        x = np.array([next(stream) - 0.5 for _ in range(d)])
        noise = next(stream)
        scores = []
        for k in range(arms):
            inverse = np.linalg.inv(a[k])
            scores.append(float((inverse @ b[k]) @ x + alpha * np.sqrt(x @ inverse @ x)))
        pick = int(np.argmax(scores))
        reward = x[pick] + noise / 10
        a[pick] += np.outer(x, x)
        b[pick] += reward * x
        picks.append(pick)
        bounds.append(scores)
    weights = [(np.linalg.inv(a[k]) @ b[k]).tolist() for k in range(arms)]
    return {
        "seed": seed, "dimension": d, "arms": arms, "alpha": alpha, "penalty": penalty,
        "picks": picks, "bounds": bounds, "weights": weights,
    }


def best(distributions, points):
    result = []
    for k, own in enumerate(distributions):
        others = [f for j, f in enumerate(distributions) if j != k]
        low, high = own.ppf(1e-14), own.isf(1e-14)
        value, _ = integrate.quad(
            lambda x: own.pdf(x) * np.prod([f.cdf(x) for f in others]), low, high,
            points=[p for p in points if low < p < high], limit=2000, epsabs=1e-11, epsrel=1e-11)
        result.append(value)
    return result


def normal(means, deviations):
    points = sorted(m + t * s for m, s in zip(means, deviations) for t in range(-8, 9))
    dists = [stats.norm(m, s) for m, s in zip(means, deviations)]
    return {"means": means, "deviations": deviations, "best": best(dists, points)}


def beta(parameters):
    dists = [stats.beta(a, b) for a, b in parameters]
    points = sorted(
        min(1, max(0, f.mean() + t * f.std())) for f in dists for t in range(-8, 9))
    return {"parameters": parameters, "best": best(dists, points)}


def neighbours(seed, rows, queries, d, k):
    stream = units(seed)
    reference = np.array([[next(stream) - 0.5 for _ in range(d)] for _ in range(rows)])
    asked = np.array([[next(stream) - 0.5 for _ in range(d)] for _ in range(queries)])
    reference, asked = reference.astype(np.float32), asked.astype(np.float32)
    model = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="cosine")
    distances, indices = model.fit(reference.astype(float)).kneighbors(asked.astype(float))
    return {
        "seed": seed, "rows": rows, "queries": queries, "dimension": d, "k": k,
        "indices": indices.tolist(), "similarities": (1 - distances).tolist(),
    }


def segments(seed, count, size, spread):
    """Quality of query i of segment s: ½ + spread (u_s - ½) + (v - ½) / 2, u_s first, then its v."""
    stream = units(seed)
    rows = []
    for s in range(count):
        centre = 0.5 + spread * (next(stream) - 0.5)
        rows += [(s, centre + (next(stream) - 0.5) / 2) for _ in range(size)]
    frame = pd.DataFrame(rows, columns=["segment", "quality"])
    fit = smf.mixedlm("quality ~ 1", frame, groups=frame["segment"]).fit(
        reml=True, method="lbfgs")
    return {
        "seed": seed, "count": count, "size": size, "spread": spread,
        "strength": float(fit.scale / fit.cov_re.iloc[0, 0]),
    }


out = {
    "versions": {
        p: version(p) for p in ["numpy", "scipy", "scikit-learn", "statsmodels", "pandas"]
    },
    "linucb": [linucb(11, 4, 3, 60, 1.0, 1.0), linucb(12, 7, 5, 200, 0.3, 0.5)],
    "normal": [
        normal([0.5, 0.5], [0.1, 0.1]), normal([0.5, 0.6, 0.4], [0.1, 0.2, 0.05]),
        normal([0.7, 0.69, 0.2, 0.65, 0.1], [0.01, 0.03, 0.5, 0.001, 0.02]),
        normal([0.0, 1.0], [0.1, 0.1]),
    ],
    "beta": [
        beta([[1, 1], [1, 1]]), beta([[3, 2], [2, 3], [1, 1]]),
        beta([[900, 100], [45.5, 5.5], [1, 20], [8.25, 1]]), beta([[5000, 5000], [5010, 4990]]),
        beta([[1.25, 1.5], [1.1, 1], [1, 3.5]]),
    ],
    "student": [{"p": p, "n": n, "t": float(stats.t.ppf(p, n))}
                for p in [0.6, 0.95, 0.975, 0.999] for n in [1, 2, 19, 200]],
    "neighbours": [neighbours(21, 200, 20, 8, 5), neighbours(22, 3000, 70, 33, 12)],
    "segments": [segments(31, 12, 30, 1.0), segments(32, 40, 5, 0.5)],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bandits.json")
with open(path, "w") as f:
    json.dump(out, f, indent=None, separators=(",", ":"))
    f.write("\n")
