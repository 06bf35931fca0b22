#!/usr/bin/env python3
"""LiteLLM's own complexity router and a trained router on your log: shares, quality, cost, where they disagree, time a decision.

    python3 -m venv venv && venv/bin/pip install litellm==1.106.2
    venv/bin/python Benchmarks/litellm_side_by_side.py log.jsonl.gz --candidates small,large --riddle .build/release/riddle

The log is Riddle JSONL with outcomes of every candidate (quality and cost_usd). Every row is decided by a router that did not see
it: clusters (--cluster, default group, else the row) are dealt into --folds by a hash, and each fold is decided by `riddle score`
with a router that `riddle train` made of the others. With --router FILE that one decides all rows, and rows it was trained on
flatter it. LiteLLM's router runs as its proxy runs it, untuned: see litellm_heuristic.py.

Intervals are percentiles of a bootstrap over clusters, the same draws for all. "over mix" is quality above the random mix of
cheapest and strongest that costs as much: what looking at the query is worth. "at LiteLLM's cost" is the trained router with
as many queries sent up, those with the highest probability, as cost what LiteLLM spent; it uses costs, never qualities.
Standard library and litellm only. No query is printed.
"""
import argparse
import asyncio
import collections
import gzip
import hashlib
import importlib.metadata
import json
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

from litellm_heuristic import PINNED, TIERS, candidates_of_tiers


def read(path, names):
    """Rows with a text and quality and cost of every candidate."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    kept, left_out = [], 0
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            outcomes = row.get("outcomes") or {}
            known = [outcomes.get(name, {}) for name in names]
            if row.get("query") and all(o.get("quality") is not None and o.get("cost_usd") is not None for o in known):
                kept.append(row)
            else:
                left_out += 1
    if not kept:
        raise SystemExit(f"{path}: no row has a text and outcomes of {', '.join(names)}")
    return kept, left_out


def litellm_choices(rows, tiers, kind):
    """LiteLLM's candidate and microseconds for every row."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no download at import
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter
    router = ComplexityRouter("router", None, {"classifier_type": kind, "tiers": tiers})

    async def decide():
        found, times = [], []
        for row in rows:
            start = time.perf_counter_ns()
            tier = (await router.aclassify(row["query"])).tier
            times.append((time.perf_counter_ns() - start) / 1000)
            found.append(tiers[tier.value])
        return found, times

    asyncio.run(decide())  # the first calls compile patterns
    return asyncio.run(decide())


def score(riddle, router, rows):
    """What `riddle score` says of every row."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    command = [riddle, "score", router, "--format", "jsonl", "--json", "--quiet"]
    run = subprocess.run(command, input=lines, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"riddle score ended with {run.returncode}: {run.stderr.strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def out_of_fold(rows, clusters, arguments, folder):
    """What routers say that did not see the row's cluster, and the last router's file."""
    fold = [int.from_bytes(hashlib.sha256(f"{arguments.seed}:{c}".encode()).digest()[:8], "big") % arguments.folds for c in clusters]
    said = [None] * len(rows)
    for held in range(arguments.folds):
        log, run = os.path.join(folder, f"log-{held}.jsonl"), os.path.join(folder, f"run-{held}")
        with open(log, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row, f in zip(rows, fold) if f != held)
        subprocess.run([arguments.riddle, "train", "--data", log, "--candidates", arguments.candidates, "--output", run, "--quiet",
                        "--seed", str(arguments.seed), *shlex.split(arguments.train)], check=True, stdout=subprocess.DEVNULL)
        places = [i for i, f in enumerate(fold) if f == held]
        for i, line in zip(places, score(arguments.riddle, run, [rows[i] for i in places])):
            said[i] = line
    return said, run + "/router.riddle"


def microseconds(arguments, router, rows):
    """Microseconds a decision of the C library from Python; without a library, of `riddle score` with one thread, JSON and all."""
    if arguments.library:
        sys.path.insert(0, arguments.library)
        from riddle import Router
        opened, times = Router(router), []
        for row in rows * 2:
            start = time.perf_counter_ns()
            opened.decide(row["query"])
            times.append((time.perf_counter_ns() - start) / 1000)
        return times[len(rows):], "C library from Python"
    lines, times = "".join(json.dumps({"query": row["query"]}) + "\n" for row in rows).encode(), []
    command = [arguments.riddle, "score", router, "--format", "jsonl", "--quiet", "--threads", "1"]
    for given in [b"", lines] * 5:
        start = time.perf_counter()
        subprocess.run(command, input=given, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    whole = statistics.median(times[1::2]) - statistics.median(times[::2])
    return [whole * 1e6 / len(rows)], "`riddle score --threads 1`, JSON in and out"


def at_cost(rows, probabilities, names, budget):
    """The strongest for the highest probabilities, as many as the budget pays."""
    choices = [names[0]] * len(rows)
    spent = sum(row["outcomes"][names[0]]["cost_usd"] for row in rows)
    for i in sorted(range(len(rows)), key=lambda i: (-probabilities[i], i)):
        more = rows[i]["outcomes"][names[-1]]["cost_usd"] - rows[i]["outcomes"][names[0]]["cost_usd"]
        if spent + more > budget:
            break
        spent, choices[i] = spent + more, names[-1]
    return choices


def sums(rows, clusters, policies, names):
    """Per cluster: its rows, and quality and cost of every policy, of the cheapest and of the strongest."""
    table = collections.defaultdict(lambda: [0.0] * (1 + 2 * (len(policies) + 2)))
    for i, (row, cluster) in enumerate(zip(rows, clusters)):
        line = table[cluster]
        line[0] += 1
        for k, name in enumerate([choices[i] for choices in policies.values()] + [names[0], names[-1]]):
            line[1 + 2 * k] += row["outcomes"][name]["quality"]
            line[2 + 2 * k] += row["outcomes"][name]["cost_usd"]
    return list(table.values())


def figures(total, count):
    """Mean quality, dollars per 1,000 and quality over the mix of each policy; last, the first policy's minus the second's."""
    quality, cost = ([x / total[0] for x in total[start::2]] for start in (1, 2))
    (weak, strong), (cheap, dear) = quality[count:], cost[count:]
    lines = [(q, c * 1000, q - weak - (strong - weak) * (c - cheap) / (dear - cheap)) for q, c in zip(quality[:count], cost)]
    return lines + [tuple(a - b for a, b in zip(lines[0], lines[1]))]


def bootstrap(table, count, replicates, seed):
    """Of every figure the value and a 95 % interval."""
    def of(clusters):
        return figures([sum(column) for column in zip(*clusters)], count)
    point, source = of(table), random.Random(seed)
    draws = [of(source.choices(table, k=len(table))) for _ in range(replicates)]

    def interval(row, column):
        values = sorted(draw[row][column] for draw in draws)
        return [point[row][column], values[int(0.025 * replicates)], values[min(replicates - 1, int(0.975 * replicates))]]
    return [[interval(row, column) for column in range(3)] for row in range(count + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--candidates", required=True, help="names, cheapest first, separated by commas")
    parser.add_argument("--tiers", help="LiteLLM's tiers, such as MEDIUM=large; default as in litellm_heuristic.py")
    parser.add_argument("--classifier", choices=["heuristic", "heuristic_v2"], default="heuristic")
    parser.add_argument("--riddle", default="riddle", help="the command line")
    parser.add_argument("--router", help="weight file that decides all rows; default: routers trained here, out of fold")
    parser.add_argument("--train", default="--target strong-wins --model logistic --replicates 0 --no-side-by-side", help="options of `riddle train`")
    parser.add_argument("--library", help="folder that `make library` made, to time decisions in it")
    parser.add_argument("--cluster", default="group")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--any-version", action="store_true", help="accept another version of LiteLLM")
    arguments = parser.parse_args()
    found = importlib.metadata.version("litellm")
    if found != PINNED and not arguments.any_version:
        raise SystemExit(f"litellm {found} is installed, {PINNED} was expected; --any-version takes it anyway")
    names = arguments.candidates.split(",")
    rows, left_out = read(arguments.log, names)
    clusters = [str(row.get(arguments.cluster) or f"row {i}") for i, row in enumerate(rows)]
    tiers = candidates_of_tiers(names, arguments.tiers)

    theirs, their_times = litellm_choices(rows, tiers, arguments.classifier)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.router:
            said, router = score(arguments.riddle, arguments.router, rows), arguments.router
        else:
            said, router = out_of_fold(rows, clusters, arguments, folder)
        our_times, how = microseconds(arguments, router, rows)
    ours = [line["candidate"] for line in said]
    policies = {"riddle": ours, "LiteLLM": theirs}
    if len(names) == 2:
        budget = sum(row["outcomes"][name]["cost_usd"] for row, name in zip(rows, theirs))
        policies["riddle at LiteLLM's cost"] = at_cost(rows, [line["probability"] for line in said], names, budget)
    policies |= {"always " + names[0]: [names[0]] * len(rows), "always " + names[-1]: [names[-1]] * len(rows)}
    table = bootstrap(sums(rows, clusters, policies, names), len(policies), arguments.replicates, arguments.seed)
    disagreements = collections.Counter(zip(ours, theirs))
    quality = {}
    for pair in disagreements:
        there = [row["outcomes"] for row, a, b in zip(rows, ours, theirs) if (a, b) == pair]
        quality[pair] = [statistics.fmean(outcomes[name]["quality"] for outcomes in there) for name in pair]

    if arguments.json:
        keys = ("quality", "usd_per_1000", "over_mix")
        print(json.dumps({
            "rows": len(rows), "left_out": left_out, "clusters": len(set(clusters)), "litellm": found, "tiers": tiers,
            "policies": {name: {"shares": {n: choices.count(n) / len(rows) for n in names}, **dict(zip(keys, line))}
                         for (name, choices), line in zip(policies.items(), table)},
            "riddle_minus_litellm": dict(zip(keys, table[-1])),
            "disagreements": [{"riddle": a, "litellm": b, "rows": n, "quality": quality[a, b]}
                              for (a, b), n in sorted(disagreements.items()) if a != b],
            "microseconds": {"riddle": statistics.median(our_times), "riddle_measured": how, "litellm": statistics.median(their_times)},
        }, indent=2))
        return
    clustered = f"{len(set(clusters))} clusters by {arguments.cluster}"
    where = ", ".join(f"{tier} → {tiers[tier]}" for tier in TIERS)
    print(f"{len(rows)} rows ({left_out} left out), {clustered}; LiteLLM {found}, {arguments.classifier}, {where}")
    print(f"{'':26} {'to ' + names[-1]:>9}  {'quality':>22}  {'$ / 1,000':>22}  {'over mix':>22}")
    for (name, choices), line in zip(policies.items(), table):
        shown = "  ".join(f"{'%.3f [%.3f, %.3f]' % tuple(figure):>22}" for figure in line)
        print(f"{name:26} {choices.count(names[-1]) / len(rows):9.1%}  {shown}")
    differences = zip(("quality", "$ / 1,000", "over mix"), table[-1])
    line = "; ".join(f"{what} {'%+.3f [%+.3f, %+.3f]' % tuple(figure)}" for what, figure in differences)
    print(f"riddle − LiteLLM, paired: {line}")
    for (a, b), n in sorted(disagreements.items(), key=lambda item: -item[1]):
        if a != b:
            print(f"disagree on {n} ({n / len(rows):.1%}): riddle {a} (quality {quality[a, b][0]:.3f}), LiteLLM {b} (quality {quality[a, b][1]:.3f})")
    slow = sorted(their_times)[int(0.95 * len(their_times))]
    print(f"a decision: LiteLLM {statistics.median(their_times):.1f} µs (median; 95 % below {slow:.0f} µs); "
          f"riddle {statistics.median(our_times):.1f} µs ({how})")


if __name__ == "__main__":
    main()
