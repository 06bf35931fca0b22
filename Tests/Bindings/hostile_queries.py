#!/usr/bin/env python3
"""Writes 10 000 queries as netstrings (LENGTH:BYTES,) to standard output: the golden queries, then hostile ones.

    hostile_queries.py golden-queries.txt > queries.netstrings
    hostile_queries.py golden-queries.txt 20 > few.netstrings       # every 20th

Netstrings, because a query may hold newlines and zeros: every program of this folder reads the same bytes. Seeded:
the same output at every run. Standard library only.
"""
import random
import sys

COUNT = 10_000
SEED = 20_250_601
MEGABYTE = 1_000_000

EMOJI = ["😀", "🤖", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "❤️", "🧑🏿‍🚀", "™", "☎️"]
COMBINING = [chr(c) for c in list(range(0x300, 0x36f)) + [0x20d0, 0x1ab0, 0xfe20]]
RIGHT_TO_LEFT = ["\u202e", "\u200f", "\u2066", "مرحبا", "שלום", "كيف حالك", "\u061c"]
SPACES = [" ", "\t", "\r\n", "\n", "\r", "\u00a0", "\u2003", "\u2028", "\u2029", "\u3000", "\u200b", "\ufeff", "\v", "\f"]
# Not UTF-8: lone continuation, overlong forms, surrogates, above U+10FFFF, cut sequences, bytes that never occur.
BROKEN = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf",
          b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc3", b"\xfe", b"\xff", b"\xfe\xff"]
WORDS = ("not all NONE both except how many prove translate code def return SELECT 1,5 1.5 1e400 NaN -0 0x1F ½ ² x^2 \\frac{a}{b} "
         "don't DON'T İstanbul straße ǅ ﬁ i̇ I ı ß {\"query\":\"x\"} [1,2] </script> %s %n $(id) `rm` ; : ? ! ... — ’ “x”").split(" ")


def one(kind, rng, golden):
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return b"".join(rng.choice(BROKEN) + rng.choice(WORDS).encode() for _ in range(rng.randrange(1, 30)))
    if kind == 2:
        return "".join(rng.choice(EMOJI) for _ in range(rng.randrange(1, 40))).encode()
    if kind == 3:
        return "".join(rng.choice("aeZß1 ") + "".join(rng.choices(COMBINING, k=rng.randrange(9))) for _ in range(30)).encode()
    if kind == 4:
        return b"\0".join(rng.choice(WORDS).encode() for _ in range(rng.randrange(20)))
    if kind == 5:
        return "".join(rng.choice(SPACES) for _ in range(rng.randrange(60))).encode()
    if kind == 6:
        return "".join(rng.choice(RIGHT_TO_LEFT) + rng.choice(SPACES) + rng.choice(WORDS) for _ in range(15)).encode()
    if kind == 7:
        lines = [f"{rng.choice('1aA-*')}{rng.choice('.) ')} {rng.choice(WORDS)}" for _ in range(rng.randrange(12))]
        return rng.choice(["\n", "\r\n", "\r"]).join(lines).encode()
    if kind == 8:
        return rng.choice([b"", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfea\0", b"\0", b"{", b"{}", b'{"', b",", b"0:,"]) * rng.randrange(3)
    if kind == 9:  # a golden query with bytes flipped, cut and doubled
        text = bytearray(rng.choice(golden))
        for _ in range(rng.randrange(1, 6)):
            if text:
                text[rng.randrange(len(text))] ^= 1 << rng.randrange(8)
        cut = rng.randrange(len(text) + 1)
        return bytes(text[cut:] + text[:cut] * rng.randrange(3))
    if kind == 10:
        return " ".join(rng.choices(WORDS, k=rng.randrange(1, 60))).encode()
    return bytes([rng.randrange(256)]) * rng.randrange(3000)


def queries(golden):
    rng = random.Random(SEED)
    large = [b"a" * MEGABYTE, b"\0" * MEGABYTE, b" " * MEGABYTE, b"\xff" * MEGABYTE,
             "\u0301".encode() * (MEGABYTE // 2), "😀".encode() * (MEGABYTE // 4)]
    made = [one(i % 12, rng, golden) for i in range(COUNT - len(golden) - len(large))]
    return golden + made + large


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: hostile_queries.py golden-queries.txt [EVERY] > queries.netstrings")
    with open(sys.argv[1], "rb") as file:
        golden_queries = file.read().split(b"\n")[:-1]
    for query in queries(golden_queries)[::int(sys.argv[2]) if len(sys.argv) == 3 else 1]:
        sys.stdout.buffer.write(b"%d:%s," % (len(query), query))
