"""Writes ../Store/v3.sqlite.gz: a store of schema version 3, as the last program before version 4 wrote it.

Run: python3 store_v3.py RIDDLE, where RIDDLE is the program of the last revision with schema 3 (the one before "Store,
schema 4"). Standard library only. Two logs and a labelling are made by that program; a judge's prompt, verdict and money
and an open call are put in as it would, by the sqlite3 module, because they need an endpoint.

Holds 5 queries: all context fields, a text that is absent, a tier, a vector, metadata with a user, an answer.
"""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
riddle = os.path.abspath(sys.argv[1])
first = [
    {"id": "q1", "query": "Where is my order?", "group": "g1", "conversation": "c1", "turn": 1, "user_tier": "free",
     "task_type": "support", "domain": "shop", "time": "2026-03-02T08:00:00Z",
     "outcomes": {"small": {"quality": 1, "cost_usd": 0.0000312, "latency_ms": 640, "confidence": 0.9, "gate_score": 0.8,
                            "in_tokens": 12, "out_tokens": 30, "answer": "On its way."},
                  "large": {"quality": 1, "cost_usd": 0.00191, "latency_ms": 2900}}},
    {"id": "q2", "query": "Prove that the square root of two is irrational.",
     "outcomes": {"small": {"quality": 0}, "large": {"quality": 1}}},
    {"id": "q3", "query": None, "outcomes": {"small": {"quality": None}, "large": {"quality": 0.5}}},
]
second = [
    {"id": "q4", "query": "Compare two designs.", "tier": "complex", "embedding": [0.25, -1.5], "embedding_model": "tiny",
     "outcomes": {"small": {"quality": 0, "cost_usd": 0.0000312}, "large": {"quality": 1, "cost_usd": 0.00191}}},
    {"id": "q5", "query": "Ä naïve question about the café bill", "metadata": {"user_id": "u-17", "n": 3},
     "outcomes": {"small": {"quality": None, "answer": "Ask the café."}, "large": {"quality": 1, "cost_usd": 0.002}}},
]
with tempfile.TemporaryDirectory() as folder:
    def path(name):
        return os.path.join(folder, name)

    def run(*arguments):
        subprocess.run([riddle, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    for name, rows in [("old.jsonl", first), ("more.jsonl", second)]:
        with open(path(name), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    run("import", "old.jsonl", "--store", "v3.sqlite", "--quiet")
    run("label", "--store", "v3.sqlite", "--candidates", "small,large", "--quiet")
    run("import", "more.jsonl", "--store", "v3.sqlite", "--quiet")
    db = sqlite3.connect(path("v3.sqlite"))
    assert db.execute("PRAGMA user_version").fetchone() == (3,), "not a program of schema 3"
    hash = "0123456789abcdef" * 4
    db.execute("INSERT INTO judge_prompts VALUES (?, 'grade-1', 'Grade {answer}.')", (hash,))
    db.execute(
        "INSERT INTO verdicts (query, candidate, prompt_hash, judge, quality, calls, in_tokens, out_tokens, cost_nanousd, time_us)"
        " SELECT 5, id, ?, 'judge-a', 0.75, 1, 40, 2, 1200, 1772439342000000 FROM candidates WHERE name = 'small'", (hash,))
    db.execute("INSERT INTO remote_jobs (name, calls, in_tokens, out_tokens, cost_nanousd) VALUES ('judge', 1, 40, 2, 1200)")
    db.execute("INSERT INTO open_calls (job, reserved_nanousd, started_us) VALUES (1, 5000, 1772439342000000)")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    target = os.path.join(here, "..", "Store", "v3.sqlite.gz")
    with open(path("v3.sqlite"), "rb") as source, gzip.GzipFile(target, "wb", mtime=0) as packed:
        shutil.copyfileobj(source, packed)
