#!/usr/bin/env python3
"""Holds riddle_reader.py, which knows the specification alone, against the command line. Standard library only.

    check.py RIDDLE-PROGRAM [ROUTER.riddle ...]       without routers: the committed ones and those of past versions

For every router, the golden queries and as many made ones with newlines, turns and fields get the same margin bits and
candidate from both. No file with a flipped bit is read. Of files with a flipped bit and a right checksum, both read
the same ones, and decide the same.
"""
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import riddle_reader as second
from riddle_reader import GROUP_OF, MARK_OF, PAGES, Features, value_hash

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_260_301
ODD = (r"""how many much what NOT EXCEPT least isn't DON'T 'tis NASA ÉTÉ naïve 中文 🙂 ≤ ∀ → 3.14 1,000 2024 5th B2B a.b C++ $5 50%
 x^2 \frac{a}{b} ___ ```` :// http://a b@c.de [1] (2) {x;y} `z` | "q" all none both neither true false ? ! ... — … - * 1. 2) a. B) iv.
 """.split() + ["\t", "\r", "\u00a0", "\x7f", "", " "])
LISTED = sorted(word.decode() for word in {**GROUP_OF, **MARK_OF})


def made_queries(count):
    rng = random.Random(SEED)
    for _ in range(count):
        lines = [" ".join(rng.choice(rng.choice((ODD, LISTED))) for _ in range(rng.randrange(9)))
                 for _ in range(rng.choice((1, 1, 2, 5, 9)))]
        query = {"query": "\n".join(lines), "turn": rng.choice((0, 1, 2, 7))}
        for field in ("user_tier", "task_type", "domain"):
            if rng.random() < 0.5: query[field] = rng.choice(("Free", "premium", "billing", "code", "summarize", "legal"))
        yield query


def by_command_line(riddle, router, queries, form):
    """Margin bits and candidate of every query; nothing when the file is refused."""
    run = subprocess.run([riddle, "score", router, "--format", form, "--quiet"], input=queries, capture_output=True)
    if run.returncode not in (0, 65): sys.exit(f"second reader: {router}: exit code {run.returncode}: {run.stderr.decode()}")
    decisions = [json.loads(line, parse_int=float) for line in run.stdout.splitlines()] if run.returncode == 0 else []
    return [(second.bits(decision["margin"]), decision["candidate"]) for decision in decisions]


def by_reader(data, queries):
    try:
        router = second.Router(data)
    except ValueError:
        return []
    decisions = []
    for query in queries:
        hashes = [value_hash(query.get(field, "").encode()) for field in ("user_tier", "task_type", "domain")]
        decisions.append(router.decide(query["query"].encode(errors="surrogateescape"), query.get("turn", 0), hashes))
    return [(second.bits(margin), candidate) for margin, candidate in decisions]


def as_lines(queries): return "".join(json.dumps(query) + "\n" for query in queries).encode()


def flipped(data, rng, repairs):
    damaged = bytearray(data)
    damaged[rng.randrange(len(data) - (8 if repairs else 0))] ^= 1 << rng.randrange(8)
    if repairs: damaged[-8:] = second.crc64(damaged[:-8]).to_bytes(8, "little")
    return bytes(damaged)


def check_example():
    """The example of TextStatistics.md has the columns and keys that the page says."""
    page = (PAGES / "TextStatistics.md").read_text(encoding="utf-8").split("## Example\n")[1]
    text, columns, keys, fingerprint = (block.strip() for block in page.split("```")[1:8:2])
    schema = SimpleNamespace(version=3, orders=2, bits=16, shortest=3, longest=5, numbers=95, turn=0, categories=[], means=[])
    features = Features(schema, text.encode())
    found = [f"{i} {struct.pack('>f', x).hex()}" for i, x in enumerate(features.dense) if x]
    if columns.split("\n") != found or [int(key, 16) for key in keys.split()] != features.words:
        sys.exit("second reader: the example of TextStatistics.md differs")
    if int(fingerprint, 16) != features.fingerprint(): sys.exit("second reader: the example's fingerprint differs")


def main(riddle, routers):
    check_example()
    golden_file, = [*ROOT.glob("Tests/*/golden-queries.txt")]
    golden = golden_file.read_bytes()
    golden_queries = [{"query": line.decode(errors="surrogateescape")} for line in golden.split(b"\n")[:-1]]
    made = list(made_queries(len(golden_queries)))
    routers = [Path(r) for r in routers] or [
        *sorted(ROOT.glob("models/*/router.riddle")), *sorted(ROOT.glob("Tests/Golden/WeightFiles/*.riddle"))]
    for router in routers:
        data = router.read_bytes()
        for queries, form, text in ((golden_queries, "text", golden), (made, "jsonl", as_lines(made))):
            expected, found = by_command_line(riddle, router, text, form), by_reader(data, queries)
            if len(expected) != len(queries) or expected != found:
                first = next((i for i, (a, b) in enumerate(zip(expected, found)) if a != b), None)
                sys.exit(f"second reader: {router}: {len(expected)} and {len(found)} decisions, different from query {first} of {form}")
    rng, accepted = random.Random(SEED), 0
    for i in range(200):
        data = routers[i % len(routers)].read_bytes()
        if accepts(flipped(data, rng, False)):
            sys.exit(f"second reader: {routers[i % len(routers)]}: a flipped bit was not found")
    # Files without probes, which would refuse most of what the rules let through.
    small = [*sorted((ROOT / "Tests/Fuzz/corpus").glob("*bare.riddle"))] or routers
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "router.riddle"
        for i in range(200):
            path.write_bytes(flipped(small[i % len(small)].read_bytes(), rng, True))
            expected, found = by_command_line(riddle, path, as_lines(made[:5]), "jsonl"), by_reader(path.read_bytes(), made[:5])
            accepted += len(found) > 0
            if expected != found:
                sys.exit(f"second reader: {small[i % len(small)]}: flip {i} with a right checksum: "
                         f"{len(expected)} decisions of the command line, {len(found)} of the reader")
    print(f"second reader: {len(routers)} files × {2 * len(made)} queries: the bits of the command line; 200 flipped bits refused;"
          f" of 200 with a right checksum, both read the same {accepted}")


def accepts(data):
    try:
        second.Router(data)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) < 2: sys.exit("usage: check.py RIDDLE-PROGRAM [ROUTER.riddle ...]")
    main(sys.argv[1], sys.argv[2:])
