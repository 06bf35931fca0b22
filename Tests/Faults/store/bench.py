"""What every fault has in common: a log, the commands on it with what they leave undisturbed, and how to look at a
store from outside Riddle. Standard library only."""

import gzip
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DESK = ROOT / "datasets/support-desk/support-desk.jsonl.gz"
BATCH = 20_000  # rows of a transaction: ImportOptions.rowsPerTransaction
# What a killed process may leave beside its files, and nobody reads: README, "What a crash leaves".
LEFTOVER = re.compile(r"^\.(.+)\.\d+\.tmp$|^\.fits$|^[0-9a-f]{16}\.fit$|-wal$|-shm$")


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Bench:
    """A folder with a log, the programs to disturb, and the results they have when nobody disturbs them."""

    def __init__(self, riddle, seed, rows=60_000):
        self.riddle = str(Path(riddle).resolve())
        self.random = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="riddle-faults-"))
        os.chmod(self.folder, 0o755)
        self.log = self.folder / "log.jsonl"
        with open(self.log, "w") as out:
            for i in range(rows):
                out.write(row(f"q{i:06d}", i))
        self.rows = rows
        self.desk = self.folder / "desk.jsonl"
        with gzip.open(DESK, "rt") as lines, open(self.desk, "w") as out:
            for _, line in zip(range(2000), lines):
                out.write(line)
        self.work = 0
        self.store = self.folder / "log.sqlite"
        self.ok(["import", "log.jsonl", "--store", "log.sqlite", "--quiet"], self.folder)
        self.log_content = content(self.store)
        self.desk_store = self.folder / "desk.sqlite"
        self.ok(["import", "desk.jsonl", "--store", "desk.sqlite", "--quiet"], self.folder)
        self.jobs = {job.name: job for job in self.make_jobs()}

    def make_jobs(self):
        train = ["train", "--store", "desk.sqlite", "--candidates", "small,large", "--output", "run",
                 "--seed", "7", "--replicates", "50", "--quiet"]
        self.ok(train, self.folder)
        policy = self.folder / "policy.yaml"
        policy.write_text((ROOT / "datasets/policies/a02-content-classes.yaml").read_text())
        yield Job(self, "import", ["import", "log.jsonl", "--store", "s.sqlite", "--quiet"],
                  ["log.jsonl"], store="s.sqlite")
        yield Job(self, "label", ["label", "--store", "log.sqlite", "--candidates", "small,large",
                                  "--quiet"], ["log.sqlite"], store="log.sqlite")
        yield Job(self, "train", train, ["desk.sqlite"], store="desk.sqlite", made="run")
        yield Job(self, "export", ["export", "run", "--to", "out.riddle", "--quiet"], ["run"],
                  made="out.riddle")
        yield Job(self, "simulate", ["simulate", "desk.jsonl", "--candidates", "small,large",
                                     "--policy", "run", "--report", "sim.html", "--quiet"],
                  ["desk.jsonl", "run"], made="sim.html")

    def fresh(self):
        """An empty folder of its own."""
        self.work += 1
        path = self.folder / f"w{self.work}"
        path.mkdir()
        return path

    def start(self, arguments, folder, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([self.riddle, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                                **options)

    def run(self, arguments, folder, **options):
        """Exit status and what was said."""
        process = self.start(arguments, folder, **options)
        _, said = process.communicate(timeout=600)
        return process.returncode, (said or b"").decode(errors="replace")

    def ok(self, arguments, folder, **options):
        status, said = self.run(arguments, folder, **options)
        expect(status == 0, f"riddle {' '.join(arguments)}: exit {status}: {said}")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Job:
    """One command, what it needs, and what it leaves."""

    def __init__(self, bench, name, arguments, needs, store=None, made=None):
        self.bench, self.name, self.arguments = bench, name, arguments
        self.needs, self.store, self.made = needs, store, made
        folder = self.set_up()
        import time
        begin = time.monotonic()
        bench.ok(arguments, folder)
        self.seconds = time.monotonic() - begin
        self.result = self.look(folder)

    def set_up(self, folder=None):
        """A folder with what the command needs, and nothing else."""
        folder = folder or self.bench.fresh()
        for name in self.needs:
            source = self.bench.folder / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / name)
        return folder

    def look(self, folder):
        """What a reader finds: the store's content, the bytes of every file under a final name."""
        found = {}
        if self.store and (folder / self.store).exists():
            found["store"] = content(folder / self.store)
        if self.made:
            path = folder / self.made
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            for file in files:
                if file.exists() and file.is_file() and not LEFTOVER.search(file.name):
                    found[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
        return found

    def check_whole(self, folder, exactly=False, in_batches=True):
        """Everything that is visible is whole: the store sound, files with their final bytes or absent.

        An import whose log cannot be read further keeps the rows before that place: no whole batches.
        """
        if self.store and (folder / self.store).exists():
            check_store(self.bench, folder / self.store, self.name == "import" and in_batches)
        found = self.look(folder)
        for name, value in found.items():
            if name != "store":
                expect(self.result.get(name) == value, f"{self.name}: {name} is visible and not whole")
        for path in folder.rglob("*"):
            known = path.name in self.needs or path.name in self.result or path.name in (
                self.store, self.made) or path.name.endswith(".rejects.jsonl") or any(
                str(path.relative_to(folder)).startswith(n + "/") for n in self.needs)
            expect(known or LEFTOVER.search(path.name),
                   f"{self.name} leaves {path.name}, which the documents do not name")
        if exactly:
            expect(found == self.result, f"{self.name}: the result differs from the undisturbed one")

    def complete(self, folder):
        """The same command again comes to the undisturbed result."""
        self.bench.ok(self.arguments, folder)
        self.check_whole(folder, exactly=True)
        expect(not (folder / (self.made or "") / ".fits").exists() or not self.made,
               f"{self.name}: .fits is left after a run that went through")
        shutil.rmtree(folder)


def row(name, i):
    small, large = (i * 37 % 101) / 100, (i * 53 % 89 + 11) / 100
    return json.dumps({
        "id": name, "query": f"question {i} about {['billing', 'code', 'law', 'travel'][i % 4]} {i % 977}",
        "outcomes": {"small": {"quality": small, "cost_usd": 0.0001, "latency_ms": 300},
                     "large": {"quality": large, "cost_usd": 0.002, "latency_ms": 900}}}) + "\n"


def opened(path):
    """The store as any program of the machine would open it: an interrupted writer's log is recovered."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def is_built(connection):
    """Whether every migration is through; before that a store is empty."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if "queries" in tables and "feedback" not in tables:
        rows = connection.execute("SELECT count(*) FROM queries").fetchone()[0]
        expect(rows == 0, f"{rows} rows in a store that is not built yet")
    return "feedback" in tables


def content(path):
    """A hash of everything in the store that Riddle's own numbering does not decide."""
    connection = opened(path)
    if not is_built(connection):
        return None
    digest = hashlib.sha256()
    for query in (
        """SELECT id, text, text_hash, group_name, conversation, turn, user_tier, task_type, domain,
           time_us, content_hash, tier, metadata FROM queries ORDER BY row""",
        """SELECT q.id, c.name, o.quality, o.cost_nanousd, o.latency_us, o.confidence, o.in_tokens,
           o.out_tokens, o.answer FROM outcomes o JOIN queries q ON q.row = o.query
           JOIN candidates c ON c.id = o.candidate ORDER BY q.row, c.name""",
        """SELECT n.name, n.candidates, n.oracle, n.target, n.log_hash, q.id, l.verdict
           FROM labellings n LEFT JOIN labels l ON l.labelling = n.id
           LEFT JOIN queries q ON q.row = l.query ORDER BY n.name, q.row""",
    ):
        for values in connection.execute(query):
            digest.update(repr(values).encode())
    connection.close()
    return digest.hexdigest()


def check_store(bench, path, is_import):
    """SQLite and Riddle find the store sound, and it holds whole batches."""
    connection = opened(path)
    expect(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)],
           f"{path.name}: integrity_check")
    expect(connection.execute("PRAGMA foreign_key_check").fetchall() == [],
           f"{path.name}: foreign_key_check")
    is_whole = is_built(connection)
    if is_built(connection):
        count = lambda sql: connection.execute(sql).fetchone()[0]
        rows = count("SELECT count(*) FROM queries")
        expect(rows == count("SELECT coalesce(sum(inserted), 0) FROM imports"),
               f"{path.name}: the counts of imports are not those of the rows")
        expect(count("SELECT count(*) FROM outcomes") == count(
            "SELECT count(*) FROM outcomes o JOIN queries q ON q.row = o.query"), f"{path.name}: outcomes")
        if is_import:
            expect(rows % BATCH == 0 or rows == bench.rows,
                   f"{path.name}: {rows} rows are no whole batches of {BATCH}")
        labels = count("SELECT count(*) FROM labels")
        expect(labels in (0, rows), f"{path.name}: {labels} labels of {rows} rows")
    connection.close()
    if is_whole:
        status, said = bench.run(["store", "check", str(path)], bench.folder)
        # 1: something to look at, such as an import that was cut short.
        expect(status in (0, 1), f"riddle store check: exit {status}: {said}")


def say(text):
    print(text, flush=True)
    sys.stdout.flush()
