"""Runs exported ONNX models in onnxruntime and compares them with the router's own numbers.

    onnx_parity.py RIDDLE-PROGRAM ROUTER...

Needs onnx, onnxruntime and numpy (tried with 1.23, 1.31 and 2.4); ../Forms/check.sh installs them into a folder of its own.
Every margin, probability and step margin must agree to 1e-6, every candidate wherever no step margin is closer than
1e-9 to its threshold.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

from queries import requests, texts

LIMIT = 1e-6


def padded(rows, name):
    width = max(1, max(len(row[name]) for row in rows))
    keys = np.full((len(rows), width), -1, dtype=np.int64)
    for i, row in enumerate(rows):
        keys[i, : len(row[name])] = row[name]
    return keys


def rows_of(riddle, router):
    command = [riddle, "score", router, "--features", "--quiet", "--format"]
    lines = []
    for form, data in [
        ("text", b"\n".join(texts(2000)) + b"\n"),
        ("jsonl", ("\n".join(requests(2000)) + "\n").encode()),
    ]:
        done = subprocess.run(command + [form], input=data, stdout=subprocess.PIPE, check=True)
        lines += [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 4000, len(lines)
    return lines


def check(riddle, router, folder):
    path = os.path.join(folder, "router.onnx")
    subprocess.run(
        [riddle, "export", router, "--to", path, "--as", "onnx", "--quiet"],
        check=True, stdout=subprocess.DEVNULL)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    card = {entry.key: entry.value for entry in model.metadata_props}
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = {value.name for value in session.get_inputs()}
    rows = rows_of(riddle, router)
    cuts = np.array([float(card[f"threshold.{k}"]) for k in range(len(rows[0]["step_margins"]))])
    worst = {"margins": 0.0, "probabilities": 0.0, "step_margins": 0.0}
    largest = 0.0
    changed = 0
    for start in range(0, len(rows), 100):
        batch = rows[start : start + 100]
        feed = {}
        if "dense" in inputs:
            feed["dense"] = np.array([row["dense"] for row in batch], dtype=np.float32)
        for name in ("word_keys", "character_keys"):
            if name in inputs:
                feed[name] = padded(batch, name)
        names = ["margins", "probabilities", "step_margins", "candidate"]
        found = dict(zip(names, session.run(names, feed)))
        for name in worst:
            expected = np.array([row[name] for row in batch])
            assert found[name].shape == expected.shape, (name, found[name].shape, expected.shape)
            assert np.isfinite(found[name]).all()
            worst[name] = max(worst[name], np.abs(found[name] - expected).max())
        largest = max(largest, np.abs(found["margins"]).max())
        chosen = np.array([row["candidate_index"] for row in batch])
        steps = np.array([row["step_margins"] for row in batch])
        is_near = (np.abs(steps - cuts) < 1e-9).any(axis=1)
        changed += int(((found["candidate"] != chosen) & ~is_near).sum())
        for row in batch:
            assert card[f"candidate.{row['candidate_index']}"] == row["candidate"]
    assert all(value <= LIMIT for value in worst.values()), (router, worst)
    assert changed == 0, (router, changed)
    print(
        f"onnx: {router}: {os.path.getsize(path)} bytes, {len(rows)} queries, margins up to {largest:.1f}; "
        + ", ".join(f"{name} within {value:.1e}" for name, value in worst.items())
        + "; every candidate the same")


def main():
    riddle, routers = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for router in routers:
            check(riddle, router, folder)


main()
