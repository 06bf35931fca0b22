#!/usr/bin/env python3
"""One table of routing systems on one log: every policy of datasets/policies that the log can feed, judged on the same rows.

    systems.py LOG.jsonl.gz --candidates small,medium,large --by task_type --lambda 50
    systems.py LOG.jsonl.gz --candidates small,large --by group --lambda 100 --scores litellm=choices.jsonl

It runs `riddle train`, writes the policies with a few settings changed into a folder, runs `riddle simulate --json` on them and
prints a table, best first. What it runs is printed on standard error. The router is trained on three fifths of the log,
calibrated on a fifth, and everything is judged on the rest; --no-router leaves out what needs a router and judges all rows
(tables by segment and calibration are still fitted on other rows than those they decide).

At equal quality is `riddle simulate`'s: what is saved against the cheapest random mix of fixed candidates that is exactly as good.
Always asking one candidate, or throwing a coin between two, is worth 0 or less. Verdict: whether the interval leaves out 0.

Changed settings, the same for every log:

* router: logistic regression, target weak-fails, its own thresholds ("trained") or the policy's; "utility-trained" is utility
  over the predictions of a second one, target success
* tables of segments are by --by; λ is --lambda
* adequate (cheapest-adequate, deadlines): 95 % of the strongest candidate's mean quality in the log
* every judge and pre-check costs what one answer of the cheapest candidate costs on average, and errs as the policy file says
* logs without self-reported confidence: cascades, bands and speculation look at the judge instead (wrong one time in ten)
* length: longer than the median query goes to the strongest candidate

Needs `riddle` on the path (or --riddle) and Python 3.11's standard library.
"""
import argparse
import gzip
import json
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

POLICIES = pathlib.Path(__file__).resolve().parent.parent / "datasets" / "policies"
ALWAYS = ["a03-complexity-tiers", "a05-cheapest-adequate", "a07-cascade", "a10-heuristic-rules", "a11-classifier", "a12-thompson",
          "a14-heuristic-cascade-band", "a17-utility", "a18-best-of", "a22-epsilon-greedy", "a22-lin-thompson", "a22-lin-ucb",
          "a23-quality-gate", "a24-error-costs", "a25-speculative", "a26-keyword-difficulty", "a27-pre-check", "statistical-guard"]
WHERE = {"task_type": ["a02-content-classes", "a20-rule-table"], "domain": ["a19-domain-table"], "user_tier": ["a16-user-tiers"],
         "conversation": ["b1-stickiness"]}


NEEDS_ROUTER = re.compile(r"(?m)^router: ")
SIMULATED = re.compile(r"(?m)^(judge_error|pre_check_error): ")


def opened(path):
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return (gzip.open if packed else open)(path, "rt", encoding="utf-8")


class Log:
    """What has to be known of a log before policies can be written for it."""

    def __init__(self, path, candidates):
        cheap, strong, lengths, self.fields = [], [], [], set()
        self.confidence = self.latency = self.answers = False
        with opened(path) as lines:
            for row in map(json.loads, lines):
                self.fields |= {key for key in row if row[key] is not None}
                outcome, best = (row["outcomes"].get(name, {}) for name in (candidates[0], candidates[-1]))
                cheap.append(outcome.get("cost_usd", 0))
                strong.append(best.get("quality", 0))
                lengths.append(len(row["query"] or ""))
                self.confidence |= "confidence" in outcome
                self.latency |= "latency_ms" in outcome
                self.answers |= outcome.get("answer") is not None
        self.check_price, self.bar = statistics.fmean(cheap), 0.95 * statistics.fmean(strong)
        self.median_length = int(statistics.median(lengths))


def write_policies(folder, router, predictor, log, candidates, by, rate):
    """The policies of datasets/policies that the log can feed, and a few more; their paths."""
    names = ALWAYS + [name for field, files in WHERE.items() if field in log.fields for name in files]
    names += ["a04-latency-sla"] if log.latency else []
    names += ["agreement-cascade"] if log.answers and len(candidates) > 2 else []
    written = []
    for name in sorted(names):
        text = (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")
        if NEEDS_ROUTER.search(text) and router is None:
            continue
        text = re.sub(r"(?m)^router: .*", f"router: {router}", text)
        if by and name != "a19-domain-table":
            text = re.sub(r"(with: segments, by: )\w+", rf"\g<1>{by}", text)
        text = re.sub(r"\blambda: [\d.]+", f"lambda: {rate:g}", text)
        text = re.sub(r"\bquality: [\d.]+", f"quality: {log.bar:.4f}", text)
        text = re.sub(r"\b(check_price_usd|price_usd): [\d.]+", rf"\g<1>: {log.check_price:.9f}", text)
        if not log.confidence and "confidence: self" in text:
            text = text.replace("confidence: self", f"confidence: judge, check_price_usd: {log.check_price:.9f}")
            text = "judge_error: 0.1\n" + text
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    extra = {"length": f"name: length\nstages: [length: {{threshold: {log.median_length}}}]\ndefault: cheapest\n"}
    if predictor:
        extra["utility-trained"] = (f"name: utility-trained\nrouter: {predictor}\npredict: {{with: router}}\n"
                                    f"stages: [utility: {{lambda: {rate:g}}}]\ndefault: strongest\n")
    for middle in candidates[1:-1]:
        extra[f"always-{middle}"] = f"name: always-{middle}\nstages: [static: {{ask: {middle}}}]\ndefault: {middle}\n"
    for name, text in extra.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def run(command):
    """Standard output of a command, which is named on standard error first."""
    print(shlex.join(map(str, command)), file=sys.stderr)
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{result.stderr.strip()}\nstatus {result.returncode}")
    return result.stdout


class Hull:
    """The cheapest mixes of fixed candidates: from the cheapest one, of equals the best, along the steepest edges upwards."""

    def __init__(self, qualities, dollars):
        means = sorted(zip(dollars, (-quality for quality in qualities)))
        self.corners = [(means[0][0], -means[0][1])]
        while True:
            dollar, quality = self.corners[-1]
            better = [((-q - quality) / (d - dollar), d, -q) for d, q in means if -q > quality and d > dollar]
            if not better:
                break
            self.corners.append(max(better, key=lambda edge: (edge[0], -edge[1]))[1:])

    def saved(self, quality, dollars):
        """1 - cost / price of the mix that is exactly as good; beyond its ends the hull's first or last edge is extended."""
        if len(self.corners) < 2:
            return {"value": None}
        edges = list(zip(self.corners, self.corners[1:]))
        (c0, q0), (c1, q1) = next((edge for edge in edges if edge[1][1] >= quality), edges[-1])
        due = c0 + (quality - q0) * (c1 - c0) / (q1 - q0)
        return {"value": 1 - dollars / due if due > 0 else None}


def figure(value, digits, scale=1.0, sign="", prefix=""):
    """A figure with its interval; without one if there is none."""
    if value.get("value") is None:
        return "–"
    low, high = (scale * (value.get(end) if value.get(end) is not None else value["value"]) for end in ("low", "high"))
    if max(abs(low), abs(high)) > 500 * scale / 100 and scale == 100:
        return "no figure"  # the price of that quality is next to nothing: a ratio of two small numbers
    form = f"{{:{sign}.{digits}f}}"
    texts = [form.format(number + 0.0 if abs(number) >= 0.5 * 10 ** -digits else 0.0)
             for number in (scale * value["value"], low, high)]
    return prefix + texts[0] + (f" [{texts[1]}, {texts[2]}]" if texts[1] != texts[2] else "")


def named(name, files):
    """The policy's name, the system's number where its file has one, and a mark if it reads a simulated judge."""
    for path in files:
        text = path.read_text(encoding="utf-8")
        if re.search(rf"(?m)^name: {re.escape(name)}$", text):
            found = re.match(r"([ab])0?(\d+)-", path.stem)
            return name + (f" {found[1].upper()}{found[2]}" if found else "") + (" †" if SIMULATED.search(text) else "")
    return name


def verdict(saved):
    if saved.get("low") is None or max(abs(saved["low"]), abs(saved["high"])) > 5:
        return ""
    if saved["high"] - saved["low"] < 1e-9:
        return "the mix"
    return "better" if saved["low"] > 0 else "worse" if saved["high"] < 0 else "undecided"


def table(report, files):
    """Header and lines of the table, best savings at equal quality first; the wall's have no interval there."""
    evaluation = report["evaluation"]
    hull = Hull(evaluation["headroom"]["mean_quality"], evaluation["headroom"]["mean_cost_usd"])
    lines = []
    for index, figures in enumerate(evaluation["routers"] + evaluation["baselines"]):
        replay = report["policies"][index] if index < len(report["policies"]) else None
        equal = (replay["saved_at_equal_quality"] if replay
                 else hull.saved(figures["quality"]["value"], figures["cost_usd"]["value"]))
        cells = [named(figures["name"], files) if replay else f"{figures['name']} *", figure(figures["quality"], 3),
                 figure(figures["cost_usd"], 3, 1000, prefix="$"), figure(figures["savings"], 0, 100), figure(equal, 1, 100, "+"),
                 verdict(equal) if replay else "", f"{100 * replay['escalated']['value']:.0f}" if replay else "",
                 f"{100 * figures['share_strong']['value']:.0f}" if figures["share_strong"].get("value") is not None else ""]
        undefined = cells[4] in ("–", "no figure")
        lines.append(((undefined, -round(figures["quality"]["value"] if undefined else equal["value"], 9), cells[0]), cells))
    header = ["System", "Quality", "$ / 1,000", "Savings %", "At equal quality %", "Verdict", "Escalated %", "Strongest %"]
    return header, [cells for _, cells in sorted(lines)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=pathlib.Path, help="outcomes in Riddle JSONL")
    parser.add_argument("--candidates", required=True, help="names, cheapest first, separated by commas")
    parser.add_argument("--by", help="field of the tables by segment; left out: the policy files' own")
    parser.add_argument("--lambda", dest="rate", type=float, default=50, help="quality that a dollar is worth (default: 50)")
    parser.add_argument("--scores", action="append", default=[], metavar="NAME=FILE", help="choices or scores of another router")
    parser.add_argument("--no-router", action="store_true", help="leave out what needs a trained router; judge all rows")
    parser.add_argument("--keep", type=pathlib.Path, help="keep routers, policies and report.json in this folder")
    parser.add_argument("--riddle", default="riddle", help="the program (default: riddle on the path)")
    arguments = parser.parse_args()
    candidates = arguments.candidates.split(",")
    log = Log(arguments.log, candidates)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (arguments.keep or pathlib.Path(scratch)).resolve()
        (folder / "policies").mkdir(parents=True, exist_ok=True)
        ask = [arguments.log, "--candidates", arguments.candidates]
        router, predictor = (None, None) if arguments.no_router else (folder / "router", folder / "predictor")
        if router:
            for target, output in [("weak-fails", router), ("success", predictor)]:
                run([arguments.riddle, "train", "--data", *ask, "--model", "logistic", "--target", target, "--seed", 7,
                     "--output", output, "--no-side-by-side", "--quiet"])
        files = write_policies(folder / "policies", router, predictor, log, candidates, arguments.by, arguments.rate)
        entries = [*([f"trained={router}"] if router else []), *files, *arguments.scores]
        text = run([arguments.riddle, "simulate", *ask, *(word for entry in entries for word in ("--policy", entry)), "--json",
                    "--quiet"])
        (folder / "report.json").write_text(text, encoding="utf-8")
        report = json.loads(text)
        header, lines = table(report, files)
    print(f"{report['evaluation']['queries']:,} {'' if arguments.no_router else 'held-out '}rows · {' → '.join(candidates)} · "
          f"λ = {arguments.rate:g} · {len(lines)} systems")
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]
    for line in [header, ["─" * width for width in widths], *lines]:
        left, others = line[0].ljust(widths[0]), [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("  ".join([left, *others]).rstrip())
    print("[ ]: 95% intervals. * the wall; no intervals at equal quality. † reads a simulated judge or pre-check.")


if __name__ == "__main__":
    main()
