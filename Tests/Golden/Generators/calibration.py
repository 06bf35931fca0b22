"""Reference numbers for RiddleLearning: isotonic regression, temperature scaling, expected calibration error.

Run from the repository's root: python3 Tests/Golden/Generators/calibration.py
Made with numpy 2.4, scipy 1.17, scikit-learn 1.7.2 (the exact versions stand in the file).
Writes Tests/Golden/calibration.json. Data come from splitmix64, or are stored beside the numbers.
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.optimize import brentq
from sklearn.isotonic import IsotonicRegression

SEED = 7321
MASK = (1 << 64) - 1


def splitmix64(seed, count):
    state, out = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 11) / 2**53)
    return np.array(out)


def isotonic_case(x, y, w):
    fit = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(x, y, sample_weight=w)
    at = np.concatenate([np.linspace(x.min() - 1, x.max() + 1, 41), x[:20]])
    return dict(
        margins=x.tolist(), targets=y.tolist(), weights=w.tolist(), at=at.tolist(),
        value=fit.predict(at).tolist())


def isotonic_cases(rng):
    cases = []
    for n, grid, weighted, soft in [
            (300, None, False, False), (300, 0.5, False, False), (500, 0.25, True, False),
            (200, None, True, True), (40, 1.0, False, False)]:
        x = rng.normal(0, 1.5, n)
        if grid:
            x = np.round(x / grid) * grid  # ties
        p = 1 / (1 + np.exp(-0.8 * x + 0.3))
        y = p if soft else (rng.random(n) < p).astype(float)
        if soft:
            y = np.clip(y + rng.normal(0, 0.2, n), 0, 1)
        w = rng.integers(1, 6, n) / 2 if weighted else np.ones(n)
        cases.append(isotonic_case(x, y, w))
    return cases


def stream_cases():
    n = 400
    u = splitmix64(42, 3 * n).reshape(3, n)
    z, y = np.log(u[0] / (1 - u[0])), (u[1] < 0.35 + 0.6 * u[0]).astype(float)
    up, down = (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2)

    def slope(t):
        return brentq(lambda s: ((1 / (1 + np.exp(-s * z)) - t) * z).sum(), 0.01, 10, xtol=1e-15, rtol=1e-15)

    iso = IsotonicRegression(out_of_bounds="clip").fit(u[0], y)

    def ece(bins):
        order = np.argsort(u[0], kind="stable")
        return float(sum(
            abs(u[0][g].mean() - y[g].mean()) * len(g) / n for g in np.array_split(order, bins)))

    return dict(
        layout="u = 3n draws of splitmix64(42); margin logit(u0), label u1 < 0.35 + 0.6 u0",
        slope=slope(y), smoothedSlope=slope(up * y + down * (1 - y)),
        isotonicAt=[0.1, 0.3, 0.5, 0.7, 0.9], isotonic=iso.predict([0.1, 0.3, 0.5, 0.7, 0.9]).tolist(),
        ece10=ece(10), ece15=ece(15))


rng = np.random.default_rng(SEED)
golden = dict(
    versions=dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__), seed=SEED,
    isotonic=isotonic_cases(rng), stream=stream_cases())
out = pathlib.Path(__file__).parent.parent / "calibration.json"
out.write_text(json.dumps(golden) + "\n")
