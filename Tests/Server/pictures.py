"""Serves the live page, sends traffic, and takes its pictures; see screenshot.sh."""

import gzip
import json
import os
import sys
import tempfile
import time

from browser import CHROMIUM, Browser
from chat import chat
from harness import MODEL, ROOT, Server, Upstream, policy

DESK = os.path.join(ROOT, "datasets/support-desk/support-desk.jsonl.gz")
STAGES = "stages: [{tier_header: {tiers: {premium: large, economy: small}}}, classifier]\nguards: [{retry: {times: 1, climb: true}}]\n"


def take(address, path, **look):
    browser = Browser(**look)
    try:
        browser.open(address)
        if not browser.wait_until("document.getElementById('state').textContent==='live'"):
            raise SystemExit(f"the page does not come to life: {browser.text('state')}")
        time.sleep(1.5)
        browser.picture(path, height=4000)
        if browser.complaints:
            raise SystemExit("\n".join(browser.complaints))
        print(path)
    finally:
        browser.close()


def main():
    folder, seconds = sys.argv[1], float(sys.argv[2])
    if not CHROMIUM:
        raise SystemExit("no Chromium; set CHROMIUM to its path")
    os.makedirs(folder, exist_ok=True)
    with gzip.open(DESK, "rt") as lines:
        questions = [json.loads(line)["query"] for _, line in zip(range(2000), lines)]
    with tempfile.TemporaryDirectory() as place:
        small, large = Upstream("small"), Upstream("large")
        server = Server("--policy", policy(place, small, large, STAGES))
        address = f"http://127.0.0.1:{server.port}/"
        try:
            take(address, os.path.join(folder, "empty.png"))
            end, number = time.time() + seconds, 0
            while time.time() < end:
                # First as they come, then the long ones: the scores move.
                late = time.time() > end - seconds / 3
                part = sorted(questions, key=len)[-600:] if late and number % 50 == 0 else questions
                for query in part[number % 1400:][:25]:
                    server.post("/v1/route/batch", {"inputs": [query] * 4})
                server.post("/v1/chat/completions", chat(questions[number % len(questions)]))
                number += 25
            take(address, os.path.join(folder, "light.png"))
            take(address, os.path.join(folder, "dark.png"), dark=True)
            take(address, os.path.join(folder, "narrow.png"), width=400)
        finally:
            for process in (server, small, large):
                process.stop()


if __name__ == "__main__":
    main()
