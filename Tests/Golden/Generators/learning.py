"""Reference numbers for RiddleLearning: logistic regression, Platt scaling, decision trees.

Run from the repository's root: python3 Tests/Golden/Generators/learning.py
Writes Tests/Golden/learning.json. Data come from splitmix64, or are stored beside the numbers.
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from sklearn.calibration import _SigmoidCalibration
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

SEED = 20240
MASK = (1 << 64) - 1


def uniform(seed, n):
    """Uniform numbers of splitmix64."""
    x, out = seed, []
    for _ in range(n):
        x = (x + 0x9E3779B97F4A7C15) & MASK
        z = x
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out.append(((z ^ (z >> 31)) >> 11) / (1 << 53))
    return np.array(out)


def fit(x, y, penalty, weights=None, class_weight=None):
    model = LogisticRegression(
        C=1 / penalty, tol=1e-13, max_iter=10000, solver="newton-cholesky", class_weight=class_weight
    ).fit(x, y, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def scaled(x, weights):
    scaler = StandardScaler().fit(x, sample_weight=weights)
    return scaler.transform(x), scaler.mean_, scaler.scale_


def dense_cases(rng):
    n, d = 80, 4
    x = rng.normal(size=(n, d)) * [1, 5, 0.3, 20] + [0, 3, -1, 100]
    x = x.astype(np.float32).astype(float)
    margin = 0.8 * x[:, 0] - 0.3 * x[:, 1] + 2 * x[:, 2] + 0.02 * (x[:, 3] - 100) + 2
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    weights = rng.integers(1, 6, size=n) / 2
    cases = []
    for penalty in (0.1, 1.0, 10.0):
        for standardizes in (False, True):
            for weighted in (False, True):
                for multiplier in (1.0, 0.25):
                    w = weights if weighted else np.ones(n)
                    z, mean, scale = scaled(x, w) if standardizes else (x, np.zeros(d), np.ones(d))
                    # Multiplying the penalty by c equals dividing the columns by sqrt(c).
                    root = np.sqrt(multiplier)
                    coef, intercept = fit(z / root, y, penalty, w)
                    coef = coef / root / scale
                    cases.append(dict(
                        penalty=penalty, standardizes=standardizes, weighted=weighted,
                        multiplier=multiplier, coef=coef.tolist(), intercept=intercept - float(coef @ mean)))
    coef, intercept = fit(x, y, 1.0, None, "balanced")
    balanced = dict(coef=coef.tolist(), intercept=intercept)
    return dict(x=x.tolist(), y=y.tolist(), weights=weights.tolist(), cases=cases, balanced=balanced)


def hashed_cases(rng):
    n, d, bits = 150, 3, 6
    x = (rng.normal(size=(n, d)) * [2, 1, 7] + [1, 0, -4]).astype(np.float32).astype(float)
    full = np.zeros((n, 1 << bits))
    words, characters, scales = [], [], []
    for i in range(n):
        row = []
        for count in (rng.integers(1, 6), rng.integers(3, 20)):
            buckets = np.minimum(rng.geometric(0.07, size=count) - 1, (1 << bits) - 1)
            keys = (buckets.astype(int) << 1) | rng.integers(0, 2, size=count)
            scale = float(np.float32(1 / np.sqrt(count)))
            for key in keys:
                full[i, key >> 1] += -scale if key & 1 else scale
            row.append((keys.tolist(), scale))
        words.append(row[0][0])
        characters.append(row[1][0])
        scales.append([row[0][1], row[1][1]])
    truth = rng.normal(size=1 << bits)
    margin = full @ truth + 0.3 * x[:, 0] - 0.5
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    weights = rng.integers(1, 4, size=n).astype(float)
    cases = []
    for penalty, multiplier in ((0.05, 1.0), (0.5, 1.0), (4.0, 0.1)):
        z, mean, scale = scaled(x, weights)
        root = np.sqrt(multiplier)
        coef, intercept = fit(np.c_[z / root, full], y, penalty, weights)
        dense = coef[:d] / root / scale
        cases.append(dict(
            penalty=penalty, multiplier=multiplier, dense=dense.tolist(), hashed=coef[d:].tolist(),
            intercept=intercept - float(dense @ mean)))
    return dict(
        bucketBits=bits, x=x.tolist(), words=words, characters=characters, scales=scales,
        y=y.tolist(), weights=weights.tolist(), cases=cases)


def stream_cases():
    n = 400
    u = uniform(42, 3 * n).reshape(3, n)
    coef, intercept = fit(np.c_[u[0], u[1]], (u[2] < 0.3 + 0.5 * u[0]).astype(int), 1.0)
    weak = (u[1] < 0.35 + 0.6 * u[0]).astype(int)
    z = np.log(np.clip(u[0], 1e-12, 1 - 1e-12) / (1 - np.clip(u[0], 1e-12, 1 - 1e-12)))
    platt = _SigmoidCalibration().fit(z, weak)
    up, down = (weak.sum() + 1) / (weak.sum() + 2), 1 / (n - weak.sum() + 2)
    t = np.where(weak == 1, up, down)

    def value(p):
        m = p[0] * z + p[1]
        r = 1 / (1 + np.exp(-m)) - t
        return (np.logaddexp(0, m) - t * m).sum(), np.array([(r * z).sum(), r.sum()])

    def hessian(p):
        q = 1 / (1 + np.exp(-(p[0] * z + p[1])))
        w = q * (1 - q)
        return np.array([[(w * z * z).sum(), (w * z).sum()], [(w * z).sum(), w.sum()]])

    point = minimize(value, [0, 0], jac=True, method="BFGS").x
    for _ in range(8):
        point = point - np.linalg.solve(hessian(point), value(point)[1])
    return dict(
        seed=42, n=n, layout="u = 3n draws, row-major; features u0, u1; label u2 < 0.3 + 0.5 u0",
        coef=coef.tolist(), intercept=intercept,
        plattLayout="margin logit(u0), label u1 < 0.35 + 0.6 u0",
        plattScikit=[-float(platt.a_), -float(platt.b_)], platt=point.tolist())


def tree_case(rng, weighted):
    n, d = 400, 5
    levels = [3, 4, 5, 6, 8]
    while True:
        x = np.stack([rng.integers(0, k, size=n) for k in levels], 1) * [1, 0.5, 0.25, 10, 1.5]
        p = 0.15 + 0.5 * ((x[:, 0] > 0) & (x[:, 3] > 20)) + 0.3 * ((x[:, 1] < 1) & (x[:, 4] > 5))
        y = (rng.random(n) < p).astype(int)
        weights = rng.integers(1, 5, size=n).astype(float) if weighted else np.ones(n)

        def grow(state, alpha=0.0):
            return DecisionTreeClassifier(
                max_depth=4, min_weight_fraction_leaf=12 / weights.sum(), random_state=state,
                ccp_alpha=alpha).fit(x, y, sample_weight=weights)

        trees = [grow(s).tree_ for s in range(12)]
        same = all(
            np.array_equal(t.feature, trees[0].feature) and np.array_equal(t.threshold, trees[0].threshold)
            for t in trees)
        if same:  # no ties: the tree is the data's, not the generator's
            break
    path = grow(0).cost_complexity_pruning_path(x, y, sample_weight=weights)
    leaves = []
    for i, alpha in enumerate(path.ccp_alphas):
        nxt = path.ccp_alphas[i + 1] if i + 1 < len(path.ccp_alphas) else alpha * 2
        leaves.append(int(grow(0, (alpha + nxt) / 2).get_n_leaves()))
    t = trees[0]
    return dict(
        x=x.tolist(), y=y.tolist(), weights=weights.tolist(), depth=4, leafWeight=12,
        feature=t.feature.tolist(), threshold=t.threshold.tolist(), left=t.children_left.tolist(),
        right=t.children_right.tolist(), positive=t.value[:, 0, 1].tolist(),
        weight=t.weighted_n_node_samples.tolist(), alphas=path.ccp_alphas.tolist(),
        impurities=path.impurities.tolist(), leaves=leaves)


rng = np.random.default_rng(SEED)
golden = dict(
    versions=dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__), seed=SEED,
    dense=dense_cases(rng), hashed=hashed_cases(rng), stream=stream_cases(),
    trees=[tree_case(rng, False), tree_case(rng, True)])
out = pathlib.Path(__file__).parent.parent / "learning.json"
out.write_text(json.dumps(golden) + "\n")
