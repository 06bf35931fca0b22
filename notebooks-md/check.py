#!/usr/bin/env python3
"""Runs the command blocks of Markdown notebooks and compares what they print with what the notebook says.

    check.py NOTEBOOK.md…            run, compare, exit 1 on a difference
    check.py --record NOTEBOOK.md…   run, and write what was printed into the notebook

A command block is fenced as ```console; lines that begin with "$ " are commands (one per line, a trailing backslash
continues it), the lines after a command are its standard output. Commands run one after the other in a fresh folder
with `datasets` and `Benchmarks` linked into it; standard error is not compared. A command that fails fails the notebook.
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile


def blocks(lines):
    """Yields (first line, last line) of each console block's content."""
    start = None
    for number, line in enumerate(lines):
        if start is None and line.strip() == "```console":
            start = number + 1
        elif start is not None and line.strip() == "```":
            yield start, number
            start = None
    if start is not None:
        raise SystemExit(f"line {start}: a console block is not closed")


def commands(content):
    """Splits a block into (command lines, expected output lines)."""
    found = []
    for line in content:
        continues = found and not found[-1][1] and found[-1][0][-1].endswith("\\")
        if line.startswith("$ ") and not continues:
            found.append(([line], []))
        elif continues:
            found[-1][0].append(line)
        elif found:
            found[-1][1].append(line)
        else:
            raise SystemExit("a console block must begin with a command")
    return found


def run(command_lines, folder, limit):
    command = "\n".join(command_lines)[2:]
    # A reader's own settings must not decide what a notebook prints.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RIDDLE_") or k == "RIDDLE_DATA"}
    environment["RIDDLE_CONFIG"] = "none"
    result = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, env=environment,
                            capture_output=True, text=True, timeout=limit)
    return result.returncode, result.stdout.splitlines(), result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="+", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--limit", type=int, default=300, help="seconds a command may take")
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    failed = False
    for notebook in arguments.notebooks:
        lines = notebook.read_text(encoding="utf-8").splitlines()
        if not any(line.strip() == "```console" for line in lines):
            continue
        result, position, count = [], 0, 0
        with tempfile.TemporaryDirectory() as folder:
            for name in ("datasets", "Benchmarks"):
                os.symlink(root / name, pathlib.Path(folder) / name)
            for first, last in blocks(lines):
                result += lines[position:first]
                for command, expected in commands(lines[first:last]):
                    status, printed, errors = run(command, folder, arguments.limit)
                    count += 1
                    result += command + printed
                    if status != 0:
                        failed = True
                        print(f"{notebook}:{first}: status {status}: {command[0]}\n{errors}", file=sys.stderr)
                    elif not arguments.record and printed != expected:
                        failed = True
                        print(f"{notebook}:{first}: output differs: {command[0]}", file=sys.stderr)
                        print("\n".join(difflib.unified_diff(expected, printed, "notebook", "printed", lineterm="")),
                              file=sys.stderr)
                position = last
        result += lines[position:]
        if arguments.record and not failed:
            notebook.write_text("\n".join(result) + "\n", encoding="utf-8")
        print(f"{notebook.name}: {count} commands {'recorded' if arguments.record else 'run'}")
        if count == 0:
            failed = True
            print(f"{notebook}: no command was found", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
