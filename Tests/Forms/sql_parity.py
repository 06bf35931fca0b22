"""Runs exported SQL in SQLite, and in DuckDB and PostgreSQL where present, and compares it with the router's numbers.

    sql_parity.py RIDDLE-PROGRAM ROUTER...

The table is filled from `riddle score --features --csv`. SQLite is Python's own; DuckDB is used when `import duckdb` works, PostgreSQL when
RIDDLE_PSQL names a command such as "psql -X -q postgres" that reaches a server. What is left out is said.
Margins must agree to 1e-12 of their size, every candidate must be the same.
"""

import csv
import io
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import tempfile

from queries import requests

QUERIES = 2500
TEXT = {"id", "user_tier", "task_type", "domain"}


def run(command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def by_sqlite(header, rows, query, as_text):
    base = sqlite3.connect(":memory:")
    kinds = [f'"{name}" {"TEXT" if as_text or name in TEXT else "REAL"}' for name in header]
    base.execute(f"CREATE TABLE features ({', '.join(kinds)})")
    base.executemany(f"INSERT INTO features VALUES ({', '.join('?' * len(header))})", rows)
    cursor = base.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


def by_duckdb(header, text, query, folder):
    import duckdb

    path = os.path.join(folder, "features.csv")
    with open(path, "w", newline="") as file:
        file.write(text)
    base = duckdb.connect()
    types = ", ".join(f"'{n}': '{'VARCHAR' if n in TEXT else 'DOUBLE'}'" for n in header)
    base.execute(
        f"CREATE TABLE features AS SELECT * FROM read_csv('{path}', header = true, columns = {{{types}}})")
    cursor = base.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def by_postgres(header, text, query, command):
    kinds = ", ".join(
        f'"{n}" {"text" if n in TEXT else "double precision"}' for n in header)
    script = f"CREATE TEMPORARY TABLE features ({kinds});\nCOPY features FROM STDIN WITH (FORMAT csv, HEADER true);\n"
    script += text + "\\.\n"
    script += f"COPY ({query.strip().rstrip(';')}) TO STDOUT WITH (FORMAT csv, HEADER true);\n"
    out = run(shlex.split(command), script.encode()).decode()
    return list(csv.DictReader(io.StringIO(out)))


def compare(place, router, expected, found):
    assert len(found) == len(expected), (place, len(found), len(expected))
    rows = {row["id"]: row for row in found}
    worst = 0.0
    same_bits = 0
    for line in expected:
        row = rows[line["id"]]
        for head, margin in enumerate(line["margins"]):
            value = float(row[f"margin_{head}"])
            worst = max(worst, abs(value - margin) / max(1.0, abs(margin)))
            same_bits += value == margin
        assert row["candidate"] == line["candidate"], (place, router, line["id"])
    assert worst <= 1e-12, (place, router, worst)
    count = len(expected) * len(expected[0]["margins"])
    print(
        f"sql: {place}: {router}: {len(expected)} queries, margins within {worst:.1e},"
        f" {same_bits} of {count} to the last bit; every candidate the same")


def check(riddle, router, folder):
    path = os.path.join(folder, "router.sql")
    run([riddle, "export", router, "--to", path, "--as", "sql", "--quiet"])
    with open(path) as file:
        query = file.read()
    lines = ("\n".join(requests(QUERIES)) + "\n").encode()
    score = [riddle, "score", router, "--features", "--quiet"]
    expected = [json.loads(line) for line in run(score, lines).splitlines()]
    text = run(score + ["--csv"], lines).decode()
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(expected) == QUERIES
    numbers = [[v if n in TEXT else float(v) for n, v in zip(header, row)] for row in rows]
    compare("SQLite " + sqlite3.sqlite_version, router, expected, by_sqlite(header, numbers, query, False))
    compare("SQLite, columns of text", router, expected, by_sqlite(header, rows, query, True))
    missing = [[None if n == header[1] else v for n, v in zip(header, row)] for row in numbers[:5]]
    for row in by_sqlite(header, missing, query, False):
        if row["margin_0"] is None:
            assert row["candidate"] is None
    try:
        import duckdb

        compare("DuckDB " + duckdb.__version__, router, expected, by_duckdb(header, text, query, folder))
    except ImportError:
        print("sql: NOT RUN in DuckDB: no module duckdb (pip install duckdb)")
    if os.environ.get("RIDDLE_PSQL"):
        command = os.environ["RIDDLE_PSQL"]
        version = run(shlex.split(command) + ["-A", "-t", "-c", "SHOW server_version"]).decode().strip()
        compare("PostgreSQL " + version, router, expected, by_postgres(header, text, query, command))
    else:
        print("sql: NOT RUN in PostgreSQL: RIDDLE_PSQL names no command")


def main():
    riddle, routers = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for router in routers:
            check(riddle, router, folder)


main()
