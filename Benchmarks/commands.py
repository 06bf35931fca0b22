#!/usr/bin/env python3
"""Whole `riddle` commands, process start and files included: training in one streaming pass, and cross-validation.

    python3 Benchmarks/commands.py --riddle .build/release/riddle --data ROWS.jsonl [--sizes 15000,200000,1000000]

--data as in speed.py. *Stream*: a store is made of so many rows (not timed), then `riddle train --stream --store` runs
on two processors and on one; printed are seconds, microseconds a row, the largest resident memory of the process, and
whether both made the same bytes. *Cross-validation*: `riddle train` on a log whose training side (three in five
rows) holds 15 000 rows, ten penalties, five folds, text features; again on two processors and on one. The time of the
same command with one penalty, which cross-validates nothing, is printed too: reading, calibration, evaluation and
report are in both.
"""
import argparse
import hashlib
import json
import os
import subprocess
import tempfile
import time

import speed

PENALTIES = ["0.03", "0.1", "0.3", "0.6", "1", "2", "3", "6", "10", "30"]


def timed(command, processors):
    """Seconds by the clock and by processor, and peak memory in MB, of a child process."""
    start = time.perf_counter()
    child = subprocess.Popen(["taskset", "-c", processors] + command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command[:3])} failed: {errors.decode()[-400:]}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def log(rows, count, folder):
    """A log in Riddle's JSON lines, made as speed.py makes its rows; the dear candidate is always right."""
    path = os.path.join(folder, f"log{count}.jsonl")
    with open(speed.scaled(rows, count, folder), encoding="utf-8") as lines, open(path, "w", encoding="utf-8") as out:
        for i, line in enumerate(lines):
            row = json.loads(line)
            out.write(json.dumps({"id": str(i), "query": row["query"], "outcomes": {
                "weak": {"quality": row["label"]}, "strong": {"quality": 1}}}, ensure_ascii=False) + "\n")
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--candidates", help="weak,strong: --data are logs")
    parser.add_argument("--riddle", default=".build/release/riddle")
    parser.add_argument("--sizes", default="15000,200000")
    parser.add_argument("--cross-validate", type=int, default=25000, help="rows of the log; 0 skips")
    parser.add_argument("--folder", default=None, help="for files; default: a temporary one")
    options = parser.parse_args()
    folder = options.folder or tempfile.mkdtemp(prefix="riddle-commands-")
    rows = speed.read_rows(options.data, options.candidates.split(",") if options.candidates else None)
    output = os.path.join(folder, "model")

    def train(source, words, processors):
        subprocess.run(["rm", "-rf", output], check=True)
        measured = timed([options.riddle, "train", *source, "--candidates", "weak,strong", "--seed", "7", "--replicates",
                          "1", "--quiet", "--output", output, *words], processors)
        return measured, digest(os.path.join(output, "router.riddle"))

    sizes = [int(s) for s in options.sizes.split(",") if s]
    if sizes:
        print(f"riddle train --stream --store, whole command (load {os.getloadavg()[0]:.1f})")
        print(f"{'rows':>9}{'threads':>9}{'s':>9}{'cpu s':>9}{'µs a row':>10}{'cpu µs':>9}{'peak MB':>9}  bytes", flush=True)
    for size in sizes:
        store = os.path.join(folder, "rows.sqlite")
        for suffix in ("", "-wal", "-shm"):
            subprocess.run(["rm", "-f", store + suffix], check=True)
        path = log(rows, size, folder)
        subprocess.run([options.riddle, "import", path, "--store", store, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        os.remove(path)
        first = None
        for threads, processors in ((2, "0,1"), (1, "0")):
            (wall, cpu, peak), made = train(["--store", store], ["--stream", "--features", "text"], processors)
            same = "" if first is None else "the same" if made == first else "DIFFERENT"
            first = first or made
            print(f"{size:>9}{threads:>9}{wall:>9.2f}{cpu:>9.2f}{wall / size * 1e6:>10.1f}{cpu / size * 1e6:>9.1f}"
                  f"{peak:>9.0f}  {same or made[:8]}", flush=True)
    if options.cross_validate:
        path = log(rows, options.cross_validate, folder)
        print(f"\ncross-validation: riddle train --data, {options.cross_validate} queries, of which three in five are "
              f"cross-validated; whole command (load {os.getloadavg()[0]:.1f})")
        print(f"{'':32}{'threads':>8}{'s':>9}{'cpu s':>9}{'peak MB':>9}  bytes", flush=True)
        common = ["--features", "text", "--smoothing", "0"]
        path_words = ["--folds", "5"] + [word for p in PENALTIES for word in ("--l2", p)]
        for name, words in (("10 penalties, 5 folds", path_words), ("1 penalty, none", ["--l2", "1"])):
            first = None
            for threads, processors in ((2, "0,1"), (1, "0")):
                (wall, cpu, peak), made = train(["--data", path], common + words, processors)
                same = "" if first is None else "the same" if made == first else "DIFFERENT"
                first = first or made
                print(f"{name:32}{threads:>8}{wall:>9.2f}{cpu:>9.2f}{peak:>9.0f}  {same or made[:8]}", flush=True)


if __name__ == "__main__":
    main()
