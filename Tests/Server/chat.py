"""The gateway: who answers, what is passed on, and what happens when an upstream does not behave."""

import http.client
import json
import os
import socket
import struct
import tempfile
import threading
import time
import types
import unittest

from harness import Server, Upstream, policy

EASY = "How do I reset my password?"
# The committed router sends this one to large.
HARD = ("Write to the carrier: 7 damaged parcels in two weeks, all from the Bremen depot, we want an explanation and "
        "compensation, but we also depend on them until the new contract in July.")
RESILIENT = "stages: [{override: {}}, {tier_header: {tiers: {premium: large, economy: small}}}, classifier]\nguards: [{retry: {times: 1, climb: true}}]\n"


def chat(text, **more):
    return {"model": "riddle", "messages": [{"role": "user", "content": text}], **more}


class ChatTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.small, cls.large = Upstream("small"), Upstream("large")
        cls.log = os.path.join(cls.folder.name, "log.jsonl")
        path = policy(cls.folder.name, cls.small, cls.large, RESILIENT, timeout_ms=600)
        cls.server = Server("--policy", path, "--log", cls.log)

    @classmethod
    def tearDownClass(cls):
        for process in (cls.server, cls.small, cls.large):
            process.stop()
        cls.folder.cleanup()

    def setUp(self):
        self.small.mode("ok")
        self.large.mode("ok")

    def ask(self, body, status=200, **more):
        got, headers, reply = self.server.post("/v1/chat/completions", body, **more)
        self.assertEqual(got, status, reply)
        return headers, reply

    def serve(self, stages, *options, small=None, **upstreams):
        """A server with a policy of its own."""
        path = policy(tempfile.mkdtemp(dir=self.folder.name), small or self.small, self.large, stages, **upstreams)
        server = Server("--policy", path, *options)
        self.addCleanup(server.stop)
        return server

    def becomes(self, server, metric, value, seconds=15):
        end = time.time() + seconds
        while server.metric(metric) != value:
            self.assertLess(time.time(), end, f"{metric} is {server.metric(metric)}, not {value}")
            time.sleep(0.05)

    def connect(self, server, body):
        """A connection with a small window that has sent `body`, and ends without a farewell."""
        data = json.dumps(body).encode()
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.settimeout(10)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data)
        return connection

    def test_routes_like_the_decision(self):
        for text in (EASY, HARD):
            decided = self.server.post("/v1/route", {"input": text})[2]["model"]
            headers, reply = self.ask(chat(text))
            self.assertEqual(headers["x-riddle-model"], decided)
            self.assertEqual(reply["choices"][0]["message"]["content"], f"answer of {decided}")
            self.assertIn("classifier", headers["x-riddle-reason"])
            self.assertTrue(headers["x-request-id"])

    def test_body_is_passed_on_but_for_the_model(self):
        body = b'{ "temperature" : 0.10 , "model":"riddle","messages":[{"role":"user","content":"a \\u00e9"}],"x":[1,{"y":null}]}'
        headers, _ = self.ask(body, headers={"x-riddle-override": "small"})
        self.assertEqual(headers["x-riddle-model"], "small")
        self.assertEqual(self.small.seen()["body"].encode(), body.replace(b'"riddle"', b'"small-model"'))
        self.ask(b'{"messages":[{"role":"user","content":"a"}]}', headers={"x-riddle-override": "small"})
        self.assertEqual(json.loads(self.small.seen()["body"])["model"], "small-model")

    def test_caller_names_a_candidate_a_tier_or_a_threshold(self):
        self.assertEqual(self.ask(chat(HARD, model="small"))[0]["x-riddle-model"], "small")
        self.assertEqual(self.ask(chat(EASY, model="large"))[0]["x-riddle-model"], "large")
        self.assertEqual(self.ask(chat(EASY), headers={"x-model-tier": "premium"})[0]["x-riddle-model"], "large")
        self.assertEqual(self.ask(chat(HARD), headers={"x-model-tier": "economy"})[0]["x-riddle-model"], "small")
        self.assertEqual(self.ask(chat(HARD, model="router-riddle-1.0"))[0]["x-riddle-model"], "small")
        self.assertEqual(self.ask(chat(EASY, model="router-riddle-0.0"))[0]["x-riddle-model"], "large")
        self.assertEqual(self.ask(chat(EASY, model="gpt-9"), status=404)[1]["error"]["code"], 404)
        self.assertEqual(self.ask(chat(EASY, model="router-riddle-7"), status=404)[1]["error"]["code"], 404)

    def test_no_text_goes_to_the_strong_candidate(self):
        image = [{"type": "image_url", "image_url": {"url": "data:,"}}]
        headers, _ = self.ask({"messages": [{"role": "user", "content": image}]})
        self.assertEqual(headers["x-riddle-model"], "large")
        headers, _ = self.ask({"messages": [{"role": "user", "content": image}]}, headers={"x-model-tier": "economy"})
        self.assertEqual(headers["x-riddle-model"], "small")

    def test_stream_is_passed_on_byte_for_byte(self):
        status, headers, events = self.server.request(
            "POST", "/v1/chat/completions", chat(HARD, model="large", stream=True))
        self.assertEqual((status, headers["content-type"]), (200, "text/event-stream"))
        expected = b"".join(
            b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": word}}]}).encode() + b"\n\n" for word in ("answer ", "of ", "large"))
        self.assertEqual(events, expected + b"data: [DONE]\n\n")

    def test_failures_go_up_the_ladder(self):
        for mode in ("error", "busy", "garbage", "die", "hang"):
            self.small.mode(mode)
            headers, reply = self.ask(chat(EASY), headers={"x-model-tier": "economy"})
            self.assertEqual(headers["x-riddle-model"], "large", mode)
            self.assertEqual(headers["x-riddle-calls"], "3", mode)
            self.assertEqual(reply["choices"][0]["message"]["content"], "answer of large")

    def test_nobody_answers(self):
        for mode, status in (("error", 502), ("busy", 503), ("garbage", 502), ("hang", 504)):
            self.small.mode(mode)
            self.large.mode(mode)
            headers, reply = self.ask(chat(EASY), status=status)
            self.assertEqual(reply["error"]["code"], status)
            if status == 503:
                self.assertEqual(headers["retry-after"], "1")

    def test_a_wrong_request_is_not_repeated(self):
        self.small.mode("bad_request")
        before = self.small.seen()["calls"]
        _, reply = self.ask(chat(EASY, model="small"), status=400)
        self.assertEqual(reply["error"]["message"], "max_tokens is too large")
        self.assertEqual(self.small.seen()["calls"], before + 1)

    def test_upstream_dies_in_the_middle_of_a_stream(self):
        self.large.mode("die")
        before = self.server.metric('riddle_chat_total{result="cut"}')
        # Neither whole nor waited for: the end of the chunks is missing.
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError)):
            self.server.request("POST", "/v1/chat/completions", chat(HARD, model="large", stream=True), timeout=5)
        self.becomes(self.server, 'riddle_chat_total{result="cut"}', before + 1)
        self.large.mode("ok")
        self.ask(chat(HARD, model="large"))

    def test_a_caller_that_leaves_says_nothing_of_the_candidate(self):
        log = os.path.join(self.folder.name, "left.jsonl")
        server = self.serve("stages: [{static: {ask: large}}]\nguards: [{circuit_breaker: {}}]\n", "--log", log)
        self.large.mode("flood")
        for _ in range(8):
            connection = self.connect(server, chat(EASY, stream=True))
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 200"))
            connection.close()
        self.becomes(server, 'riddle_chat_total{result="left"}', 8)
        # Before the head of the answer could be written.
        self.large.mode("slow")
        connection = self.connect(server, chat(EASY, stream=True))
        time.sleep(0.1)
        connection.close()
        self.becomes(server, 'riddle_chat_total{result="left"}', 9)
        self.becomes(server, "riddle_in_flight", 0)
        self.assertEqual(server.metric('riddle_chat_total{result="cut"}'), 0)
        # The breaker would have opened after five failures.
        self.large.mode("ok")
        self.assertEqual(server.post("/v1/chat/completions", chat(EASY))[1]["x-riddle-model"], "large")
        server.stop()
        with open(log) as lines:
            rows = [json.loads(line) for line in lines]
        self.assertEqual([(row["failed"], row.get("left"), row.get("quality")) for row in rows], [(False, True, None)] * 9 + [(False, None, None)])

    def test_a_caller_that_does_not_read_is_closed(self):
        server = self.serve("stages: [{static: {ask: large}}]\n", "--read-timeout", "1", "--write-timeout", "1")
        self.large.mode("flood")
        connection = self.connect(server, chat(EASY, stream=True))
        self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 200"))
        self.becomes(server, 'riddle_chat_total{result="left"}', 1)
        self.becomes(server, "riddle_in_flight", 0)
        connection.close()

    def test_an_upstream_that_is_down_costs_no_time(self):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        server = self.serve(
            "stages: [{static: {ask: small}}]\nguards: [{retry: {times: 1, climb: true}}]\n", small=types.SimpleNamespace(url=f"http://127.0.0.1:{port}"))
        start = time.time()
        status, headers, _ = server.post("/v1/chat/completions", chat(EASY))
        self.assertEqual((status, headers["x-riddle-model"], headers["x-riddle-calls"]), (200, "large", "3"))
        self.assertLess(time.time() - start, 1)
        self.assertEqual(server.metric('riddle_upstream_calls_total{candidate="small",result="outage"}'), 2)

    def test_candidates_at_one_address_have_their_own_limits(self):
        self.large.mode("slow")
        server = self.serve(
            "stages: [{speculative: {low: 0, high: 1, confidence: self, threshold: 0.5}}]\n", small=self.large, concurrency=1)
        headers = server.post("/v1/chat/completions", chat(EASY))[1]
        self.assertEqual((headers["x-riddle-model"], headers["x-riddle-calls"]), ("large", "2"))
        for name in ("small", "large"):
            self.assertEqual(server.metric(f'riddle_upstream_calls_total{{candidate="{name}",result="answered"}}'), 1)
            self.assertEqual(server.metric(f'riddle_upstream_calls_total{{candidate="{name}",result="rate_limited"}}'), 0)

    def test_a_draw_is_not_logged_beside_another_answer(self):
        log = os.path.join(self.folder.name, "draws.jsonl")
        self.small.mode("error")
        server = self.serve(
            "stages: [{epsilon_greedy: {epsilon: 1, reward: quality, seed: 3}}]\nguards: [{retry: {times: 1, climb: true}}]\n", "--log", log)
        for number in range(40):
            self.assertEqual(server.post("/v1/chat/completions", chat(EASY), headers={"x-request-id": f"d-{number}"})[1]["x-riddle-model"], "large")
        server.stop()
        with open(log) as lines:
            rows = [json.loads(line) for line in lines]
        # Large drawn and asked once, or small drawn and asked twice before it.
        self.assertEqual({(row["asked"], row.get("propensity")) for row in rows}, {(1, 0.5), (3, None)})

    def test_absurd_usage_is_unknown(self):
        server = self.serve("stages: [{static: {ask: large}}]\nguards: [{budget: {usd_per_day: 100}}]\n")
        self.large.mode("absurd")
        for _ in range(3):
            self.assertEqual(server.post("/v1/chat/completions", chat(EASY))[0], 200)
        self.assertEqual(server.metric("riddle_spent_nanodollars_total"), 0)

    def test_an_escaped_model_is_a_model(self):
        for body in (b'{"model":"riddle","mod\\u0065l":"large","messages":[{"role":"user","content":"a"}]}',
                     b'{"mod\\u0065l":"large","model":"riddle","messages":[{"role":"user","content":"a"}]}'):
            self.assertIn("each field once", self.ask(body, status=400)[1]["error"]["message"])
        self.ask(b'{"mod\\u0065l":"small","messages":[{"role":"user","content":"a"}]}')
        self.assertEqual(json.loads(self.small.seen()["body"]), {"model": "small-model", "messages": [{"role": "user", "content": "a"}]})

    def test_reason_cannot_inject_a_header(self):
        for value in ("premium\r\nx-evil: 1", "größe\n", "\u0000"):
            headers, _ = self.ask(chat(EASY, metadata={"x-model-tier": value, "request_id": "a\r\nx-evil: 1"}))
            self.assertNotIn("x-evil", headers)

    def test_costs_are_logged_to_the_nano_dollar(self):
        headers, _ = self.ask(chat(EASY, model="large"), headers={"x-request-id": "paid-1"})
        self.assertEqual(headers["x-request-id"], "paid-1")
        end = time.time() + 5
        row = None
        while row is None and time.time() < end:
            with open(self.log) as lines:
                row = next((r for r in map(json.loads, lines) if r["request_id"] == "paid-1"), None)
        # 1000 tokens at $1 and 500 at $2 per million.
        self.assertEqual((row["candidate"], row["cost_usd"]), ("large", 0.002))
        self.assertNotIn("query", row)

    def test_cascade_climbs_without_confidence(self):
        path = policy(tempfile.mkdtemp(dir=self.folder.name), self.small, self.large, "stages: [{cascade: {threshold: 0.8, confidence: self}}]\n")
        server = Server("--policy", path)
        try:
            status, headers, _ = server.post("/v1/chat/completions", chat(EASY))
            self.assertEqual((status, headers["x-riddle-model"], headers["x-riddle-calls"]), (200, "large", "2"))
            status, headers, events = server.request("POST", "/v1/chat/completions", chat(EASY, stream=True))
            self.assertEqual((headers["x-riddle-model"], headers["x-riddle-calls"]), ("large", "2"))
            self.assertTrue(events.endswith(b"data: [DONE]\n\n"))
        finally:
            server.stop()

    def test_speculative_race_asks_both_and_cancels(self):
        server = self.serve(
            "stages: [{speculative: {low: 0, high: 1, confidence: parse, threshold: 0.5}}]\nguards: [{circuit_breaker: {}}]\n")
        self.large.mode("hang")
        start = time.time()
        # Losers are no failures: the breaker would open after five of them, and nobody would ask large any more.
        for _ in range(8):
            status, headers, _ = server.post("/v1/chat/completions", chat(EASY))
            self.assertEqual((status, headers["x-riddle-model"], headers["x-riddle-calls"]), (200, "small", "2"))
        self.assertLess(time.time() - start, 20)
        self.assertEqual(server.metric('riddle_upstream_calls_total{candidate="large",result="cancelled"}'), 8)
        self.assertEqual(server.metric('riddle_upstream_calls_total{candidate="large",result="timeout"}'), 0)

    def test_overload_sheds(self):
        path = policy(tempfile.mkdtemp(dir=self.folder.name), self.small, self.large, "stages: [{static: {ask: small}}]\n")
        self.small.mode("slow")
        server = Server("--policy", path, "--max-chats", "4")
        try:
            results = []
            def one():
                status, headers, _ = server.post("/v1/chat/completions", chat(EASY))
                results.append((status, headers.get("retry-after")))
            threads = [threading.Thread(target=one) for _ in range(40)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(results), 40)
            self.assertLessEqual({status for status, _ in results}, {200, 503})
            self.assertGreaterEqual(sum(status == 200 for status, _ in results), 4)
            self.assertGreater(sum(status == 503 and wait == "1" for status, wait in results), 0)
            self.assertEqual(server.metric("riddle_in_flight"), 0)
            self.assertEqual(server.post("/v1/chat/completions", chat(EASY))[0], 200)
        finally:
            server.stop()
