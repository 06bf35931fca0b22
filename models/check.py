#!/usr/bin/env python3
"""Rebuilds the committed models with the commands in their manifests and compares every file byte for byte.

    RIDDLE_DATA=FOLDER check.py [NAME…]

`riddle` is taken from the PATH. A model trained on data that this repository does not hold needs RIDDLE_DATA, the
folder with those files; without it the model is verified against its checksums instead, and that is said.
"""
import filecmp
import json
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
root = here.parent
# Outcomes of the judged rows stay out of the repository; their checksum stands in the manifest.
ROWS = "judged-rows.bin"


def rebuild(run):
    """Names of the files that differ after a rebuild in a fresh folder."""
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(root / "datasets", pathlib.Path(folder) / "datasets")
        environment = dict(os.environ)
        if "RIDDLE_DATA" in environment:
            environment["RIDDLE_DATA"] = os.path.abspath(environment["RIDDLE_DATA"])
        subprocess.run(["bash", "-c", manifest["command"] + " --quiet > /dev/null"], cwd=folder, env=environment, check=True)
        made = pathlib.Path(folder) / "models" / run.name
        names = sorted(p.name for p in run.iterdir() if p.name != ROWS) + sorted(p.name for p in made.iterdir() if p.name != ROWS and not (run / p.name).exists())
        return [n for n in names if not (made / n).exists() or not (run / n).exists()
                or not filecmp.cmp(run / n, made / n, shallow=False)]


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
