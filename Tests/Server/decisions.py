"""Decisions over HTTP: shapes, agreement with the command line, abstaining, errors, the log and feedback."""

import json
import os
import struct
import subprocess
import tempfile
import time
import unittest

from harness import MODEL, RIDDLE, Server

QUERIES = [
    "How do I reset my password?", "Explain why our checkout deadlocks under load and design a migration plan.",
    "Größe und 请比较 \U0001f620 e\u0301", "a\tb\nc \"quoted\" \\ back", "x" * 5000, "SELECT * FROM t WHERE a = 'b';",
]


class DecisionTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.log = os.path.join(cls.folder.name, "decisions.jsonl")
        cls.feedback = os.path.join(cls.folder.name, "feedback.jsonl")
        cls.server = Server(MODEL, "--log", cls.log, "--feedback", cls.feedback, "--log-text", "keep")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def route(self, body, **more):
        status, _, reply = self.server.post("/v1/route", body, **more)
        self.assertEqual(status, 200, reply)
        return reply

    def test_shape(self):
        reply = self.route({"messages": [{"role": "user", "content": QUERIES[0]}]})
        self.assertEqual(
            list(reply), ["model", "tier", "score", "probability", "threshold", "reason", "stage", "top_features",
                          "router_version", "abstained", "request_id", "latency_us"])
        self.assertIn(reply["model"], ("small", "large"))
        self.assertEqual(reply["tier"], ["small", "large"].index(reply["model"]))
        self.assertEqual(reply["stage"], "router")
        self.assertFalse(reply["abstained"])
        self.assertGreater(reply["latency_us"], 0)
        self.assertGreater(len(reply["top_features"]), 0)
        for name, contribution in reply["top_features"]:
            self.assertIsInstance(name, str)
            self.assertNotEqual(contribution, 0)
        self.assertEqual(reply["score"] >= reply["threshold"], reply["model"] == "large")

    def test_same_bits_as_the_command_line(self):
        lines = "".join(json.dumps({"query": query}) + "\n" for query in QUERIES)
        out = subprocess.run([RIDDLE, "score", MODEL, "--quiet"], input=lines, capture_output=True, text=True, check=True).stdout
        for query, line in zip(QUERIES, out.splitlines()):
            expected = json.loads(line)
            reply = self.route({"input": query})
            self.assertEqual(struct.pack("d", reply["score"]), struct.pack("d", expected["margin"]), query[:20])
            self.assertEqual(reply["model"], expected["candidate"])
            self.assertEqual(reply["reason"], expected["reason"])

    def test_last_user_message_counts(self):
        plain = self.route({"messages": [{"role": "user", "content": QUERIES[1]}]})
        conversation = self.route({"messages": [
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": QUERIES[1]},
        ]})
        self.assertEqual(conversation["score"], plain["score"])
        parts = self.route({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, {"type": "text", "text": QUERIES[1]}]}]})
        self.assertEqual(parts["score"], plain["score"])

    def test_abstains_towards_the_strong_candidate(self):
        for body in (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            {"messages": [{"role": "user", "content": [{"type": "something_new", "blob": [1, {"a": None}]}]}]},
            {"input": ""}, {"input": " \n\t"}, {"messages": []}, {"messages": [{"role": "user", "content": None}]},
        ):
            reply = self.route(body)
            self.assertTrue(reply["abstained"], body)
            self.assertEqual(reply["model"], "large")
            self.assertEqual(reply["stage"], "abstained")
            self.assertIsNone(reply["score"])

    def test_stated_default(self):
        server = Server(MODEL, "--abstain-to", "small")
        try:
            self.assertEqual(server.post("/v1/route", {"input": ""})[2]["model"], "small")
        finally:
            server.stop()

    def test_other_locales_change_nothing(self):
        server = Server(MODEL, environment={"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"})
        try:
            for query in QUERIES:
                self.assertEqual(server.post("/v1/route", {"input": query})[2]["score"], self.route({"input": query})["score"])
            self.assertIn('le="0.01"', server.get("/metrics")[2].decode())
        finally:
            server.stop()

    def test_batch(self):
        singles = [self.route({"input": query})["score"] for query in QUERIES]
        status, _, reply = self.server.post("/v1/route/batch", {"inputs": QUERIES[:3] + [{"input": q} for q in QUERIES[3:]]})
        self.assertEqual(status, 200)
        self.assertEqual([decision["score"] for decision in reply["decisions"]], singles)
        self.assertEqual({decision["router_version"] for decision in reply["decisions"]}, {reply["router_version"]})
        named = self.server.post("/v1/route/batch", {"inputs": ["a", {"input": "b", "id": "own"}, "c"]}, headers={"X-Request-Id": "proxy"})[2]
        self.assertEqual([decision["request_id"] for decision in named["decisions"]], ["proxy/0", "own", "proxy/2"])
        self.assertEqual(self.server.post("/v1/route/batch", {"inputs": []})[2]["decisions"], [])
        self.assertEqual(self.server.post("/v1/route/batch", {"input": "x"})[0], 400)
        self.assertEqual(self.server.post("/v1/route/batch", {"inputs": ["x"] * 5000})[0], 400)

    def test_malformed(self):
        for body in (
            b"", b"{", b"[]", b"null", b"{}", b'{"input":5}', b'{"input":"a"} x', b'{"input":"a","input":"b"}', b'{"input":"\xff"}',
            b'{"input":"\\ud800"}', b'{"input":"a\x01"}', b'{"input":01}', b'{"messages":{}}', b"[" * 100_000, b'{"a":' * 100_000,
            b'{"input":"a",}', b"{'input':'a'}", b'{"input":"\\x"}', b'{"input":NaN}',
        ):
            status, headers, reply = self.server.post("/v1/route", body)
            self.assertEqual(status, 400, body[:40])
            self.assertEqual(headers["content-type"], "application/json")
            self.assertEqual(sorted(reply["error"]), ["code", "message", "next"])
            self.assertNotEqual(reply["error"]["next"], "")

    def test_unknown_paths_and_methods(self):
        status, headers, reply = self.server.post("/v1/rout", {"input": "x"})
        self.assertEqual((status, reply["error"]["code"]), (404, 404))
        status, headers, body = self.server.get("/v1/route")
        self.assertEqual((status, headers["allow"]), (405, "POST"))
        self.assertIn("next", json.loads(body)["error"])

    def test_chat_without_upstreams(self):
        self.assertEqual(self.server.post("/v1/chat/completions", {"messages": []})[0], 501)

    def test_health_and_models(self):
        self.assertEqual(self.server.get("/healthz")[0], 200)
        self.assertEqual(self.server.get("/readyz")[0], 200)
        models = json.loads(self.server.get("/v1/models")[2])
        self.assertEqual([entry["id"] for entry in models["data"]], ["riddle", "auto", "small", "large"])

    def test_metrics(self):
        version = self.route({"input": QUERIES[0]})["router_version"]
        before = self.server.metric("riddle_decision_seconds_count")
        abstained = self.server.metric('riddle_fallback_total{reason="empty_text"}')
        model = self.route({"input": QUERIES[0]})["model"]
        self.route({"input": ""})
        text = self.server.get("/metrics")[2].decode()
        self.assertEqual(self.server.metric("riddle_decision_seconds_count"), before + 2)
        self.assertEqual(self.server.metric('riddle_fallback_total{reason="empty_text"}'), abstained + 1)
        self.assertIn(f'riddle_decisions_total{{candidate="{model}",router_version="{version}"}} ', text)
        for line in ('riddle_decision_seconds_bucket{le="1e-06"}', 'riddle_decision_seconds_bucket{le="0.01"}', 'riddle_score_bucket{le="0.5"}',
                     'riddle_router_info{sha256="', 'riddle_reload_total{result="success"} 1', 'riddle_reload_total{result="failure"} 0',
                     "riddle_log_dropped_total 0", "riddle_log_refused_total 0"):
            self.assertIn(line, text)
        for line in text.splitlines():
            self.assertTrue(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 and float(line.rsplit(" ", 1)[1]) >= 0, line)

    def test_log_and_feedback_are_read_by_riddle(self):
        reply = self.route({"input": "log me please", "user": "u1", "metadata": {"user_tier": "premium", "conversation_id": "c9"}})
        self.route({"id": "own-id", "input": "log me too"}, headers={"X-User-Tier": "free"})
        status, _, kept = self.server.post("/v1/feedback", {"request_id": reply["request_id"], "thumbs": "up", "comment": "good \"one\""})
        self.assertEqual((status, kept), (202, {"status": "kept"}))
        for bad in ({"thumbs": "up"}, {"request_id": "x"}, {"request_id": "x", "quality": 2}, {"request_id": "x", "thumbs": "sideways"},
                    {"request_id": "x", "mood": "good", "thumbs": "up"}, []):
            self.assertEqual(self.server.post("/v1/feedback", bad)[0], 400, bad)
        end = time.time() + 5
        rows = {}
        while reply["request_id"] not in rows and time.time() < end:
            with open(self.log) as lines:
                rows = {row["request_id"]: row for row in map(json.loads, lines)}
        row = rows[reply["request_id"]]
        self.assertEqual((row["candidate"], row["score"], row["query"]), (reply["model"], reply["score"], "log me please"))
        self.assertEqual((row["user"], row["user_tier"], row["conversation"]), ("u1", "premium", "c9"))
        self.assertEqual(rows["own-id"]["user_tier"], "free")
        store = os.path.join(self.folder.name, "desk.sqlite")
        for command in (["decisions", "import", self.log], ["feedback", "import", self.feedback]):
            done = subprocess.run([RIDDLE, *command, "--store", store], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_token(self):
        server = Server(MODEL, environment={"RIDDLE_SERVER_TOKEN": "sesame"})
        try:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer sesam"}, {"Authorization": "Bearer sesamee"},
                            {"Authorization": "sesame"}):
                self.assertEqual(server.request("POST", "/v1/route", {"input": "x"}, headers)[0], 401, headers)
            self.assertEqual(server.request("POST", "/v1/route", {"input": "x"}, {"Authorization": "Bearer sesame"})[0], 200)
            self.assertEqual(server.get("/metrics")[0], 401)
            self.assertEqual(server.get("/healthz")[0], 200)
            text = server.get("/metrics", headers={"Authorization": "Bearer sesame"})[2].decode()
            self.assertIn('riddle_refused_total{status="401"} 6\n', text)
        finally:
            server.stop()
