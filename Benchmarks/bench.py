#!/usr/bin/env python3
"""Runs riddle-bench, riddle and the same work in scikit-learn in turn, and prints every figure with its ratio.

Called by run.sh. Writes into --folder only.
"""
import argparse
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import time

import peers

IMPORT_ROWS = 200_000
REPEATS = 40


def say(text=""):
    print(text, flush=True)


def line(name, value, peer="", ratio="", target=""):
    parts = [f"  {name}: {value}"]
    if peer:
        parts.append(peer)
    if ratio:
        parts.append(f"ratio {ratio}")
    if target:
        parts.append(f"target {target}")
    say("; ".join(parts))


def spread(values, digits=2, scale=1.0):
    scaled = [v * scale for v in values]
    return f"median {statistics.median(scaled):.{digits}f}, minimum {min(scaled):.{digits}f}"


def cpu_seconds(before, after):
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = peers.read_rows(options.data[-1:], options.candidates)

    def path(self, name):
        return os.path.join(self.options.folder, name)

    def run(self, *words, files=None, pinned=False, environment=None):
        """One JSON object from riddle-bench."""
        command = ["taskset", "-c", "0"] if pinned else []
        command += [self.options.riddle_bench, *words, "--data", *(files or self.options.data[-1:]),
                    "--candidates", ",".join(self.options.candidates)]
        made = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
        if made.returncode != 0:
            raise SystemExit(f"{' '.join(command[:4])} … failed: {made.stderr.strip()}")
        return json.loads(made.stdout)

    def folds(self, rows, name):
        folds = peers.assign_folds(rows)
        with open(self.path(name), "w", encoding="utf-8") as file:
            for row, fold in zip(rows, folds):
                file.write(f"{row[0]}\t{fold}\n")
        return folds

    def train(self):
        """Featurize and fit; every fold is the held-out one once, so log losses cover all rows."""
        folds = self.folds(self.rows, "train-folds.tsv")
        two, one, peer = [], [], []
        for fold in range(max(folds) + 1):
            words = ["train", "--folds", self.path("train-folds.tsv"), "--fold", str(fold),
                     "--penalty", str(self.options.penalty)]
            two.append(self.run(*words))
            peer.append(peers.train_once(self.rows, folds, fold, self.options.inverse_penalty))
            one.append(self.run(*words, pinned=True))
        def total(runs):
            return [r["featurizeSeconds"] + r["fitSeconds"] for r in runs]
        def loss(runs):
            return sum(r["heldOutLogLossSum"] for r in runs) / sum(r["heldOutRows"] for r in runs)
        say(f"train speed: featurize and fit \"weak fails\", {two[0]['rows']} rows a run of {len(self.rows)} "
            f"in {self.options.name}, text in memory, {len(two)} runs each, in turn")
        say(f"  riddle: penalty {self.options.penalty:g}; peer: HashingVectorizer(ngram_range=(1,2), n_features=2**18) + "
            f"LogisticRegression(solver=\"lbfgs\", C={self.options.inverse_penalty:g}); each the best of a coarse grid here")
        base = statistics.median(total(peer))
        for name, runs, target in (("2 threads", two, "10 ×"), ("1 thread", one, "")):
            line(f"riddle, {name}", f"{spread(total(runs), 3)} s", f"scikit-learn {spread(total(peer), 3)} s",
                 f"{base / statistics.median(total(runs)):.1f} × the peer's speed", target)
        for part in ("featurizeSeconds", "fitSeconds"):
            mine, theirs = [r[part] for r in two], [r[part] for r in peer]
            line(f"  of it {part[:-7]}, 2 threads", f"{spread(mine, 3)} s", f"scikit-learn {spread(theirs, 3)} s",
                 f"{statistics.median(theirs) / statistics.median(mine):.1f} × the peer's speed")
        line("held-out log loss, all folds", f"{loss(two):.4f} nats", f"scikit-learn {loss(peer):.4f} nats",
             f"{loss(two) / loss(peer):.4f}", "at most 1")

    def make_import_file(self):
        """The rows again and again under new identifiers until there are IMPORT_ROWS."""
        path = self.path("import.jsonl.gz")
        with gzip.open(self.options.data[-1], "rt", encoding="utf-8") as lines:
            rows = [json.loads(text) for text in lines]
        size = 0
        with gzip.open(path, "wb", compresslevel=6) as file:
            written = 0
            while written < IMPORT_ROWS:
                block = []
                for row in rows[:IMPORT_ROWS - written]:
                    block.append(json.dumps({**row, "id": f"{row['id']}/{written // len(rows)}"}, ensure_ascii=False))
                written += len(block)
                data = ("\n".join(block) + "\n").encode()
                size += len(data)
                file.write(data)
        return path, size

    def imports(self):
        path, size = self.make_import_file()
        mine, theirs = [], []
        for _ in range(3):
            store = self.path("import.sqlite")
            for suffix in ("", "-wal", "-shm"):
                if os.path.exists(store + suffix):
                    os.remove(store + suffix)
            os.sync()  # nobody pays for writing back what another run left in memory
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            made = subprocess.run([self.options.riddle, "import", path, "--store", store, "--json", "--quiet"],
                                  capture_output=True, text=True, check=True)
            wall = time.perf_counter() - start
            mine.append((wall, cpu_seconds(before, resource.getrusage(resource.RUSAGE_CHILDREN))))
            inserted = json.loads(made.stdout)["inserted"]
            os.sync()
            before = resource.getrusage(resource.RUSAGE_SELF)
            count, wall = peers.import_once(path, self.path("peer.sqlite"))
            theirs.append((wall, cpu_seconds(before, resource.getrusage(resource.RUSAGE_SELF))))
            if inserted != count or count != IMPORT_ROWS:
                raise SystemExit(f"riddle imported {inserted} rows, the peer {count}, of {IMPORT_ROWS}")
        say(f"import: {IMPORT_ROWS} rows, {size / 1e6:.0f} MB of JSON lines ({os.path.getsize(path) / 1e6:.0f} MB gzip), "
            "into a new store, process start included, 3 runs each, in turn")
        say("  peer: python3 gzip + json.loads + sqlite3.executemany into two tables, no checks, hashes or constraints")
        for name, amount, unit, clock, target in (
                ("rows", IMPORT_ROWS, "rows/s", 0, "50000"), ("bytes", size / 1e6, "MB/s", 0, ""),
                ("rows by CPU time of all threads", IMPORT_ROWS, "rows/CPU s", 1, "")):
            def rate(runs):
                seconds = [r[clock] for r in runs]
                return f"median {amount / statistics.median(seconds):.0f}, best {amount / min(seconds):.0f} {unit}"
            ratio = statistics.median(r[clock] for r in theirs) / statistics.median(r[clock] for r in mine)
            line(f"riddle import, {name}", rate(mine), f"python {rate(theirs)}", f"{ratio:.2f} × the peer's speed", target)

    def query_file(self, length):
        """500 queries cut to `length` characters. Short data are joined until the queries are long enough."""
        rows = self.rows if len(self.options.data) == 1 else peers.read_rows(self.options.data, self.options.candidates)
        texts = [row[1] for row in rows]
        long_enough = [t for t in texts if len(t) >= length]
        if len(long_enough) < 500:
            joined, part = [], ""
            for text in texts:
                part = part + "\n" + text if part else text
                if len(part) >= length:
                    joined.append(part)
                    part = ""
            long_enough = joined
        queries = [t[:length] for t in random.Random(5).sample(long_enough, 500)]
        name = self.path(f"queries-{length}.bin")
        with open(name, "wb") as file:
            file.write(b"\0".join(q.encode() for q in queries))
        return name, queries

    def scoring(self):
        model = peers.scoring_pipeline(self.rows)
        say(f"scoring: text to decision, 500 queries of a length, thread CPU time, {REPEATS} repeats in two rounds")
        say("  peer: predict_proba([query]) of HashingVectorizer + LogisticRegression, 10 repeats in two rounds")
        for length, target in ((60, 1000), (600, 8000)):
            name, queries = self.query_file(length)
            mine = {"int8": [], "float32": []}
            theirs = []
            for _ in range(2):
                made = self.run("scoring", "--queries", name, "--repeats", str(REPEATS // 2))
                for table in mine:
                    mine[table] += made[table]
                theirs += [peers.score_pass(model, queries) for _ in range(5)]
            for table, values in mine.items():
                line(f"{length} characters ({made['meanKeys']:.0f} n-grams), {table} table", f"{spread(values, 0)} ns",
                     f"scikit-learn {spread(theirs, 0)} ns",
                     f"{statistics.median(theirs) / statistics.median(values):.0f} × the peer's speed", f"{target} ns")
            self.allocations(length, name)

    def allocations(self, length, name):
        counter = self.options.counter
        if not counter:
            line(f"{length} characters, allocations per decision", "skipped: no C compiler to build the counter")
            return
        made = self.run("allocations", "--queries", name, environment={"LD_PRELOAD": counter})
        for table in ("int8", "float32"):
            line(f"{length} characters, {table} table, allocations per decision", f"{made[table] / made['decisions']:g} "
                 f"({made[table]} in {made['decisions']} decisions; the counter saw {made['controlCounted']} of "
                 f"{made['controlArrays']} made on purpose)", target="0")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--riddle", required=True)
    parser.add_argument("--riddle-bench", required=True)
    parser.add_argument("--data", nargs="+", required=True, help="logs; the last one is timed")
    parser.add_argument("--candidates", required=True, type=lambda text: text.split(","))
    parser.add_argument("--name", required=True, help="what the timed log is called in the output")
    parser.add_argument("--penalty", type=float, required=True, help="riddle's fixed penalty in train")
    parser.add_argument("--inverse-penalty", type=float, required=True, help="the peer's fixed C in train")
    parser.add_argument("--folder", required=True, help="temporary folder")
    parser.add_argument("--counter", default="", help="shared object built from allocations.c")
    parser.add_argument("--only", nargs="+", default=["train", "imports", "scoring"])
    options = parser.parse_args()
    bench = Bench(options)
    for name in options.only:
        getattr(bench, name)()
        say()


main()
