"""Shadow mode and shares of callers: who is routed, what the others get, and what the log says."""

import json
import os
import sqlite3
import tempfile
import unittest

from chat import EASY, HARD, RESILIENT, chat
from harness import MODEL, Server, Upstream, policy


class ExposureTests(unittest.TestCase):
    def test_shadow_decides_and_does_not_act(self):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log.jsonl")
            plain, shadow = Server(MODEL), Server(MODEL, "--shadow", "--log", log)
            wanted = []
            for number in range(30):
                query = {"input": HARD if number % 3 == 0 else EASY, "request_id": str(number)}
                wanted.append(plain.post("/v1/route", query)[2])
                got = shadow.post("/v1/route", query)[2]
                self.assertEqual((got["model"], got["arm"], got["would_be"]), ("large", "control", wanted[-1]["model"]))
                self.assertEqual(got["score"], wanted[-1]["score"])
                self.assertNotIn("arm", wanted[-1])
            self.assertEqual({d["model"] for d in wanted}, {"small", "large"})
            plain.stop()
            self.assertEqual(shadow.stop(), 0)
            with open(log) as lines:
                rows = [json.loads(line) for line in lines]
            self.assertEqual([row["would_be"] for row in rows], [d["model"] for d in wanted])
            self.assertEqual({(row["candidate"], row["arm"], row["stage"]) for row in rows}, {("large", "control", "control")})

    def test_a_share_of_the_callers_is_routed(self):
        with tempfile.TemporaryDirectory() as folder:
            store = os.path.join(folder, "log.sqlite")
            server = Server(MODEL, "--rollout", "30", "--control", "small", "--log", store)
            arms = {}
            for number in range(400):
                user = f"user {number % 200}"
                got = server.post("/v1/route", {"input": HARD, "user": user})[2]
                self.assertEqual(arms.setdefault(user, got["arm"]), got["arm"])
                self.assertEqual(got["model"], "large" if got["arm"] == "routed" else "small")
            # Callers without a name are many: each request is on a side of its own.
            sides = {server.post("/v1/route", {"input": HARD, "user": "", "request_id": f"n{number}"})[2]["arm"] for number in range(40)}
            self.assertEqual(sides, {"routed", "control"})
            routed = sum(arm == "routed" for arm in arms.values())
            self.assertTrue(35 <= routed <= 85, routed)  # 60 expected, four standard deviations
            self.assertEqual(server.stop(), 0)
            with sqlite3.connect(store) as rows:
                found = dict(rows.execute("SELECT json_extract(extras, '$.arm'), count(*) FROM decisions WHERE request_id NOT LIKE 'n%' GROUP BY 1"))
            self.assertEqual(found, {"routed": 2 * routed, "control": 400 - 2 * routed})

    def test_the_gateway_holds_back_too(self):
        with tempfile.TemporaryDirectory() as folder:
            small, large = Upstream("small"), Upstream("large")
            log = os.path.join(folder, "log.jsonl")
            server = Server("--policy", policy(folder, small, large, RESILIENT), "--shadow", "--log", log)
            for text in (EASY, HARD):
                headers = server.post("/v1/chat/completions", chat(text))[1]
                self.assertEqual((headers["x-riddle-model"], headers["x-riddle-calls"]), ("large", "1"))
            # Whoever asks for a candidate by name gets it.
            headers = server.post("/v1/chat/completions", chat(HARD), headers={"x-riddle-override": "small"})[1]
            self.assertEqual(headers["x-riddle-model"], "small")
            self.assertEqual(server.post("/v1/chat/completions", chat(HARD, model="small"))[1]["x-riddle-model"], "small")
            for process in (server, small, large):
                process.stop()
            with open(log) as lines:
                rows = [json.loads(line) for line in lines]
            self.assertEqual([row.get("arm") for row in rows], ["control", "control", None, None])
            self.assertEqual([row.get("would_be") for row in rows[:2]], ["small", "large"])
            self.assertEqual({row["gen_ai.operation.name"] for row in rows}, {"chat"})
            self.assertEqual(rows[0]["gen_ai.response.model"], "large")

    def test_options_that_do_not_fit(self):
        for options, word in (
                (["--shadow", "--rollout", "5"], "--shadow routes nobody"), (["--control", "small"], "--control needs"),
                (["--rollout", "101"], "percentage")):
            with self.assertRaises(RuntimeError) as error:
                Server(MODEL, *options)
            self.assertIn(word, str(error.exception))
        with self.assertRaises(RuntimeError) as error:
            Server(MODEL, "--shadow", "--control", "nobody", "--watch", "0").stop()
        self.assertIn("--control nobody", str(error.exception))
