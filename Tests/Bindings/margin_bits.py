"""Turns decision lines of `riddle score` into what the C smoke program prints: margin bits and candidate."""
import json
import struct
import sys

for line in sys.stdin:
    decision = json.loads(line)
    bits = struct.unpack("<Q", struct.pack("<d", decision["margin"]))[0]
    print(f"{bits:016x} {decision['candidate']}")
