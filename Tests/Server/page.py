"""The live page: what it is made of, its stream and snapshot, its limits, and how it looks to a browser."""

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import tempfile
import time
import unittest

from browser import CHROMIUM, Browser
from chat import EASY, HARD, chat
from harness import MODEL, Server, Upstream, policy

LISTENERS = 16


class Stream:
    """A listener of /live."""

    def __init__(self, server, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        self.connection.request("GET", "/live", headers=headers or {})
        self.reply = self.connection.getresponse()

    def lines(self):
        while True:
            line = self.reply.readline()
            if not line:
                return
            yield line.decode().rstrip("\n")

    def snapshot(self):
        for line in self.lines():
            if line.startswith("data: "):
                return json.loads(line[6:])
        return None

    def close(self):
        self.reply.close()
        self.connection.close()


class PageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(MODEL)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def live(self):
        status, headers, body = self.server.get("/live.json")
        self.assertEqual((status, headers["content-type"]), (200, "application/json"))
        return json.loads(body)

    def decided(self):
        """Decisions by candidate, as Prometheus sees them."""
        text = self.server.get("/metrics")[2].decode()
        return {name: int(count) for name, count in re.findall(r'^riddle_decisions_total\{candidate="([^"]+)".*\} (\d+)$', text, re.M)}

    def test_page_needs_nothing_from_elsewhere(self):
        status, headers, body = self.server.get("/")
        html = body.decode()
        self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertNotIn("://", html.replace("http://www.w3.org/2000/svg", ""))
        self.assertNotRegex(html, r"(?i)\bsrc=|@import|url\(|innerHTML")
        self.assertIn("<noscript>", html)
        rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        self.assertEqual(rules["default-src"], "'none'")
        self.assertEqual(rules["connect-src"], "'self'")
        for name, element in (("script-src", "script"), ("style-src", "style")):
            inside = re.search(f"<{element}>(.*)</{element}>", html, re.S).group(1)
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            self.assertEqual(rules[name], f"'sha256-{digest}'")
        status, headers, _ = self.server.request("POST", "/", b"")
        self.assertEqual((status, headers["allow"]), (405, "GET"))

    def test_stream_begins_at_once_and_agrees_with_the_metrics(self):
        for number in range(40):
            self.server.post("/v1/route", {"input": [EASY, HARD][number % 2], "request_id": f"<b>{number}"})
        self.server.post("/v1/route/batch", {"inputs": [EASY] * 10})
        start = time.time()
        stream = Stream(self.server)
        self.assertEqual(stream.reply.status, 200)
        self.assertEqual(stream.reply.getheader("content-type"), "text/event-stream")
        first = stream.snapshot()
        self.assertLess(time.time() - start, 3)
        counted = {one["name"]: one["decisions"] for one in first["candidates"]}
        self.assertEqual(first["lost"], 0)
        self.assertEqual(counted, self.decided())
        self.assertEqual(first["decisions"], sum(counted.values()))
        self.assertEqual(sum(sum(slot[5:]) for slot in first["slots"]), first["decisions"])
        self.assertLessEqual(len(first["recent"]), 50)
        self.server.post("/v1/route", {"input": HARD, "request_id": "the-last"})
        start = time.time()
        second = stream.snapshot()
        while second["decisions"] <= first["decisions"]:
            self.assertLess(time.time() - start, 5)
            second = stream.snapshot()
        self.assertEqual(second["recent"][0]["request_id"], "the-last")
        self.assertEqual(second["recent"][0]["router_version"], second["router"]["version"])
        stream.close()

    def test_snapshot_says_why_but_not_what(self):
        words = ("zyzzyva", "quokka")
        self.server.post("/v1/route", {"input": f"Explain why the {words[0]} and the {words[1]} disagree about deadlocks"})
        text = self.server.get("/live.json")[2].decode()
        for word in words + ("deadlocks",):
            self.assertNotIn(word, text)
        last = json.loads(text)["recent"][0]
        self.assertEqual(last["stage"], "router")
        self.assertNotEqual(last["reason"], "")
        self.assertGreater(last["latency_ns"], 0)
        self.assertEqual(last["score"] >= last["threshold"], last["candidate"] == "large")

    def test_savings_are_whole_and_add_up(self):
        self.server.post("/v1/route", {"input": EASY})
        live = self.live()
        money, costs = live["money"]["expected"], {one["name"]: one["mean_cost_nanodollars"] for one in live["candidates"]}
        if None in costs.values():
            self.assertEqual(money["requests"], 0)
            return
        self.assertEqual(money["spent_nanodollars"], sum(one["decisions"] * costs[one["name"]] for one in live["candidates"]))
        self.assertEqual(money["strongest_nanodollars"], live["decisions"] * costs["large"])
        self.assertEqual(money["saved_nanodollars"], money["strongest_nanodollars"] - money["spent_nanodollars"])

    def test_too_many_listeners_are_refused_and_places_come_back(self):
        streams = []
        try:
            end = time.time() + 10
            while len(streams) < LISTENERS:
                stream = Stream(self.server)
                if stream.reply.status == 200:
                    stream.snapshot()
                    streams.append(stream)
                    continue
                # Another test's listener is still being noticed.
                stream.close()
                self.assertLess(time.time(), end)
                time.sleep(0.2)
            late = Stream(self.server)
            self.assertEqual(late.reply.status, 503)
            self.assertEqual(late.reply.getheader("retry-after"), "1")
            late.close()
            self.assertEqual(self.server.get("/live.json")[0], 200)
            self.assertEqual(self.server.post("/v1/route", {"input": "a"})[0], 200)
        finally:
            for stream in streams:
                stream.close()
        end = time.time() + 10
        while True:
            stream = Stream(self.server)
            status = stream.reply.status
            stream.close()
            if status == 200:
                break
            self.assertLess(time.time(), end, "the places were not given back")
            time.sleep(0.2)

    def test_open_streams_do_not_hold_up_the_end(self):
        server = Server(MODEL)
        reads = Stream(server)
        reads.snapshot()
        with socket.create_connection(("127.0.0.1", server.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.sendall(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(1.5)
            start = time.time()
            server.child.send_signal(signal.SIGTERM)
            self.assertEqual(list(reads.lines())[-1:], [""])
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.time() - start, 10)
        reads.close()

    def test_token_is_for_the_numbers(self):
        server = Server(MODEL, environment={"RIDDLE_SERVER_TOKEN": "sesame-open"})
        carried = {"Authorization": "Bearer sesame-open"}
        try:
            self.assertEqual(server.get("/")[0], 200)
            self.assertNotIn(b"sesame", server.get("/")[2])
            for path in ("/live", "/live.json"):
                self.assertEqual(server.get(path)[0], 401)
                self.assertEqual(server.get(path, headers={"Authorization": "Bearer no"})[0], 401)
            self.assertEqual(server.get("/live.json", headers=carried)[0], 200)
            stream = Stream(server, carried)
            self.assertEqual(stream.snapshot()["decisions"], 0)
            stream.close()
        finally:
            server.stop()

    def test_gateway_counts_what_was_paid(self):
        with tempfile.TemporaryDirectory() as folder:
            small, large = Upstream("small"), Upstream("large")
            server = Server("--policy", policy(folder, small, large, "stages: [{static: {ask: small}}]\n"))
            try:
                for _ in range(5):
                    self.assertEqual(server.post("/v1/chat/completions", chat(EASY))[0], 200)
                small.mode("error")
                large.mode("error")
                server.post("/v1/chat/completions", chat(EASY))
                live = json.loads(server.get("/live.json")[2])
                self.assertEqual((live["answers"], live["failures"], live["decisions"]), (5, 1, 0))
                paid = [one["paid_nanodollars"] for one in live["recent"] if one["kind"] == "answer"]
                # 1,000 tokens at $0.10 and 500 at $0.20 a million.
                self.assertEqual(paid, [200_000] * 5)
                self.assertEqual(server.metric("riddle_spent_nanodollars_total"), 1_000_000)
                self.assertGreater(live["latency_hour"]["answering"]["p50_ns"], 0)
            finally:
                for process in (server, small, large):
                    process.stop()

    def test_failed_load_is_marked(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "router.riddle")
            with open(MODEL, "rb") as good, open(path, "wb") as copy:
                copy.write(good.read())
            server = Server(path, "--watch", "0")
            try:
                with open(path, "wb") as file:
                    file.write(b"damage")
                server.child.send_signal(signal.SIGHUP)
                end = time.time() + 10
                while server.metric('riddle_reload_total{result="failure"}') == 0:
                    self.assertLess(time.time(), end)
                loads = json.loads(server.get("/live.json")[2])["loads"]
                self.assertEqual([one["version"] is None for one in loads], [False, True])
            finally:
                server.stop()

    @unittest.skipUnless(CHROMIUM, "no Chromium")
    def test_in_a_browser(self):
        server = Server(MODEL, environment={"RIDDLE_SERVER_TOKEN": "sesame-open"})
        carried = {"Authorization": "Bearer sesame-open"}
        browser = Browser(width=400)
        try:
            address = f"http://127.0.0.1:{server.port}/"
            browser.open(address)
            self.assertTrue(browser.wait_until("!document.getElementById('ask').hidden"))
            browser.value("document.getElementById('token').value='sesame-open';document.querySelector('form button').click()")
            self.assertTrue(browser.wait_until("document.getElementById('state').textContent==='live'"))
            self.assertTrue(browser.wait_until("!document.getElementById('empty').hidden"))
            for number in range(30):
                server.post("/v1/route", {"input": [EASY, HARD][number % 2], "request_id": "<img src=x onerror=alert(1)>"}, headers=carried)
            self.assertTrue(browser.wait_until("document.getElementById('headline').textContent.startsWith('30 decisions')"))
            self.assertEqual(browser.value("document.querySelectorAll('#list tr').length"), 30)
            self.assertEqual(browser.value("document.images.length"), 0)
            self.assertEqual(browser.value("document.documentElement.scrollWidth"), 400)
            server.stop()
            self.assertTrue(browser.wait_until("document.getElementById('state').textContent.startsWith('the server is away')"))
            self.assertEqual({request for request in browser.requests if not request.startswith((address, "data:"))}, set())
            # The 401 that asked for the token and the end of the server are no mistakes of the page.
            self.assertEqual([text for text in browser.complaints if "Failed to load resource" not in text], [])
        finally:
            browser.close()
            server.stop()
