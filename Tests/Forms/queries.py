"""Queries that the generated forms are compared on: written here, seeded, no row of anybody's log."""

import json
import random
import sys

WORDS = """how do i reset my password explain why the queue grows design a migration plan for our checkout
calculate total of 315 km at 84 km/h which is larger none all both not NOT EXCEPT LEAST best SELECT name FROM t
def area(r): return 3.14 * r ** 2 { } ; ` __ ``` $5 50% \\frac e\u0301 \u00e9t\u00e9 \u8bf7\u6bd4\u8f83 \U0001f620 \u2211 \u2264
refund invoice contract clause patient dose court GDPR http://a.example a@b.example 12,000 isn't don't please thanks
premise argument moral passage dollars years he she should must prove that if suppose let given""".split()


def texts(count, seed=11):
    """`count` texts as bytes without line ends: sentences, lists, single characters, random bytes."""
    draw = random.Random(seed)
    found = [b"", b"?", b"a", b"A", b"'", b"0", b"...", b"\xff", b"\xc3", b"\xe2\x88", b"- a", b"A) b", b"_" * 300]
    found.append(b"x" * 20000)
    found.append(b"\xcc\x81" * 5000)
    found.append("\U0001f620".encode() * 3000)
    found.append(" ".join(str(i) for i in range(4000)).encode())
    while len(found) < count:
        kind = len(found) % 8
        if kind == 7:
            raw = bytes(draw.randrange(256) for _ in range(draw.randrange(120)))
            found.append(raw.replace(b"\n", b" ").replace(b"\r", b" "))
            continue
        length = draw.randrange(120 if kind == 6 else 25)
        words = [draw.choice(WORDS) for _ in range(length)]
        words = [w.upper() if draw.random() < 0.05 else w for w in words]
        found.append(draw.choice([" ", " ", "  ", ", ", ". "]).join(words).encode()[:4000])
    return found[:count]


def requests(count, seed=12):
    """JSON lines with context: lists over several lines, turns, tiers and domains, known and unknown."""
    draw = random.Random(seed)
    lines = []
    for i in range(count):
        parts = []
        for _ in range(draw.randrange(1, 6)):
            mark = draw.choice(["", "", "A. ", "- ", "1) ", "* ", "\t"])
            parts.append(mark + " ".join(draw.choice(WORDS) for _ in range(draw.randrange(12))))
        request = {"id": f"q{i}", "query": "\n".join(parts)}
        if draw.random() < 0.5:
            request["turn"] = draw.randrange(6)
        for field, values in [
            ("user_tier", ["free", "Premium", "standard", "enterprise", "other"]),
            ("task_type", ["summarize", "debug", "sql", "chat"]),
            ("domain", ["billing", "LEGAL", "api", "it's"]),
        ]:
            if draw.random() < 0.6:
                request[field] = draw.choice(values)
        lines.append(json.dumps(request))
    return lines


if __name__ == "__main__":
    sys.stdout.buffer.write(b"\n".join(texts(2500)) + b"\n")
