"""Hostile traffic: what must be refused is refused, nothing grows, and the next request is served as before."""

import http.client
import json
import os
import select
import signal
import socket
import tempfile
import threading
import time
import unittest

from harness import MODEL, Server

GOOD = b'POST /v1/route HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\n{"input":"a"}'


class HostileTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(MODEL, "--read-timeout", "1", "--max-connections", "200")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def tearDown(self):
        status, _, reply = self.server.post("/v1/route", {"input": "still there?"})
        self.assertEqual(status, 200, reply)
        self.assertLess(self.server.memory(), 200)

    def status(self, answer):
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer[:80])
        return int(answer.split()[1])

    def test_hundred_megabytes(self):
        # Announced: refused before the first byte of the body.
        answer = self.server.raw(b"POST /v1/route HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n")
        self.assertEqual(self.status(answer), 413)
        self.assertIn(b'"next"', answer)
        # Sent all the same, and in chunks that announce nothing.
        for path in ("/v1/route", "/v1/chat/completions", "/v1/route/batch"):
            connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=10)
            piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
            answer = b""
            try:
                connection.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
                for _ in range(1600):
                    connection.sendall(piece)
                    # As soon as it is there: whoever sends on is cut off in the end, and may find nothing to read then.
                    if not answer and select.select([connection], [], [], 0)[0]:
                        answer = connection.recv(65536)
            except OSError:
                pass
            connection.close()
            self.assertEqual(self.status(answer), 413, path)
        self.assertLess(self.server.memory(), 200)

    def test_slow_loris(self):
        start = time.time()
        # A header that never ends.
        answer = self.server.raw(None, seconds=8, pieces=[(b"POST /v1/route HTTP/1.1\r\n", 0.3)] + [(b"X-A: b\r\n", 0.3)] * 4)
        self.assertIn(self.status(answer), (408,))
        # A body that never ends.
        answer = self.server.raw(None, seconds=8, pieces=[(b"POST /v1/route HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", 0.2), (b"{", 0.2)])
        self.assertEqual(self.status(answer), 408)
        # A connection that says nothing.
        self.server.raw(b"", seconds=8)
        self.assertLess(time.time() - start, 20)

    def test_slow_loris_on_the_gateway(self):
        answer = self.server.raw(
            None, seconds=8, pieces=[(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", 0.2), (b"{", 0.2)])
        self.assertEqual(self.status(answer), 408)
        self.assertEqual(answer.count(b"HTTP/1.1 "), 1)

    def test_headers(self):
        head = b"POST /v1/route HTTP/1.1\r\nHost: a\r\n"
        self.assertEqual(self.status(self.server.raw(head + b"X-Big: " + b"a" * 200_000 + b"\r\n\r\n")), 431)
        self.assertEqual(self.status(self.server.raw(head + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"\r\n")), 431)
        for bad in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/route HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                    b"POST /v1/route HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", head + b"Bad Name: x\r\n\r\n",
                    head + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"):
            self.assertIn(self.status(self.server.raw(bad, seconds=3)), (400, 408, 431), bad[:30])

    def test_smuggling(self):
        # Two lengths, or a length beside chunks: never two answers.
        for head in (b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 13\r\n"):
            answer = self.server.raw(b"POST /v1/route HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", seconds=2)
            self.assertLessEqual(answer.count(b'"status":"ok"'), 1)
            self.assertIn(answer[9:12], (b"", b"400"))

    def test_pipelined_requests_keep_their_order(self):
        mixed = GOOD + b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" + GOOD + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + GOOD
        answer = self.server.raw(mixed + b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", seconds=5)
        order = [kind for _, kind in sorted(
            (place, kind) for kind, mark in (("route", b'{"model"'), ("metrics", b"# HELP riddle_decisions_total"), ("health", b'{"status":"ok"}'))
            for place in range(len(answer)) if answer.startswith(mark, place))]
        self.assertEqual(order, ["route", "metrics", "route", "health", "route", "health"])

    def test_refusals_keep_their_order(self):
        metrics, health = b"# HELP riddle_decisions_total", b'{"status":"ok"}'
        slow = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 3
        for refused, status in ((b"POST /v1/route HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n", b"HTTP/1.1 413"),
                                (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n", b"HTTP/1.1 413")):
            answer = self.server.raw(slow + refused + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", seconds=5)
            self.assertEqual(answer.count(metrics), 3)
            self.assertEqual(answer.count(status), 1)
            self.assertGreater(answer.index(status), answer.rindex(metrics))
            self.assertNotIn(health, answer)
        # Nobody is told to go on in the middle of another answer.
        expecting = b"POST /v1/route HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 13\r\n\r\n" + b'{"input":"a"}'
        answer = self.server.raw(slow + expecting, seconds=5)
        self.assertNotIn(b"100 Continue", answer)
        self.assertGreater(answer.index(b'{"model"'), answer.rindex(metrics))
        self.assertIn(b"100 Continue", self.server.raw(expecting, seconds=5))

    def test_head_has_no_body(self):
        for path, mark in (("/healthz", b'{"status":"ok"}'), ("/live.json", b'"decisions":'), ("/v1/route", b'"error"')):
            one = f"HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
            answer = self.server.raw(one + b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", seconds=5)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 2, path)
            self.assertNotIn(mark, answer)
            self.assertTrue(answer.endswith(b'{"status":"ready"}'))
            status, headers, body = self.server.request("HEAD", path)
            self.assertEqual((status, body), (405 if path == "/v1/route" else 200, b""))
            self.assertGreater(int(headers["content-length"]), 0)

    def test_texts_that_wait_for_the_disk_are_bounded(self):
        # A log that does not drain: nobody reads the other end of it.
        body = json.dumps({"input": "word " * 40_000})
        for mode, drops, most in (("hash", False, 150), ("keep", True, 300)):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "log.jsonl")
                os.mkfifo(path)
                server = Server(MODEL, "--log", path, "--log-text", mode)
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
                    for _ in range(1000):
                        connection.request("POST", "/v1/route", body, {"Content-Type": "application/json"})
                        self.assertEqual(connection.getresponse().read()[:8], b'{"model"')
                    connection.close()
                    self.assertLess(server.memory(), most, mode)
                    self.assertEqual(server.metric("riddle_log_dropped_total") > 0, drops, mode)
                finally:
                    server.stop(signal.SIGKILL)

    def test_thousands_of_requests_whose_answers_nobody_reads(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=1)
        try:
            for _ in range(200):
                connection.sendall(GOOD * 500)
        except OSError:
            pass
        self.assertLess(self.server.memory(), 200)
        connection.close()

    def test_half_closed_and_reset_connections(self):
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                connection.sendall(GOOD[:60])
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as connection:
            connection.sendall(GOOD)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(self.status(connection.recv(65536)), 200)

    def test_connection_limit(self):
        held = []
        try:
            for _ in range(230):
                held.append(socket.create_connection(("127.0.0.1", self.server.port), timeout=5))
            time.sleep(0.1)
            held[-1].sendall(GOOD)
            answer = held[-1].recv(65536)
            self.assertEqual(self.status(answer), 503)
            self.assertIn(b"retry-after: 1", answer.lower())
            # Whoever came in time is served, and a full server is alive.
            held[0].sendall(GOOD)
            self.assertEqual(self.status(held[0].recv(65536)), 200)
            self.assertEqual(self.server.get("/healthz")[0], 200)
            self.assertEqual(self.server.get("/readyz")[0], 200)
            self.assertEqual(self.server.get("/metrics")[0], 503)
        finally:
            for connection in held:
                connection.close()
        time.sleep(0.2)

    def test_long_texts_take_linear_time(self):
        for text in ("a" * 900_000, "e\u0301" * 300_000, "\U0001f620" * 220_000, "word " * 180_000):
            status, _, reply = self.server.post("/v1/route", json.dumps({"input": text}, ensure_ascii=False).encode())
            self.assertEqual(status, 200)
            # Not a measurement: quadratic work on a megabyte would take minutes.
            self.assertLess(reply["latency_us"], 5_000_000)
        # A batch may be larger, and a part of a text is as short as its sender likes.
        parts = [{"type": "text", "text": "a"}] * 400_000
        server = Server(MODEL)
        try:
            start = time.time()
            status, _, reply = server.post("/v1/route/batch", {"inputs": [{"messages": [{"role": "user", "content": parts}]}]}, timeout=60)
            self.assertEqual((status, len(reply["decisions"])), (200, 1))
            self.assertLess(time.time() - start, 20)
        finally:
            server.stop()

    def test_no_query_text_and_no_token_in_messages(self):
        server = Server(MODEL, environment={"RIDDLE_SERVER_TOKEN": "sesame-open"})
        try:
            for body in (b'{"input":"my secret question"', b'{"input":"my secret question"}'):
                server.request("POST", "/v1/route", body, {"Authorization": "Bearer sesame-open"})
                server.request("POST", "/v1/route", body, {"Authorization": "Bearer sesame-shut"})
        finally:
            server.stop()
        self.assertFalse([line for line in server.lines if "secret" in line or "sesame" in line])

    def test_many_clients(self):
        failures = []

        def client():
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
            for number in range(200):
                connection.request("POST", "/v1/route", json.dumps({"input": f"question {number}"}), {"Content-Type": "application/json"})
                reply = connection.getresponse()
                body = reply.read()
                if reply.status != 200 or json.loads(body)["model"] not in ("small", "large"):
                    failures.append(body)
            connection.close()

        threads = [threading.Thread(target=client) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
