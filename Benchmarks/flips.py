#!/usr/bin/env python3
"""What a damaged model file does: seven formats under the same single-bit flips and truncations.

    make library && python3 Benchmarks/flips.py --venv .venv

Trains a small model of each kind on synthetic data that this script makes, writes it as its library does, flips one
bit at a time (400 seeded positions per file), loads the file and scores fixed inputs in a child process, and counts:

    rejected   the library raised an error when loading or scoring
    same       the scores are those of the undamaged file
    wrong      scores without an error, and other ones than the undamaged file gives
    crash      the process died
    hang       no answer within the timeout

Then the same with the file cut at 100 lengths. Prints a Markdown table. Needs the packages of REQUIREMENTS in a virtual
environment; --venv FOLDER makes one and installs them there. The riddle file is read through the Python binding and
the shared library of `make library`, or those given with --bindings and --library.
"""
import argparse
import importlib.util
import inspect
import io
import json
import os
import pickle
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version

REQUIREMENTS = ["numpy", "safetensors", "fasttext-numpy2-wheel", "lightgbm", "xgboost", "scikit-learn", "joblib",
                "onnx", "onnxruntime", "skl2onnx"]
HERE = os.path.dirname(os.path.abspath(__file__))
FEATURES, ROWS = 20, 1000
QUERIES = ["How do I reset my password?", "Explain why our checkout deadlocks under load and design a migration plan.",
           "Translate this contract into German", "What is 2 + 2?", "prove the theorem", "SELECT * FROM visits;"]


def synthetic(numpy):
    """Rows of FEATURES normal columns; the label follows a noisy linear rule with two interactions."""
    generator = numpy.random.default_rng(7)
    x = generator.normal(size=(ROWS, FEATURES)).astype(numpy.float32)
    z = x[:, 0] - 0.7 * x[:, 1] + x[:, 2] * x[:, 3] + 0.5 * generator.normal(size=ROWS)
    return x, (z > 0).astype(int)


class Format:
    """A model file: how it is made, and how a program would load it and score."""
    package = ""

    def setup(self):
        """Imports before the fork."""

    def train(self, path):
        raise NotImplementedError

    def scores(self, path):
        raise NotImplementedError


class Safetensors(Format):
    name, package, suffix = "safetensors, logistic regression", "safetensors", ".safetensors"

    def setup(self):
        import numpy
        import safetensors.numpy
        self.numpy, self.library = numpy, safetensors.numpy
        self.x, self.y = synthetic(numpy)

    def train(self, path):
        from sklearn.linear_model import LogisticRegression
        model = LogisticRegression().fit(self.x, self.y)
        self.library.save_file({"weight": model.coef_.astype(self.numpy.float32),
                                "bias": model.intercept_.astype(self.numpy.float32)}, path)

    def scores(self, path):
        tensors = self.library.load_file(path)
        return 1 / (1 + self.numpy.exp(-(self.x[:200] @ tensors["weight"].T + tensors["bias"]))).ravel()


class FastText(Format):
    name, package, suffix = "fastText .bin", "fasttext-numpy2-wheel", ".bin"

    def setup(self):
        import fasttext
        fasttext.FastText.eprint = lambda *_: None
        self.library = fasttext
        generator = random.Random(7)
        easy, hard = ["reset", "password", "price", "hello", "order"], ["prove", "deadlock", "derive", "migrate", "race"]
        self.texts = []
        for _ in range(ROWS):
            label = generator.random() < 0.5
            words = [generator.choice(hard if generator.random() < (0.8 if label else 0.2) else easy) for _ in range(8)]
            self.texts.append(("strong" if label else "weak", " ".join(words)))

    def train(self, path):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            for label, text in self.texts:
                file.write(f"__label__{label} {text}\n")
            file.flush()
            model = self.library.train_supervised(file.name, dim=8, epoch=5, bucket=500, wordNgrams=2, thread=1, verbose=0)
        model.save_model(path)

    def scores(self, path):
        model = self.library.load_model(path)
        found = []
        for _, query in self.texts[:200]:
            for probability, label in model.f.predict(query, 2, 0.0, "strict"):
                found.append((label, probability))
        return found


class LightGBM(Format):
    name, package, suffix = "LightGBM text", "lightgbm", ".txt"

    def setup(self):
        import lightgbm
        import numpy
        self.library, self.numpy = lightgbm, numpy
        self.x, self.y = synthetic(numpy)

    def train(self, path):
        data = self.library.Dataset(self.x, self.y)
        self.library.train({"objective": "binary", "num_leaves": 8, "verbose": -1, "num_threads": 1}, data, 10).save_model(path)

    def scores(self, path):
        return self.library.Booster(model_file=path).predict(self.x[:200], num_threads=1)


class XGBoost(Format):
    name, package, suffix = "XGBoost .ubj", "xgboost", ".ubj"

    def setup(self):
        import numpy
        import xgboost
        xgboost.set_config(verbosity=0)
        self.library, self.numpy = xgboost, numpy
        self.x, self.y = synthetic(numpy)

    def train(self, path):
        data = self.library.DMatrix(self.x, self.y, nthread=1)
        self.library.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 10).save_model(path)

    def scores(self, path):
        model = self.library.Booster({"nthread": 1})
        model.load_model(path)
        return model.predict(self.library.DMatrix(self.x[:200], nthread=1))


class Joblib(Format):
    name, package, suffix = "scikit-learn tree, joblib", "joblib", ".joblib"

    def setup(self):
        import joblib
        import numpy
        import sklearn.tree
        self.library, self.tree = joblib, sklearn.tree
        self.x, self.y = synthetic(numpy)

    def train(self, path):
        self.library.dump(self.tree.DecisionTreeClassifier(max_depth=6, random_state=0).fit(self.x, self.y), path)

    def scores(self, path):
        return self.library.load(path).predict_proba(self.x[:200])[:, 1]


class ONNX(Format):
    name, package, suffix = "ONNX, logistic regression", "onnxruntime", ".onnx"

    def setup(self):
        import numpy
        import onnxruntime
        self.library = onnxruntime
        self.x, self.y = synthetic(numpy)

    def train(self, path):
        from skl2onnx import to_onnx
        from sklearn.linear_model import LogisticRegression
        model = LogisticRegression().fit(self.x, self.y)
        made = to_onnx(model, self.x[:1], options={"zipmap": False})
        with open(path, "wb") as file:
            file.write(made.SerializeToString())

    def scores(self, path):
        options = self.library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        session = self.library.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return session.run(["probabilities"], {"X": self.x[:200]})[0][:, 1]


class Riddle(Format):
    name, package, suffix = "**Riddle**", "", ".riddle"

    def __init__(self, library, router, bindings):
        self.library, self.router, self.bindings = library, router, bindings

    def setup(self):
        spec = importlib.util.spec_from_file_location("riddle_bindings", self.bindings)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def train(self, path):
        with open(self.router, "rb") as source, open(path, "wb") as file:
            file.write(source.read())

    def scores(self, path):
        wants_library_first = next(iter(inspect.signature(self.module.Router).parameters)) == "library"
        router = self.module.Router(*((self.library, path) if wants_library_first else (path, self.library)))
        return [(decision.candidate, decision.margin) for decision in map(router.decide, QUERIES)]


def plain(scores):
    """Scores as bytes that are equal exactly when the scores are: labels, and floats bit for bit."""
    out = io.BytesIO()
    for score in scores:
        for part in score if isinstance(score, tuple) else (score,):
            out.write(part.encode("utf-8", "surrogateescape") + b"\0" if isinstance(part, str) else struct.pack("<d", float(part)))
    return out.getvalue()


def outcome(format, path, timeout):
    """Loads and scores in a child; (kind, scores)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # A file that asks for more than this is out of memory: an error where the library notices, a crash where not.
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        try:
            message = b"1" + plain(format.scores(path))
        except BaseException:  # whatever it raises: it did not score
            message = b"0"
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(message)
        os._exit(0)
    os.close(writing)
    message, deadline, hung = b"", time.monotonic() + timeout, False
    import select
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                hung = True
                os.kill(child, signal.SIGKILL)
                break
            part = pipe.read(1 << 16)
            if not part:
                break
            message += part
    _, status = os.waitpid(child, 0)
    if hung:
        return "hang", None
    if status != 0 or not message:
        return "crash", None
    return ("rejected", None) if message[:1] == b"0" else ("scored", message[1:])


KINDS = ["rejected", "same", "wrong", "crash", "hang"]


def count(format, path, damaged, timeout):
    """Counts of what `damaged`, contents of the file one after the other, came to."""
    kind, expected = outcome(format, path, 60)
    if kind != "scored":
        sys.exit(f"{format.name}: the undamaged file does not score ({kind})")
    counts = dict.fromkeys(KINDS, 0)
    place = path + ".damaged" + format.suffix
    for content in damaged:
        with open(place, "wb") as file:
            file.write(content)
        kind, scores = outcome(format, place, timeout)
        counts[kind if kind != "scored" else "same" if scores == expected else "wrong"] += 1
    os.unlink(place)
    return counts


def flipped(content, flips, seed):
    generator = random.Random(seed)
    for _ in range(flips):
        bit = generator.randrange(len(content) * 8)
        copy = bytearray(content)
        copy[bit // 8] ^= 1 << bit % 8
        yield bytes(copy)


def truncated(content, cuts):
    for k in range(cuts):
        yield content[:len(content) * k // cuts]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", help="libriddle.so", default=os.path.join(HERE, "../out/library/libriddle.so"))
    parser.add_argument("--riddle", help="a .riddle file", default=os.path.join(HERE, "../models/support-desk/router.riddle"))
    parser.add_argument("--bindings", help="a Python file with Router(path, library).decide(text)",
                        default=os.path.join(HERE, "../out/library/riddle.py"))
    parser.add_argument("--flips", type=int, default=400)
    parser.add_argument("--truncations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=10, help="seconds without an answer that count as a hang")
    parser.add_argument("--only", help="formats whose name contains this")
    parser.add_argument("--venv", help="make a virtual environment here, install the packages, and run in it")
    parser.add_argument("--json", help="write the counts here as well")
    given = parser.parse_args()
    if given.venv:
        python = os.path.join(given.venv, "bin", "python")
        if not os.path.exists(python):
            subprocess.check_call([sys.executable, "-m", "venv", given.venv])
        subprocess.check_call([python, "-m", "pip", "install", "-q", *REQUIREMENTS])
        at = sys.argv.index("--venv") if "--venv" in sys.argv else None
        rest = sys.argv[1:at] + sys.argv[at + 2:] if at else [a for a in sys.argv[1:] if not a.startswith("--venv=")]
        os.execv(python, [python, os.path.abspath(__file__), *rest])
    for path in (given.library, given.riddle, given.bindings):
        if not os.path.exists(path):
            sys.exit(f"{path}: no such file; make it with: make library")
    warnings.simplefilter("ignore")
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONWARNINGS="ignore")
    formats = [Safetensors(), FastText(), LightGBM(), XGBoost(), Joblib(), ONNX(),
               Riddle(os.path.abspath(given.library), given.riddle, given.bindings)]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for format in formats:
            if given.only and given.only.lower() not in format.name.lower():
                continue
            path = os.path.join(folder, "model" + format.suffix)
            # Everything that starts threads happens in a child, so that the forks that follow are of one thread.
            trainer = os.fork()
            if trainer == 0:
                format.setup()
                format.train(path)
                os._exit(0)
            if os.waitpid(trainer, 0)[1] != 0 or not os.path.exists(path):
                sys.exit(f"{format.name}: training failed; are all packages installed? {' '.join(REQUIREMENTS)}")
            results.append(measure(format, path, given))
            print(f"{format.name}: {results[-1]['flips']} {results[-1]['truncations']}", file=sys.stderr, flush=True)
    table(results, given)
    if given.json:
        with open(given.json, "w") as file:
            json.dump(results, file, indent=1)


def measure(format, path, given):
    """Counts for one format, in a process of its own: what one library does to a process stays there."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            format.setup()
            with open(path, "rb") as file:
                content = file.read()
            made = {
                "name": format.name, "bytes": len(content),
                "version": f"{format.package} {version(format.package)}" if format.package else "",
                "flips": count(format, path, flipped(content, given.flips, given.seed), given.timeout),
                "truncations": count(format, path, truncated(content, given.truncations), given.timeout),
            }
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(made, pipe)
            os._exit(0)
        except BaseException as problem:
            print(f"{format.name}: {problem!r}", file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)
    return pickle.loads(content)


def table(results, given):
    print(f"| file | bytes | {given.flips} bit flips: rejected | same scores | **other scores, no error** | crash | hang "
          f"| {given.truncations} truncations: rejected | same | **other** | crash | hang |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for made in results:
        cells = [str(made[part][kind]) for part in ("flips", "truncations") for kind in KINDS]
        print(f"| {made['name']} | {made['bytes']} | {' | '.join(cells)} |")
    print()
    print("Versions: " + ", ".join(made["version"] for made in results if made["version"])
          + f"; Python {sys.version.split()[0]}; seed {given.seed}.")


if __name__ == "__main__":
    main()
