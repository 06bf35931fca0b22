#!/usr/bin/env python3
"""Rebuilds the committed models with the commands in their manifests and compares every file byte for byte.

    RIDDLE_DATA=FOLDER check.py [NAME…]

`riddle` is taken from the PATH. A model trained on data that this repository does not hold needs RIDDLE_DATA, the
folder with those files; without it the model is verified against its checksums instead, and that is said.
"""
import json
import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
root = here.parent


def rebuild(run):
    """Names of the files that differ after a rebuild, as `riddle runs repro` finds them."""
    result = subprocess.run(["riddle", "runs", "repro", str(run), "--root", str(root), "--all-files", "--json", "--quiet"],
                            capture_output=True, text=True)
    if result.returncode not in (0, 1) or not result.stdout:
        sys.exit(f"{run.name}: {result.stderr.strip()}")
    found = json.loads(result.stdout)
    return [f["name"] for f in found["files"] if not f["same"]] + (
        [] if found.get("on_disk") == found["files"][0].get("recorded") else ["router.riddle on the disk"])


def main():
    wanted = sys.argv[1:]
    runs = sorted(p.parent for p in here.glob("*/run.json") if not wanted or p.parent.name in wanted)
    if not runs:
        sys.exit("models: no run was found")
    failed = False
    for run in runs:
        command = json.loads((run / "run.json").read_text(encoding="utf-8"))["command"]
        if "$RIDDLE_DATA" in command and "RIDDLE_DATA" not in os.environ:
            subprocess.run(["riddle", "inspect", str(run), "--verify", "--quiet"], check=True, stdout=subprocess.DEVNULL)
            print(f"{run.name}: checksums and probes verified; not rebuilt, because RIDDLE_DATA is not set")
            continue
        different = rebuild(run)
        failed = failed or bool(different)
        print(f"{run.name}: " + (f"differs after a rebuild: {', '.join(different)}" if different else "rebuilt byte for byte"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
