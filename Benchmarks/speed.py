#!/usr/bin/env python3
"""Training speed and memory of Riddle beside scikit-learn, fastText and Vowpal Wabbit on the same rows.

Reads JSON lines of `query`, `label` (0 or 1) and `fold`, or with --candidates a log in Riddle's JSON lines (label: the
weak candidate is right; fold: by hash of the text); makes data of the wanted sizes from them by repeating rows with
a tenth of their words dropped (a fixed seed, repeats stay in their row's fold); trains on all folds but 0 and
judges by log loss on fold 0. Learners run in turn, `--repeats` rounds, and the fastest round of each counts: the machine
may be busy. Riddle's and scikit-learn's clocks start with the texts in memory, fastText's and Vowpal Wabbit's with a
file in their own format, and stop with a fitted model. One thread means one processor (taskset), for every learner.

    python3 Benchmarks/speed.py --data ROWS.jsonl --riddle-bench .build/release/riddle-bench [--large]

The peers come from PyPI: scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1, vowpalwabbit 9.11.9,
fasttext-numpy2-wheel 0.9.2. A peer that cannot be imported is left out, and the output says so.
"""
import argparse
import gzip
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = {"sklearn-hash": "sklearn", "sklearn-tfidf": "sklearn", "fasttext": "fasttext", "vw": "vowpalwabbit"}


def read_rows(paths, candidates):
    """Rows of query, label and fold."""
    rows = []
    for path in paths:
        opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
        with opened as lines:
            for line in lines:
                row = json.loads(line)
                if candidates:
                    quality = [row.get("outcomes", {}).get(c, {}).get("quality") for c in candidates]
                    if None in quality or not row.get("query"):
                        continue
                    row = {"query": row["query"], "label": int(quality[0] >= 0.5),
                           "fold": zlib.crc32(" ".join(row["query"].lower().split()).encode()) % 5}
                rows.append(row)
    return rows


def scaled(rows, count, folder):
    """The first `count` rows, the rows of the file again and again with words dropped where it is shorter."""
    path = os.path.join(folder, f"rows{count}.jsonl")
    generator = random.Random(count)
    with open(path, "w", encoding="utf-8") as out:
        written = 0
        order = list(range(len(rows)))
        while written < count:
            for k in order:
                if written == count:
                    break
                text = rows[k]["query"]
                if written >= len(rows):
                    text = " ".join(w for w in text.split(" ") if generator.random() >= 0.1)
                out.write(json.dumps({"query": text, "label": rows[k]["label"], "fold": rows[k]["fold"]},
                                     ensure_ascii=False) + "\n")
                written += 1
            generator.shuffle(order)
    return path


def run(learner, path, penalty, threads, options, folder):
    if learner.startswith("riddle-"):
        command = [options.riddle_bench, "speed", "--data", path, "--mode", learner.split("-")[1], "--penalty",
                   str(penalty)]
    else:
        command = [sys.executable, os.path.join(HERE, "speed_peers.py"), "--peer", learner, "--data", path,
                   "--folder", folder, "--penalty", str(penalty), "--threads", str(threads)]
    if threads == 1:
        command = ["taskset", "-c", str(options.processor)] + command
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        print(f"  {learner} failed: {done.stderr.strip()[-300:]}", flush=True)
        return None


def best(runs, what):
    return min(r[what] for r in runs)


def table(found, learners, size, threads):
    """One line a learner and thread count: seconds, Riddle's ratios to it, log loss, memory."""
    print(f"\n{size} rows, of which {next(iter(found.values()))[0]['rows']} are learned from and "
          f"{next(iter(found.values()))[0]['heldOutRows']} judge. Ratios are its seconds / Riddle's, by the clock and "
          f"(in parentheses) by processor time; memory is the largest resident while the clock runs.")
    print(f"{'threads':>7}  {'learner':15}{'s':>9}{'cpu s':>9}{'stream is':>19}{'dual is':>19}{'log loss':>10}"
          f"{'peak MB':>9}", flush=True)
    for count in threads:
        for learner in learners:
            runs = found.get((learner, size, count))
            if not runs:
                continue
            cells = ""
            for mine in ("riddle-stream", "riddle-dual"):
                own = found.get((mine, size, count))
                cell = ""
                if own and not learner.startswith("riddle-"):
                    by_clock = best(runs, "totalSeconds") / best(own, "totalSeconds")
                    by_processor = best(runs, "processorSeconds") / best(own, "processorSeconds")
                    cell = f"{by_clock:.1f} × ({by_processor:.1f} ×)"
                cells += f"{cell:>19}"
            print(f"{count:>7}  {learner:15}{best(runs, 'totalSeconds'):>9.3f}{best(runs, 'processorSeconds'):>9.3f}"
                  f"{cells}{runs[0]['heldOutLogLoss']:>10.4f}{best(runs, 'peakMegabytes'):>9.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--candidates", help="weak,strong: --data are logs")
    parser.add_argument("--riddle-bench", required=True)
    parser.add_argument("--sizes", default="15000,200000")
    parser.add_argument("--large", action="store_true", help="1 000 000 rows too: half an hour, 6 GB")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--processor", type=int, default=0, help="processor of the runs with one thread")
    parser.add_argument("--learners", default="riddle-stream,riddle-dual,sklearn-hash,sklearn-tfidf,fasttext,vw")
    parser.add_argument("--penalty", type=float, default=None,
                        help="λ of Riddle and 1/C of scikit-learn; default 1 up to 20 000 rows, then rows / 15 000")
    parser.add_argument("--folder", default=None, help="for files; default: a temporary one")
    parser.add_argument("--json", default=None, help="append every run to this file")
    options = parser.parse_args()
    sizes = [int(s) for s in options.sizes.split(",")] + ([1000000] if options.large else [])
    learners = []
    for learner in options.learners.split(","):
        if learner.startswith("riddle-") or importlib.util.find_spec(MODULES[learner]):
            learners.append(learner)
        else:
            print(f"left out: {learner} (pip install {MODULES[learner]})")
    folder = options.folder or tempfile.mkdtemp(prefix="riddle-speed-")
    rows = read_rows(options.data, options.candidates.split(",") if options.candidates else None)
    found = {}
    for size in sizes:
        path = scaled(rows, size, folder)
        # Repeats are no new information: the penalty that suits n rows suits k copies of them when it is k times as large.
        penalty = options.penalty or max(1, round(size / 15000))
        threads = [int(t) for t in options.threads.split(",")]
        of_size = {}
        for count in threads:
            for _ in range(options.repeats):
                for learner in learners:
                    result = run(learner, path, penalty, count, options, folder)
                    if result is None:
                        continue
                    of_size.setdefault((learner, size, count), []).append(result)
                    if options.json:
                        with open(options.json, "a", encoding="utf-8") as out:
                            out.write(json.dumps({"learner": learner, "size": size, "threads": count,
                                                  "penalty": penalty, **result}) + "\n")
        if of_size:
            table(of_size, learners, size, threads)
        found.update(of_size)
    if len(sizes) > 1:
        print("\ngrowth: microseconds of processor time a row learned from (a level line: cost grows linearly)")
        print(f"{'':15}" + "".join(f"{size:>12}" for size in sizes))
        for learner in learners:
            cells = ""
            for size in sizes:
                runs = [r for t in threads for r in found.get((learner, size, t), [])]
                cells += f"{min(r['processorSeconds'] / r['rows'] for r in runs) * 1e6:>12.2f}" if runs else f"{'':>12}"
            print(f"{learner:15}{cells}")


if __name__ == "__main__":
    main()
