#!/usr/bin/env python3
"""What users and reviewers would have said of the answers of support-desk, had a router chosen them.

Python 3.9 or newer, standard library only. Same inputs and seed: same bytes.

    riddle score models/support-desk datasets/support-desk/support-desk.jsonl.gz --log decisions.jsonl > /dev/null
    python3 datasets/weekly/generate.py decisions.jsonl              # writes feedback.csv.gz
    python3 datasets/weekly/generate.py decisions.jsonl --check      # exit 1 if the committed file differs

Every draw is a hash of the seed, the request and the draw's name, so a request's feedback does not depend on others.
"""
import argparse
import csv
import datetime
import gzip
import hashlib
import io
import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
DESK = os.path.join(FOLDER, "..", "support-desk", "support-desk.jsonl.gz")
TARGET = os.path.join(FOLDER, "feedback.csv.gz")

THUMBS_SHARE = 0.30    # requests whose user says something
REVIEW_SHARE = 0.20    # requests that a reviewer looks at
CONTENT_AT_WORST = 0.05  # chance of a thumb up for an answer of quality 0 ...
CONTENT_AT_BEST = 0.97   # ... and of quality 1
ADEQUATE = 0.5         # quality from which a candidate is enough


def draw(seed, request, name):
    """A number in [0, 1), fixed by the three."""
    digest = hashlib.sha256(f"{seed}|{request}|{name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2 ** 48


def later(time, seconds):
    then = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    then += datetime.timedelta(seconds=int(seconds))
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def feedback(rows, decisions, seed):
    for decision in decisions:
        request = decision["request_id"]
        row = rows[request]
        outcomes = row["outcomes"]
        quality = outcomes[decision["candidate"]]["quality"]
        if draw(seed, request, "thumbs") < THUMBS_SHARE:
            chance = CONTENT_AT_WORST + (CONTENT_AT_BEST - CONTENT_AT_WORST) * quality
            thumbs = "up" if draw(seed, request, "content") < chance else "down"
            time = later(row["time"], 20 + 7200 * draw(seed, request, "when"))
            yield [request, time, "user", thumbs, "", ""]
        if draw(seed, request, "review") < REVIEW_SHARE:
            ladder = decision["alternatives"]
            enough = [name for name in ladder if outcomes[name]["quality"] >= ADEQUATE]
            best = enough[0] if enough else ladder[0]
            time = later(row["time"], 86400 * (1 + draw(seed, request, "reviewed")))
            yield [request, time, "review", "", f"{quality:g}", best]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("decisions", help="decision log of riddle score over support-desk")
    parser.add_argument("--seed", type=int, default=20260427)
    parser.add_argument("--out", default=TARGET)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with gzip.open(DESK, "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, file)}
    with open(arguments.decisions, encoding="utf-8") as file:
        decisions = [json.loads(line) for line in file]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["request_id", "time", "source", "thumbs", "quality", "best_candidate"])
    writer.writerows(feedback(rows, decisions, arguments.seed))
    plain = text.getvalue().encode()
    if arguments.check:
        with gzip.open(arguments.out) as file:
            same = file.read() == plain
        print(f"{arguments.out}: {'the same' if same else 'differs'}")
        sys.exit(0 if same else 1)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=9) as file:
        file.write(plain)
    with open(arguments.out, "wb") as file:
        file.write(packed.getvalue())
    print(f"{arguments.out}: {plain.count(10) - 1} words of feedback, {len(packed.getvalue())} bytes")


main()
