#!/usr/bin/env python3
"""A gateway before two mock upstreams on this machine, with questions of the embedded support desk as traffic.

    demo.py [number of questions]

Prints every decision as the server logs it, then what the metrics say. Nothing leaves the machine.
"""

import gzip
import json
import os
import sys
import tempfile
import time

from harness import ROOT, Server, Upstream, policy

DESK = os.path.join(ROOT, "datasets/support-desk/support-desk.jsonl.gz")
STAGES = "stages: [{tier_header: {tiers: {premium: large, economy: small}}}, classifier]\nguards: [{circuit_breaker: {}}, {retry: {times: 1, climb: true}}]\n"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with gzip.open(DESK, "rt") as lines:
        questions = [json.loads(line) for _, line in zip(range(count), lines)]
    with tempfile.TemporaryDirectory() as folder:
        small, large = Upstream("small"), Upstream("large")
        log = os.path.join(folder, "decisions.jsonl")
        server = Server("--policy", policy(folder, small, large, STAGES), "--log", log, "--log-text", "keep")
        print(f"gateway on http://127.0.0.1:{server.port}, small on {small.url}, large on {large.url}\n")
        print("one decision: POST /v1/route")
        print(" ", json.dumps(server.post("/v1/route", {"input": questions[0]["query"]})[2]), "\n")
        print(f"{count} chats: POST /v1/chat/completions")
        for question in questions:
            if question is questions[len(questions) // 2]:
                print("  (small breaks down)")
                small.mode("error")
            body = {"model": "riddle", "messages": [{"role": "user", "content": question["query"]}]}
            status, headers, _ = server.post("/v1/chat/completions", body, headers={"x-request-id": str(question["id"])})
            print(f"  {status} {headers['x-riddle-model']:5} {headers['x-riddle-calls']} call(s)  {question['query'][:60]!r}  {headers['x-riddle-reason']}")
        text = server.get("/metrics")[2].decode().splitlines()
        server.stop()
        print("\nmetrics")
        for line in text:
            if line.startswith(("riddle_chat_total", "riddle_upstream_calls_total", "riddle_spent", "riddle_router_info")):
                print(" ", line)
        with open(log) as lines:
            rows = list(map(json.loads, lines))
        print(f"\nlog: {len(rows)} decisions; the last one")
        print(" ", json.dumps(rows[-1]))
        small.stop()
        large.stop()


if __name__ == "__main__":
    start = time.time()
    main()
    print(f"\n{time.time() - start:.1f} s")
