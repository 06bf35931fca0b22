"""S2 a full disk, S3 missing rights and I/O errors, S7 too little memory."""

import os
import pwd
import resource
import shutil
import signal
import subprocess
from pathlib import Path

from bench import Failure, check_store, content, expect, opened, say

HERE = Path(__file__).resolve().parent


class SmallDisk:
    """A tmpfs of a few megabytes where mounting is permitted; elsewhere a limit on the size of files."""

    def __init__(self, bench, megabytes):
        self.folder = bench.fresh()
        self.is_mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(self.folder)],
            capture_output=True).returncode == 0
        self.limit = None

    def options(self):
        if self.is_mounted:
            return {}
        limit = self.limit

        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return {"preexec_fn": limited}

    def fill(self, leave):
        """Leaves `leave` bytes of room."""
        self.limit = max(leave, 4096)
        if not self.is_mounted:
            return
        with open(self.folder / "filler", "wb", buffering=0) as out:
            status = os.statvfs(self.folder)
            room = status.f_bavail * status.f_bsize - leave
            while room > 0:
                room -= out.write(bytes(min(room, 1 << 20)))

    def empty(self):
        (self.folder / "filler").unlink(missing_ok=True)
        self.limit = resource.RLIM_INFINITY

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


def full_disk(bench):
    rooms = {"import": (0, 40_000, 300_000, 2_000_000, 9_000_000), "label": (0, 40_000, 300_000),
             "train": (0, 40_000, 200_000), "export": (0, 4096, 20_000), "simulate": (0, 4096)}
    kind = "?"
    for name, leaves in rooms.items():
        job = bench.jobs[name]
        for leave in leaves:
            disk = SmallDisk(bench, 64)
            kind = "tmpfs" if disk.is_mounted else "limit on the size of files (mounting is not permitted)"
            job.set_up(disk.folder)
            disk.fill(leave)
            status, said = bench.run(job.arguments, disk.folder, **disk.options())
            expect(status == 74, f"{name} with {leave} bytes of room: exit {status}: {said}")
            expect("cannot be" in said or "cannot " in said, f"{name}: a full disk has no message: {said}")
            disk.empty()
            expect(not list(disk.folder.rglob("*.tmp")), f"{name}: a temporary file stays on a full disk")
            job.check_whole(disk.folder)
            bench.ok(job.arguments, disk.folder)
            job.check_whole(disk.folder, exactly=True)
            disk.close()
    disk = SmallDisk(bench, 8)
    shutil.copyfile(bench.folder / "run/router.riddle", disk.folder / "r.riddle")
    disk.fill(8192)
    if disk.is_mounted:
        with open(disk.folder / "scores.jsonl", "wb") as out:
            status, said = bench.run(["score", "r.riddle", str(bench.desk)], disk.folder, stdout=out)
        expect(status == 74 and "standard output" in said, f"score on a full disk: exit {status}: {said}")
    disk.close()
    with open("/dev/full", "wb") as out:
        status, said = bench.run(["score", "run/router.riddle", "desk.jsonl"], bench.folder, stdout=out)
    expect(status == 74 and "standard output" in said, f"score to /dev/full: exit {status}: {said}")
    say(f"  full disk ({kind}): exit 74, nothing partial, stores open, and with room it goes on")


def no_rights(bench):
    """A folder that cannot be written, files that cannot be read. Root is told nothing: another user tries."""
    user = None
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody").pw_uid
        if subprocess.run([bench.riddle, "--version"], capture_output=True, user=user).returncode != 0:
            say("  no rights: LEFT OUT: the program cannot be run by the user nobody from where it is")
            return
    options = {} if user is None else {"user": user}
    folder = bench.fresh()
    for name in ("log.jsonl", "desk.jsonl", "desk.sqlite", "log.sqlite"):
        shutil.copyfile(bench.folder / name, folder / name)
    shutil.copytree(bench.folder / "run", folder / "run")
    shutil.copyfile(bench.log, folder / "secret.jsonl")
    os.chmod(folder / "secret.jsonl", 0)
    before = {name: content(folder / name) for name in ("desk.sqlite", "log.sqlite")}
    for suffix in ("-wal", "-shm"):
        for name in before:
            (folder / (name + suffix)).unlink(missing_ok=True)
    listing = sorted(path.name for path in folder.iterdir())
    os.chmod(folder, 0o555)
    for path in folder.iterdir():
        if path.name != "secret.jsonl":
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
    for arguments in (
        ["import", "log.jsonl", "--store", "new.sqlite"],
        ["import", "log.jsonl", "--store", "desk.sqlite"],
        ["import", "secret.jsonl", "--store", "/dev/shm/riddle-faults-none.sqlite"],
        ["label", "--store", "log.sqlite", "--candidates", "small,large"],
        ["train", "--store", "desk.sqlite", "--candidates", "small,large", "--output", "run2"],
        ["export", "run", "--to", "out.riddle"],
        ["export", "run", "--to", "run/router.riddle"],
        ["simulate", "desk.jsonl", "--candidates", "small,large", "--policy", "run", "--report", "r.html"],
    ):
        status, said = bench.run(arguments + ["--quiet"], folder, **options)
        expect(status == 74, f"{' '.join(arguments)} without the right to: exit {status}: {said}")
        expect("ermission denied" in said or "read-only" in said or "readonly" in said
               or "unable to open" in said or "cannot be" in said, f"{arguments[0]}: no reason: {said}")
    # Reading needs no right to write.
    bench.ok(["headroom", "--store", "desk.sqlite", "--candidates", "small,large", "--quiet"], folder, **options)
    os.chmod(folder, 0o755)
    expect(sorted(path.name for path in folder.iterdir()) == listing, "a read-only folder got files")
    for name, value in before.items():
        expect(content(folder / name) == value, f"{name} changed in a read-only folder")
    say(f"  no rights ({'user nobody' if user else 'own user'}): exit 74 with the reason; reading a store works")


def broken_disk(bench, every):
    """The n-th write, sync or read fails, and all after it."""
    compiler = os.environ.get("CC", "cc")
    if not shutil.which(compiler):
        say(f"  I/O errors: LEFT OUT: needs a C compiler ({compiler})")
        return
    library = bench.folder / "ioerror.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(HERE / "ioerror.c"), "-ldl"],
                   check=True)
    places = {"import": ("s.sqlite", "log.jsonl"), "label": ("log.sqlite",),
              "train": ("run", "desk.sqlite"), "export": ("out.riddle", "run/"), "simulate": ("sim.html",)}
    failed = passed = 0
    for name, paths in places.items():
        job = bench.jobs[name]
        for path in paths:
            for call in ("write", "sync", "read"):
                for at in (1, 2, 3, 5, 9, 17, 40, 120, 600) if every else (1, 17):
                    folder = job.set_up()
                    seen = bench.folder / "seen"
                    seen.unlink(missing_ok=True)
                    environment = dict(
                        os.environ, LD_PRELOAD=str(library), FAULT_CALL=call, FAULT_AT=str(at),
                        FAULT_PATH=path, FAULT_SEEN=str(seen))
                    status, said = bench.run(job.arguments, folder, env=environment)
                    if not seen.exists():
                        expect(status == 0, f"{name}, no fault: exit {status}: {said}")
                        shutil.rmtree(folder)
                        break
                    # A fit that cannot be kept, or a checkpoint that another time will do, stops nobody.
                    # SQLite takes a page that the disk fails to give for a damaged one (SQLITE_IOERR_CORRUPTFS).
                    named = status in (0, 74) or call == "read" and status == 65 and "is damaged" in said
                    expect(named, f"{name}, {call} {at} of {path} fails: exit {status}: {said}")
                    expect(status or job.look(folder) == job.result, f"{name}: success without the result")
                    failed += status != 0
                    passed += status == 0
                    expect(not list(folder.rglob("*.tmp")), f"{name}: a temporary file stays after an I/O error")
                    job.check_whole(folder, in_batches=path != "log.jsonl")
                    job.complete(folder)
    say(f"  I/O errors (writes, syncs, reads): {failed} ended with exit 74, or 65 for an unreadable page, {passed} did without the call;"
        " nothing partial, and a second run comes to the same")


def little_memory(bench, steps):
    """Address space from next to nothing up to what is needed: an end with a reason, or the result; never a hang."""
    for name in ("train", "import"):
        job = bench.jobs[name]
        ends = {}
        for step in range(steps):
            limit = int((150 << 20) * (1.5 ** (step * 8 / steps)))

            def limited():
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

            folder = job.set_up()
            process = bench.start(job.arguments, folder, preexec_fn=limited)
            try:
                _, said = process.communicate(timeout=60 + 20 * job.seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                raise Failure(f"{name} hangs with {limit >> 20} MB of address space") from None
            status = process.returncode
            ends[status] = ends.get(status, 0) + 1
            expect(status == 0 or said, f"{name}: exit {status} without a reason")
            job.check_whole(folder)
            job.complete(folder)
        expect(any(status != 0 for status in ends), f"{name}: memory was never short")
        say(f"  little memory, {name}: exits {ends} (negative: signal); no hang, no partial file, sound store")
