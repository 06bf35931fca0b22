"""Starting, loading again while requests come, and stopping."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from chat import EASY, chat
from harness import MODEL, RIDDLE, ROOT, SERVER, Server, Upstream, policy

OTHER = os.path.join(ROOT, "models/routellm-mmlu/router.riddle")


def replace(source, path):
    """As exports do it: a file beside it, then a rename."""
    shutil.copyfile(source, path + ".new")
    os.replace(path + ".new", path)


class LifecycleTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "router.riddle")
        shutil.copyfile(MODEL, self.path)

    def tearDown(self):
        self.folder.cleanup()

    def test_reloads_under_load(self):
        server = Server(self.path, "--watch", "0")
        stop, seen, failures = threading.Event(), set(), []

        def client():
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            turn = 0
            while not stop.is_set():
                turn += 1
                connection.request("POST", "/v1/route/batch" if turn % 2 else "/v1/route", json.dumps(
                    {"inputs": ["a", "b", "c"], "input": "a"}), {"Content-Type": "application/json"})
                reply = connection.getresponse()
                body = json.loads(reply.read())
                if reply.status != 200:
                    failures.append(body)
                    continue
                versions = {d["router_version"] for d in body.get("decisions", [body])}
                if len(versions) != 1:
                    failures.append(versions)
                seen.update(versions)
            connection.close()

        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        reloads = int(os.environ.get("RIDDLE_RELOADS", "200"))
        try:
            for number in range(reloads):
                replace(OTHER if number % 2 == 0 else MODEL, self.path)
                before = server.metric('riddle_reload_total{result="success"}')
                server.child.send_signal(signal.SIGHUP)
                end = time.time() + 10
                while server.metric('riddle_reload_total{result="success"}') == before:
                    self.assertLess(time.time(), end, "no reload after SIGHUP")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(seen), 2)
        self.assertEqual(server.metric('riddle_reload_total{result="success"}'), reloads + 1)
        self.assertEqual(server.stop(), 0)

    def test_changed_file_is_noticed_and_a_damaged_one_refused(self):
        server = Server(self.path, "--watch", "0.05")
        try:
            version = server.post("/v1/route", {"input": "a"})[2]["router_version"]
            with open(MODEL, "rb") as file:
                damaged = bytearray(file.read())
            damaged[len(damaged) // 2] ^= 1
            with open(self.path, "wb") as file:
                file.write(damaged)
            end = time.time() + 10
            while server.metric('riddle_reload_total{result="failure"}') == 0:
                self.assertLess(time.time(), end)
            self.assertEqual(server.post("/v1/route", {"input": "a"})[2]["router_version"], version)
            self.assertEqual(server.get("/readyz")[0], 200)
            os.remove(self.path)
            server.child.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            self.assertEqual(server.post("/v1/route", {"input": "a"})[2]["router_version"], version)
            replace(OTHER, self.path)
            while server.post("/v1/route", {"input": "a"})[2]["router_version"] == version:
                self.assertLess(time.time(), end)
        finally:
            self.assertEqual(server.stop(), 0)

    def test_router_that_a_policy_names_is_watched(self):
        small, large = Upstream("small"), Upstream("large")
        path = policy(self.folder.name, small, large, "stages: [classifier]\n", router="router.riddle")
        server = Server("--policy", path, "--watch", "0.05")
        try:
            version = server.post("/v1/route", {"input": "a"})[2]["router_version"]
            with open(self.path, "ab") as file:
                file.write(b"damage")
            end = time.time() + 10
            while server.metric('riddle_reload_total{result="failure"}') == 0:
                self.assertLess(time.time(), end)
            with open(path, "a") as file:
                file.write("default: small\n")
            replace(MODEL, self.path)
            while server.post("/v1/route", {"input": "a"})[2]["router_version"] == version:
                self.assertLess(time.time(), end)
        finally:
            for process in (server, small, large):
                process.stop()

    def refused(self, *arguments):
        """What a server says that does not start, in one line, and its exit status."""
        done = subprocess.run([SERVER, *arguments, "--port", "0"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        return done.stderr, done.returncode

    def test_bad_start(self):
        with open(self.path, "wb") as file:
            file.write(b"<!doctype html><title>404</title>")
        said, status = self.refused(self.path)
        self.assertIn("not a weight file: it looks like an HTML page", said)
        self.assertEqual(status, 65)
        self.assertEqual(self.refused(self.path + ".gone")[1], 66)
        said, status = self.refused(MODEL, "--abstain-to", "nobody")
        self.assertIn("no such candidate", said)
        self.assertEqual(status, 64)
        damaged = os.path.join(self.folder.name, "policy.yaml")
        with open(damaged, "w") as file:
            file.write("stages: [nothing-of-the-kind]\n")
        self.assertEqual(self.refused("--policy", damaged)[1], 65)
        with open(damaged, "w") as file:
            file.write("stages: [{static: {ask: c0}}]\nupstreams:\n")
            file.writelines(f"  c{k}: {{base_url: http://127.0.0.1:9}}\n" for k in range(65))
        said, status = self.refused("--policy", damaged)
        self.assertIn("name 2 to 64", said)
        self.assertEqual(status, 65)

    def test_signature_is_required(self):
        keys = os.path.join(self.folder.name, "team")
        sign = lambda *words: subprocess.run([RIDDLE, "sign", *words, "--quiet"], check=True, capture_output=True)
        sign("keygen", "--to", keys)
        said, status = self.refused(self.path, "--require-signature", keys + ".pub")
        self.assertIn("not signed", said)
        self.assertEqual(status, 65)
        sign(self.path, "--key", keys + ".key")
        server = Server(self.path, "--require-signature", keys + ".pub", "--watch", "0.05")
        try:
            version = server.post("/v1/route", {"input": "a"})[2]["router_version"]
            replace(OTHER, self.path)  # a sound weight file that nobody signed
            end = time.time() + 10
            while server.metric('riddle_reload_total{result="failure"}') == 0:
                self.assertLess(time.time(), end)
            self.assertEqual(server.post("/v1/route", {"input": "a"})[2]["router_version"], version)
            sign(self.path, "--key", keys + ".key")
            while server.post("/v1/route", {"input": "a"})[2]["router_version"] == version:
                self.assertLess(time.time(), end)
        finally:
            server.stop()

    def test_requests_under_way_are_answered_when_it_stops(self):
        small, large = Upstream("small"), Upstream("large")
        log = os.path.join(self.folder.name, "log.jsonl")
        server = Server("--policy", policy(self.folder.name, small, large, "stages: [{static: {ask: small}}]\n"), "--log", log)
        small.mode("slow")
        results = []
        threads = [
            threading.Thread(target=lambda: results.append(server.post("/v1/chat/completions", chat(EASY))[0])) for _ in range(8)]
        idle = http.client.HTTPConnection("127.0.0.1", server.port)
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        for thread in threads:
            thread.start()
        time.sleep(0.15)
        start = time.time()
        server.child.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        self.assertEqual(server.stop(), 0)
        idle.close()
        # An idle connection does not hold it up.
        self.assertLess(time.time() - start, 15)
        self.assertEqual(results, [200] * 8)
        with open(log) as lines:
            self.assertEqual(len(list(map(json.loads, lines))), 8)
        small.stop()
        large.stop()

    def test_log_is_complete_after_sigterm(self):
        log = os.path.join(self.folder.name, "log.jsonl")
        server = Server(self.path, "--log", log)
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for number in range(500):
            connection.request("POST", "/v1/route", json.dumps({"id": f"q{number}", "input": "a"}), {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        with open(log) as lines:
            self.assertEqual([json.loads(line)["request_id"] for line in lines], [f"q{number}" for number in range(500)])
