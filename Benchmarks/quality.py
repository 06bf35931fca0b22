#!/usr/bin/env python3
"""Held-out quality of the router that `riddle train` makes, beside scikit-learn and LightGBM on the same rows and folds.

    python3 Benchmarks/quality.py --riddle-bench .build/release/riddle-bench --data LOG.jsonl.gz --candidates WEAK,STRONG

Figures: AUC, log loss and ECE (15 bins of equal width) of P(weak fails); exact APGR of the score
P(strong right) - P(weak right), on all rows or on those whose identifier begins with --gap-prefix. Riddle's are computed
by RiddleEvaluation and again by numpy from the written predictions; the run stops if the two differ by more than 1e-9.

Intervals: 95 %, from the same resampled rows for every learner (whole groups where whole groups are held out), of
predictions that stay as they are. Beside the ECE stands what a predictor gets whose probabilities are exactly right:
labels are drawn from them, and the ECE of these is taken again and again.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy
from scipy.stats import rankdata

import peers
import quality_peers

BINS = 15
FIGURES = (("auc", "AUC", 1), ("logLoss", "log loss", -1), ("apgr", "APGR", 1))


def say(text=""):
    print(text, flush=True)


def group_folds(rows, count):
    """Whole groups, the largest first, each into the fold with the fewest rows."""
    sizes = {}
    for row in rows:
        sizes[row[2]] = sizes.get(row[2], 0) + 1
    held, fold = [0] * count, {}
    for group in sorted(sizes, key=lambda g: (-sizes[g], g)):
        fold[group] = held.index(min(held))
        held[fold[group]] += sizes[group]
    return [fold[row[2]] for row in rows]


def make_folds(rows, options):
    """The fold of every row, and what to call them."""
    kind = options.folds
    if kind == "random":
        return peers.assign_folds(rows, options.count), (
            f"{options.count} random folds, equal texts together, spread over groups and labels (seed 20261121)")
    if kind == "groups":
        return group_folds(rows, options.count), f"{options.count} folds of whole groups"
    if kind == "each-group":
        names = sorted({row[2] for row in rows})
        return [names.index(row[2]) for row in rows], f"every group left out once ({len(names)} folds)"
    with open(kind, encoding="utf-8") as file:
        of = dict(line.split("\t") for line in file.read().splitlines())
    missing = [row[0] for row in rows if row[0] not in of]
    if missing:
        raise SystemExit(f"{kind}: no fold for {len(missing)} rows, {missing[0]} among them")
    return [int(of[row[0]]) for row in rows], f"the folds of {os.path.basename(kind)}"


class Judge:
    """Figures of predictions on fixed rows, plain or with a weight for every row."""

    def __init__(self, rows, gap_prefix):
        self.labels = numpy.array([int(row[3] < 0.5) for row in rows])
        self.gains = numpy.array([row[4] - row[3] for row in rows])
        self.gap_rows = numpy.array([row[0].startswith(gap_prefix) for row in rows])

    def prepare(self, p, score):
        """What resampling needs of one learner: ties of p, losses, ties of the score in descending order."""
        _, tie = numpy.unique(p, return_inverse=True)
        _, gap_tie = numpy.unique(-score[self.gap_rows], return_inverse=True)
        return tie, peers.log_losses(self.labels, p), gap_tie

    def weighted(self, prepared, weights):
        """AUC, log loss and APGR, row i counted weights[i] times."""
        tie, losses, gap_tie = prepared
        positive = numpy.bincount(tie, weights * self.labels)
        negative = numpy.bincount(tie, weights * (1 - self.labels))
        wins = (positive * (numpy.cumsum(negative) - negative / 2)).sum()
        gap_weights = weights[self.gap_rows]
        return (wins / (positive.sum() * negative.sum()), (weights * losses).sum() / weights.sum(),
                average_gap(gap_tie, gap_weights, gap_weights * self.gains[self.gap_rows]))

    def figures(self, p, score):
        ranks, positives = rankdata(p), self.labels.sum()
        auc = (ranks[self.labels == 1].sum() - positives * (positives + 1) / 2) / (
            positives * (len(p) - positives))
        found = self.weighted(self.prepare(p, score), numpy.ones(len(p)))
        if abs(found[0] - auc) > 1e-9:
            raise SystemExit(f"AUC by ranks is {auc}, by pairs {found[0]}")
        return {"auc": float(auc), "logLoss": found[1], "apgr": found[2],
                "ece": calibration_error(p, self.labels)}


def average_gap(tie, weights, gains):
    """Area under the share of the gap recovered, over every strong share; tied scores enter together."""
    share = numpy.concatenate([[0.0], numpy.cumsum(numpy.bincount(tie, weights))])
    recovered = numpy.concatenate([[0.0], numpy.cumsum(numpy.bincount(tie, gains))])
    return float(((recovered[1:] + recovered[:-1]) / 2 * numpy.diff(share)).sum() / (share[-1] * recovered[-1]))


def calibration_error(p, labels):
    bins = numpy.minimum((p * BINS).astype(int), BINS - 1)
    return float(numpy.abs(numpy.bincount(bins, p - labels, BINS)).sum() / len(p))


def calibrated_error(p, draws=2000, seed=3):
    """2.5 %, 50 % and 97.5 % of the ECE when labels are drawn from p itself."""
    random = numpy.random.RandomState(seed)
    found = [calibration_error(p, random.random_sample(len(p)) < p) for _ in range(draws)]
    return numpy.percentile(found, [2.5, 50, 97.5])


def resampled(judge, learners, groups, replicates, seed=4):
    """AUC, log loss and APGR of every learner in every replicate: replicates × learners × 3."""
    random = numpy.random.RandomState(seed)
    prepared = [judge.prepare(*predictions) for predictions in learners]
    units = numpy.arange(len(judge.labels)) if groups is None else numpy.unique(groups, return_inverse=True)[1]
    count = units.max() + 1
    out = numpy.empty((replicates, len(learners), len(FIGURES)))
    for replicate in range(replicates):
        drawn = numpy.bincount(random.randint(count, size=count), minlength=count)[units].astype(float)
        out[replicate] = [judge.weighted(one, drawn) for one in prepared]
    return out


class Study:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rows = peers.read_rows(options.data, options.candidates)
        self.folds, self.fold_name = make_folds(self.rows, options)
        self.judge = Judge(self.rows, options.gap_prefix)

    def bench(self, *words):
        made = subprocess.run([self.options.riddle_bench, *words], capture_output=True, text=True)
        if made.returncode != 0:
            raise SystemExit(f"riddle-bench {words[0]} failed: {made.stderr.strip()}")
        return json.loads(made.stdout)

    def riddle(self):
        """(P(weak fails), score) and the seconds they took."""
        path = os.path.join(self.folder, "predictions.tsv")
        folds = os.path.join(self.folder, "folds.tsv")
        with open(folds, "w", encoding="utf-8") as file:
            file.writelines(f"{row[0]}\t{fold}\n" for row, fold in zip(self.rows, self.folds))
        made = self.bench("quality", "--data", *self.options.data, "--candidates", ",".join(self.options.candidates),
                          "--folds", folds, "--output", path, "--gap-prefix", self.options.gap_prefix,
                          *self.options.settings.split())
        with open(os.path.join(self.folder, "fits.txt"), "w", encoding="utf-8") as file:
            file.writelines(fit + "\n" for fit in made["fits"])
        with open(path, encoding="utf-8") as file:
            lines = [text.split("\t") for text in file.read().splitlines()]
        if [line[0] for line in lines] != [row[0] for row in self.rows]:
            raise SystemExit("predictions and rows are not in the same order")
        weak_fails, _, strong_right, weak_right, _ = numpy.array([line[1:] for line in lines], dtype=float).T
        predictions = weak_fails, strong_right - weak_right
        found = self.judge.figures(*predictions)
        for key, theirs in (("auc", "auc"), ("logLoss", "logLoss"), ("ece", "ece"), ("apgr", "apgrDifference")):
            if abs(found[key] - made[theirs]) > 1e-9:
                raise SystemExit(f"riddle says {theirs} is {made[theirs]}, numpy says {found[key]}")
        return predictions, made["seconds"]

    def statistics(self):
        """Text statistics of all rows, as the Swift featurizer computes them."""
        rows, matrix, labels = (os.path.join(self.folder, n) for n in ("rows.jsonl", "x.f32", "y.f32"))
        with open(rows, "w", encoding="utf-8") as file:
            for row, label in zip(self.rows, self.judge.labels):
                file.write(json.dumps({"query": row[1], "label": int(label), "fold": 0}, ensure_ascii=False) + "\n")
        made = self.bench("statistics", "--data", rows, "--matrix", matrix, "--labels", labels, "--fold", "1")
        return numpy.fromfile(matrix, dtype="<f4").reshape(made["rows"], made["columns"])

    def run(self):
        options = self.options
        say(f"quality: {options.name}, {len(self.rows)} rows, {options.candidates[0]} / {options.candidates[1]}, text only; "
            f"{self.fold_name}")
        say(f"  riddle-bench quality {options.settings}")
        predictions, seconds = self.riddle()
        names, learners, clocks = ["Riddle"], [predictions], [seconds]
        matrix = quality_peers.Rows([row[1] for row in self.rows], self.statistics())
        wanted, missing = quality_peers.available(options.peers)
        if not wanted:
            raise SystemExit("no peer to compare with: LightGBM is not installed (pip install lightgbm)")
        strong_right = numpy.array([int(row[4] >= 0.5) for row in self.rows])
        for name in wanted:
            start = time.perf_counter()
            fails, right = quality_peers.predictions(
                name, matrix, [self.judge.labels, strong_right], numpy.asarray(self.folds))
            names.append(quality_peers.PEERS[name][0])
            # P(strong right) - P(weak right) = P(strong right) + P(weak fails) - 1.
            learners.append((fails, right + fails - 1))
            clocks.append(time.perf_counter() - start)
        self.table(names, learners, clocks)
        if missing:
            say("  left out: LightGBM is not installed (pip install lightgbm)")
        self.compare(names, learners)
        say()

    def table(self, names, learners, clocks):
        say(f"  {'':42}{'AUC':>8}{'log loss':>10}{'APGR':>8}{'ECE':>8}  {'if calibrated':22}{'seconds':>8}")
        for name, (p, score), seconds in zip(names, learners, clocks):
            found = self.judge.figures(p, score)
            low, middle, high = calibrated_error(p)
            expected = f"{middle:.4f} [{low:.4f} {high:.4f}]"
            say(f"  {name:42}{found['auc']:8.4f}{found['logLoss']:10.4f}{found['apgr']:8.4f}{found['ece']:8.4f}  "
                f"{expected:22}{seconds:8.0f}")

    def compare(self, names, learners):
        whole_groups = self.options.folds in ("groups", "each-group")
        groups = numpy.array([row[2] for row in self.rows]) if whole_groups else None
        made = resampled(self.judge, learners, groups, self.options.replicates)
        plain = [self.judge.figures(*one) for one in learners]
        say(f"  95 % intervals from {self.options.replicates} resamplings of {'groups' if whole_groups else 'rows'}:")
        for index, (key, label, sign) in enumerate(FIGURES):
            best = max(range(1, len(names)), key=lambda k: sign * plain[k][key])
            low, high = numpy.percentile(made[:, 0, index], [2.5, 97.5])
            differences = made[:, 0, index] - made[:, best, index]
            from_, to = numpy.percentile(differences, [2.5, 97.5])
            worst, least = (from_, to) if sign > 0 else (-to, -from_)
            verdict = "better" if worst > 0 else "worse" if least < 0 else "not told apart"
            say(f"    {label:9}{plain[0][key]:.4f} [{low:.4f} {high:.4f}]; minus best peer ({names[best]}) "
                f"{plain[0][key] - plain[best][key]:+.4f} [{from_:+.4f} {to:+.4f}]: {verdict}")
        for text in filter(None, self.options.targets.split(",")):
            key, value = text.split("=")
            found, sign = plain[0][key], 1 if key in ("auc", "apgr") else -1
            met = sign * (found - float(value)) >= 0
            say(f"    target {key} {'at least' if sign > 0 else 'at most'} {value}: {found:.4f}, {'met' if met else 'missed'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--riddle-bench", default=".build/release/riddle-bench")
    parser.add_argument("--data", nargs="+", required=True, help="logs as JSON lines, gzip")
    parser.add_argument("--candidates", required=True, type=lambda text: text.split(","), help="WEAK,STRONG")
    parser.add_argument("--name", default="a log", help="what the log is called in the output")
    parser.add_argument("--folds", default="random", help="random, groups, each-group, or a file of identifier, tab, fold")
    parser.add_argument("--count", type=int, default=5, help="how many random folds or folds of groups")
    parser.add_argument("--gap-prefix", default="", help="APGR on the rows whose identifier begins so")
    parser.add_argument("--settings", default="--model stack --characters 1 --bucket-bits 18 --inner-folds 5 "
                        "--targets success", help="passed on to riddle-bench quality")
    parser.add_argument("--peers", default=["tfidf", "ngrams-statistics", "lightgbm"],
                        type=lambda text: text.split(","), help=", ".join(quality_peers.PEERS))
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--targets", default="", help="for example auc=0.722,logLoss=0.557,ece=0.010,apgr=0.685")
    parser.add_argument("--folder", help="where predictions, fits and matrices stay; a temporary folder when absent")
    options = parser.parse_args()
    unknown = [name for name in options.peers if name not in quality_peers.PEERS]
    if unknown:
        parser.error(f"--peers: {unknown[0]} is none of {', '.join(quality_peers.PEERS)}")
    if options.folder:
        os.makedirs(options.folder, exist_ok=True)
        Study(options, options.folder).run()
    else:
        with tempfile.TemporaryDirectory() as folder:
            Study(options, folder).run()


if __name__ == "__main__":
    main()
