"""The same work in scikit-learn and in Python's standard library: what `make bench` compares Riddle with.

Nothing here runs by itself; bench.py calls it.
"""
import gzip
import json
import math
import os
import sqlite3
import time

WEAK = 0
STRONG = 1


def read_rows(paths, candidates):
    """(id, text, group, weak quality, strong quality) of every row with text and both candidates, in file order."""
    rows = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                outcomes = row["outcomes"]
                if row.get("query") is None or any(c not in outcomes for c in candidates):
                    continue
                weak, strong = (outcomes[c].get("quality") for c in candidates)
                if weak is not None and strong is not None:
                    name = os.path.basename(path) + ":" + (row.get("group") or "")
                    rows.append((row["id"], row["query"], name, weak, strong))
    return rows


def assign_folds(rows, count=5, seed=20261121):
    """A fold per row. Rows with the same text share one; group and "weak is right" are spread evenly.

    Texts are put into strata by the group and label of their first row; the strata, in sorted order, are shuffled by
    one seeded generator and dealt to the folds like cards, each stratum going on where the last one stopped.
    """
    import numpy
    random = numpy.random.RandomState(seed)
    strata = {}
    met = set()
    for _, text, group, weak, _ in rows:
        if text not in met:
            met.add(text)
            strata.setdefault((group, int(weak)), []).append(text)
    fold_of_text = {}
    dealt = 0
    for key in sorted(strata):
        texts = strata[key]
        for position, index in enumerate(random.permutation(len(texts))):
            fold_of_text[texts[index]] = (dealt + position) % count
        dealt += len(texts)
    return [fold_of_text[text] for _, text, _, _, _ in rows]


def log_losses(labels, probabilities):
    import numpy
    p = numpy.clip(probabilities, 1e-15, 1 - 1e-15)
    y = numpy.asarray(labels)
    return -(y * numpy.log(p) + (1 - y) * numpy.log(1 - p))


def hashing_vectorizer():
    from sklearn.feature_extraction.text import HashingVectorizer
    return HashingVectorizer(ngram_range=(1, 2), n_features=2**18)


def train_once(rows, folds, fold, inverse_penalty):
    """Featurizes and fits "weak fails" outside `fold`: seconds of both, iterations, log losses of the fold."""
    from sklearn.linear_model import LogisticRegression
    texts = [r[1] for r, f in zip(rows, folds) if f != fold]
    labels = [int(r[3] < 0.5) for r, f in zip(rows, folds) if f != fold]
    held_out = [r for r, f in zip(rows, folds) if f == fold]
    start = time.perf_counter()
    vectorizer = hashing_vectorizer()
    matrix = vectorizer.transform(texts)
    featurized = time.perf_counter()
    model = LogisticRegression(solver="lbfgs", C=inverse_penalty, max_iter=1000)
    model.fit(matrix, labels)
    end = time.perf_counter()
    p = model.predict_proba(vectorizer.transform([r[1] for r in held_out]))[:, 1]
    losses = log_losses([int(r[3] < 0.5) for r in held_out], p)
    return {"featurizeSeconds": featurized - start, "fitSeconds": end - featurized,
            "iterations": int(model.n_iter_[0]), "heldOutRows": len(held_out),
            "heldOutLogLossSum": float(losses.sum())}


def import_once(path, store):
    """The same file into SQLite with the standard library: json.loads a line, executemany in one transaction."""
    if os.path.exists(store):
        os.remove(store)
    start = time.perf_counter()
    database = sqlite3.connect(store)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE queries (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT, grp TEXT)")
    database.execute("CREATE TABLE outcomes (query INTEGER, candidate TEXT, quality REAL, cost REAL, latency REAL,"
                     " in_tokens INTEGER, out_tokens INTEGER, PRIMARY KEY (query, candidate)) WITHOUT ROWID")
    count = 0
    queries, outcomes = [], []

    def flush():
        database.executemany("INSERT INTO queries VALUES (?, ?, ?, ?)", queries)
        database.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?)", outcomes)
        queries.clear()
        outcomes.clear()

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            count += 1
            queries.append((count, row["id"], row["query"], row.get("group")))
            for name, o in row["outcomes"].items():
                outcomes.append((count, name, o.get("quality"), o.get("cost_usd"), o.get("latency_ms"),
                                 o.get("in_tokens"), o.get("out_tokens")))
            if len(queries) == 20000:
                flush()
    flush()
    database.commit()
    database.close()
    return count, time.perf_counter() - start


def scoring_pipeline(rows):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    model = make_pipeline(hashing_vectorizer(), LogisticRegression(solver="liblinear", C=3.0))
    return model.fit([r[1] for r in rows], [int(r[3] < 0.5) for r in rows])


def score_pass(model, queries):
    """Nanoseconds of thread CPU time per query, one query a call."""
    start = time.thread_time_ns()
    for query in queries:
        model.predict_proba([query])
    return (time.thread_time_ns() - start) / len(queries)


def fold_predictions(rows, folds, kind):
    """Cross-validated probabilities of a scikit-learn pipeline for "weak fails", "strong wins" and "strong is right".

    C is chosen by log loss on the next fold after a fit on the other three, then all four are fitted: the same rule as
    `riddle-bench quality`.
    """
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    texts = [r[1] for r in rows]
    folds = numpy.asarray(folds)
    targets = [numpy.array([int(r[3] < 0.5) for r in rows]), numpy.array([int(r[4] > r[3]) for r in rows]),
               numpy.array([int(r[4] >= 0.5) for r in rows])]
    grid = [0.3, 1.0, 3.0, 10.0]
    hashed = hashing_vectorizer().transform(texts) if kind == "hashing" else None

    def features(fit, apply):
        if hashed is not None:
            return hashed[fit], hashed[apply]
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=numpy.float32)
        return vectorizer.fit_transform([texts[i] for i in fit]), vectorizer.transform([texts[i] for i in apply])

    def fitted(c, matrix, labels):
        return LogisticRegression(C=c, solver="liblinear", max_iter=200).fit(matrix, labels)

    out = [numpy.zeros(len(rows)) for _ in targets]
    count = int(folds.max()) + 1
    for fold in range(count):
        test = numpy.flatnonzero(folds == fold)
        train = numpy.flatnonzero(folds != fold)
        inner = train[folds[train] != (fold + 1) % count]
        validation = train[folds[train] == (fold + 1) % count]
        x_inner, x_validation = features(inner, validation)
        x_train, x_test = features(train, test)
        for y, p in zip(targets, out):
            def loss(c):
                model = fitted(c, x_inner, y[inner])
                return log_losses(y[validation], model.predict_proba(x_validation)[:, 1]).mean()
            c = min(grid, key=loss)
            p[test] = fitted(c, x_train, y[train]).predict_proba(x_test)[:, 1]
    return out


def figures(rows, weak_fails, strong_wins, strong_right, gap_prefix, gain=None):
    """AUC, log loss and ECE (15 bins of equal width) of "weak fails"; exact APGR on some rows, by routing score."""
    import numpy
    from scipy.stats import rankdata
    y = numpy.array([int(r[3] < 0.5) for r in rows])
    p = numpy.asarray(weak_fails)
    ranks = rankdata(p)
    positives = y.sum()
    auc = (ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives))
    bins = numpy.minimum((p * 15).astype(int), 14)
    ece = numpy.abs(numpy.bincount(bins, p - y, 15)).sum() / len(y)
    chosen = [i for i, r in enumerate(rows) if r[0].startswith(gap_prefix)]
    gains = numpy.array([rows[i][4] - rows[i][3] for i in chosen])

    def apgr(score):
        return average_gap(numpy.asarray(score)[chosen], gains)

    # P(strong right) - P(weak right) ranks as P(strong right) + P(weak fails).
    found = {"auc": float(auc), "logLoss": float(log_losses(y, p).mean()), "ece": float(ece),
             "apgrStrongWins": apgr(strong_wins), "apgrDifference": apgr(p + numpy.asarray(strong_right))}
    if gain is not None:
        found["apgrGain"] = apgr(gain)
    return found


def average_gap(score, gains):
    """Area under the share of the gap recovered, over every strong share; tied scores enter together."""
    import numpy
    _, tie, count = numpy.unique(-score, return_inverse=True, return_counts=True)
    gained = numpy.bincount(tie, gains)
    total = gains.sum()
    share = numpy.concatenate([[0.0], numpy.cumsum(count)]) / len(gains)
    recovered = numpy.concatenate([[0.0], numpy.cumsum(gained)]) / total
    return float(((recovered[1:] + recovered[:-1]) / 2 * numpy.diff(share)).sum()) if total else math.nan
