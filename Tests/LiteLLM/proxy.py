"""LiteLLM's proxy on an exported folder: see check.sh.

    proxy.py RIDDLE SERVER PLUG LOG WORK
"""
import concurrent.futures
import gzip
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
RIDDLE, SERVER, PLUG, LOG, WORK = sys.argv[1:6]
FACTS = ("turn", "user_tier", "task_type", "domain")
ROWS = 200
MARK = "zq-mark-of-a-query"
KEY = "sk-" + secrets.token_hex(32)  # the proxy starts with a strong one only
CHILDREN = []


def check(holds, what):
    if not holds:
        raise SystemExit("litellm: FAILED: " + what)


def start(command, name, **environment):
    """A child with its output in WORK/NAME.log; killed at the end whatever happens."""
    log = open(os.path.join(WORK, name + ".log"), "w+b")
    child = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment}, start_new_session=True)
    child.log = log.name
    CHILDREN.append(child)
    return child


def stop(child):
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def output(child):
    with open(child.log, encoding="utf-8", errors="replace") as file:
        return file.read()


def wait(child, ready, seconds):
    end = time.time() + seconds
    while time.time() < end and child.poll() is None:
        found = ready()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"litellm: FAILED: not ready after {seconds} s: {output(child)[-2000:]}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def upstream(name):
    child = start([sys.executable, os.path.join(HERE, "upstream.py"), name], "upstream-" + name)
    child.port = int(wait(child, lambda: output(child).startswith("ready") and output(child).split()[1], 20))
    return child


def seen(child):
    return json.load(urllib.request.urlopen(f"http://127.0.0.1:{child.port}/seen"))


class Proxy:
    """LiteLLM's proxy, its own program, with a folder's config.yaml."""

    def __init__(self, name, folder, upstreams, **environment):
        self.port = free_port()
        environment["LITELLM_MASTER_KEY"] = KEY
        for rank, one in enumerate(upstreams):
            environment[f"RIDDLE_MODEL_{rank}"] = "openai/mock-" + str(rank)
            environment[f"RIDDLE_BASE_{rank}"] = f"http://127.0.0.1:{one.port}/v1"
            environment[f"RIDDLE_KEY_{rank}"] = "none"
        program = os.path.join(os.path.dirname(sys.executable), "litellm")
        self.child = start([program, "--config", os.path.join(folder, "config.yaml"), "--host", "127.0.0.1", "--port", str(self.port),
                            "--telemetry", "False"], name, **environment)
        wait(self.child, self.is_ready, 120)

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/readiness", timeout=2).status == 200
        except OSError:
            return False

    def ask(self, messages, model="riddle", metadata=None, path="/v1/chat/completions", **more):
        """Who answered, and the answer's headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            body = {"model": model, **({"metadata": metadata} if metadata else {}), **more}
            body |= {"input": messages} if path.endswith("responses") else {"messages": messages}
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Authorization": "Bearer " + KEY})
            reply = connection.getresponse()
            data = reply.read()
            check(reply.status == 200, f"{path} answered {reply.status}: {data[:600]!r}")
            headers = {name.lower(): value for name, value in reply.getheaders()}
            if more.get("stream"):
                events = [line[6:] for line in data.decode().splitlines() if line.startswith("data: ")]
                check(events[-1] == "[DONE]", "a stream ended without its end")
                chunks = [json.loads(event) for event in events[:-1]]
                text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
                return text.removeprefix("from "), headers
            answer = json.loads(data)
            if path.endswith("responses"):
                return answer["output"][0]["content"][0]["text"], headers
            return answer["choices"][0]["message"]["content"], headers
        finally:
            connection.close()

    def all(self, rows, **more):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            facts = [{name: str(row[name]) for name in FACTS if name in row} for row in rows]
            return [who for who, _ in pool.map(lambda row, known: self.ask(user(row["query"]), metadata=known, **more), rows, facts)]


def user(content):
    return [{"role": "user", "content": content}]


def logged(path):
    """The whole lines of a log that is still written."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.endswith("\n")]


def compare(what, found, expected, names):
    wrong = sum(a != b for a, b in zip(found, expected))
    check(wrong == 0 and len(found) == len(expected), f"{what}: {wrong} of {len(expected)} requests went elsewhere than `riddle score` says")
    print(f"litellm: {what}: {len(found)} requests as `riddle score` decides ({', '.join(f'{n} {found.count(n)}' for n in names)})", flush=True)


def to_strongest(what, proxy, strongest, messages, model="riddle"):
    who, headers = proxy.ask(messages, model=model)
    reason = headers.get("x-riddle-reason", "")
    check(who == strongest, f"{what}: {who} answered, not {strongest}")
    check(model != "riddle" or reason.startswith("strongest: "), f"{what}: the reason is {reason!r}")
    print(f"litellm: {what}: {who}" + (f" ({reason})" if reason else ""), flush=True)


def main():
    with gzip.open(LOG, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for i, line in enumerate(lines) if i % (10_000 // ROWS) == 0]
    queries = "".join(json.dumps({k: row[k] for k in ("query", *FACTS) if k in row}) + "\n" for row in rows)
    scored = subprocess.run([RIDDLE, "score", os.path.join(PLUG, "router.riddle"), "--format", "jsonl", "--quiet"],
                            input=queries, capture_output=True, text=True, check=True)
    expected = [json.loads(line)["candidate"] for line in scored.stdout.splitlines()]
    names = json.loads(subprocess.run([RIDDLE, "inspect", os.path.join(PLUG, "router.riddle"), "--json"], capture_output=True, text=True,
                                      check=True).stdout)["router"]["candidates"]
    names = [name if isinstance(name, str) else name["name"] for name in names]
    strongest = names[-1]
    easy = next(row for row, candidate in zip(rows, expected) if candidate == names[0])
    upstreams = [upstream(name) for name in names]

    # The C library inside the proxy.
    proxy = Proxy("hook", PLUG, upstreams)
    compare("hook", proxy.all(rows), expected, names)
    compare("hook, as auto", proxy.all(rows[:20], model="auto"), expected[:20], names)
    compare("hook, streams", proxy.all(rows[:40], stream=True), expected[:40], names)
    compare("complexity router", proxy.all(rows, model="riddle-tiers"), expected, names)
    check(sum(seen(one)["streams"] for one in upstreams) >= 40, "streams did not reach the upstreams as streams")
    facts = {name: str(easy[name]) for name in FACTS if name in easy}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    who, headers = proxy.ask(user([{"type": "text", "text": easy["query"]}, picture]), metadata=facts)
    check(who == names[0] and headers["x-riddle-reason"].startswith("margin "), "text beside an image went elsewhere")
    check(headers["x-riddle-model"] == ascii(names[0])[1:-1], "the header names another candidate")
    who, _ = proxy.ask(user(easy["query"]), metadata=facts, path="/v1/responses")
    check(who == names[0], "/v1/responses went elsewhere")
    who, headers = proxy.ask(user(easy["query"]), model=strongest)
    check(who == strongest and "x-riddle-reason" not in headers, "a candidate's own name was routed")
    sent = json.dumps([seen(one)["last"] for one in upstreams])
    check("riddle" not in sent, "what the hook noted went on to the provider")
    image = user([picture])
    to_strongest("an image alone", proxy, strongest, image)
    to_strongest("an image alone, complexity router", proxy, strongest, image, model="riddle-tiers")
    stop(proxy.child)
    logs = output(proxy.child)

    # Without the library.
    broken = os.path.join(WORK, "without-library")
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(PLUG, broken, ignore=shutil.ignore_patterns("libriddle*", "__pycache__"))
    proxy = Proxy("without-library", broken, upstreams)
    to_strongest("no library", proxy, strongest, user(f"{MARK} {easy['query']}"))
    to_strongest("no library, complexity router", proxy, strongest, user(f"{MARK} {easy['query']}"), model="riddle-tiers")
    stop(proxy.child)
    logs += output(proxy.child)

    # A server beside the proxy: the same folder, with the other adapter in the last line.
    beside = os.path.join(WORK, "sidecar")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(PLUG, beside, ignore=shutil.ignore_patterns("__pycache__"))
    with open(os.path.join(beside, "config.yaml"), encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(beside, "config.yaml"), "w", encoding="utf-8") as file:
        file.write(text.replace("callbacks: [riddle_hook.hook]", "callbacks: [riddle_http.hook]").replace(
            "classifier_plugin: riddle_hook.hook", "classifier_plugin: riddle_http.hook"))
    port = free_port()
    log = os.path.join(WORK, "decisions.jsonl")
    if os.path.exists(log):
        os.remove(log)
    sidecar = start([SERVER, os.path.join(PLUG, "router.riddle"), "--port", str(port), "--log", log], "riddle-server", RIDDLE_SERVER_TOKEN="a-token")
    wait(sidecar, lambda: "listening" in output(sidecar), 20)
    proxy = Proxy("sidecar-proxy", beside, upstreams, RIDDLE_URL=f"http://127.0.0.1:{port}", RIDDLE_SERVER_TOKEN="a-token", RIDDLE_TIMEOUT="5")
    compare("riddle-server", proxy.all(rows), expected, names)
    compare("riddle-server, streams", proxy.all(rows[:40], stream=True), expected[:40], names)
    compare("riddle-server, complexity router", proxy.all(rows[:40], model="riddle-tiers"), expected[:40], names)
    _, headers = proxy.ask(user(easy["query"]), metadata={**facts, "session_id": "session-1"}, user="user-1")
    asked = headers.get("x-riddle-request-id")
    check(asked and asked == headers.get("x-litellm-call-id"), "the request has another id than LiteLLM's")
    row = wait(sidecar, lambda: next((row for row in logged(log) if row["request_id"] == asked), None), 10)
    check((row.get("user"), row.get("conversation")) == ("user-1", "session-1"), "the server does not know who asks")
    print("litellm: riddle-server: knows user, session and call", flush=True)
    os.kill(sidecar.pid, signal.SIGSTOP)
    to_strongest("riddle-server hangs", proxy, strongest, user(f"{MARK} {easy['query']}"))
    os.kill(sidecar.pid, signal.SIGCONT)
    compare("riddle-server goes on", proxy.all(rows[:20]), expected[:20], names)
    stop(sidecar)
    to_strongest("riddle-server is gone", proxy, strongest, user(f"{MARK} {easy['query']}"))
    to_strongest("riddle-server is gone, complexity router", proxy, strongest, user(f"{MARK} {easy['query']}"), model="riddle-tiers")
    stop(proxy.child)
    logs += output(proxy.child)
    check(MARK not in logs and easy["query"] not in logs, "a query's text is in the proxy's log")
    check("so the strongest answers" in logs, "no failure is in the proxy's log")
    print("litellm: passed: no request failed, and no query's text is in a log")


if __name__ == "__main__":
    try:
        main()
    finally:
        for child in CHILDREN:
            stop(child)
