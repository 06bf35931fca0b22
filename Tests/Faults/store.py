"""What a crash, a full or broken disk, a missing right, too little memory and a second writer do to stores and files.

  store.py RIDDLE [--kills 20] [--seed 1] [--full]

RIDDLE is a release build. Nothing is assumed of the code: stores are looked at with Python's own SQLite, files byte
by byte. `make check` runs 5 kills per command, `make faults` 200 and everything that takes long. Standard library;
a C compiler for the I/O errors.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "store"))
sys.dont_write_bytecode = True

import disks  # noqa: E402
import kills  # noqa: E402
from bench import Bench, Failure, say  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("riddle")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    begin = time.monotonic()
    bench = Bench(options.riddle, options.seed)
    try:
        say(f"stores and processes, seed {options.seed}")
        kills.kill_at_random(bench, options.kills)
        kills.interrupt(bench, max(4, options.kills // 4))
        kills.resume_of_train(bench)
        kills.two_writers(bench, holds=options.full)
        disks.full_disk(bench)
        disks.no_rights(bench)
        disks.broken_disk(bench, every=options.full)
        disks.little_memory(bench, steps=24 if options.full else 6)
    except Failure as failure:
        say(f"store faults: FAILED (seed {options.seed}): {failure}")
        return 1
    finally:
        bench.close()
    say(f"store faults: all passed in {time.monotonic() - begin:.0f} s")
    return 0


sys.exit(main())
