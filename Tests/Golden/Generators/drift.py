#!/usr/bin/env python3
"""Golden numbers for drift: PSI, Kolmogorov-Smirnov, quantile edges, AUC of grouped scores.

Run with numpy 2.4.0 or later and scipy 1.17.0 or later (standard formulas: other versions give the same digits).
Writes Tests/Golden/drift.json. Samples come from splitmix64, written out here and read from the file by the test,
so nothing depends on numpy's generators.
"""
import json
import math
import pathlib

import numpy
import scipy
import scipy.stats


def stream(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        yield ((z ^ (z >> 31)) >> 11) / 2**53


def psi_of_counts(expected, actual):
    expected, actual = numpy.array(expected, float), numpy.array(actual, float)
    p = (expected + 0.5) / (expected.sum() + len(expected) / 2)
    q = (actual + 0.5) / (actual.sum() + len(actual) / 2)
    return float(((q - p) * numpy.log(q / p)).sum())


def psi(reference, current):
    values = sorted(set(reference) | set(current))
    if len(values) <= 10:
        count = lambda sample: [sum(1 for x in sample if x == v) for v in values]
        return psi_of_counts(count(reference), count(current))
    edges = sorted(set(numpy.quantile(reference, [k / 10 for k in range(1, 10)]).tolist()))
    place = lambda sample: numpy.searchsorted(edges, sample, side="right")
    used = place(values).max() + 1
    count = lambda sample: numpy.bincount(place(sample), minlength=used)[:used]
    return psi_of_counts(count(reference), count(current))


def grouped_auc(scores, positive, groups, folds):
    scores, positive = numpy.array(scores), numpy.array(positive, bool)
    groups, folds = numpy.array(groups), numpy.array(folds)
    total, auc, influence = 0.0, 0.0, {}
    for fold in sorted(set(folds.tolist())):
        a = numpy.flatnonzero(positive & (folds == fold))
        b = numpy.flatnonzero(~positive & (folds == fold))
        if len(a) == 0 or len(b) == 0:
            continue
        wins = (scores[a][:, None] > scores[b][None, :]) + 0.5 * (scores[a][:, None] == scores[b][None, :])
        pairs = len(a) * len(b)
        own = wins.mean()
        total += pairs
        auc += own * pairs
        for i, row in enumerate(a):
            influence[groups[row]] = influence.get(groups[row], 0) + (wins[i].mean() - own) / len(a) * pairs
        for j, row in enumerate(b):
            influence[groups[row]] = influence.get(groups[row], 0) + (wins[:, j].mean() - own) / len(b) * pairs
    g = len(influence)
    variance = g / (g - 1) * sum((v / total) ** 2 for v in influence.values())
    half = scipy.stats.norm.ppf(0.975) * math.sqrt(variance)
    return [auc / total, auc / total - half, auc / total + half]


def main():
    cases = []
    for seed, (n, m, shift, step) in enumerate(
        [(200, 100, 0.0, 0), (300, 80, 0.3, 0), (500, 500, 0.0, 0), (150, 60, 0.2, 0.25), (40, 400, 0.1, 0.125)]
    ):
        draw = stream(seed + 1)
        quantise = lambda x: x if step == 0 else math.floor(x / step) * step
        reference = [quantise(next(draw)) for _ in range(n)]
        current = [quantise(next(draw) ** (1 + shift) + shift) for _ in range(m)]
        cases.append({
            "reference": reference, "current": current,
            "ks": float(scipy.stats.ks_2samp(reference, current).statistic),
            "psi": psi(reference, current),
            "edges": numpy.quantile(reference, [k / 10 for k in range(1, 10)]).tolist(),
        })
    draw = stream(99)
    n = 120
    groups = [int(next(draw) * 40) for _ in range(n)]
    folds = [g % 3 for g in groups]
    positive = [next(draw) < 0.4 for _ in range(n)]
    scores = [round(next(draw) + (0.3 if p else 0), 1) for p in positive]
    auc = {"scores": scores, "positive": positive, "groups": groups, "folds": folds,
           "figure": grouped_auc(scores, positive, groups, folds)}
    single = {"scores": scores, "positive": positive, "groups": list(range(n)), "folds": [0] * n,
              "figure": grouped_auc(scores, positive, list(range(n)), [0] * n)}
    out = {"numpy": numpy.__version__, "scipy": scipy.__version__, "counts": [
        {"expected": e, "actual": a, "psi": psi_of_counts(e, a)}
        for e, a in [([10, 20, 30], [30, 20, 10]), ([100, 0], [50, 50]), ([7, 7, 7, 7], [1, 1, 1, 1])]],
        "samples": cases, "auc": [auc, single]}
    path = pathlib.Path(__file__).resolve().parent.parent / "drift.json"
    path.write_text(json.dumps(out) + "\n")


main()
