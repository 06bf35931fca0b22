"""S1 kill -9 at random points, S8 SIGINT and SIGTERM, S4 two writers."""

import shutil
import signal
import sqlite3
import time

from bench import check_store, content, expect, opened, row, say

KILLED = ("import", "label", "train", "export")
INTERRUPTED = ("import", "label", "train", "simulate")


def kill_at_random(bench, points):
    """Ends each command at `points` random moments, and lets it run again."""
    for name in KILLED:
        job = bench.jobs[name]
        cut = 0
        for _ in range(points):
            folder = job.set_up()
            process = bench.start(job.arguments, folder)
            time.sleep(bench.random.uniform(0, job.seconds * 1.1))
            process.kill()
            process.communicate()
            cut += process.returncode == -signal.SIGKILL
            job.check_whole(folder)
            job.complete(folder)
        say(f"  kill -9, {name}: {points} points, {cut} before the end; whole, and the same after a second run")


def wait_for_handler(process, number):
    """Waits until the process handles the signal; false when it ended before."""
    mask = 1 << (number - 1)
    for _ in range(2000):
        if process.poll() is not None:
            return False
        try:
            for line in open(f"/proc/{process.pid}/status"):
                if line.startswith("SigCgt:") and int(line.split()[1], 16) & mask:
                    return True
        except OSError:
            return False
        time.sleep(0.001)
    return False


def interrupt(bench, points):
    """SIGINT gives 130, SIGTERM 143; no temporary file stays; going on comes to the same bytes."""
    for name in INTERRUPTED:
        job = bench.jobs[name]
        cut = resumed = 0
        for point in range(points):
            number = (signal.SIGINT, signal.SIGTERM)[point % 2]
            folder = job.set_up()
            process = bench.start(job.arguments, folder)
            if wait_for_handler(process, number):
                time.sleep(bench.random.uniform(0, job.seconds))
                process.send_signal(number)
            _, said = process.communicate()
            expect(process.returncode in (0, 128 + number),
                   f"{name}: signal {number} gives exit {process.returncode}")
            if process.returncode:
                cut += 1
                expect(said.startswith(b"interrupted") or said.startswith(b"terminated"),
                       f"{name}: says nothing of being interrupted: {said!r}")
            expect(not list(folder.rglob("*.tmp")), f"{name}: a temporary file stays after signal {number}")
            if job.made:
                resumed += bool(list(folder.rglob("*.fit")))
            job.check_whole(folder)
            job.complete(folder)
        say(f"  signals, {name}: {cut} of {points} in time, exit 130 or 143"
            + (f", {resumed} with finished fits taken up again" if name == "train" else "")
            + "; the second run gives the same bytes")


def resume_of_train(bench):
    """A second run says how many fits it found; damaged ones are made again; --fresh does not look."""
    job = bench.jobs["train"]
    loud = [a for a in job.arguments if a != "--quiet"]
    for attempt in range(30):
        folder = job.set_up()
        process = bench.start(loud, folder)
        while process.poll() is None and len(list(folder.rglob("*.fit"))) < 4:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT) if process.poll() is None else None
        process.communicate()
        fits = sorted(folder.rglob("*.fit"))
        if process.returncode == 130 and len(fits) >= 4:
            break
    expect(len(fits) >= 4, "train was never interrupted with four fits done")
    damaged = bytearray(fits[0].read_bytes())
    damaged[len(damaged) // 2] ^= 1
    fits[0].write_bytes(damaged)
    fits[1].write_bytes(fits[1].read_bytes()[:-7])
    fits[2].rename(fits[2].with_name("0000000000000001.fit"))
    kept = shutil.copytree(folder, bench.fresh() / "kept")
    status, said = bench.run(loud, folder)
    usable = len(fits) - 3
    expect(status == 0 and f"resumed: {usable} of " in said and "2 damaged" in said and "1 of other" in said,
           f"train does not say what it resumed: {said}")
    job.check_whole(folder, exactly=True)
    status, said = bench.run(loud + ["--fresh"], kept)
    expect(status == 0 and "resumed" not in said, f"--fresh resumed: {said}")
    job.check_whole(kept, exactly=True)
    say(f"  resume, train: {usable} of {len(fits)} fits used, two damaged and one foreign left aside; same bytes")


def two_writers(bench, holds):
    """Two imports at once: every row of both that end with 0 is there; the same log twice is there once."""
    folder = bench.fresh()
    for part in "ab":
        with open(folder / f"{part}.jsonl", "w") as out:
            for i in range(50_000):
                out.write(row(f"{part}{i:06d}", i))
    for logs in (("a", "b"), ("a", "a")):
        store = folder / f"{logs[0]}{logs[1]}.sqlite"
        running = [bench.start(["import", f"{log}.jsonl", "--store", store.name, "--quiet"], folder)
                   for log in logs]
        said = [process.communicate()[1] for process in running]
        for process, words in zip(running, said):
            expect(process.returncode in (0, 74), f"a second writer: exit {process.returncode}: {words!r}")
            expect(process.returncode == 0 or b"locked by another process" in words, f"no name: {words!r}")
        done = {log for log, process in zip(logs, running) if process.returncode == 0}
        expect(done, "neither of two writers went through")
        check_store(bench, store, False)
        connection = opened(store)
        for log in done:
            found = connection.execute(
                "SELECT count(*) FROM queries WHERE id LIKE ?", (log + "%",)).fetchone()[0]
            expect(found == 50_000, f"{found} of 50000 rows of a writer that ended with 0")
        connection.close()
    say("  two writers at once: both went through or one said why; all rows there")
    if not holds:
        say("  a lock held for longer than 10 s: left out here, `make faults` does it")
        return
    store = folder / "held.sqlite"
    shutil.copyfile(bench.store, store)
    holder = sqlite3.connect(store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    status, words = bench.run(["import", "a.jsonl", "--store", store.name, "--quiet"], folder)
    expect(status == 74 and "locked by another process" in words, f"a held lock: exit {status}: {words}")
    holder.execute("ROLLBACK")
    holder.close()
    expect(content(store) == bench.log_content, "a refused writer changed the store")
    say("  a lock held for longer than 10 s: exit 74, the store is named, nothing changed")
