"""A mock of an OpenAI-compatible upstream, for tests and for the demonstration.

    python3 upstream.py PORT NAME        listens on 127.0.0.1 and prints "ready"

POST /v1/chat/completions answers as the mode says; GET /mode/MODE changes it and GET /seen returns what the last request was.
"""

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODES = ("ok", "hang", "slow", "die", "garbage", "error", "busy", "bad_request", "flood", "absurd")


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one piece: two small writes would wait for an acknowledgement in between.
    wbufsize = -1
    disable_nagle_algorithm = True
    name = "mock"
    mode = "ok"
    seen = {}
    calls = 0
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def reply(self, status, body, content_type="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def do_GET(self):
        if self.path.startswith("/mode/") and self.path[6:] in MODES:
            Upstream.mode = self.path[6:]
            self.reply(200, {"mode": Upstream.mode})
        elif self.path == "/seen":
            self.reply(200, {"calls": Upstream.calls, **Upstream.seen})
        else:
            self.reply(404, {"error": "unknown"})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with Upstream.lock:
            Upstream.calls += 1
            Upstream.seen = {"path": self.path, "body": raw.decode(), "authorization": self.headers.get("Authorization")}
        request = json.loads(raw)
        mode = Upstream.mode
        if mode == "hang":
            time.sleep(60)
            return
        if mode == "slow":
            time.sleep(0.3)
        if mode == "error":
            return self.reply(500, {"error": {"message": "broken"}})
        if mode == "busy":
            return self.reply(429, {"error": {"message": "too many"}})
        if mode == "bad_request":
            return self.reply(400, {"error": {"message": "max_tokens is too large"}})
        if mode == "garbage":
            return self.reply(200, b"<html>not a completion</html>", "text/html")
        if request.get("stream"):
            return self.stream(dies=mode == "die")
        if mode == "die":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            self.wfile.flush()
            return self.cut()
        self.reply(200, {
            "id": "c-1", "object": "chat.completion", "model": request.get("model"),
            "choices": [{"index": 0, "message": {"role": "assistant", "content": f"answer of {self.name}"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 2 ** 63 - 1 if mode == "absurd" else 1000, "completion_tokens": 500, "total_tokens": 1500},
        })

    def events(self):
        words = ["answer ", "of ", self.name]
        if Upstream.mode == "flood":  # more than any socket between here and the caller holds
            words = ["word " * 13_000] * 500
        for word in words:
            yield b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": word}}]}).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"

    def stream(self, dies):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(self.events()):
            if dies and number == 2:
                return self.cut()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            if Upstream.mode != "flood":
                time.sleep(0.01)
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def cut(self):
        """Ends the connection in the middle of an answer."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def main():
    Upstream.name = sys.argv[2]
    server = Server(("127.0.0.1", int(sys.argv[1])), Upstream)
    print(f"ready {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
