#!/usr/bin/env python3
"""The gateway before mock upstreams, asked by the official Python client.

    openai_client.py          needs the package `openai`; Tests/Server/clients.sh installs it
"""

import tempfile

import openai

from chat import EASY, HARD, RESILIENT
from harness import Server, Upstream, policy

TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def expect(condition, what):
    if not condition:
        raise SystemExit(f"openai client: FAILED: {what}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        small, large = Upstream("small"), Upstream("large")
        server = Server("--policy", policy(folder, small, large, RESILIENT), environment={"RIDDLE_SERVER_TOKEN": "secret"})
        client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="secret", max_retries=0)
        names = {model.id for model in client.models.list()}
        expect({"riddle", "auto", "small", "large"} <= names, f"models {names}")
        for text, name in ((EASY, "small"), (HARD, "large")):
            raw = client.chat.completions.with_raw_response.create(model="riddle", messages=[{"role": "user", "content": text}])
            expect(raw.headers["x-riddle-model"] == name, f"{raw.headers['x-riddle-model']} for {name}")
            reply = raw.parse()
            expect(reply.choices[0].message.content == f"answer of {name}" and reply.usage.total_tokens == 1500, "the answer")
            pieces = client.chat.completions.create(model="auto", messages=[{"role": "user", "content": text}], stream=True)
            said = "".join(piece.choices[0].delta.content or "" for piece in pieces)
            expect(said == f"answer of {name}", f"the stream: {said}")
        client.chat.completions.create(
            model="riddle", tools=TOOLS, messages=[{"role": "user", "content": [{"type": "text", "text": EASY}, IMAGE]}])
        body = small.seen()["body"]
        expect('"look_up"' in body and "iVBORw0KGgo=" in body, "tools and images are passed on")
        only = client.chat.completions.with_raw_response.create(model="riddle", messages=[{"role": "user", "content": [IMAGE]}])
        expect(only.headers["x-riddle-model"] == "large", "an image alone goes to the strongest")
        fixed = client.chat.completions.with_raw_response.create(
            model="router-riddle-1.0", messages=[{"role": "user", "content": HARD}])
        expect(fixed.headers["x-riddle-model"] == "small", "a threshold of 1 routes to the cheapest")
        for wrong, kind in (({"model": "nobody"}, openai.NotFoundError), ({"model": "riddle", "messages": "x"}, openai.BadRequestError)):
            try:
                client.chat.completions.create(**{"messages": [{"role": "user", "content": EASY}], **wrong})
                expect(False, f"{wrong} was answered")
            except kind as error:
                expect(error.body and error.body["message"], "an error has a message")
        try:
            openai.OpenAI(base_url=client.base_url, api_key="wrong", max_retries=0).models.list()
            expect(False, "a wrong key was taken")
        except openai.AuthenticationError:
            pass
        for process in (server, small, large):
            process.stop()
    print(f"openai client {openai.__version__}: models, answers, streams, tools, images, thresholds, errors, keys")


if __name__ == "__main__":
    main()
