"""Tree fits beside LightGBM and scikit-learn: same matrix, same settings, in turn, on one thread and on all.

    python3 Benchmarks/trees.py --riddle-bench .build/release/riddle-bench --texts rows.jsonl [--repeats 3]
    python3 Benchmarks/trees.py --riddle-bench .build/release/riddle-bench --matrix x.f32 --labels y.f32

--texts takes the text statistics of JSON lines of query, label and fold. A matrix file holds row-major little-endian
32-bit floats, a label file one float a row. Without either, rows are made: counts, shares and rare marks. Every figure is the least of the repeats, binning included;
wall-clock seconds, with CPU seconds beside them for machines where others work too. Needs numpy, lightgbm, scikit-learn.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PEER = """
import json, sys, time
import numpy as np
kind, x, y, threads, repeats = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
y = np.fromfile(y, dtype="<f4"); x = np.fromfile(x, dtype="<f4").reshape(len(y), -1)
import lightgbm
from sklearn.tree import DecisionTreeClassifier
wall, cpu = [], []
for _ in range(repeats):
    w, c = time.perf_counter(), time.process_time()
    if kind == "boosting":
        model = lightgbm.train(dict(objective="binary", verbosity=-1, num_threads=threads, seed=0, num_leaves=31,
                                    learning_rate=0.1, min_data_in_leaf=20), lightgbm.Dataset(x, y), 100)
    else:
        model = DecisionTreeClassifier(max_depth=8, min_samples_leaf=150, random_state=0).fit(x, y)
    wall.append(time.perf_counter() - w); cpu.append(time.process_time() - c)
if kind == "boosting":
    p = model.predict(x)
    objective = float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
else:
    t = model.tree_
    leaf = t.children_left < 0
    objective = float((t.impurity * t.weighted_n_node_samples)[leaf].sum() / len(y))
print(json.dumps(dict(wallSeconds=wall, cpuSeconds=cpu, objective=objective)))
"""


def run(command, threads):
    if threads == 1:
        command = ["taskset", "-c", "0"] + command
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def made_rows(folder, n):
    import numpy as np
    rng = np.random.default_rng(7)
    length = rng.lognormal(4, 0.8, n)
    columns = [np.log1p(np.floor(length * s)) for s in (0.17, 1, 0.9, 0.05, 0.02)]
    columns += [rng.beta(2, 8, n) for _ in range(10)]
    columns += [np.log1p(rng.poisson(length * r)) for r in (0.01, 0.02, 0.002, 0.001)]
    columns += [np.log1p(rng.poisson(r, n)) for r in np.geomspace(0.002, 0.8, 30)]
    x = np.column_stack(columns).astype("<f4")
    margin = 0.6 * (x[:, 0] - 2.5) + 3 * x[:, 7] - 4 * x[:, 9] * x[:, 3] + 0.8 * (x[:, 40] > 0) - 0.9
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype("<f4")
    x.tofile(folder / "x.f32")
    y.tofile(folder / "y.f32")
    return str(folder / "x.f32"), str(folder / "y.f32")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--riddle-bench", default=".build/release/riddle-bench")
    options.add_argument("--matrix")
    options.add_argument("--labels")
    options.add_argument("--texts", nargs="*", default=[], help="files of rows, measured one after the other")
    options.add_argument("--rows", type=int, default=15000, help="rows to make without --matrix")
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        print(f"trees: seconds of a fit, binning included, least of {given.repeats}; boosting: 100 trees of 31 leaves, "
              f"rate 0.1, leaves of 20 rows at least; cart: depth 8, leaves of 150 rows at least (load "
              f"{os.getloadavg()[0]:.1f})")
        print(f"{'':9}{'rows':>8} × columns{'threads':>9}{'riddle s':>10}{'cpu s':>8}  {'peer':13}{'s':>8}{'cpu s':>8}"
              f"{'ratio':>9}{'by cpu':>9}   objective, peer's", flush=True)
        for source in given.texts or [None]:
            matrix, labels = given.matrix, given.labels
            if source:
                matrix, labels = str(folder / "x.f32"), str(folder / "y.f32")
                subprocess.run([given.riddle_bench, "statistics", "--data", source, "--matrix", matrix, "--labels", labels],
                               check=True, capture_output=True)
            elif not matrix:
                matrix, labels = made_rows(folder, given.rows)
            for kind, peer in (("boosting", "LightGBM"), ("cart", "scikit-learn")):
                for threads in sorted({1, os.cpu_count()}):
                    theirs = run(
                        [sys.executable, "-c", PEER, kind, matrix, labels, str(threads), str(given.repeats)], threads)
                    ours = run(
                        [given.riddle_bench, kind, "--matrix", matrix, "--labels", labels, "--repeats",
                         str(given.repeats)], threads)
                    wall, cpu = min(ours["wallSeconds"]), min(ours["cpuSeconds"])
                    their_wall, their_cpu = min(theirs["wallSeconds"]), min(theirs["cpuSeconds"])
                    print(f"{kind:9}{ours['rows']:>8} × {ours['columns']:<7}{threads:>9}{wall:>10.3f}{cpu:>8.3f}  {peer:13}"
                          f"{their_wall:>8.3f}{their_cpu:>8.3f}{their_wall / wall:>7.1f} ×{their_cpu / cpu:>7.1f} ×"
                          f"   {ours['objective']:.5f}, {theirs['objective']:.5f}", flush=True)


if __name__ == "__main__":
    main()
