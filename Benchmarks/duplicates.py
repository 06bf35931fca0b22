"""Near-duplicates of many queries: seconds, memory, recall and precision, beside the same method in Python.

The reference is MinHash of 64 functions in 16 bands with every candidate verified on its full sets, in numpy, one process,
on a slice of the same queries; its time per row is taken as constant, which flatters it (buckets grow with the log).
datasketch's MinHashLSH is timed too where it is installed.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections import defaultdict

import numpy as np

BANDS, ROWS = 16, 4
PRIME = (1 << 61) - 1


def shingles(text):
    words = text.lower().split()
    return {hash(" ".join(words[i : i + 5])) & 0x7FFFFFFF for i in range(len(words) - 4)}


def reference(texts):
    start = time.perf_counter()
    rng = np.random.default_rng(1)
    a = rng.integers(1, 1 << 31, BANDS * ROWS, dtype=np.uint64)
    b = rng.integers(0, 1 << 31, BANDS * ROWS, dtype=np.uint64)
    sets = [shingles(t) for t in texts]
    buckets = [defaultdict(list) for _ in range(BANDS)]
    for i, s in enumerate(sets):
        if not s:
            continue
        h = np.fromiter(s, dtype=np.uint64, count=len(s))
        least = ((h[:, None] * a[None, :] + b[None, :]) % np.uint64(PRIME)).min(axis=0)
        for band in range(BANDS):
            buckets[band][least[band * ROWS : (band + 1) * ROWS].tobytes()].append(i)
    parent = list(range(len(texts)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for band in buckets:
        for members in band.values():
            for k, i in enumerate(members):
                for j in members[max(0, k - 64) : k]:
                    x, y = root(i), root(j)
                    if x == y:
                        continue
                    common = len(sets[i] & sets[j])
                    if common * 5 >= 4 * (len(sets[i]) + len(sets[j]) - common):
                        parent[max(x, y)] = min(x, y)
    clusters = [root(i) for i in range(len(texts))]
    return time.perf_counter() - start, clusters


def sketched(texts):
    from datasketch import MinHash, MinHashLSH

    start = time.perf_counter()
    index = MinHashLSH(num_perm=64, params=(BANDS, ROWS))
    for i, text in enumerate(texts):
        words = text.lower().split()
        minhash = MinHash(num_perm=64)
        minhash.update_batch([" ".join(words[k : k + 5]).encode() for k in range(len(words) - 4)])
        index.query(minhash)
        index.insert(i, minhash)
    return time.perf_counter() - start


parser = argparse.ArgumentParser()
parser.add_argument("--riddle-bench", required=True)
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--slice", type=int, default=20_000)
arguments = parser.parse_args()

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "slice")
    result = json.loads(
        subprocess.run(
            [
                arguments.riddle_bench, "planted", "--rows", str(arguments.rows), "--output", path,
                "--slice", str(arguments.slice),
            ],
            check=True, capture_output=True, text=True,
        ).stdout
    )
    with open(path) as file:
        texts = file.read().split("\n")[:-1]

print(f"near-duplicates: {result['rows']:,} synthetic queries, {result['megabytes']:.0f} MB of text")
print(
    f"  riddle       {result['seconds']:8.1f} s   {result['rowsPerSecond']:10,.0f} rows/s   "
    f"peak {result['megabytesPeak']:,.0f} MB resident, {result['megabytesBefore']:,.0f} MB before (the texts)"
)
print(
    f"  recall {result['recall']:.5f} of {result['planted']:,} planted pairs, "
    f"precision {result['precision']:.5f} of {result['precisionRows']:,} clustered rows"
)
seconds, clusters = reference(texts)
rate = len(texts) / seconds
print(
    f"  numpy        {result['rows'] / rate:8.1f} s   {rate:10,.0f} rows/s   extrapolated from "
    f"{len(texts):,} rows; riddle is {result['rowsPerSecond'] / rate:.0f} times as fast"
)
try:
    seconds = sketched(texts)
    rate = len(texts) / seconds
    print(
        f"  datasketch   {result['rows'] / rate:8.1f} s   {rate:10,.0f} rows/s   extrapolated, without "
        f"verification; riddle is {result['rowsPerSecond'] / rate:.0f} times as fast"
    )
except ImportError:
    print("  left out: datasketch (pip install datasketch)")
