#!/usr/bin/env python3
"""Dense logistic regression beside scikit-learn's newton-cholesky: the same matrix, the same penalty, in turn.

    python3 Benchmarks/dense.py --riddle-bench .build/release/riddle-bench [--rows 100000] [--columns 384] [--repeats 2]

The rows are made: unit vectors with a spectrum that decays as that of text embeddings does, and a planted direction.
Both sides hold the matrix as 64-bit floats before the clock starts, leave the columns as they are and the intercept
free. scikit-learn stops at its own tolerance, and once more at 10^-9, where the coefficients are compared. Riddle
runs at both tolerances too (both measure the gradient of the mean loss). Every figure is the least of the repeats.
Needs numpy, scikit-learn and threadpoolctl.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PEER = """
import json, os, resource, sys, time
import numpy as np
from sklearn.linear_model import LogisticRegression
sys.path.insert(0, sys.argv[7])
from speed_peers import Clock
x, y, penalty, tolerance, repeats, out = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:5]), int(sys.argv[5]), sys.argv[6]
y = np.fromfile(y, dtype="<f4").astype(np.float64)
x = np.fromfile(x, dtype="<f4").reshape(len(y), -1).astype(np.float64)
wall, cpu, peak = [], [], 0
for _ in range(repeats):
    clock = Clock()
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=tolerance, max_iter=200).fit(x, y)
    found = clock.stop()
    wall.append(found["totalSeconds"]); cpu.append(found["processorSeconds"]); peak = max(peak, found["peakMegabytes"])
w, b = model.coef_.ravel(), model.intercept_[0]
np.append(w, b).astype("<f8").tofile(out)
m = x @ w + b
print(json.dumps(dict(wallSeconds=wall, cpuSeconds=cpu, iterations=int(model.n_iter_[0]), startMegabytes=found["startMegabytes"],
                      peakMegabytes=peak, objective=float((np.logaddexp(0, m) - y * m).sum() + penalty / 2 * (w @ w)))))
"""


def make(folder, rows, columns, seed=0):
    """Unit vectors with a decaying spectrum; labels by a planted direction; written in pieces."""
    import numpy as np
    generator = np.random.default_rng(seed)
    direction = generator.standard_normal(columns)
    direction *= columns ** 0.5 / np.linalg.norm(direction)
    spectrum = 1 / np.sqrt(1 + np.arange(columns) / 20)
    with open(folder / "x.f32", "wb") as matrix, open(folder / "y.f32", "wb") as labels:
        for first in range(0, rows, 20_000):
            block = generator.standard_normal((min(20_000, rows - first), columns)) * spectrum
            block /= np.linalg.norm(block, axis=1, keepdims=True)
            chance = 1 / (1 + np.exp(-(block @ direction + 0.75)))
            block.astype("<f4").tofile(matrix)
            (generator.random(len(block)) < chance).astype("<f4").tofile(labels)


def run(command, threads, processor):
    if threads == 1:
        command = ["taskset", "-c", str(processor)] + command
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed: {done.stderr[-400:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    import numpy as np
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--riddle-bench", default=".build/release/riddle-bench")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=384)
    parser.add_argument("--penalty", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--processor", type=int, default=0, help="processor of the runs with one thread")
    parser.add_argument("--solvers", default="automatic")
    parser.add_argument("--json", default=None, help="append every run to this file")
    options = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make(folder, options.rows, options.columns)
        files = [str(folder / "x.f32"), str(folder / "y.f32")]
        print(f"dense logistic regression, {options.rows} x {options.columns}, penalty {options.penalty:g} "
              f"(load {os.getloadavg()[0]:.1f})")
        print(f"{'':32}{'threads':>8}{'tolerance':>11}{'s':>8}{'cpu s':>8}{'ratio':>9}{'by cpu':>9}{'steps':>7}"
              f"{'peak MB':>9}{'objective/row':>15}{'max |Δw|':>10}", flush=True)
        for threads in [int(t) for t in options.threads.split(",")]:
            for tolerance in (1e-4, 1e-9):
                theirs = run([sys.executable, "-c", PEER, *files, str(options.penalty), str(tolerance),
                              str(options.repeats), str(folder / "theirs.f64"), here], threads, options.processor)
                reference = np.fromfile(folder / "theirs.f64")
                found = [("scikit-learn newton-cholesky", theirs)]
                for solver in options.solvers.split(","):
                    ours = run([options.riddle_bench, "dense", "--matrix", files[0], "--labels", files[1], "--penalty",
                                str(options.penalty), "--tolerance", str(tolerance), "--solver", solver, "--repeats",
                                str(options.repeats), "--coefficients", str(folder / "ours.f64")], threads,
                               options.processor)
                    ours["difference"] = float(np.abs(np.fromfile(folder / "ours.f64") - reference).max())
                    found.append((f"riddle {ours['solver']}", ours))
                for name, run_ in found:
                    wall, cpu = min(run_["wallSeconds"]), min(run_["cpuSeconds"])
                    cells = f"{name:32}{threads:>8}{tolerance:>11g}{wall:>8.2f}{cpu:>8.2f}"
                    cells += ("" if run_ is theirs else f"{min(theirs['wallSeconds']) / wall:>7.1f} ×"
                              f"{min(theirs['cpuSeconds']) / cpu:>7.1f} ×").rjust(18)
                    cells += f"{run_['iterations']:>7}{run_['peakMegabytes']:>9.0f}{run_['objective'] / options.rows:>15.9f}"
                    cells += f"{run_['difference']:>10.1e}" if "difference" in run_ else ""
                    print(cells, flush=True)
                    if options.json:
                        with open(options.json, "a", encoding="utf-8") as out:
                            out.write(json.dumps({"what": "dense", "name": name, "threads": threads,
                                                  "tolerance": tolerance, **run_}) + "\n")


if __name__ == "__main__":
    main()
