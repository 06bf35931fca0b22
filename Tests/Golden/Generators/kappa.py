"""Reference numbers for CohenKappaTests: writes ../kappa.json.

Ratings come from splitmix64, so that the tests rebuild them from a seed: rater one floor(u K); rater two the same with
probability 0.7, else floor(v K). Values by scikit-learn's cohen_kappa_score (versions in the file).
Run: python3 kappa.py
"""

import json
import os
from importlib.metadata import version

from sklearn.metrics import cohen_kappa_score

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
for seed, rows, categories in [(1, 12, 2), (2, 57, 3), (3, 400, 3), (4, 1000, 5)]:
    stream = units(seed)
    first, second = [], []
    for _ in range(rows):
        a = int(next(stream) * categories)
        keep = next(stream) < 0.7
        b = int(next(stream) * categories)
        first.append(a)
        second.append(a if keep else b)
    cases.append(
        {
            "seed": seed, "rows": rows, "categories": categories,
            "none": cohen_kappa_score(first, second),
            "linear": cohen_kappa_score(first, second, weights="linear"),
            "quadratic": cohen_kappa_score(first, second, weights="quadratic"),
        }
    )

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kappa.json")
with open(path, "w") as file:
    json.dump({"scikit-learn": version("scikit-learn"), "cases": cases}, file, indent=1)
    file.write("\n")
