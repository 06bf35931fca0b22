"""Reference trees for RiddleLearning: entropy, class weights and two-valued columns, by scikit-learn; boosting by LightGBM.

Run from the repository's root: python3 Tests/Golden/Generators/trees.py
Writes Tests/Golden/trees.json. Made with scikit-learn 1.7.2, lightgbm 4.7.0, numpy 2.4.6.
Rows of the boosting cases come from splitmix64 by arithmetic that any language repeats exactly.
"""
import json
import pathlib

import lightgbm
import numpy as np
import sklearn
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

SEED = 20261
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


def tree_case(rng, criterion, class_weight, weighted):
    n = 500
    while True:
        category = rng.integers(0, 4, size=n)  # one centred column each, as context fields arrive
        shares = np.bincount(category, minlength=4) / n
        one_hot = (category[:, None] == np.arange(4)) - np.round(shares, 3)
        x = np.column_stack([rng.integers(0, 7, size=(n, 2)) * [1, 0.5], one_hot]).astype(np.float32).astype(float)
        p = 0.15 + 0.45 * ((category == 1) & (x[:, 0] > 2)) + 0.3 * ((category == 3) | (x[:, 1] < 1))
        y = (rng.random(n) < p).astype(int)
        weights = rng.integers(1, 5, size=n).astype(float) if weighted else np.ones(n)
        each = weights * np.where(y == 1, class_weight[1], class_weight[0])

        def grow(state, alpha=0.0):
            return DecisionTreeClassifier(
                criterion=criterion, max_depth=4, min_weight_fraction_leaf=15 / each.sum(), random_state=state,
                class_weight=class_weight, ccp_alpha=alpha).fit(x, y, sample_weight=weights)

        trees = [grow(s).tree_ for s in range(12)]
        # No ties: the tree is the data's, not the generator's. No useless splits, which scikit-learn takes.
        gains = cut_gains(trees[0])
        if gains.min() > 1e-6 and all(
                np.array_equal(t.feature, trees[0].feature) and np.array_equal(t.threshold, trees[0].threshold)
                for t in trees):
            break
    path = grow(0).cost_complexity_pruning_path(x, y, sample_weight=weights)
    leaves = []
    for i, alpha in enumerate(path.ccp_alphas):
        nxt = path.ccp_alphas[i + 1] if i + 1 < len(path.ccp_alphas) else alpha * 2
        leaves.append(int(grow(0, (alpha + nxt) / 2).get_n_leaves()))
    t = trees[0]
    return dict(
        criterion=criterion, classWeights=dict(positive=class_weight[1], negative=class_weight[0]),
        tree=dict(
            x=x.tolist(), y=y.tolist(), weights=weights.tolist(), depth=4, leafWeight=15,
            feature=t.feature.tolist(), threshold=t.threshold.tolist(), left=t.children_left.tolist(),
            right=t.children_right.tolist(), positive=t.value[:, 0, 1].tolist(),
            weight=t.weighted_n_node_samples.tolist(), alphas=path.ccp_alphas.tolist(),
            impurities=path.impurities.tolist(), leaves=leaves))


def cut_gains(t):
    w = t.weighted_n_node_samples
    inner = np.flatnonzero(t.children_left >= 0)
    l, r = t.children_left[inner], t.children_right[inner]
    return (w[inner] * t.impurity[inner] - w[l] * t.impurity[l] - w[r] * t.impurity[r]) / w[0]


def boosting_rows(seed, n):
    u = uniform(seed, n * 9).reshape(n, 9)
    x = u[:, :8].copy()
    x[:, 4] = np.floor(x[:, 4] * 5)
    x[:, 5] = np.where(x[:, 5] < 0.8, 0, x[:, 5])
    x = x.astype(np.float32)
    v = x.astype(float)
    p = 0.1 + 0.3 * v[:, 0] * v[:, 1]
    p = p + np.where(v[:, 2] > 0.6, 0.25, 0) * v[:, 3]
    p = p + np.where(v[:, 4] == 2, 0.2, 0)
    p = p + np.where(v[:, 5] > 0, 0.15, 0)
    return x, (u[:, 8] < p).astype(float)


def boosting_cases():
    train, test = boosting_rows(11, 4000), boosting_rows(12, 12000)
    cases = []
    for leaves, rate, rows, l2, trees in [(31, 0.1, 20, 0.0, 60), (7, 0.05, 50, 5.0, 100), (15, 0.1, 100, 1.0, 60)]:
        model = lightgbm.train(
            dict(
                objective="binary", verbosity=-1, num_threads=1, seed=0, num_leaves=leaves, learning_rate=rate,
                min_data_in_leaf=rows, lambda_l2=l2, deterministic=True),
            lightgbm.Dataset(train[0], train[1]), trees)
        p = model.predict(test[0])
        cases.append(
            dict(
                leaves=leaves, learningRate=rate, leafRows=rows, l2Penalty=l2, trees=trees,
                auc=float(roc_auc_score(test[1], p)), logLoss=float(log_loss(test[1], p)),
                trainingLoss=float(log_loss(train[1], model.predict(train[0])))))
    return dict(
        seeds=[11, 12], rows=[4000, 12000], positives=[int(train[1].sum()), int(test[1].sum())], cases=cases)


rng = np.random.default_rng(SEED)
golden = dict(
    versions=dict(numpy=np.__version__, sklearn=sklearn.__version__, lightgbm=lightgbm.__version__), seed=SEED,
    trees=[
        tree_case(rng, "entropy", {0: 1.0, 1: 1.0}, False), tree_case(rng, "gini", {0: 1.0, 1: 3.0}, False),
        tree_case(rng, "entropy", {0: 0.5, 1: 2.0}, True)],
    boosting=boosting_cases())
out = pathlib.Path(__file__).parent.parent / "trees.json"
out.write_text(json.dumps(golden) + "\n")
