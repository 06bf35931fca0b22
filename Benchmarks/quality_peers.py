"""Cross-validated predictions of scikit-learn and LightGBM on the rows and folds that Riddle gets; quality.py calls it.

Every peer is tuned inside the training folds alone: it is fitted without the folds that follow the held-out one (one of
five, two of ten) and judged on those by log loss; the best setting is then fitted to all training folds.
"""
import numpy

from peers import log_losses

SPARSE_GRID = (0.1, 0.3, 1.0, 3.0, 10.0)
FOREST_GRID = tuple(
    {"learning_rate": 0.03, "num_leaves": leaves, "min_data_in_leaf": rows, "feature_fraction": share}
    for leaves, rows, share in ((4, 20, 0.5), (7, 50, 0.5), (15, 50, 0.5), (31, 100, 0.3)))


def fold_sides(folds, fold):
    """(train, test, inner, validation) rows of one held-out fold."""
    present = numpy.unique(folds)
    position = int(numpy.flatnonzero(present == fold)[0])
    following = numpy.roll(present, -position)[1:1 + max(1, len(present) // 5)]
    rows = numpy.arange(len(folds))
    train, test = rows[folds != fold], rows[folds == fold]
    validates = numpy.isin(folds[train], following)
    return train, test, train[~validates], train[validates]


class Rows:
    """What every peer reads: texts, statistics (rows × columns) and, by side, ready-made feature matrices."""

    def __init__(self, texts, statistics):
        self.texts = numpy.array(texts, dtype=object)
        self.statistics = statistics

    def words(self, fit, apply):
        from sklearn.feature_extraction.text import TfidfVectorizer
        return self.vectorized(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=numpy.float32), fit, apply)

    def characters(self, fit, apply):
        from sklearn.feature_extraction.text import TfidfVectorizer
        return self.vectorized(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=3, dtype=numpy.float32),
            fit, apply)

    def vectorized(self, vectorizer, fit, apply):
        return vectorizer.fit_transform(self.texts[fit]), vectorizer.transform(self.texts[apply])

    def hashed(self, fit, apply):
        from sklearn.feature_extraction.text import HashingVectorizer
        vectorizer = HashingVectorizer(ngram_range=(1, 2), n_features=2**18)
        return vectorizer.transform(self.texts[fit]), vectorizer.transform(self.texts[apply])

    def beside(self, blocks, fit, apply):
        """Sparse blocks and standardised statistics, at most five deviations and a tenth of the weight, side by side."""
        import scipy.sparse
        from sklearn.preprocessing import StandardScaler
        scaler = StandardScaler().fit(self.statistics[fit])
        made = [block(fit, apply) for block in blocks]
        sides = []
        for side, rows in enumerate((fit, apply)):
            dense = numpy.clip(scaler.transform(self.statistics[rows]), -5, 5) * 0.1
            sides.append(scipy.sparse.hstack([m[side] for m in made] + [scipy.sparse.csr_matrix(dense)]).tocsr())
        return sides

    def words_statistics(self, fit, apply):
        return self.beside([self.words], fit, apply)

    def all_statistics(self, fit, apply):
        return self.beside([self.words, self.characters], fit, apply)


def logistic(build):
    """Penalised logistic regression on the features that `build` makes."""
    def predict(rows, labels, train, test, inner, validation):
        from sklearn.linear_model import LogisticRegression

        def fitted(c, matrix, y):
            return LogisticRegression(C=c, solver="liblinear", max_iter=200).fit(matrix, y)

        x_inner, x_validation = build(rows, inner, validation)
        x_train, x_test = build(rows, train, test)
        out = []
        for y in labels:
            def loss(c):
                model = fitted(c, x_inner, y[inner])
                return log_losses(y[validation], model.predict_proba(x_validation)[:, 1]).mean()
            out.append(fitted(min(SPARSE_GRID, key=loss), x_train, y[train]).predict_proba(x_test)[:, 1])
        return out
    return predict


def forest(rows, labels, train, test, inner, validation):
    """LightGBM on the statistics: shape by the grid, number of trees by early stopping, both on the validation rows."""
    import lightgbm
    x = rows.statistics
    out = []
    for y in labels:
        best = None
        for shape in FOREST_GRID:
            settings = {"objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": 1, "seed": 0,
                        "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "feature_pre_filter": False, **shape}
            model = lightgbm.train(
                settings, lightgbm.Dataset(x[inner], y[inner]), 1500,
                valid_sets=[lightgbm.Dataset(x[validation], y[validation])],
                callbacks=[lightgbm.early_stopping(50, verbose=False)])
            loss = model.best_score["valid_0"]["binary_logloss"]
            if best is None or loss < best[0]:
                best = (loss, settings, model.best_iteration)
        # An eighth more trees for a fifth to a quarter more rows.
        trees = max(1, round(best[2] * 1.125))
        out.append(lightgbm.train(best[1], lightgbm.Dataset(x[train], y[train]), trees).predict(x[test]))
    return out


PEERS = {
    "tfidf": ("TF-IDF(1,2) + LR", logistic(Rows.words)),
    "hashing": ("Hashing(1,2) + LR", logistic(Rows.hashed)),
    "ngrams-statistics": ("TF-IDF(1,2) + statistics, LR", logistic(Rows.words_statistics)),
    "characters-statistics": ("TF-IDF words, characters + statistics, LR", logistic(Rows.all_statistics)),
    "lightgbm": ("LightGBM on statistics", forest),
}


def available(names):
    """The peers that can be imported, and those that cannot."""
    try:
        import lightgbm  # noqa: F401
        return list(names), []
    except ImportError:
        return [n for n in names if n != "lightgbm"], [n for n in names if n == "lightgbm"]


def predictions(name, rows, labels, folds):
    """Held-out probabilities of every label in `labels`."""
    out = [numpy.zeros(len(folds)) for _ in labels]
    for fold in numpy.unique(folds):
        train, test, inner, validation = fold_sides(folds, fold)
        for made, p in zip(PEERS[name][1](rows, labels, train, test, inner, validation), out):
            p[test] = made
    return out
