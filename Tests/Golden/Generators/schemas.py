#!/usr/bin/env python3
"""Writes Sources/RiddleCommands/Schema/PublishedSchemas.swift from what commands print with --json.

    schemas.py RIDDLE            write
    schemas.py RIDDLE --check    run the same cases and validate them against the schemas that `riddle schema` prints

Every command runs on several small cases, so that keys which are not always there are seen with and without. From the
values a closed schema (JSON Schema, 2020-12) is made: objects name every key and allow no other, keys that were missing
anywhere are not required, null is a type of its own. Objects whose keys are data (names of candidates, of files, of
features) are listed in MAPS and take any key with values of one shape. All numbers are "number": a quality of 1 is printed
without its fraction. Standard library only; the validator below knows exactly the keywords that are written here.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
TARGET = ROOT / "Sources/RiddleCommands/Schema/PublishedSchemas.swift"

# Names of keys whose objects have data for keys: names of libraries, of files, reasons. Objects with a key that is no
# identifier, or that is a candidate's name, are seen to be such without being listed.
MAPS = {"artefacts", "versions", "leftOut", "metadata", "context"}
NAMES = {"tiny", "middle", "huge", "small", "large", "a", "b", "c", "gpt-4o", "gpt-4o-mini"}


def log(rows=240, names=("tiny", "middle", "huge"), start=0):
    """A log whose outcomes follow from words; the same every time."""
    state = 12345 + start
    def unit():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) / 2**31
    easy = "reset opening invoice address hello password price order".split()
    hard = "prove deadlock integral migrate optimise derive theorem race".split()
    neutral = "please today our the shop team about with and my".split()
    out = []
    for i in range(start, start + rows):
        level = unit()
        words = [(neutral if unit() < 0.5 else hard if unit() < level else easy)[int(unit() * 8)] for _ in range(6 + int(unit() * 14))]
        noise = unit() * 0.2 - 0.1
        outcomes = {n: {"quality": 1 if level + noise < cut else 0, "cost_usd": round(cost * len(words), 9), "latency_ms": 300 + int(900 * unit()), "confidence": round(0.5 + unit() / 2, 3),
                        "in_tokens": len(words), "out_tokens": 20 + int(unit() * 100)}
                    for n, cut, cost in zip(names, (0.45, 0.75, 2.0), (1e-5, 9e-5, 6e-4))}
        out.append({"id": f"q{i}", "query": " ".join(words) + f" q{i}", "task_type": "reasoning" if level > 0.5 else "support", "group": f"g{i % 50}",
                    "conversation": f"c{i // 2}", "user_tier": "premium" if i % 5 == 0 else "free", "time": f"2026-03-{1 + i * 27 // max(1, start + rows):02d}T10:{i % 60:02d}:00Z", "outcomes": outcomes})
    return "".join(json.dumps(r) + "\n" for r in out)


def decisions(explored=True):
    rows = []
    for i, line in enumerate(log().splitlines()):
        row = json.loads(line)
        name = "huge" if i % 5 < 2 else "tiny"
        rows.append({"id": row["id"], "query": row["query"], "candidate": name, "propensity": 0.4 if name == "huge" else 0.6,
                     "reward": row["outcomes"][name]["quality"], "cost_usd": row["outcomes"][name]["cost_usd"]})
    return "".join(json.dumps(r) + "\n" for r in rows)


QUICK = "--l2 1 --bucket-bits 8 --replicates 40"
# Prepared once, in this order; then the cases. A case: the words after `riddle`, optionally "| text of standard input".
SETUP = [
    "import log.jsonl --store desk.sqlite",
    "label --store desk.sqlite --candidates tiny,huge",
    f"train --data log.jsonl --candidates tiny,huge --output models/pair --seed 7 {QUICK}",
    f"train --data log.jsonl --candidates tiny,huge --output models/other --seed 7 --model boosted {QUICK} --no-side-by-side",
    f"train --data log.jsonl --candidates tiny,middle,huge --output models/ladder --model tree {QUICK} --no-side-by-side",
    "export models/pair --to exported.riddle",
    "score models/pair log.jsonl --log desk.sqlite",
    "score models/pair log.jsonl --log logged.jsonl",
    "feedback import feedback.jsonl --store desk.sqlite",
    "import log.jsonl --store copy.sqlite",
    # Production was trained on all there is: nothing is newer.
    "import log.jsonl --store whole.sqlite",
    f"train --store whole.sqlite --candidates tiny,huge --output models/whole --seed 7 {QUICK} --no-side-by-side",
    "promote models/whole --store whole.sqlite",
    "sign keygen --to key",
]
CASES = {
    "import": ["import log.jsonl --store new.sqlite", "import log.jsonl --dry-run", "import bad.jsonl --store bad.sqlite", "import tickets.tsv --mapping tickets-tsv.yaml --dry-run",
               "import litellm-spend.csv --store spend.sqlite", "import tickets.tsv --suggest-mapping"],
    "label": ["label --store desk.sqlite --candidates tiny,huge", "label --data log.jsonl --candidates tiny,middle,huge", "label --data log.jsonl --candidates tiny,huge --suggest 5 --router models/pair",
              "label --store desk.sqlite --candidates tiny,huge --judge --judge-model j --endpoint http://127.0.0.1:1 --dry-run --price-in 1 --price-out 1"],
    "embed": ["embed --store desk.sqlite --embedding-model e --endpoint http://127.0.0.1:1 --dry-run --price-in 1"],
    "train": [f"train --data log.jsonl --candidates tiny,huge --output m1 {QUICK}", f"train --data log.jsonl --candidates tiny,middle,huge --output m2 --model stack {QUICK} --no-side-by-side --attack",
              f"train --store desk.sqlite --output m3 --ablate --learning-curve {QUICK} --no-side-by-side", f"train --store desk.sqlite --output m4 --stream {QUICK}",
              f"train --data log.jsonl --candidates tiny,huge --output m5 --target auto {QUICK} --no-side-by-side", f"train --data log.jsonl --candidates tiny,huge --model tree --output m6 --harden augment {QUICK} --no-side-by-side",
              f"train --data log.jsonl --candidates tiny,huge --output m7 --odds-with-ngrams --form multinomial {QUICK}",
              f"train --data log.jsonl --candidates tiny,middle,huge --output m8 --form ordinal --target strong-wins {QUICK} --split-by time --harden clip --calibration isotonic"],
    "evaluate": ["evaluate models/pair --data log.jsonl --replicates 40", "evaluate models/ladder models/ladder/router.riddle --data log.jsonl --rows all --replicates 40 --segment task_type",
                 "evaluate log.jsonl --routers models/pair,rules.yaml,s=scores.jsonl@0.5 --candidates tiny,huge --rows all --replicates 40 --require C4 --require savings>1% --lambda 3",
                 "evaluate models/pair --data log.jsonl --replicates 0"],
    "compare": ["compare models/pair models/other --replicates 40", "compare models/pair models/pair --replicates 40", "compare models/pair models/other --data more.jsonl --replicates 40"],
    "export": ["export models/pair --to a.riddle", "export models/pair --to b.riddle --target-size 24KB --data log.jsonl --with-ngrams", "export models/pair --as c --to c.c", "export models/ladder --as sql --to d.sql",
               "export models/pair --to e.riddle --precision float16 --policy rules.yaml", "export models/pair --as litellm --to plug --library library"],
    "score": ["score exported.riddle | hello there\\nplease prove the theorem", "score exported.riddle --explain --top 3 | hello", 'score exported.riddle | {"id":"a","query":"x","task_type":"support"}', "score models/ladder/router.riddle --explain | prove the theorem",
              "score exported.riddle --features | hello"],
    "inspect": ["inspect exported.riddle --verify", "inspect models/pair", "inspect desk.sqlite", "inspect log.jsonl", "inspect models/ladder/router.riddle --tree-svg t.svg", "inspect models/pair --global", "inspect models/pair --odds", "inspect models/pair/router.riddle",
                "inspect models/other --global"],
    "off-policy": ["off-policy decisions.jsonl --target always=huge --target models/pair --replicates 40", "off-policy decisions.jsonl --target always=tiny --replicates 40 --reward cost"],
    "repro arena": ["repro arena"],
    "repro routellm": ["repro routellm log.jsonl --golden golden.json --candidates tiny,huge"],
    "threshold": ["threshold models/pair --data more.jsonl --strong-share 0.4 --replicates 40", "threshold models/pair --data more.jsonl --max-quality-loss 0.4 --replicates 40 --output promised/router.riddle", "threshold models/pair --data more.jsonl --costs 5:1 --replicates 40",
                  "threshold models/pair --data more.jsonl --budget 3 --replicates 40 --output budget/router.riddle"],
    "headroom": ["headroom log.jsonl --candidates tiny,huge --replicates 40", "headroom --store desk.sqlite --candidates tiny,middle,huge --replicates 40", "headroom plain.jsonl --candidates tiny,huge --replicates 40"],
    "leaks": ["leaks models/pair --data more.jsonl", "leaks --train log.jsonl --test more.jsonl", "leaks log.jsonl", "leaks --train log.jsonl --test log.jsonl"],
    "experiment plan": ["experiment plan --metric proportion --baseline 0.8 --effect 0.02", "experiment plan --metric mean --sd 0.001 --effect 0.0001 --per-day 1000", "experiment plan log.jsonl --candidates tiny,huge --effect 0.05",
                        "experiment plan --metric proportion --baseline 0.8 --effect 0.02 --non-inferiority --cluster-size 3 --icc 0.1"],
    "experiment read": ["experiment read arms.jsonl --control a --replicates 40", "experiment read arms.jsonl --control a --replicates 40 --sequential --planned 400"],
    "advise": ["advise log.jsonl --routers models/pair --rows all --replicates 100", "advise more.jsonl --routers models/ladder --replicates 100"],
    "simulate": ["simulate log.jsonl --candidates tiny,huge --policy rules.yaml --policy cascade.yaml --replicates 40 --require savings>1%", "simulate more.jsonl --candidates tiny,huge --policy models/pair --replicates 0",
                 "simulate log.jsonl --candidates tiny,huge --policy cascade.yaml --sweep threshold=0.5:0.9:0.2 --replicates 0 --fault tiny:error=0.1"],
    "optimize": ["optimize log.jsonl --candidates tiny,huge --policy cascade.yaml --sweep threshold=0.5:0.9:0.2 --budget 1 --per-day 1000", "optimize log.jsonl --candidates tiny,huge --policy rules.yaml --policy cascade.yaml --budget 0.5 --per-day 1000 --sla 5s"],
    "policy check": ["policy check rules.yaml cascade.yaml", "policy check rules.yaml --data log.jsonl --candidates tiny,huge", "policy check broken.yaml"],
    "policy kinds": ["policy kinds", "policy kinds cascade"],
    "sign router": ["sign exported.riddle --key key.key"],
    "sign keygen": ["sign keygen --to key2"],
    "attack": ["attack models/pair more.jsonl --queries 40", "attack models/ladder queries.txt --queries 20", "attack models/pair more.jsonl --queries 20 --require-unchanged 0.99"],
    "store check": ["store check desk.sqlite"],
    "store vacuum": ["store vacuum desk.sqlite --dry-run", "store vacuum copy.sqlite"],
    "store export": ["store export desk.sqlite --output l.jsonl"],
    "store redact": ["store redact copy.sqlite --dry-run", "store redact copy.sqlite --erase-user u-1 --dry-run", "store redact copy.sqlite --hash-text"],
    "store sql": ["store sql desk.sqlite SELECT name,id FROM candidates"],
    "query": ["query desk.sqlite prove", "query desk.sqlite --index", "query desk.sqlite prove --label huge"],
    "decisions import": ["decisions import logged.jsonl --store fresh.sqlite"],
    "decisions export": ["decisions export --store desk.sqlite", "decisions export --store desk.sqlite --output decisions-out.jsonl.gz"],
    "feedback import": ["feedback import feedback.jsonl --store fresh2.sqlite"],
    "review": ["review --store desk.sqlite", "review --store desk.sqlite --complex-tasks reasoning", "review --store desk.sqlite --window 28d"],
    "drift": ["drift --store desk.sqlite --window 3d", "drift log.jsonl --current more.jsonl", "drift --store whole.sqlite --window 3d"],
    "retrain": ["retrain --store desk.sqlite --output rt --champion models/pair --replicates 40"],
    "promote": ["promote models/pair --store desk.sqlite", "promote models/other --store desk.sqlite --reason better --to current.riddle"],
    "deployments show": ["deployments show --store desk.sqlite"],
    "deployments list": ["deployments list --store desk.sqlite"],
    "rollback": ["rollback --store desk.sqlite --reason worse"],
    "schedule": ["schedule --store desk.sqlite", "schedule --store desk.sqlite --systemd --write ops", "schedule --store desk.sqlite --crontab"],
    "dashboard": ["dashboard --store desk.sqlite --output dashboard.html"],
    "runs list": ["runs list models", "runs list ."],
    "runs show": ["runs show models/pair", "runs show models/ladder", "runs show m2", "runs show m5", "runs show m7", "runs show m8"],
    "runs diff": ["runs diff models/pair models/other", "runs diff models/pair models/pair", "runs diff models/pair models/ladder"],
    "runs repro": ["runs repro models/pair", "runs repro forged"],
    "init": ["init project --candidates a,b"],
    "doctor": ["doctor", "doctor --store none.sqlite", "doctor --store desk.sqlite"],
    "config show": ["config show"],
    "config keys": ["config keys"],
    "config path": ["config path"],
    "completions": ["completions bash"],
    "man": ["man train", "man --output pages"],
    "schema": ["schema", "schema --output schemas"],
}
# Prints a JSON Schema, whatever the flag.
EXEMPT = {"policy schema"}


def prepare(folder):
    """Writes the inputs of every case."""
    def put(name, text):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    put("log.jsonl", log())
    put("more.jsonl", log(rows=300, start=10_000))
    put("plain.jsonl", "".join(json.dumps({k: v for k, v in json.loads(l).items() if k in ("id", "query", "outcomes")}) + "\n" for l in log(60).splitlines()))
    put("bad.jsonl", log(20) + "{\n" + '{"id": "x"}\n' + log(1).replace('"quality": 1', '"quality": 0', 1))
    put("decisions.jsonl", decisions())
    put("queries.txt", "hello there\nplease prove the theorem\nreset my password\n" * 10)
    put("scores.jsonl", "".join(json.dumps({"id": f"q{i}", "score": (i * 37 % 100) / 100}) + "\n" for i in range(240)))
    put("arms.jsonl", "".join(json.dumps({"id": f"r{i}", "arm": "ab"[i % 2], "quality": int(i * 7919 % 10 < 6 + i % 2), "cost_usd": 0.001 + i % 7 / 1e4, "conversation": f"c{i // 3}"}) + "\n" for i in range(400)))
    put("rules.yaml", "name: rules\nrules:\n  - name: hard\n    when: {contains: [prove, derive]}\n    ask: strongest\ndefault: cheapest\n")
    put("cascade.yaml", "name: cascade\nstages:\n  - cascade: {threshold: 0.8, confidence: self, calibrate: true}\ndefault: strongest\n")
    put("broken.yaml", "name: broken\nstages:\n  - static: {ask: nobody}\ndefault: cheapest\n")
    for name in ("libriddle.so.1", "riddle.py"):
        put("library/" + name, "stands in for what `make library` makes\n")
    put("golden.json", json.dumps({"rows": 240, "weak_score": 50.0}))
    put("feedback.jsonl", "".join(json.dumps({"request_id": f"q{i}", "satisfaction": (i % 4) / 3, "source": "survey"}) + "\n" for i in range(0, 200, 2)))
    for name in ("tickets.tsv", "tickets-tsv.yaml", "litellm-spend.csv"):
        put(name, (ROOT / "datasets/logs" / name).read_text(encoding="utf-8"))


def words_of(case):
    text, _, given = case.partition(" | ")
    return text.split(" "), given.replace("\\n", "\n") + ("\n" if given else "")


def run(riddle, case, folder):
    words, given = words_of(case)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RIDDLE_")} | {"RIDDLE_CONFIG": "none", "RIDDLE_PROJECT": "none"}
    return subprocess.run([riddle, *words, "--json", "--quiet"], cwd=folder, input=given, capture_output=True, text=True, env=environment, timeout=900)


def values(output):
    """The JSON values of an output: one, or one a line."""
    try:
        return [json.loads(output)]
    except ValueError:
        return [json.loads(line) for line in output.splitlines() if line]


class Shape:
    """What was seen at one place."""

    def __init__(self):
        self.types, self.keys, self.objects, self.items, self.is_map, self.other = set(), {}, 0, None, False, None

    def see(self, value, name=""):
        if isinstance(value, dict):
            self.types.add("object")
            self.objects += 1
            if name in MAPS or any(not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", k) or k in NAMES for k in value):
                self.is_map = True
            for key, member in value.items():
                self.keys.setdefault(key, [Shape(), 0])
                self.keys[key][0].see(member, key)
                self.keys[key][1] += 1
        elif isinstance(value, list):
            self.types.add("array")
            self.items = self.items or Shape()
            for element in value:
                self.items.see(element)
        else:
            self.types.add("null" if value is None else "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number")

    def merge(self, other):
        self.types |= other.types
        self.objects += other.objects
        self.is_map |= other.is_map
        for key, (shape, count) in other.keys.items():
            self.keys.setdefault(key, [Shape(), 0])
            self.keys[key][0].merge(shape)
            self.keys[key][1] += count
        if other.items:
            self.items = self.items or Shape()
            self.items.merge(other.items)

    def schema(self):
        if not self.types:
            return {}
        types = sorted(self.types)
        out = {"type": types[0] if len(types) == 1 else types}
        if "object" in types:
            if self.is_map:
                values = Shape()
                for shape, _ in self.keys.values():
                    values.merge(shape)
                out["additionalProperties"] = values.schema()
            else:
                out["properties"] = {k: self.keys[k][0].schema() for k in sorted(self.keys)}
                out["required"] = sorted(k for k, (_, n) in self.keys.items() if n == self.objects)
                out["additionalProperties"] = False
        if "array" in types:
            out["items"] = self.items.schema()
        return out


def shared(schema):
    """The schema with objects that occur more than once in "$defs", each under the keys it begins with."""
    seen = {}
    def count(one):
        if not isinstance(one, dict):
            return
        if "properties" in one or len(json.dumps(one)) > 200:
            text = json.dumps(one, sort_keys=True)
            seen[text] = seen.get(text, 0) + 1
            if seen[text] > 1:
                return
        for part in list(one.get("properties", {}).values()) + [one.get("items"), one.get("additionalProperties")]:
            count(part)
    count(schema)
    names, defs = {}, {}
    def replaced(one, top=False):
        if not isinstance(one, dict):
            return one
        text = json.dumps(one, sort_keys=True)
        if not top and seen.get(text, 0) > 1:
            if text not in names:
                base = "_".join(list(one.get("properties", {"values": 0}))[:3])
                name = base if base not in defs else f"{base}_{len(defs)}"
                names[text], defs[name] = name, {}
                defs[name] = parts(one)
            return {"$ref": "#/$defs/" + names[text]}
        return parts(one)
    def parts(one):
        out = dict(one)
        if "properties" in out:
            out["properties"] = {k: replaced(v) for k, v in out["properties"].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(out.get(key), dict):
                out[key] = replaced(out[key])
        return out
    out = replaced(schema, top=True)
    return {**out, "$defs": defs} if defs else out


def faults(value, schema, path="$", root=None):
    """What of `value` breaks `schema`; knows the keywords that are written above."""
    root = schema if root is None else root
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = schema.get("type")
    if kinds is None:
        return []
    kind = ("object" if isinstance(value, dict) else "array" if isinstance(value, list) else "null" if value is None
            else "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number")
    if kind not in ([kinds] if isinstance(kinds, str) else kinds):
        return [f"{path}: {kind}, expected {kinds}"]
    found = []
    if kind == "object":
        known = schema.get("properties", {})
        more = schema.get("additionalProperties", False)
        found += [f"{path}: no {k}" for k in schema.get("required", []) if k not in value]
        for key, member in value.items():
            if key in known:
                found += faults(member, known[key], f"{path}.{key}", root)
            elif more is False:
                found.append(f"{path}: unknown key {key}")
            else:
                found += faults(member, more, f"{path}.{key}", root)
    if kind == "array":
        for i, element in enumerate(value):
            found += faults(element, schema.get("items", {}), f"{path}[{i}]", root)
    return found


def commands_with_json(riddle):
    """Every command that has --json, by the program's own description."""
    tree = json.loads(subprocess.run([riddle, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout)
    def walk(command, words):
        names = {n["name"] for a in command.get("arguments", []) for n in a.get("names") or []}
        below = [s for s in command.get("subcommands", []) if s["commandName"] != "help"]
        if words and "json" in names and not below:
            yield " ".join(words)
        for sub in below:
            yield from walk(sub, words + [sub["commandName"]])
    return list(walk(tree["command"], []))


def main():
    riddle, check = os.path.abspath(sys.argv[1]), "--check" in sys.argv
    missing = [c for c in commands_with_json(riddle) if c not in CASES and c not in EXEMPT]
    if missing:
        sys.exit("no case for: " + ", ".join(missing))
    bad, schemas = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for case in SETUP:
            result = run(riddle, case, folder)
            if result.returncode:
                sys.exit(f"{case}: {result.stderr}")
        forge(folder)
        for command, cases in CASES.items():
            shape = Shape()
            published = json.loads(subprocess.run([riddle, "schema", *command.split()], capture_output=True, text=True).stdout or "{}") if check else {}
            for case in cases:
                result = run(riddle, case, folder)
                if not result.stdout:
                    bad.append(f"{case}: status {result.returncode}: {result.stderr.strip()[:300]}")
                    continue
                for value in values(result.stdout):
                    shape.see(value)
                    if check:
                        bad += [f"{case}: {f}" for f in faults(value, published)[:5]]
            schemas[command] = shape.schema()
    if bad:
        sys.exit("\n".join(bad))
    if check:
        print(f"schemas: {sum(map(len, CASES.values()))} outputs of {len(CASES)} commands are as published")
        return
    write(schemas)


def forge(folder):
    """A run whose command gives other bytes."""
    import shutil
    shutil.copytree(folder / "models/pair", folder / "forged")
    run = folder / "forged/run.json"
    run.write_text(run.read_text(encoding="utf-8").replace("--seed 7", "--seed 8"), encoding="utf-8")


def write(schemas):
    out = ["// swift-format-ignore-file", "// Written by Tests/Golden/Generators/schemas.py; do not edit.", "", "/// The JSON Schemas of this version, one for every command that prints JSON; a line for each.", "enum PublishedSchemas {",
           "  static let all: [(command: String, schema: String)] = ["]
    for command in sorted(schemas):
        full = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"riddle {command} --json", **shared(schemas[command])}
        text = json.dumps(full, separators=(",", ":"), ensure_ascii=False)
        assert '"##' not in text
        out.append(f'    ("{command}", ##"{text}"##),')
    out += ["  ]", "}", ""]
    TARGET.write_text("\n".join(out), encoding="utf-8")
    print(f"{TARGET.name}: {len(schemas)} schemas, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
