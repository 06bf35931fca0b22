#!/usr/bin/env python3
"""One table of routing systems on one log: every policy of datasets/policies that the log can feed, judged on the same rows.

    systems.py LOG.jsonl.gz --candidates small,medium,large --by task_type --lambda 50
    systems.py LOG.jsonl.gz --candidates small,large --by group --lambda 100 --scores litellm=choices.jsonl

It runs `riddle train`, writes the policies with a few settings changed into a folder, runs `riddle simulate --json` on them and
prints a table, best first. What it runs is printed on standard error. The router is trained on three fifths of the log,
calibrated on a fifth, and everything is judged on the rest; --no-router leaves out what needs a router and judges all rows
(tables by segment and calibration are still fitted on other rows than those they decide).

Saved at equal quality is `riddle simulate`'s: against the mix of cheapest and strongest candidate that is as good. With three
candidates or more, "against any mix" is stricter: the cheapest mix of all candidates that is as good, so that asking a good
middle candidate always is worth 0. Verdict: whether the interval of the last of the two is above or below 0.

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
import math
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


class Mix:
    """Savings against the cheapest mix of fixed candidates that is as good, with cluster-robust linearised intervals.

    For mean quality q and cost c of a policy, and its neighbours A and B on the lower hull of the candidates' means,
    D = c_A + (q - q_A) (c_B - c_A) / (q_B - q_A) and saved = 1 - c / D; beyond the best candidate the last segment is extended.
    """

    def __init__(self, path, candidates, decisions):
        self.policies, self.clusters = {}, {}
        for line in decisions:
            row = json.loads(line)
            self.policies.setdefault(row["policy"], {})[row["query_id"]] = (
                0 if row["failed"] else row["quality"], row["cost_usd"])
            self.clusters[row["query_id"]] = row.get("conversation") or row["query_id"]
        self.ids = list(self.clusters)
        rows = {}
        with opened(path) as lines:
            for row in map(json.loads, lines):
                if row["id"] in self.clusters:
                    rows[row["id"]] = [(row["outcomes"][c]["quality"], row["outcomes"][c]["cost_usd"]) for c in candidates]
        self.fixed = [[rows[key][k] for key in self.ids] for k in range(len(candidates))]
        means = [tuple(map(statistics.fmean, zip(*column))) for column in self.fixed]
        self.hull = []  # candidates, cheapest first, each steeper in dollars per quality than the one before
        for k in sorted(range(len(means)), key=lambda k: (means[k][1], -means[k][0])):
            if self.hull and means[k][0] <= means[self.hull[-1]][0]:
                continue
            while len(self.hull) > 1 and self.slope(means, *self.hull[-2:]) >= self.slope(means, self.hull[-1], k):
                self.hull.pop()
            self.hull.append(k)
        self.means = means

    @staticmethod
    def slope(means, a, b):
        return (means[b][1] - means[a][1]) / (means[b][0] - means[a][0])

    def due(self, quality):
        """Neighbours on the hull, and the price of that quality; None below the cheapest candidate's."""
        if len(self.hull) < 2 or quality < self.means[self.hull[0]][0]:
            return None
        at = next((i for i in range(1, len(self.hull)) if quality <= self.means[self.hull[i]][0]), len(self.hull) - 1)
        a, b = self.hull[at - 1], self.hull[at]
        return a, b, self.means[a][1] + (quality - self.means[a][0]) * self.slope(self.means, a, b)

    def of_means(self, quality, cost):
        found = self.due(quality)
        return {"value": None if found is None else 1 - cost / found[2]}

    def of_policy(self, name):
        paid = [self.policies[name][key] for key in self.ids]
        q, c = map(statistics.fmean, zip(*paid))
        found = self.due(q)
        if found is None:
            return {"value": None}
        a, b, due = found
        (qa, ca), (qb, cb) = self.means[a], self.means[b]
        slope, share, by_due = self.slope(self.means, a, b), (q - qa) / (qb - qa), c / due ** 2
        sums = {}
        for key, (qi, ci), (ai, cai), (bi, cbi) in zip(self.ids, paid, self.fixed[a], self.fixed[b]):
            part = (by_due * (slope * (qi - q) + (share - 1) * slope * (ai - qa) - share * slope * (bi - qb)
                              + (1 - share) * (cai - ca) + share * (cbi - cb)) - (ci - c) / due)
            sums[self.clusters[key]] = sums.get(self.clusters[key], 0) + part
        groups = len(sums)
        error = math.sqrt(groups / (groups - 1) * sum(x * x for x in sums.values())) / len(self.ids)
        value = 1 - c / due
        return {"value": value, "low": value - 1.959964 * error, "high": value + 1.959964 * error}


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


def table(report, files, mix, stricter):
    """Header and lines of the table, best savings at equal quality first; the wall's have no interval there."""
    evaluation = report["evaluation"]
    baselines = {figures["name"]: figures for figures in evaluation["baselines"]}
    ends = [(baselines[name]["quality"]["value"], baselines[name]["cost_usd"]["value"])
            for name in ("always-cheapest", "always-strongest")]
    lines = []
    for index, figures in enumerate(evaluation["routers"] + evaluation["baselines"]):
        replay = report["policies"][index] if index < len(report["policies"]) else None
        quality, cost = figures["quality"]["value"], figures["cost_usd"]["value"]
        due = ends[0][1] + (quality - ends[0][0]) * (ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0])
        equal = replay["saved_at_equal_quality"] if replay else {"value": 1 - cost / due if due > 0 else None}
        judged = equal
        if stricter:
            judged = mix.of_policy(figures["name"]) if replay else mix.of_means(quality, cost)
        cells = [named(figures["name"], files) if replay else f"{figures['name']} *", figure(figures["quality"], 3),
                 figure(figures["cost_usd"], 3, 1000, prefix="$"), figure(figures["savings"], 0, 100), figure(equal, 1, 100, "+")]
        cells += [figure(judged, 1, 100, "+")] if stricter else []
        cells += [verdict(judged) if replay else "", f"{100 * replay['escalated']['value']:.0f}" if replay else "",
                  f"{100 * figures['share_strong']['value']:.0f}" if figures["share_strong"].get("value") is not None else ""]
        undefined = "no figure" in cells[4 + stricter] or judged["value"] is None
        lines.append(((-figures["quality"]["value"] if undefined else -judged["value"]), undefined, cells))
    header = ["System", "Quality", "$ / 1,000", "Savings %", "At equal quality %", *(["Against any mix %"] if stricter else []),
              "Verdict", "Escalated %", "Strongest %"]
    return header, [cells for _, _, cells in sorted(lines, key=lambda line: (line[1], round(line[0], 9), line[2][0]))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=pathlib.Path, help="outcomes in Riddle JSONL")
    parser.add_argument("--candidates", required=True, help="names, cheapest first, separated by commas")
    parser.add_argument("--by", help="field of the tables by segment; left out: the policy files' own")
    parser.add_argument("--lambda", dest="rate", type=float, default=50, help="quality that a dollar is worth (default: 50)")
    parser.add_argument("--scores", action="append", default=[], metavar="NAME=FILE", help="choices or scores of another router")
    parser.add_argument("--no-router", action="store_true", help="leave out what needs a trained router; judge all rows")
    parser.add_argument("--keep", type=pathlib.Path, help="keep router, policies, decisions and report.json in this folder")
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
                    "--quiet", "--decisions", folder / "decisions.jsonl"])
        (folder / "report.json").write_text(text, encoding="utf-8")
        report = json.loads(text)
        with open(folder / "decisions.jsonl", encoding="utf-8") as decisions:
            mix = Mix(arguments.log, candidates, decisions)
        header, lines = table(report, files, mix, stricter=len(candidates) > 2)
    print(f"{report['evaluation']['queries']:,} {'' if arguments.no_router else 'held-out '}rows · {' → '.join(candidates)} · "
          f"λ = {arguments.rate:g} · {len(lines)} systems")
    widths = [max(len(line[column]) for line in [header, *lines]) for column in range(len(header))]
    for line in [header, ["─" * width for width in widths], *lines]:
        left, others = line[0].ljust(widths[0]), [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("  ".join([left, *others]).rstrip())
    print("[ ]: 95% intervals. * the wall; no intervals at equal quality. † reads a simulated judge or pre-check.")


if __name__ == "__main__":
    main()
