#!/usr/bin/env python3
"""One full evaluation of the same rows: `riddle-bench evaluation` beside numpy, pandas and scikit-learn.

    evaluation.py --riddle-bench PROGRAM [--rows 14000] [--routers 5] [--replicates 2000] [--peer-replicates 20]

The script does what a notebook does: per replicate it draws the rows with replacement and computes, for every router and
for the baselines always-cheapest, always-strongest, random mix, prompt length and oracle: mean quality and cost, savings, retention,
accuracy, APGR over all operating points, CPT 50 and 80, and for routers AUC, average precision, log loss, Brier score and ECE. That is
less than Riddle computes. Its time per replicate, measured over --peer-replicates, is multiplied by --replicates; the estimate from all
rows is compared with Riddle's.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy
import pandas
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score


def gap_recovered(score, gain):
    """APGR over all operating points, ties together, and the shares that recover 50 and 80 % of the gap."""
    frame = pandas.DataFrame({"score": score, "gain": gain}).groupby("score", sort=True).agg(
        rows=("gain", "size"), gain=("gain", "sum")).iloc[::-1]
    x = numpy.concatenate([[0], frame["rows"].cumsum().to_numpy()]) / len(score)
    y = numpy.concatenate([[0], frame["gain"].cumsum().to_numpy()]) / gain.sum()
    area = numpy.trapezoid(y, x)
    shares = [x[numpy.argmax(y >= p - 1e-12)] for p in (0.5, 0.8)]
    return area, *shares


def calibration_error(probability, label, bins=15):
    order = numpy.argsort(probability, kind="stable")
    parts = zip(numpy.array_split(probability[order], bins), numpy.array_split(label[order], bins))
    return sum(abs(p.sum() - y.sum()) for p, y in parts) / len(label)


def evaluate(rows, routers):
    weak, strong, weak_cost, strong_cost, length = (rows[:, i] for i in range(5))
    label = (weak < 0.5).astype(int)
    right = numpy.where(weak >= 0.5, 0, numpy.where(strong >= 0.5, 1, 0))
    gain = strong - weak
    figures = {}

    def point(name, pick):
        quality = numpy.where(pick == 1, strong, weak)
        cost = numpy.where(pick == 1, strong_cost, weak_cost)
        figures[name] = {
            "quality": quality.mean(), "cost": cost.mean(), "savings": 1 - cost.sum() / strong_cost.sum(),
            "retention": quality.mean() / strong.mean(), "label_match": (pick == right).mean()}

    for r in range(routers):
        score = rows[:, 5 + r]
        name = f"router-{r + 1}"
        point(name, (score >= 0.5).astype(int))
        figures[name].update(zip(("apgr", "cpt50", "cpt80"), gap_recovered(score, gain)))
        figures[name].update(
            auc=roc_auc_score(label, score), average_precision=average_precision_score(label, score),
            log_loss=log_loss(label, score), brier=brier_score_loss(label, score), ece=calibration_error(score, label))
    point("always-cheapest", numpy.zeros(len(rows), int))
    point("always-strongest", numpy.ones(len(rows), int))
    share = (rows[:, 5] >= 0.5).mean()
    cut = numpy.quantile(length, 1 - share)
    point("prompt-length", (length >= cut).astype(int))
    figures["prompt-length"].update(zip(("apgr", "cpt50", "cpt80"), gap_recovered(length, gain)))
    point("oracle", right)
    figures["oracle"].update(zip(("apgr", "cpt50", "cpt80"), gap_recovered(gain, gain)))
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--riddle-bench", required=True)
    parser.add_argument("--rows", type=int, default=14_000)
    parser.add_argument("--routers", type=int, default=5)
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--peer-replicates", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "table"
        run = subprocess.run(
            [options.riddle_bench, "evaluation", "--rows", str(options.rows), "--routers", str(options.routers),
             "--replicates", str(options.replicates), "--table", str(table)], check=True, capture_output=True, text=True)
        ours = json.loads(run.stdout)
        rows = numpy.fromfile(table).reshape(options.rows, 5 + options.routers)
    estimate = evaluate(rows, options.routers)
    generator = numpy.random.default_rng(1)
    start = time.perf_counter()
    for _ in range(options.peer_replicates):
        evaluate(rows[generator.integers(0, len(rows), len(rows))], options.routers)
    peer = (time.perf_counter() - start) / options.peer_replicates * options.replicates
    apart = max(abs(a - estimate[f"router-{r + 1}"]["apgr"]) for r, a in enumerate(ours["apgr"]))
    print(f"evaluation, {options.rows} rows, {options.routers} routers, {options.replicates} replicates: "
          f"{ours['seconds']:.2f} s ({ours['processorSeconds']:.2f} s of processor time, {ours['peakMegabytes']:.0f} MB), "
          f"numpy, pandas and scikit-learn {peer:.0f} s (from {options.peer_replicates} replicates), ratio {peer / ours['seconds']:.0f}; "
          f"APGR apart by at most {apart:.1e}")


if __name__ == "__main__":
    main()
