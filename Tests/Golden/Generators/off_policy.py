"""Reference numbers for OffPolicyEstimatorTests: writes ../off_policy.json.

Decisions come from splitmix64, so that the tests rebuild them from a seed. Per row, K draws make the logging policy,
K the target, K the rewards' means, K the model, one the action, one the reward. Values follow the definitions of the papers:
IPS (Horvitz & Thompson, 1952), SNIPS (Swaminathan & Joachims, 2015), DR (Dudik et al., 2011), switch-DR (Wang et al., 2017),
DR with optimistic shrinkage (Su et al., 2020); clipping is min(w, c). Only +, -, *, / and comparisons make the data.
Run: python3 off_policy.py
"""

import json
import os
from importlib.metadata import version

import numpy as np

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


def world(seed, n, k, floor):
    stream = units(seed)
    pi0, pi, mean, q = (np.zeros((n, k)) for _ in range(4))
    action, reward = np.zeros(n, int), np.zeros(n)
    for i in range(n):
        for row, low in ((pi0, floor), (pi, 0.01)):
            draws = [low + next(stream) for _ in range(k)]
            total = 0.0
            for d in draws:
                total += d
            row[i] = [d / total for d in draws]
        mean[i] = [next(stream) for _ in range(k)]
        q[i] = [next(stream) for _ in range(k)]
        u, cumulated, a = next(stream), 0.0, k - 1
        for j in range(k - 1):
            cumulated += pi0[i, j]
            if u < cumulated:
                a = j
                break
        action[i] = a
        reward[i] = 1.0 if next(stream) < mean[i, a] else 0.0
    return pi0, pi, q, action, reward


cases = []
for seed, n, k, floor, clip, tau, lam in [
    (101, 40, 2, 0.2, 1.5, 1.2, 2.0),
    (102, 500, 4, 0.1, 2.0, 1.5, 3.0),
    (103, 1500, 9, 0.02, 5.0, 4.0, 25.0),
    (104, 300, 3, 0.01, 3.0, 2.0, 0.5),
]:
    pi0, pi, q, action, reward = world(seed, n, k, floor)
    rows = np.arange(n)
    w = pi[rows, action] / pi0[rows, action]
    own, expected = q[rows, action], (pi * q).sum(axis=1)
    cases.append(
        {
            "seed": seed, "rows": n, "candidates": k, "floor": floor,
            "clip": clip, "tau": tau, "lambda": lam,
            "ips": (w * reward).mean(),
            "snips": (w * reward).sum() / w.sum(),
            "clipped-ips": (np.minimum(w, clip) * reward).mean(),
            "dm": expected.mean(),
            "dr": (expected + w * (reward - own)).mean(),
            "clipped-dr": (expected + np.minimum(w, clip) * (reward - own)).mean(),
            "switch-dr": (expected + np.where(w <= tau, w, 0) * (reward - own)).mean(),
            "dr-os": (expected + lam * w / (w * w + lam) * (reward - own)).mean(),
            "effective_sample_size": w.sum() ** 2 / (w * w).sum(),
            "largest_weight": w.max(),
            "quantiles": [float(v) for v in np.quantile(w, [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1])],
            "target_shares": [float(v) for v in pi.mean(axis=0)],
        }
    )

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "off_policy.json")
with open(path, "w") as file:
    json.dump({"numpy": version("numpy"), "cases": cases}, file, indent=1)
    file.write("\n")
