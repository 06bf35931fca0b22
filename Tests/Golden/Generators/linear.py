"""Reference numbers for RiddleLearning: multinomial, ordinal, L1 and elastic-net logistic regression, inference.

Run from the repository's root: python3 Tests/Golden/Generators/linear.py
Made with scikit-learn 1.7.2, statsmodels 0.15.0, numpy 2.4.6, scipy 1.17.1. Writes Tests/Golden/linear.json.
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from statsmodels.miscmodels.ordinal_model import OrderedModel

SEED = 31415


def world(rng, n, d, bits):
    """Dense features and two blocks of signed hashed keys, as arrays and as an explicit matrix."""
    x = (rng.normal(size=(n, d)) * np.array([2, 1, 7, 0.5])[:d] + np.array([1, 0, -4, 2])[:d])
    x = x.astype(np.float32).astype(float)
    full = np.zeros((n, 1 << bits))
    words, characters, scales = [], [], []
    for i in range(n):
        row = []
        for count in (rng.integers(1, 6), rng.integers(3, 12)):
            buckets = np.minimum(rng.geometric(0.09, size=count) - 1, (1 << bits) - 1)
            keys = (buckets.astype(int) << 1) | rng.integers(0, 2, size=count)
            scale = float(np.float32(1 / np.sqrt(count)))
            for key in keys:
                full[i, key >> 1] += -scale if key & 1 else scale
            row.append((keys.tolist(), scale))
        words.append(row[0][0])
        characters.append(row[1][0])
        scales.append([row[0][1], row[1][1]])
    rows = dict(bucketBits=bits, x=x.tolist(), words=words, characters=characters, scales=scales)
    return x, full, rows


def scaled(x, weights):
    scaler = StandardScaler().fit(x, sample_weight=weights)
    return scaler.transform(x), scaler.mean_, scaler.scale_


def head(coef, intercept, d, mean, scale):
    dense = coef[:d] / scale
    return dict(dense=dense.tolist(), hashed=coef[d:].tolist(), intercept=float(intercept - dense @ mean))


def multinomial(rng):
    n, d, bits, classes = 220, 3, 5, 4
    x, full, rows = world(rng, n, d, bits)
    truth = rng.normal(size=(classes, d + (1 << bits))) * 0.8
    z = np.c_[scaled(x, np.ones(n))[0], full]
    y = np.array([rng.choice(classes, p=p) for p in scipy.special.softmax(z @ truth.T, axis=1)])
    weights = rng.integers(1, 4, size=n).astype(float)
    cases = []
    for penalty, hashed, balanced in ((0.3, True, False), (3.0, True, True), (0.5, False, False), (1e-3, False, True)):
        # Balanced weights as Riddle defines them: total over (classes times the class's weight).
        class_weight = None
        if balanced:
            class_weight = {k: weights.sum() / (classes * weights[y == k].sum()) for k in range(classes)}
        c = weights * (np.array([class_weight[k] for k in y]) if balanced else 1)
        zx, mean, scale = scaled(x, c)
        design = np.c_[zx, full] if hashed else zx
        model = LogisticRegression(C=1 / penalty, tol=1e-13, max_iter=100000, solver="newton-cholesky").fit(
            design, y, sample_weight=c)
        intercepts = model.intercept_ - model.intercept_.mean()
        cases.append(dict(
            penalty=penalty, hashed=hashed, balanced=balanced,
            heads=[head(model.coef_[k], intercepts[k], d, mean, scale) for k in range(classes)]))
    return dict(rows=rows, classes=y.tolist(), weights=weights.tolist(), cases=cases)


def ordinal(rng):
    n, d, bits, classes = 240, 3, 4, 4
    x, full, rows = world(rng, n, d, bits)
    latent = scaled(x, np.ones(n))[0] @ [1.0, -0.7, 0.4] + full @ rng.normal(size=1 << bits) + rng.logistic(size=n)
    y = np.digitize(latent, [-1.5, 0.2, 1.7])
    weights = rng.integers(1, 4, size=n).astype(float)
    cases = []
    fit = OrderedModel(y, x, distr="logit").fit(method="newton", maxiter=200, tol=1e-12, disp=False)
    cuts = fit.model.transform_threshold_params(fit.params)[1:-1]
    cases.append(dict(
        reference="statsmodels", penalty=1e-9, hashed=False, weighted=False, dense=fit.params[:d].tolist(),
        weights=[], cuts=cuts.tolist()))
    # statsmodels has no penalty: the penalised optimum by scipy on the textbook likelihood.
    for penalty, hashed in ((0.5, True), (4.0, False)):
        z, mean, scale = scaled(x, weights)
        design = np.c_[z, full] if hashed else z
        m = design.shape[1]

        def loss(p):
            cut = np.concatenate([[-np.inf], np.cumsum(np.r_[p[m], np.exp(p[m + 1:])]), [np.inf]])
            eta = design @ p[:m]
            prob = scipy.special.expit(cut[y + 1] - eta) - scipy.special.expit(cut[y] - eta)
            return -(weights * np.log(np.maximum(prob, 1e-300))).sum() + penalty / 2 * (p[:m] ** 2).sum()

        def gradient(p):
            cut = np.concatenate([[-np.inf], np.cumsum(np.r_[p[m], np.exp(p[m + 1:])]), [np.inf]])
            eta = design @ p[:m]
            upper, lower = scipy.special.expit(cut[y + 1] - eta), scipy.special.expit(cut[y] - eta)
            prob = upper - lower
            du, dl = upper * (1 - upper) / prob, lower * (1 - lower) / prob
            by_cut = np.zeros(classes - 1)
            for k in range(classes - 1):
                by_cut[k] = -(weights * (du * (y == k) - dl * (y == k + 1))).sum()
            chain = np.r_[by_cut.sum(), [np.exp(p[m + k]) * by_cut[k:].sum() for k in range(1, classes - 1)]]
            return np.r_[design.T @ (weights * (du - dl)) + penalty * p[:m], chain]

        start = np.r_[np.zeros(m), -1.0, np.zeros(classes - 2)]
        point = minimize(loss, start, jac=gradient, method="BFGS", options=dict(gtol=1e-9, maxiter=20000)).x
        dense = point[:d] / scale
        cut = np.cumsum(np.r_[point[m], np.exp(point[m + 1:])]) + dense @ mean
        assert np.abs(gradient(point)).max() < 1e-6, np.abs(gradient(point)).max()
        cases.append(dict(
            reference="scipy", penalty=penalty, hashed=hashed, weighted=True, dense=dense.tolist(),
            weights=point[d:m].tolist(), cuts=cut.tolist()))
    return dict(rows=rows, classes=y.tolist(), weights=weights.tolist(), cases=cases)


def sparse(rng):
    n, d, bits = 180, 4, 6
    x, full, rows = world(rng, n, d, bits)
    truth = rng.normal(size=1 << bits) * (rng.random(1 << bits) < 0.3)
    margin = full @ truth + scaled(x, np.ones(n))[0] @ [1.0, 0, -0.6, 0] - 0.3
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    weights = rng.integers(1, 4, size=n).astype(float)
    cases = []
    for penalty, ratio, hashed in (
            (2.0, 1.0, True), (8.0, 1.0, True), (0.5, 1.0, True), (4.0, 0.5, True), (2.0, 0.15, True),
            (10.0, 1.0, False), (30.0, 0.7, False)):
        z, mean, scale = scaled(x, weights)
        design = np.c_[z, full] if hashed else z
        model = LogisticRegression(
            C=1 / penalty, l1_ratio=ratio, penalty="elasticnet", solver="saga", tol=1e-12, max_iter=1000000,
            random_state=0).fit(design, y, sample_weight=weights)
        cases.append(dict(
            penalty=penalty, ratio=ratio, usesHashed=hashed, **head(model.coef_[0], model.intercept_[0], d, mean, scale)))
    return dict(rows=rows, y=y.tolist(), weights=weights.tolist(), cases=cases)


def inference(rng):
    n, d = 150, 3
    x = (rng.normal(size=(n, d)) * [2, 1, 7] + [1, 0, -4]).astype(np.float32).astype(float)
    y = (rng.random(n) < 1 / (1 + np.exp(-(0.5 * x[:, 0] - x[:, 1] + 0.1 * x[:, 2])))).astype(float)
    fit = sm.Logit(y, sm.add_constant(x)).fit(method="newton", tol=1e-14, maxiter=100, disp=False)
    interval = fit.conf_int(0.05)
    # Penalised, as tr H (H + L)^-1 and (H + L)^-1 on standardised columns.
    z, _, scale = scaled(x, np.ones(n))
    penalty = 5.0
    model = LogisticRegression(C=1 / penalty, tol=1e-13, max_iter=1000, solver="newton-cholesky").fit(z, y)
    design = np.c_[z, np.ones(n)]
    p = model.predict_proba(z)[:, 1]
    hessian = design.T @ (design * (p * (1 - p))[:, None])
    penalised = hessian + np.diag([penalty] * d + [0])
    inverse = np.linalg.inv(penalised)
    return dict(
        x=x.tolist(), y=y.tolist(), coef=fit.params[1:].tolist(), se=fit.bse[1:].tolist(),
        low=np.exp(interval[1:, 0]).tolist(), high=np.exp(interval[1:, 1]).tolist(), spread=scale.tolist(),
        penalty=penalty, penalisedSE=(np.sqrt(np.diag(inverse))[:d] / scale).tolist(),
        degrees=float(np.trace(hessian @ inverse)))


warnings.simplefilter("ignore", FutureWarning)
rng = np.random.default_rng(SEED)
golden = dict(
    versions=dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__,
                  statsmodels=statsmodels.__version__),
    seed=SEED, multinomial=multinomial(rng), ordinal=ordinal(rng), sparse=sparse(rng), inference=inference(rng))
out = pathlib.Path(__file__).parent.parent / "linear.json"
out.write_text(json.dumps(golden) + "\n")
