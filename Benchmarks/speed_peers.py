#!/usr/bin/env python3
"""One training run of one peer on the rows outside a fold; prints one JSON line. `speed.py` calls it.

Peers: sklearn-hash (HashingVectorizer, words and pairs, 2^18 buckets, + lbfgs), sklearn-tfidf (TfidfVectorizer, words
and pairs, min_df 2, sublinear, + lbfgs), fasttext (pairs, dim 10, 5 epochs), vw (one pass, pairs, 2^20 weights).

scikit-learn gets the texts as a list in memory. fastText and Vowpal Wabbit read a file in their own format that is
written before the clock starts: their best case. Their words are those of the same lower-cased split.

Measured with scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1, vowpalwabbit 9.11.9, fasttext-numpy2-wheel 0.9.2.
"""
import argparse
import json
import os
import re
import resource
import sys
import time

PATTERN = re.compile(r"\w+|[^\w\s]")


def rows(path, fold):
    """Yields (is held out, text, label)."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["fold"] == fold, row["query"], row["label"]


def words(text):
    return " ".join(PATTERN.findall(text.lower()))


def vw_words(text):
    return words(text).replace(":", "\u2236").replace("|", "\u2223")


def memory(name):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


class Clock:
    """Wall and processor time, and the largest resident memory, from creation to `stop`."""

    def __init__(self):
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
        self.start_memory = memory("VmRSS")
        self.processor = self.used()
        self.wall = time.perf_counter()

    @staticmethod
    def used():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def stop(self):
        return {"totalSeconds": time.perf_counter() - self.wall,
                "processorSeconds": self.used() - self.processor,
                "startMegabytes": self.start_memory, "peakMegabytes": memory("VmHWM")}


def log_loss(labels, probabilities):
    import numpy
    p = numpy.clip(numpy.asarray(probabilities, float), 1e-15, 1 - 1e-15)
    y = numpy.asarray(labels, float)
    return float(-(y * numpy.log(p) + (1 - y) * numpy.log(1 - p)).mean())


def sklearn_run(options, kind):
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    import numpy
    texts, labels, judged, judged_labels = [], [], [], []
    for held_out, text, label in rows(options.data, options.fold):
        (judged if held_out else texts).append(text)
        (judged_labels if held_out else labels).append(label)
    clock = Clock()
    if kind == "hash":
        vectorizer = HashingVectorizer(ngram_range=(1, 2), n_features=2**18, dtype=numpy.float32)
    else:
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=numpy.float32)
    matrix = vectorizer.fit_transform(texts)
    model = LogisticRegression(solver="lbfgs", C=1 / options.penalty, max_iter=100).fit(matrix, labels)
    found = clock.stop()
    probabilities = model.predict_proba(vectorizer.transform(judged))[:, 1]
    found.update(rows=len(texts), heldOutRows=len(judged), heldOutLogLoss=log_loss(judged_labels, probabilities))
    return found


def native_files(options, line):
    """Writes the training file of a peer; returns its path, its rows, and the held-out rows."""
    path = os.path.join(options.folder, f"{os.path.basename(options.data)}.{options.peer}.txt")
    judged, count = [], 0
    with open(path, "w", encoding="utf-8") as out:
        for held_out, text, label in rows(options.data, options.fold):
            if held_out:
                judged.append((text, label))
            else:
                count += 1
                out.write(line(text, label) + "\n")
    return path, count, judged


def fasttext_run(options):
    import fasttext
    path, count, judged = native_files(options, lambda text, label: f"__label__{label} {words(text)}")
    clock = Clock()
    model = fasttext.train_supervised(path, thread=options.threads, dim=10, wordNgrams=2, epoch=5, lr=0.1,
                                      bucket=2000000, verbose=0)
    found = clock.stop()
    probabilities = []
    for text, _ in judged:
        names, values = model.predict(words(text), k=2)
        probabilities.append(dict(zip(names, values)).get("__label__1", 0.0))
    found.update(rows=count, heldOutRows=len(judged),
                 heldOutLogLoss=log_loss([label for _, label in judged], probabilities))
    return found


def vw_run(options):
    import math
    import vowpalwabbit
    path, count, judged = native_files(options, lambda text, label: f"{1 if label else -1} |t {vw_words(text)}")
    clock = Clock()
    model = vowpalwabbit.Workspace(f"--quiet --loss_function logistic -b 20 --ngram 2 -l 0.5 --holdout_off -d {path}")
    found = clock.stop()
    probabilities = [1 / (1 + math.exp(-model.predict(f"|t {vw_words(text)}"))) for text, _ in judged]
    found.update(rows=count, heldOutRows=len(judged),
                 heldOutLogLoss=log_loss([label for _, label in judged], probabilities))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, choices=["sklearn-hash", "sklearn-tfidf", "fasttext", "vw"])
    parser.add_argument("--data", required=True, help="JSON lines of query, label (0 or 1) and fold")
    parser.add_argument("--folder", required=True, help="for files in the peer's format")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--penalty", type=float, default=1.0, help="1/C of scikit-learn")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.peer.startswith("sklearn"):
        found = sklearn_run(options, options.peer.split("-")[1])
    else:
        found = {"fasttext": fasttext_run, "vw": vw_run}[options.peer](options)
    print(json.dumps({"mode": options.peer, **found}))
    sys.stdout.flush()
    os._exit(0)  # some peers crash when the interpreter takes them down


if __name__ == "__main__":
    main()
