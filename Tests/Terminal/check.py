#!/usr/bin/env python3
"""Runs riddle at a terminal of its own (a pty) and in a pipe, and looks at the bytes.

    check.py RIDDLE

No escape sequence is printed anywhere, with or without NO_COLOR and whatever TERM says; progress appears at a terminal only,
rewrites its line with carriage returns and leaves it blank; `riddle init` asks at a terminal and never elsewhere.
Standard library only.
"""
import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

ESCAPE = b"\x1b"


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RIDDLE_") and k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    return kept | {"RIDDLE_CONFIG": "none", "TERM": "xterm-256color"} | more


def at_terminal(words, folder, answers=b"", **more):
    """What a terminal shows of a run: its bytes and the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(words[0], words, environment(**more))
    shown, end = b"", time.time() + 120
    if answers:
        os.write(terminal, answers)
    while time.time() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            shown += part
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_pipe(words, folder, **more):
    return subprocess.run(words, cwd=folder, env=environment(**more), stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def main():
    riddle = os.path.abspath(sys.argv[1])
    checks = 0

    def expect(holds, what):
        nonlocal checks
        checks += 1
        if not holds:
            sys.exit(f"terminal: {what}")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        row = '{"id":"q%d","query":"where is order %d please","outcomes":{"a":{"quality":%d,"cost_usd":0.001},"b":{"quality":1,"cost_usd":0.01}}}\n'
        (folder / "log.jsonl").write_text("".join(row % (i, i * 7919 % 1000, i % 3 > 0) for i in range(30_000)))
        runs = [
            ["import", "log.jsonl", "--store", "STORE"], ["label", "--store", "s.sqlite", "--candidates", "a,b"], ["doctor"], ["--help"], ["train", "--help"],
            ["config", "show", "--origin"], ["nonsense"], ["headroom", "none.jsonl"], ["runs", "list", "."],
        ]
        in_pipe([riddle, "import", "log.jsonl", "--store", "s.sqlite"], folder)
        number = 0
        for words in runs:
            for more in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CLICOLOR_FORCE": "1"}):
                number += 1
                said = [riddle] + [w.replace("STORE", f"s{number}.sqlite") for w in words]
                shown, _ = at_terminal(said, folder, **more)
                expect(ESCAPE not in shown, f"{words} with {more} prints an escape sequence at a terminal")
                expect(shown.strip(), f"{words} shows nothing at a terminal")
                number += 1
                said = [riddle] + [w.replace("STORE", f"s{number}.sqlite") for w in words]
                piped = in_pipe(said, folder, **more)
                both = piped.stdout + piped.stderr
                expect(ESCAPE not in both and b"\r" not in both, f"{words} with {more} prints control codes into a pipe")
        shown, _ = at_terminal([riddle, "import", "log.jsonl", "--store", "p.sqlite"], folder)
        expect(b"rows/s" in shown, "no progress at a terminal")
        last = shown.split(b"rows/s")[-1]
        expect(b"\r" in last, "the line of progress is not cleared")
        shown, _ = at_terminal([riddle, "import", "log.jsonl", "--store", "r.sqlite", "--quiet"], folder)
        expect(b"rows/s" not in shown, "progress in spite of --quiet")
        shown, status = at_terminal([riddle, "init", "asked"], folder, answers=b"desk\nmini,pro\n")
        expect(status == 0 and b"Name of the project [asked]" in shown, "init does not ask at a terminal")
        expect("mini, pro" in (folder / "asked/riddle.yaml").read_text(), "init does not take the answer")
        shown, status = at_terminal([riddle, "init", "plain", "--yes"], folder)
        expect(status == 0 and b"[plain]" not in shown, "init asks in spite of --yes")
        piped = in_pipe([riddle, "init", "piped", "--json"], folder)
        expect(piped.returncode == 0 and json.loads(piped.stdout)["name"] == "piped", "init asks in a pipe")
    print(f"terminal: {checks} checks, no escape sequence")


if __name__ == "__main__":
    main()
