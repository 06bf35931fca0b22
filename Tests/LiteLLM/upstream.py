"""A mock of an OpenAI-compatible provider for one candidate: upstream.py NAME prints "ready PORT".

It answers with the name of its candidate, streams when asked to, and GET /seen returns how many calls came and the keys of the
last body, so that nothing of ours is found to have been sent along.
"""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = sys.argv[1]
SEEN = {"calls": 0, "streams": 0, "last": None}


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.reply(SEEN)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        SEEN["calls"] += 1
        SEEN["last"] = request
        if request.get("stream"):
            SEEN["streams"] += 1
            return self.stream()
        usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
        if self.path.endswith("/responses"):
            part = {"type": "output_text", "text": NAME, "annotations": []}
            message = {"type": "message", "id": "m-1", "role": "assistant", "status": "completed", "content": [part]}
            return self.reply({"id": "r-1", "object": "response", "created_at": 1, "model": NAME, "status": "completed", "output": [message],
                               "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
                               "usage": {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}})
        answer = {"role": "assistant", "content": NAME}
        self.reply({"id": "c-1", "object": "chat.completion", "created": 1, "model": NAME, "usage": usage,
                    "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}]})

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for delta, reason in [({"role": "assistant", "content": "from "}, None), ({"content": NAME}, None), ({}, "stop")]:
            chunk = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": NAME,
                     "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            self.piece(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            time.sleep(0.05)
        self.piece(b"data: [DONE]\n\n")
        self.piece(b"")

    def piece(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Upstream)
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()
