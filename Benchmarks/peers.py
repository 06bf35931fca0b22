"""The same work in scikit-learn and in Python's standard library: what `make bench` compares Riddle with.

Nothing here runs by itself; bench.py and quality.py call it.
"""
import gzip
import json
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
