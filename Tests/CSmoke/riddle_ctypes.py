#!/usr/bin/env python3
"""Riddle from Python: one file, standard library only.

    from riddle_ctypes import Router
    router = Router("libriddle.so", "router.riddle")
    print(router.decide("How do I reset my password?", user_tier="premium"))

As a program it scores lines of standard input and prints what the C smoke program prints:

    riddle_ctypes.py libriddle.so router.riddle < queries.txt
"""
import ctypes
import struct
import sys
from collections import namedtuple

Decision = namedtuple("Decision", "candidate margin threshold probability")


class _Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("code", ctypes.c_int32), ("offset", ctypes.c_uint64),
                ("expected", ctypes.c_uint64), ("actual", ctypes.c_uint64), ("section", ctypes.c_char * 8),
                ("message", ctypes.c_char * 96)]


class _Query(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("turn", ctypes.c_int32), ("text", ctypes.c_char_p),
                ("text_length", ctypes.c_size_t), ("user_tier", ctypes.c_char_p),
                ("user_tier_length", ctypes.c_size_t), ("task_type", ctypes.c_char_p),
                ("task_type_length", ctypes.c_size_t), ("domain", ctypes.c_char_p),
                ("domain_length", ctypes.c_size_t), ("embedding", ctypes.POINTER(ctypes.c_float)),
                ("embedding_count", ctypes.c_size_t)]


class _Decision(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("candidate", ctypes.c_uint32), ("head", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32), ("margin", ctypes.c_double), ("threshold", ctypes.c_double),
                ("probability", ctypes.c_double)]


class Router:
    """A router opened from a weight file. One instance per thread: it owns its working memory."""

    def __init__(self, library, path):
        self._library = ctypes.CDLL(library)
        self._library.riddle_router_create.argtypes = [ctypes.c_char_p, ctypes.c_size_t,
                                                       ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(_Error)]
        self._library.riddle_scratch_create.restype = ctypes.c_void_p
        for name in ("riddle_scratch_create", "riddle_router_destroy", "riddle_scratch_destroy",
                     "riddle_router_candidate_count", "riddle_router_embedding_count"):
            getattr(self._library, name).argtypes = [ctypes.c_void_p]
        self._library.riddle_router_candidate_name.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p,
                                                               ctypes.c_size_t]
        self._library.riddle_decide.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(_Query),
                                                ctypes.POINTER(_Decision)]
        with open(path, "rb") as file:
            data = file.read()
        self._router = ctypes.c_void_p()
        self._scratch = None
        error = _Error(size=ctypes.sizeof(_Error))
        code = self._library.riddle_router_create(data, len(data), ctypes.byref(self._router), ctypes.byref(error))
        if code != 0:
            raise ValueError(f"{path}: {error.message.decode()} (code {code}, section '{error.section.decode()}', "
                             f"offset {error.offset}, expected {error.expected}, found {error.actual})")
        self._scratch = self._library.riddle_scratch_create(self._router)
        buffer = ctypes.create_string_buffer(4096)
        self.candidates = []
        for index in range(self._library.riddle_router_candidate_count(self._router)):
            length = self._library.riddle_router_candidate_name(self._router, index, buffer, len(buffer))
            if length < 0:
                raise ValueError(f"{path}: candidate {index} has no readable name (code {length})")
            self.candidates.append(buffer.raw[:length].decode())

    def decide(self, text, user_tier="", task_type="", domain="", turn=0, embedding=None):
        """The decision for one query; `text` is str, or bytes in UTF-8. Without the embedding that the router was
        trained with, the query is read as an average one."""
        fields = [value if isinstance(value, bytes) else value.encode() for value in (text, user_tier, task_type, domain)]
        query = _Query(size=ctypes.sizeof(_Query), turn=turn)
        query.text, query.user_tier, query.task_type, query.domain = fields
        query.text_length, query.user_tier_length, query.task_type_length, query.domain_length = map(len, fields)
        if embedding is not None:
            expected = self._library.riddle_router_embedding_count(self._router)
            if expected and len(embedding) != expected:
                raise ValueError(f"expected {expected} numbers of an embedding, found {len(embedding)}")
            numbers = (ctypes.c_float * len(embedding))(*embedding)
            query.embedding, query.embedding_count = numbers, len(embedding)
        decision = _Decision(size=ctypes.sizeof(_Decision))
        code = self._library.riddle_decide(self._router, self._scratch, ctypes.byref(query), ctypes.byref(decision))
        if code != 0:
            raise RuntimeError(f"riddle_decide answered {code}")
        return Decision(self.candidates[decision.candidate], decision.margin, decision.threshold, decision.probability)

    def __del__(self):
        if getattr(self, "_scratch", None):
            self._library.riddle_scratch_destroy(self._scratch)
        if getattr(self, "_router", None):
            self._library.riddle_router_destroy(self._router)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: riddle_ctypes.py libriddle.so router.riddle < queries.txt")
    router = Router(sys.argv[1], sys.argv[2])
    for line in sys.stdin.buffer:
        decision = router.decide(line[:-1] if line.endswith(b"\n") else line)
        print(f"{struct.unpack('<Q', struct.pack('<d', decision.margin))[0]:016x} {decision.candidate}")
