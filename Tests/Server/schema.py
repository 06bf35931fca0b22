"""Responses against the published schemas, Sources/RiddleServer/Schemas."""

import importlib.util
import json
import os
import unittest

from chat import EASY, HARD
from harness import MODEL, ROOT, Server

with open(os.path.join(ROOT, "Sources/RiddleServer/Schemas/route.schema.json")) as file:
    SCHEMA = json.load(file)


def validator():
    """The one that checks what `riddle` prints with --json."""
    path = os.path.join(ROOT, "Tests/Golden/Generators/schemas.py")
    spec = importlib.util.spec_from_file_location("schemas", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults


class SchemaTests(unittest.TestCase):
    def expect(self, value, name):
        self.assertEqual(validator()(value, SCHEMA["$defs"][name], "$", SCHEMA), [])

    def test_responses_are_as_published(self):
        requests = [{"input": EASY}, {"messages": [{"role": "user", "content": HARD}], "user": "u"}, {"input": ""}]
        for options in ((), ("--shadow",), ("--top-features", "0")):
            server = Server(MODEL, *options)
            for request in requests:
                self.expect(request, "request")
                self.expect(server.post("/v1/route", request)[2], "decision")
            batch = {"inputs": [EASY, {"input": HARD}]}
            self.expect(batch, "batchRequest")
            self.expect(server.post("/v1/route/batch", batch)[2], "batch")
            for body, status in ((b"{", 400), ({"inputs": 1}, 400)):
                got, _, reply = server.post("/v1/route", body)
                self.assertEqual(got, status)
                self.expect(reply, "error")
            server.stop()

    def test_the_validator_finds_faults(self):
        server = Server(MODEL)
        reply = server.post("/v1/route", {"input": EASY})[2]
        server.stop()
        for name, value in (("more", 1), ("score", "high"), ("abstained", None)):
            self.assertNotEqual(validator()({**reply, name: value}, SCHEMA["$defs"]["decision"], "$", SCHEMA), [])
