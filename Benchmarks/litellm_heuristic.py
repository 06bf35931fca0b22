#!/usr/bin/env python3
"""Decides the queries of a log with LiteLLM's own complexity router and writes the choices as JSON lines.

The router runs as the proxy runs it for `model: auto_router/complexity_router`, with LiteLLM's default keywords, weights
and boundaries; nothing is tuned and no model is called. `riddle simulate` and `riddle evaluate` read the choices:

    python3 -m venv venv && venv/bin/pip install litellm==1.106.2
    venv/bin/python Benchmarks/litellm_heuristic.py log.jsonl.gz --candidates small,medium,large > litellm.jsonl
    riddle simulate log.jsonl.gz --candidates small,medium,large --policy litellm=litellm.jsonl

Four tiers need four candidates; with fewer, SIMPLE is the cheapest, COMPLEX and REASONING are the strongest, and MEDIUM is
the middle one of three and the cheapest of two. --tiers says otherwise. Only the row's own text is looked at: earlier turns are
not sent along (LiteLLM scores the newest message alone, so they would change nothing).

Pinned: litellm 1.106.2, Python 3.11. Another version stops with an error unless --any-version is given.
"""
import argparse
import asyncio
import collections
import gzip
import importlib.metadata
import json
import os
import sys

PINNED = "1.106.2"
TIERS = ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"]


def candidates_of_tiers(names, spelled):
    """The candidate of each tier."""
    middle = names[(len(names) - 1) // 2]
    chosen = names if len(names) == 4 else [names[0], middle, names[-1], names[-1]]
    tiers = dict(zip(TIERS, chosen))
    for pair in filter(None, (spelled or "").split(",")):
        tier, _, name = pair.partition("=")
        if tier not in tiers or name not in names:
            raise SystemExit(f"--tiers {pair}: expected TIER=CANDIDATE with TIER one of {', '.join(TIERS)}")
        tiers[tier] = name
    return tiers


def rows(path):
    """Identifiers and texts of a log in Riddle JSONL, plain or gzip."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("query") is not None:
                yield row["id"], row["query"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", help="queries in Riddle JSONL")
    parser.add_argument("--candidates", required=True, help="names, cheapest first, separated by commas")
    parser.add_argument("--tiers", help="such as SIMPLE=small,MEDIUM=large; the others as above")
    parser.add_argument("--classifier", choices=["heuristic", "heuristic_v2"], default="heuristic",
                        help="heuristic: LiteLLM's default, keywords and lengths; heuristic_v2: its table learned on UltraFeedback")
    parser.add_argument("--any-version", action="store_true", help="accept another version of LiteLLM")
    arguments = parser.parse_args()
    tiers = candidates_of_tiers(arguments.candidates.split(","), arguments.tiers)

    found = importlib.metadata.version("litellm")
    if found != PINNED and not arguments.any_version:
        raise SystemExit(f"litellm {found} is installed, {PINNED} was expected; --any-version takes it anyway")
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no download at import
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter
    router = ComplexityRouter("router", None, {"classifier_type": arguments.classifier, "tiers": tiers})

    async def decide():
        counts = collections.Counter()
        for identifier, text in rows(arguments.log):
            tier = getattr((await router.aclassify(text)).tier, "value")
            counts[tier] += 1
            print(json.dumps({"id": identifier, "candidate": tiers[tier]}, separators=(",", ":")))
        print("tiers: " + ", ".join(f"{tier} {counts[tier]}" for tier in TIERS), file=sys.stderr)

    asyncio.run(decide())


if __name__ == "__main__":
    main()
