"""What a store of ten million queries costs: size, time and peak memory of every step that a week needs.

Run: python3 Benchmarks/ten-million.py [--rows 10000000] [--folder FOLDER] [--riddle .build/release/riddle] [--router FILE]

Standard library only. Makes a log (deterministic: a linear congruential generator, short texts of 130 words, two candidates
whose quality depends on the words), pipes it into `riddle import`, labels it, searches it, exports it, checks it, and
evaluates a router over it, logs its decisions and draws them; prints one line a step: seconds, peak resident memory, and the size of the store after it. A step
that fails is printed with its status and the rest goes on. The folder is removed at the end unless --keep is given.

Peak memory is the child's ru_maxrss as the system reports it when the child has ended.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=10_000_000)
parser.add_argument("--folder", default="ten-million.tmp")
parser.add_argument("--riddle", default=".build/release/riddle")
parser.add_argument("--router", default="models/support-desk/router.riddle")
parser.add_argument("--keep", action="store_true")
parser.add_argument("--skip", default="", help="steps to leave out, separated by commas")
arguments = parser.parse_args()

EASY = "how do i reset my password change the email address find invoice download receipt open settings where is order status".split()
HARD = "prove explain design migrate deadlock contract compliance integrate optimise architecture regression liability audit".split()
REST = [f"{a}{b}" for a in ("pay", "ship", "log", "sync", "plan", "team", "user", "data") for b in
        ("ment", "ping", "in", "ed", "ner", "s", "ly", "base", "set", "page", "list", "code")]
WORDS = EASY + HARD + REST
DOMAINS = ["billing", "account", "api", "legal", "shipping", "product"]


HARD_SET = frozenset(HARD)


def step_state(state):
    """Knuth's MMIX generator; the upper bits choose."""
    return (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF


def phrases(count, state):
    """`count` phrases of two to seven words, with their numbers of words and of hard words."""
    made = []
    for _ in range(count):
        words = []
        state = step_state(state)
        for _ in range(2 + (state >> 33) % 6):
            state = step_state(state)
            words.append(WORDS[(state >> 33) % len(WORDS)])
        made.append((" ".join(words), len(words), sum(word in HARD_SET for word in words)))
    return made


def generate(rows, out):
    """Writes `rows` lines of Riddle JSONL: three of 4 096 phrases each, so that hardly a text comes twice."""
    pool = phrases(4096, 20260302)
    state = 7
    lines = []
    for i in range(rows):
        state = step_state(state)
        a, b, c = pool[state >> 52], pool[(state >> 40) & 4095], pool[(state >> 28) & 4095]
        length = a[1] + b[1] + c[1]
        hard = a[2] + b[2] + c[2]
        small = 1 if hard == 0 or (state >> 16) % (hard + 2) == 0 else 0
        large = 1 if (state >> 20) % 20 else 0
        lines.append(
            f'{{"id":"t{i:08d}","query":"{a[0]} {b[0]} {c[0]}","conversation":"c{i // 3}","turn":{i % 3 + 1},'
            f'"domain":"{DOMAINS[(state >> 24) % 6]}","time":{1772409600 + i // 20},'
            f'"outcomes":{{"small":{{"quality":{small},"cost_nanousd":{20000 + length * 300},"latency_ms":{300 + (state >> 50) % 400}}},'
            f'"large":{{"quality":{large},"cost_nanousd":{900000 + length * 9000},"latency_ms":{1200 + (state >> 45) % 2000}}}}}}}\n')
        if len(lines) == 10_000:
            out.write("".join(lines).encode())
            lines.clear()
    out.write("".join(lines).encode())


def bytes_text(count):
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.1f} {unit}" if unit != "B" else f"{count} B"
        count /= 1000
    return f"{count:.1f} TB"


def store_size(store):
    return sum(os.path.getsize(store + end) for end in ("", "-wal") if os.path.exists(store + end))


def step(name, command, store, log, feed=None):
    """Runs one command; gives its status."""
    if name in arguments.skip.split(","):
        return 0
    begin = time.monotonic()
    with open(log, "ab") as errors:
        errors.write(f"\n--- {name}: {' '.join(command)}\n".encode())
        errors.flush()
        child = subprocess.Popen(command, stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=errors)
        if feed:
            try:
                feed(child.stdin)
                child.stdin.close()
            except BrokenPipeError:
                pass
        _, status, usage = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begin
    print(f"{name:<22} {seconds:9.1f} s wall {usage.ru_utime + usage.ru_stime:9.1f} s CPU  peak {bytes_text(usage.ru_maxrss * 1024):>9}"
          f"  store {bytes_text(store_size(store)):>9}" + ("" if code == 0 else f"  STATUS {code}"), flush=True)
    return code


os.makedirs(arguments.folder, exist_ok=True)
store = os.path.join(arguments.folder, "ten-million.sqlite")
log = os.path.join(arguments.folder, "steps.log")
page = os.path.join(arguments.folder, "dashboard.html")
riddle = os.path.abspath(arguments.riddle)
print(f"{arguments.rows} rows, two candidates; {subprocess.run([riddle, '--version'], capture_output=True, text=True).stdout.strip()}", flush=True)
failed = False
for name, command, feed in [
    ("import", ["import", "-", "--store", store, "--format", "riddle-jsonl", "--quiet"], lambda out: generate(arguments.rows, out)),
    ("import again", ["import", "-", "--store", store, "--format", "riddle-jsonl", "--quiet"],
     lambda out: generate(arguments.rows, out)),
    ("label", ["label", "--store", store, "--candidates", "small,large", "--quiet"], None),
    ("inspect", ["inspect", store, "--quiet"], None),
    ("query first", ["query", store, "deadlock audit", "--quiet"], None),
    ("query again", ["query", store, "deadlock audit", "--quiet"], None),
    ("export", ["store", "export", store, "--output", os.path.join(arguments.folder, "export.jsonl.gz"), "--quiet"], None),
    ("check", ["store", "check", store, "--quiet"], None),
    ("train --stream", ["train", "--stream", "--store", store, "--output", os.path.join(arguments.folder, "model"), "--quiet"], None),
    ("evaluate", ["evaluate", arguments.router, "--store", store, "--candidates", "small,large", "--replicates", "0", "--quiet"], None),
    ("score --log", ["score", arguments.router, os.path.join(arguments.folder, "export.jsonl.gz"), "--log", store, "--quiet"], None),
    ("dashboard", ["dashboard", "--store", store, "--output", page, "--quiet"], None),
    ("review", ["review", "--store", store, "--quiet"], None),
    ("vacuum", ["store", "vacuum", store, "--quiet"], None),
]:
    failed |= step(name, [riddle] + command, store, log, feed) != 0
if os.path.exists(page):
    print(f"dashboard: {bytes_text(os.path.getsize(page))}")
if not arguments.keep:
    shutil.rmtree(arguments.folder)
sys.exit(1 if failed else 0)
