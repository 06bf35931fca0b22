#!/usr/bin/env python3
"""What hardening costs and buys: trains one router plain and hardened, attacks each, prints one table.

    robustness.py LOG --candidates WEAK,STRONG [--target T] [--seed N] [--train OPTIONS]

`riddle` is taken from the PATH. Everything is judged on the held-out rows of one split. Needs the standard library only.
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

VARIANTS = [("plain", []), ("clip", ["--harden", "clip"]), ("augment", ["--harden", "augment"]),
            ("clip + augment", ["--harden", "clip", "augment"])]


def figure(value, decimals=3, scale=1, interval=True):
    """A figure with its interval as reports write it."""
    if value is None or value["value"] is None:
        return "-"
    text = f"{scale * value['value']:.{decimals}f}"
    if interval and value["low"] is not None and value["high"] is not None:
        text += f" [{scale * value['low']:.{decimals}f}, {scale * value['high']:.{decimals}f}]"
    return text


def percent(value, interval=True):
    return figure(value, decimals=1, scale=100, interval=interval)


def measure(arguments, options, folder):
    run = pathlib.Path(folder) / "run"
    command = ["riddle", "train", "--data", arguments.log, "--candidates", arguments.candidates, "--target",
               arguments.target, "--seed", str(arguments.seed), "--output", str(run), "--attack", "--quiet", "--json",
               "--no-side-by-side", *shlex.split(arguments.train), *options]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{shlex.join(command)} ended with {result.returncode}: {result.stderr}")
    judged = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))["routers"][0]
    return judged, json.loads((run / "robustness.json").read_text(encoding="utf-8"))


def lines(judged, attacked):
    """Rows of the table, by name."""
    changes = {change["name"]: change for change in attacked["changes"]}
    benign = [c for c in attacked["changes"] if c["family"] != "hostile" and c["unchanged"]["value"] is not None]
    weakest = min(benign, key=lambda c: c["unchanged"]["low"])
    table = [("AUC", figure(judged["auc"])), ("log loss", figure(judged["log_loss"])), ("APGR", figure(judged["apgr"])),
             ("unchanged, %", "")]
    table += [("  " + name + ("" if change["family"] != "hostile" else " *"), percent(change["unchanged"]))
              for name, change in changes.items()]
    table += [("  every benign at once", percent(attacked["unchanged_under_every_benign"])),
              ("  weakest benign", weakest["name"])]
    for gadget in attacked["gadgets"]:
        table += [(f"{gadget['direction']} gadget", ""), ("  moved, %", percent(gadget["moved"])),
                  ("  by random tokens, %", percent(gadget["moved_at_random"])),
                  ("  dollars per 1,000", figure(gadget["dollars_per_query"], 2, 1000))]
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--candidates", required=True)
    parser.add_argument("--target", default="strong-wins")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", default="", help="more options of riddle train, in one word")
    parser.add_argument("--variants", default="", help="names of variants, separated by commas; all by default")
    arguments = parser.parse_args()
    wanted = [v.strip() for v in arguments.variants.split(",") if v.strip()] or [name for name, _ in VARIANTS]
    columns = []
    for name, options in VARIANTS:
        if name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            judged, attacked = measure(arguments, options, folder)
        columns.append((name, lines(judged, attacked)))
        rows = attacked["queries"]
    print(f"{rows:,} held-out queries · {arguments.candidates.replace(',', ' → ')} · {arguments.target}")
    names = [name for name, _ in columns[0][1]]
    width = max(map(len, names))
    cells = [[table[i][1] for _, table in columns] for i in range(len(names))]
    widths = [max(len(name), *(len(row[k]) for row in cells)) for k, (name, _) in enumerate(columns)]
    print("  ".join([" " * width] + [name.rjust(w) for (name, _), w in zip(columns, widths)]).rstrip())
    print("  ".join(["─" * width] + ["─" * w for w in widths]))
    for name, row in zip(names, cells):
        print("  ".join([name.ljust(width)] + [cell.rjust(w) for cell, w in zip(row, widths)]).rstrip())


if __name__ == "__main__":
    main()
