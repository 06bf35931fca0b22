#!/usr/bin/env python3
"""The scorer beside its own generated C, fastText, scikit-learn, LiteLLM's heuristic and m2cgen, in one run.

    make bench RIDDLE_BENCH=scorer

The router is trained here: statistics, words 1-2, characters 3-5, calibration, on --data. Peers that are not installed are
named and left out: fasttext-numpy2-wheel, scikit-learn, litellm==1.106.2, m2cgen. Times are thread CPU time of one core,
the fastest of many passes over 500 queries, unless a line says otherwise. A ratio above 1 says how many times longer the
peer takes. Writes into --folder only.
"""
import argparse
import asyncio
import importlib.metadata
import json
import os
import random
import shutil
import subprocess
import sys
import time

import peers

WRAPPER = """#include "form.c"
double bench_margin(const char *text, size_t length) {
  static riddle_bench_state state;
  riddle_bench_decision decision;
  riddle_bench_decide(text, length, 0, &state, &decision);
  return decision.margin;
}
"""


def line(name, value, ratio=""):
    print(f"  {name:<58}{value:>22}{ratio:>24}", flush=True)


def left_out(what, why):
    print(f"  left out: {what} ({why})", flush=True)


def run(*words, environment=None):
    made = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if made.returncode != 0:
        raise SystemExit(f"{' '.join(words[:4])} … failed: {made.stderr.strip()[:2000]}")
    return made.stdout


def fastest(call, queries, passes=7):
    """Nanoseconds of thread CPU time per call, the fastest pass."""
    for query in queries[:20]:
        call(query)
    best = float("inf")
    for _ in range(passes):
        start = time.thread_time_ns()
        for query in queries:
            call(query)
        best = min(best, (time.thread_time_ns() - start) / len(queries))
    return best


def query_file(texts, length, path):
    """500 queries cut to `length` characters; short texts are joined until they are long enough."""
    pool, part = [t for t in texts if len(t) >= length], ""
    if len(pool) < 500:
        pool = []
        for text in texts:
            part = part + "\n" + text if part else text
            if len(part) >= length:
                pool.append(part)
                part = ""
    queries = [t[:length].replace("\0", " ") for t in random.Random(5).choices(pool, k=500)]
    with open(path, "wb") as file:
        file.write(b"\0".join(q.encode() for q in queries))
    return queries


def scikit_learn(rows, queries):
    """The pipeline that the router's features imitate."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union
    model = make_pipeline(
        make_union(TfidfVectorizer(ngram_range=(1, 2), min_df=2),
                   TfidfVectorizer(analyzer="char", ngram_range=(3, 5), min_df=3)),
        LogisticRegression(solver="liblinear"))
    model.fit([r[1] for r in rows], [int(r[3] < 0.5) for r in rows])
    return {n: fastest(lambda q: model.predict_proba([q]), q[:100], 3) for n, q in queries.items()}


def fast_text(rows, queries, folder):
    """The library's own call without the wrapper's conversion to arrays; its features are words and pairs, no characters."""
    import fasttext
    path = os.path.join(folder, "fasttext.txt")
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(f"__label__{int(row[3] < 0.5)} {' '.join(row[1].split())}\n")
    results = {}
    for name, settings in (("words 1-2", {}), ("words 1-2, characters 3-5", {"minn": 3, "maxn": 5})):
        # Ten dimensions and the library's own number of buckets.
        model = fasttext.train_supervised(path, dim=10, wordNgrams=2, bucket=2000000, epoch=2, thread=2, verbose=0, **settings)
        results[name] = {n: fastest(lambda t: model.f.predict(t, 1, 0.0, "strict"),
                                    [" ".join(t.split()) + "\n" for t in q]) for n, q in queries.items()}
    return results


def lite_llm(queries):
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no download at import
    from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter
    tiers = dict.fromkeys(["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"], "any")
    router = ComplexityRouter("router", None, {"classifier_type": "heuristic", "tiers": tiers})

    async def measure():
        results = {}
        for name, texts in queries.items():
            best = float("inf")
            for _ in range(3):
                start = time.thread_time_ns()
                for text in texts[:200]:
                    await router.aclassify(text)
                best = min(best, (time.thread_time_ns() - start) / len(texts[:200]))
            results[name] = best
        return results
    return asyncio.run(measure())


def forests(options, compiler):
    import m2cgen
    import numpy
    from sklearn.ensemble import RandomForestRegressor
    random_numbers = numpy.random.RandomState(3)
    rows = random_numbers.standard_normal((2000, 40)).astype(numpy.float32).astype(float)
    target = numpy.sin(rows[:, 0] * 3) + rows[:, 1] * rows[:, 2] + random_numbers.standard_normal(2000) * 0.3
    for trees, leaves in ((1, 16), (1, 256), (100, 16), (200, 31)):
        model = RandomForestRegressor(trees, max_leaf_nodes=leaves, random_state=1, n_jobs=1).fit(rows, target)
        with open(os.path.join(options.folder, "forest.c"), "w", encoding="utf-8") as file:
            if trees == 1:
                # One tree: m2cgen's code of the tree itself.
                file.write(m2cgen.export_to_c(model.estimators_[0]))
                scale = "1"
            else:
                file.write(m2cgen.export_to_c(model))
                scale = f"{trees}.0"
            file.write(f"\ndouble bench_forest(const double *x) {{ return score((double *)x) * {scale}; }}\n")
        shared = os.path.join(options.folder, f"forest{trees}-{leaves}.so")
        run(compiler, "-O3", "-shared", "-fPIC", "-o", shared, os.path.join(options.folder, "forest.c"), "-lm")
        with open(os.path.join(options.folder, "trees.txt"), "w", encoding="utf-8") as file:
            for estimator in model.estimators_:
                tree = estimator.tree_
                file.write("tree\n")
                for i in range(tree.node_count):
                    # Rows are 32-bit floats: a threshold between two of them may be the lower one.
                    cut = numpy.float32(tree.threshold[i])
                    if cut > tree.threshold[i]:
                        cut = numpy.nextafter(cut, numpy.float32(-numpy.inf))
                    file.write(f"{max(0, tree.feature[i])} {float(cut)!r} {tree.children_left[i]} "
                               f"{tree.children_right[i]} {float(tree.value[i][0][0])!r}\n")
        matrix = os.path.join(options.folder, "rows.bin")
        rows.tofile(matrix)
        made = json.loads(run(options.riddle_bench, "forest", "--trees", os.path.join(options.folder, "trees.txt"),
                              "--form", shared, "--matrix", matrix, "--columns", "40"))
        line(f"{trees} trees of {leaves} leaves: riddle, m2cgen's C of the same trees",
             f"{made['riddle']:.0f} ns, {made['peer']:.0f} ns",
             f"{made['riddle'] / made['peer']:.2f} × the C's time")
        if made["differing"]:
            line("  rows whose sums differ by more than 1e-6", str(made["differing"]))


def command_line(options, router, rows):
    """A file of JSON lines with outcomes, made here, through `riddle score`."""
    path = os.path.join(options.folder, "lines.jsonl")
    texts = [row[1] for row in rows]
    size, count, pick = 0, 0, random.Random(8)
    with open(path, "w", encoding="utf-8") as file:
        while size < options.megabytes * 1_000_000:
            block = []
            for _ in range(2000):
                block.append(json.dumps({
                    "id": f"row/{count}", "ts": 1_700_000_000 + count, "query": pick.choice(texts)[:900], "turn": 1 + count % 5,
                    "user_tier": "free", "task_type": "sql", "outcomes": {
                        name: {"success": count % 3 > 0, "cost_usd": 0.00123, "latency_ms": 812} for name in ("small", "large")}}))
                count += 1
            text = "\n".join(block) + "\n"
            file.write(text)
            size += len(text)
    for threads in (1, 2):
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            with open(path, "rb") as source, open(os.devnull, "wb") as sink:
                subprocess.run([options.riddle, "score", router, "--threads", str(threads)], stdin=source, stdout=sink, check=True)
            best = min(best, time.perf_counter() - start)
        line(f"riddle score, {size / 1e6:.0f} MB of lines of {size // count} bytes, {threads} thread{'s'[:threads - 1]}, wall",
             f"{size / best * 60 / 1e9:.1f} GB/min", f"{count / best / 1e6:.2f} M lines/s")
    os.remove(path)


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--riddle", required=True)
    parser.add_argument("--riddle-bench", required=True)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--candidates", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--router", help="a weight file to time in place of one that is trained here")
    parser.add_argument("--counter", default="", help="shared object built from allocations.c")
    parser.add_argument("--megabytes", type=int, default=200, help="size of the file that riddle score reads")
    options = parser.parse_args()
    rows = peers.read_rows(options.data, options.candidates.split(","))
    print(f"scorer: {len(rows)} rows; peers: " + ", ".join(
        f"{p} {version(p)}" for p in ("scikit-learn", "fasttext-numpy2-wheel", "litellm", "m2cgen")))
    router = options.router
    if not router:
        model = os.path.join(options.folder, "scorer-model")
        run(options.riddle, "train", "--data", *options.data, "--candidates", options.candidates, "--model", "logistic",
            "--characters", "3-5", "--l2", "1", "--output", model, "--seed", "7", "--quiet")
        router = os.path.join(model, "router.riddle")
    compiler = shutil.which("clang") or shutil.which("cc")
    shared = ""
    if compiler:
        form = os.path.join(options.folder, "form.c")
        run(options.riddle, "export", router, "--to", form, "--as", "c", "--name", "bench", "--quiet")
        with open(os.path.join(options.folder, "wrapper.c"), "w", encoding="utf-8") as file:
            file.write(WRAPPER)
        shared = os.path.join(options.folder, "form.so")
        run(compiler, "-O3", "-shared", "-fPIC", "-o", shared, os.path.join(options.folder, "wrapper.c"), "-lm")
    else:
        left_out("C form and m2cgen", "no C compiler")
    queries, mine = {}, {}
    for length in (60, 600):
        path = os.path.join(options.folder, f"scorer-{length}.bin")
        queries[length] = query_file([r[1] for r in rows], length, path)
        words = [options.riddle_bench, "scorer", "--router", router, "--queries", path] + (["--form", shared] if shared else [])
        made = [json.loads(run(*words)) for _ in range(3)]
        best = min(made, key=lambda m: m["riddle"])
        mine[length] = best["riddle"]
        line(f"{length} characters: riddle, text to decision", f"{best['riddle']:.0f} ns")
        if shared:
            line(f"{length} characters: its generated C, {os.path.basename(compiler)} -O3", f"{best['form']:.0f} ns",
                 f"{best['riddle'] / best['form']:.2f} × the C's time")
            if best["differing"]:
                line("  queries whose margins differ from the C's", str(best["differing"]))
        line(f"{length} characters: the plain reading of the same features", f"{best['plain']:.0f} ns",
             f"{best['plain'] / best['riddle']:.1f} × riddle's time")
        calls = min((m["riddleCalls"] for m in made), key=lambda c: c["p99"])
        line(f"{length} characters: riddle, single calls by wall clock, p50, p99", f"{calls['p50']:.0f} ns, {calls['p99']:.0f} ns",
             f"p99 = {calls['p99'] / calls['p50']:.2f} × p50")
        for threads in ("One", "Two"):
            rate = max(m[f"batch{threads}Thread{'s' * (threads == 'Two')}"] for m in made)
            line(f"{length} characters: batch from memory, {threads.lower()} thread{'s' * (threads == 'Two')}, wall",
                 f"{rate / 1e6:.2f} M queries/s")
        if options.counter:
            counted = json.loads(run(*words, "--repeats", "1", environment={"LD_PRELOAD": options.counter}))
            line(f"{length} characters: allocations in {10 * counted['queries']} decisions", str(counted["allocations"]))
    line(f"decode and verify a weight file of {best['fileBytes'] / 1024:.0f} KB", f"{min(m['open'] for m in made) / 1e3:.0f} µs")

    def peer(name, results):
        for length, value in results.items():
            line(f"{length} characters: {name}", f"{value / 1e3:.1f} µs", f"{value / mine[length]:.1f} × riddle's time")

    try:
        for name, results in fast_text(rows, queries, options.folder).items():
            peer(f"fastText, library call, {name}", results)
    except ImportError as error:
        left_out("fastText", error)
    try:
        peer("scikit-learn, predict_proba([query])", scikit_learn(rows, queries))
    except ImportError as error:
        left_out("scikit-learn", error)
    try:
        peer("LiteLLM's heuristic", lite_llm(queries))
    except ImportError as error:
        left_out("LiteLLM", error)
    try:
        if compiler:
            forests(options, compiler)
    except ImportError as error:
        left_out("m2cgen", error)
    command_line(options, router, rows)
    sys.stdout.flush()


main()
