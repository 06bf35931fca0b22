"""Reference numbers for LognormalLatencyTests: writes ../latency.json.

Latencies in microseconds come from splitmix64, so that the tests rebuild them from a seed: floor(shift + scale / (1 - tail u)),
with only +, -, *, / and floor. Fits by scipy.stats.lognorm.fit(floc=shift), which for a fixed location is the closed form of
the maximum; distances by scipy.stats.kstest (versions in the file).
Run: python3 latency.py
"""

import json
import math
import os
from importlib.metadata import version

import numpy as np
from scipy import stats

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


cases = []
for seed, rows, shift, scale, tail in [
    (1, 2, 0, 300000, 0.9), (2, 37, 0, 120000, 0.95), (3, 500, 0, 800000, 0.5), (4, 2000, 0, 50000, 0.999),
    (5, 400, 150000, 250000, 0.9),
]:
    stream = units(seed)
    x = np.array([math.floor(shift + scale / (1 - tail * next(stream))) for _ in range(rows)], dtype=float)
    sigma, location, median = stats.lognorm.fit(x, floc=shift)
    fitted = stats.lognorm(sigma, loc=location, scale=median)
    cases.append(
        {
            "seed": seed, "rows": rows, "shift": shift, "scale": scale, "tail": tail,
            "mu": math.log(median), "sigma": sigma,
            "ks": stats.kstest(x, fitted.cdf).statistic,
            "cumulative_at_mean": fitted.cdf(x.mean()),
            "quantiles": [float(fitted.ppf(p)) for p in (0.01, 0.5, 0.95, 0.99)],
        }
    )

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "latency.json")
with open(path, "w") as file:
    json.dump({"scipy": version("scipy"), "numpy": version("numpy"), "cases": cases}, file, indent=1)
    file.write("\n")
