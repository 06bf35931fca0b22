"""Starts servers and upstreams for the black-box tests, and talks to them."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SERVER = os.environ.get("RIDDLE_SERVER_BINARY", os.path.join(ROOT, ".build/release/riddle-server"))
RIDDLE = os.environ.get("RIDDLE_BINARY", os.path.join(ROOT, ".build/release/riddle"))
MODEL = os.path.join(ROOT, "models/support-desk/router.riddle")


class Process:
    """A child that says on a line of its output that it is ready."""

    def __init__(self, command, ready, environment=None):
        self.child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **(environment or {})})
        self.lines = []
        self.ready = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_for(ready)

    def read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip())

    def wait_for(self, pattern, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            for line in list(self.lines):
                found = re.search(pattern, line)
                if found:
                    self.ready = found
                    return found
            if self.child.poll() is not None:
                self.reader.join(2)
                break
            time.sleep(0.01)
        self.stop()
        raise RuntimeError("not ready: " + "\n".join(self.lines))

    def stop(self, signal=None):
        if self.child.poll() is None:
            self.child.terminate() if signal is None else self.child.send_signal(signal)
        try:
            return self.child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()
        finally:
            self.reader.join(2)
            self.child.stdout.close()


class Upstream(Process):
    def __init__(self, name):
        super().__init__([sys.executable, os.path.join(HERE, "upstream.py"), "0", name], r"ready (\d+)")
        self.port = int(self.ready.group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def mode(self, mode):
        urllib.request.urlopen(f"{self.url}/mode/{mode}").read()

    def seen(self):
        return json.load(urllib.request.urlopen(f"{self.url}/seen"))


class Server(Process):
    def __init__(self, *arguments, environment=None, waits=True):
        super().__init__([SERVER, *arguments, "--port", "0"], r"listening on http://[^:]+:(\d+)", environment)
        self.port = int(self.ready.group(1))
        if waits:
            end = time.time() + 10
            while not self.is_ready():
                if time.time() > end or self.child.poll() is not None:
                    self.stop()
                    raise RuntimeError("never ready: " + "\n".join(self.lines))
                time.sleep(0.01)

    def is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def request(self, method, path, body=None, headers=None, timeout=20):
        """Status, headers (names in lower case) and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            reply = connection.getresponse()
            return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body, **more):
        status, headers, data = self.request("POST", path, body, **more)
        return status, headers, json.loads(data) if "json" in headers.get("content-type", "") else data

    def raw(self, data, seconds=5, pieces=None):
        """What comes back for raw bytes until the server closes or `seconds` are over."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            answer = b""
            try:
                for piece, pause in pieces or [(data, 0)]:
                    connection.sendall(piece)
                    time.sleep(pause)
                while True:
                    got = connection.recv(65536)
                    if not got:
                        return answer
                    answer += got
            except (TimeoutError, ConnectionResetError, BrokenPipeError):
                return answer

    def metric(self, name):
        """The value of one line of /metrics; 0 when it is not there."""
        for line in self.get("/metrics")[2].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0.0

    def memory(self):
        """Resident megabytes."""
        with open(f"/proc/{self.child.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def policy(folder, small, large, text, router=MODEL, **options):
    """Writes a policy file with two upstreams."""
    path = os.path.join(folder, "policy.yaml")
    more = "".join(f", {key}: {value}" for key, value in options.items())
    with open(path, "w") as file:
        file.write(f"name: test\nrouter: {router}\nupstreams:\n")
        for name, upstream, prices in (("small", small, (0.1, 0.2)), ("large", large, (1, 2))):
            file.write(
                f"  {name}: {{base_url: {upstream.url}/v1, model: {name}-model, "
                f"input_usd_per_million: {prices[0]}, output_usd_per_million: {prices[1]}{more}}}\n")
        file.write(text)
    return path
