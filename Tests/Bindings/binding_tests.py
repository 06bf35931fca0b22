#!/usr/bin/env python3
"""Tests of Sources/Bindings/python/riddle.py: every method, every way to pass a batch, threads, refusals.

    binding_tests.py LIBRARY ROUTER.riddle ...

Standard library; what needs numpy is tested where it is installed.
"""
import array
import struct
import sys
import threading

sys.path.insert(0, sys.argv[1])
import riddle  # noqa: E402

TEXTS = ["", "How do I reset my password?", "Prove that √2 is irrational.", "a\0b\nc", "😀" * 50, "not " * 400]


def bits(numbers):
    return [struct.pack("<d", number) for number in numbers]


def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except riddle.RiddleError as error:
        assert error.code == code, error.code
        assert str(error)
        return error
    raise AssertionError("accepted")


def check(path):
    router = riddle.Router(path)
    with open(path, "rb") as file:
        data = file.read()
    single = [router.decide(text) for text in TEXTS]
    expected = bits(decision.margin for decision in single)
    batch = router.decide_batch(TEXTS)
    assert bits(batch.margins) == expected
    assert [router.candidates[i] for i in batch.candidates] == [decision.candidate for decision in single]
    assert bits(batch.probabilities) == bits(decision.probability for decision in single)
    assert bits(router.decide_batch([text.encode() for text in TEXTS]).margins) == expected
    assert bits(router.decide_batch(tuple(TEXTS), user_tier="nobody knows", turns=[1] * 6).margins) == bits(
        router.decide(text, user_tier="nobody knows", turn=1).margin for text in TEXTS)
    packed = "".join(TEXTS).encode()
    offsets = [0]
    for text in TEXTS:
        offsets.append(offsets[-1] + len(text.encode()))
    for buffer in (packed, bytearray(packed), memoryview(packed)):
        for positions in (offsets, array.array("Q", offsets)):
            assert bits(router.decide_packed(buffer, positions).margins) == expected
    assert len(router.decide_batch([]).margins) == 0 and len(router.decide_packed(b"", []).margins) == 0
    if riddle.numpy is not None:
        numpy = riddle.numpy
        assert bits(router.decide_batch(numpy.array(TEXTS[1:3])).margins) == expected[1:3]
        assert bits(router.decide_batch(numpy.array(TEXTS, dtype=object)).margins) == expected
        for kind in ("uint64", "int64", "int32"):
            found = router.decide_packed(numpy.frombuffer(packed, numpy.uint8), numpy.array(offsets, kind))
            assert isinstance(found.margins, numpy.ndarray) and bits(found.margins) == expected

    refused(-1, router.decide_packed, packed, [0, 5, len(packed) + 1])
    refused(-1, router.decide_packed, packed, [0, 5, 4])
    refused(-1, router.decide_batch, TEXTS, turns=[1])
    error = refused(-3, riddle.Router, data[:1000])
    assert error.expected == len(data) and error.actual == 1000
    refused(-2, riddle.Router, b"")
    refused(-2, riddle.Router, b"PK\3\4" + data)
    refused(-3, riddle.Router, data[:500] + bytes([data[500] ^ 1]) + data[501:])

    assert router.info["file_length"] == len(data)
    assert router.info["file_checksum"] == struct.unpack("<Q", data[-8:])[0]
    assert router.info["format_version"] == struct.unpack("<I", data[8:12])[0]
    assert router.info["feature_fingerprint"] == struct.unpack("<Q", data[24:32])[0]
    assert router.info["candidate_count"] == len(router.candidates) == len(router.mean_costs())
    assert len(router.metadata()) == router.info["metadata_count"] > 0
    thresholds = router.thresholds()
    for text, decision in zip(TEXTS, single):
        steps = router.step_margins(text)
        chosen = next((i for i, (margin, cut) in enumerate(zip(steps, thresholds)) if margin < cut.value), len(steps))
        assert router.candidates[chosen] == decision.candidate

    failures = []

    def work():
        for _ in range(20):
            if bits(router.decide(text).margin for text in TEXTS) != expected:
                failures.append(1)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


for router_path in sys.argv[2:]:
    check(router_path)
print(f"python: {len(sys.argv) - 2} models, every method{'' if riddle.numpy is not None else ', without numpy'}")
