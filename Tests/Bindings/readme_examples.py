#!/usr/bin/env python3
"""Compiles and runs the programs of the README's section "Use it from your language".

    readme_examples.py README.md LIBRARY ROUTER.riddle RIDDLE SWIFT-BUILD

Each prints the candidate and the probability that the command line gives for the same query. SWIFT-BUILD is the release folder
of a SwiftPM build that has the runtime. Languages that are not installed are left out; check.sh has said so.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SECTION = "## Use it from your language"
QUERY = {"query": "Prove that the square root of 2 is irrational.", "user_tier": "premium"}

readme, library, router, program, swift_build = [os.path.abspath(argument) for argument in sys.argv[1:6]]
with open(readme, encoding="utf-8") as file:
    section = file.read().split(SECTION, 1)[1].split("\n## ", 1)[0]
blocks = dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))
expected_languages = {"python", "c", "cpp", "go", "js", "swift"}
if set(blocks) != expected_languages:
    sys.exit(f"README: expected programs in {sorted(expected_languages)}, found {sorted(blocks)}")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"README: {' '.join(command[:2])} failed:\n{done.stderr[:2000]}")
    return done.stdout


answer = json.loads(run(program, "score", router, "--format", "jsonl", "--quiet", input=json.dumps(QUERY) + "\n"))
expected = f"{answer['candidate']} {answer['probability']:.6f}"

with tempfile.TemporaryDirectory() as work:
    shutil.copy(router, os.path.join(work, "router.riddle"))
    shutil.copytree(library, os.path.join(work, "out/library"), symlinks=True)
    for language, text in blocks.items():
        name = {"js": "program.js", "go": "main.go", "swift": "main.swift"}.get(language, f"program.{language[:3]}")
        with open(os.path.join(work, name), "w", encoding="utf-8") as file:
            file.write(text)
    c_library = ["-I", "out/library", "out/library/libriddle.a", "-o"]
    ran = {}
    ran["python"] = run(sys.executable, "program.pyt", cwd=work, env=dict(os.environ, PYTHONPATH="out/library"))
    run("cc", "-Wall", "-Werror", "program.c", *c_library, "c", cwd=work)
    ran["c"] = run("./c", cwd=work)
    if shutil.which("c++"):
        run("c++", "-std=c++17", "-Wall", "-Werror", "program.cpp", *c_library, "cpp", cwd=work)
        ran["cpp"] = run("./cpp", cwd=work)
    if shutil.which("go"):
        with open(os.path.join(work, "go.mod"), "w", encoding="utf-8") as file:
            file.write("module program\n\ngo 1.19\n\nrequire riddle v0.0.0\n\nreplace riddle => ./out/library/go\n")
        cache = os.environ.get("GOCACHE", os.path.join(work, "cache"))
        ran["go"] = run("go", "run", "main.go", cwd=work, env=dict(os.environ, GOCACHE=cache))
    headers = os.environ.get("NODE_HEADERS", "/usr/include/node")
    if shutil.which("node") and os.path.exists(f"{headers}/node_api.h"):
        run("cc", "-shared", "-fPIC", "-I", headers, "out/library/node/riddle_node.c", *c_library,
            "out/library/node/riddle.node", cwd=work)
        ran["js"] = run("node", "program.js", cwd=work)
    with open(f"{swift_build}/RiddleRuntime.build/sources", encoding="utf-8") as file:
        objects = [f"{swift_build}/RiddleRuntime.build/{os.path.basename(line.strip().strip(chr(39)))}.o" for line in file if line.strip()]
    run("swiftc", "-swift-version", "6", "-I", f"{swift_build}/Modules", "main.swift", *objects, "-o", "swift-program", cwd=work)
    ran["swift"] = run("./swift-program", cwd=work)

for language, output in ran.items():
    if output.splitlines()[0] != expected:
        sys.exit(f"README: the {language} program printed '{output.splitlines()[0]}', the command line says '{expected}'")
print(f"readme: {', '.join(ran)} print {expected}")
