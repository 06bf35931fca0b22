#!/usr/bin/env python3
"""The Riddle scorer in Python: this file and libriddle.so beside it. Standard library only; numpy is used if it is there.

    from riddle import Router
    router = Router("router.riddle")
    print(router.decide("How do I reset my password?", user_tier="premium"))
    print(router.decide_batch(["first query", "second query"]).probabilities)

A router may be used by many threads at once; a batch releases the interpreter lock while it scores. As a program it prints
the bits of each margin and the candidate:

    riddle.py router.riddle "How do I reset my password?"
    riddle.py router.riddle < queries.netstrings           # LENGTH:BYTES, one after the other

The shared library is looked for in RIDDLE_LIBRARY, then beside this file, then where the system keeps its libraries.
"""
import array
import ctypes
import os
import struct
import sys
import threading
from collections import namedtuple

try:
    import numpy
except ImportError:
    numpy = None

Decision = namedtuple("Decision", "candidate margin threshold probability")
Decision.__doc__ = "candidate: name; margin >= threshold climbs; probability that the query needs a dearer candidate."
Decisions = namedtuple("Decisions", "candidates margins probabilities")
Decisions.__doc__ = """One entry per query: index into Router.candidates (uint32), margin and probability (float64): numpy arrays,
or array.array without numpy."""
Threshold = namedtuple("Threshold", "value guarantee")

GUARANTEES = ("none", "mean loss", "asymptotic mean loss", "loss share")


class RiddleError(ValueError):
    """A weight file or an argument that was refused. `code` is that of riddle.h; section, offset, expected and actual say
    where in the weight file and what was found."""

    def __init__(self, message, code, section="", offset=0, expected=0, actual=0):
        super().__init__(message)
        self.code, self.section, self.offset, self.expected, self.actual = code, section, offset, expected, actual


class _Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("code", ctypes.c_int32), ("offset", ctypes.c_uint64),
                ("expected", ctypes.c_uint64), ("actual", ctypes.c_uint64), ("section", ctypes.c_char * 8),
                ("message", ctypes.c_char * 96)]


_CONTEXT = [("user_tier", ctypes.c_char_p), ("user_tier_length", ctypes.c_size_t), ("task_type", ctypes.c_char_p),
            ("task_type_length", ctypes.c_size_t), ("domain", ctypes.c_char_p), ("domain_length", ctypes.c_size_t)]


class _Query(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("turn", ctypes.c_int32), ("text", ctypes.c_char_p),
                ("text_length", ctypes.c_size_t), *_CONTEXT, ("embedding", ctypes.c_void_p),
                ("embedding_count", ctypes.c_size_t)]


class _Decision(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("candidate", ctypes.c_uint32), ("head", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32), ("margin", ctypes.c_double), ("threshold", ctypes.c_double),
                ("probability", ctypes.c_double)]


class _Batch(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("count", ctypes.c_size_t),
                ("text", ctypes.c_void_p), ("text_length", ctypes.c_size_t), ("offsets", ctypes.c_void_p),
                ("turns", ctypes.c_void_p), *_CONTEXT, ("embeddings", ctypes.c_void_p),
                ("embedding_count", ctypes.c_size_t), ("candidates", ctypes.c_void_p), ("margins", ctypes.c_void_p),
                ("probabilities", ctypes.c_void_p), ("step_margins", ctypes.c_void_p)]


class _Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in
                ("size", "format_version", "feature_version", "candidate_count", "head_count", "embedding_count",
                 "probe_count", "metadata_count")] + [
                    (name, ctypes.c_uint64) for name in ("feature_fingerprint", "file_length", "file_checksum")]


_VERSION = 3  # of riddle.h
_NOT_FOUND = -8
_libraries = {}


def _load(path):
    """The shared library with the types of riddle.h."""
    if path is None:
        beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libriddle.so.1")
        path = os.environ.get("RIDDLE_LIBRARY") or (beside if os.path.exists(beside) else "libriddle.so.1")
    if path in _libraries:
        return _libraries[path]
    library = ctypes.CDLL(path)
    pointer, number, size = ctypes.c_void_p, ctypes.c_int32, ctypes.c_size_t
    types = {
        "riddle_router_create": (ctypes.c_char_p, size, ctypes.POINTER(pointer), ctypes.POINTER(_Error)),
        "riddle_router_destroy": (pointer,), "riddle_scratch_create": (pointer,), "riddle_scratch_destroy": (pointer,),
        "riddle_router_info": (pointer, ctypes.POINTER(_Info)),
        "riddle_router_candidate_name": (pointer, number, ctypes.c_char_p, size),
        "riddle_router_candidate_cost": (pointer, number, ctypes.POINTER(ctypes.c_int64)),
        "riddle_router_threshold": (pointer, number, ctypes.POINTER(ctypes.c_double), ctypes.POINTER(number)),
        "riddle_router_metadata_key": (pointer, number, ctypes.c_char_p, size),
        "riddle_router_metadata": (pointer, ctypes.c_char_p, size, ctypes.c_char_p, size),
        "riddle_decide": (pointer, pointer, ctypes.POINTER(_Query), ctypes.POINTER(_Decision)),
        "riddle_decide_batch": (pointer, pointer, ctypes.POINTER(_Batch)),
        "riddle_step_margins": (pointer, pointer, ctypes.POINTER(_Query), ctypes.POINTER(ctypes.c_double), size),
    }
    if library.riddle_abi_version() < _VERSION:
        raise ImportError(f"{path} has version {library.riddle_abi_version()} of the contract, this file needs {_VERSION}")
    for name, arguments in types.items():
        getattr(library, name).argtypes = arguments
        getattr(library, name).restype = number
    library.riddle_router_destroy.restype = library.riddle_scratch_destroy.restype = None
    library.riddle_scratch_create.restype = pointer
    _libraries[path] = library
    return library


def _utf8(value):
    """Bytes as they are; text as UTF-8, a lone surrogate as the three bytes that stand for it."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _address(buffer):
    """Address of a contiguous buffer, and what keeps it alive: bytes, bytearray, memoryview, array or numpy array."""
    if numpy is not None:
        view = numpy.frombuffer(buffer, dtype=numpy.uint8)
        return view.ctypes.data, view
    view = memoryview(buffer).cast("B")
    if view.readonly:
        view = memoryview(bytearray(view))
    return ctypes.addressof(ctypes.c_char.from_buffer(view)) if len(view) else None, view


def _numbers(values, code, dtype):
    """A contiguous array of `values`: of numpy if it is there, else of the module array."""
    if numpy is not None:
        return numpy.ascontiguousarray(values, dtype=dtype)
    return values if isinstance(values, array.array) and values.typecode == code else array.array(code, values)


class _Scratch:
    """Working memory of one thread."""

    def __init__(self, library, router):
        self._destroy = library.riddle_scratch_destroy
        self.pointer = library.riddle_scratch_create(router)

    def __del__(self):
        if self.pointer:
            self._destroy(self.pointer)
            self.pointer = None


class Router:
    """A router opened from a weight file, by its path or its bytes. Raises RiddleError, OSError."""

    def __init__(self, path, library=None):
        self._pointer = ctypes.c_void_p()
        self._library = _load(library)
        if isinstance(path, bytes):
            name, data = "weight file", path
        else:
            name = os.fspath(path)
            with open(name, "rb") as file:
                data = file.read()
        error = _Error(size=ctypes.sizeof(_Error))
        code = self._library.riddle_router_create(data, len(data), ctypes.byref(self._pointer), ctypes.byref(error))
        if code != 0:
            raise RiddleError(f"{name}: {error.message.decode()}", code, error.section.decode(), error.offset,
                              error.expected, error.actual)
        self._threads = threading.local()
        info = _Info(size=ctypes.sizeof(_Info))
        self._check(self._library.riddle_router_info(self._pointer, ctypes.byref(info)), "riddle_router_info")
        #: What the router is, as riddle_info of riddle.h: versions, counts, feature_fingerprint, file_checksum.
        self.info = {name: getattr(info, name) for name, _ in _Info._fields_ if name != "size"}
        #: Names of the candidates, cheapest first.
        self.candidates = [self._text(self._library.riddle_router_candidate_name, i).decode()
                           for i in range(info.candidate_count)]

    def decide(self, text, *, turn=0, user_tier="", task_type="", domain="", embedding=None):
        """Decides one query: str or bytes."""
        query, _kept = self._query(text, turn, user_tier, task_type, domain, embedding)
        decision = _Decision(size=ctypes.sizeof(_Decision))
        self._check(self._library.riddle_decide(self._pointer, self._scratch(), ctypes.byref(query),
                                                ctypes.byref(decision)), "riddle_decide")
        return Decision(self.candidates[decision.candidate], decision.margin, decision.threshold, decision.probability)

    def step_margins(self, text, *, turn=0, user_tier="", task_type="", domain="", embedding=None):
        """The margins of all steps of one query, one fewer than candidates."""
        query, _kept = self._query(text, turn, user_tier, task_type, domain, embedding)
        margins = (ctypes.c_double * (len(self.candidates) - 1))()
        self._check(self._library.riddle_step_margins(self._pointer, self._scratch(), ctypes.byref(query), margins,
                                                      len(margins)), "riddle_step_margins")
        return list(margins)

    def decide_batch(self, texts, *, turns=None, user_tier="", task_type="", domain="", embeddings=None):
        """Decides many queries in one call: a list, numpy array or other sequence of str or bytes. The context is that of
        all of them; turns and embeddings have one entry or row per query."""
        encoded = [_utf8(text) for text in texts]
        offsets = array.array("Q", [0])
        for text in encoded:
            offsets.append(offsets[-1] + len(text))
        return self.decide_packed(b"".join(encoded), offsets, turns=turns, user_tier=user_tier, task_type=task_type,
                                  domain=domain, embeddings=embeddings)

    def decide_packed(self, text, offsets, *, turns=None, user_tier="", task_type="", domain="", embeddings=None):
        """The same without a Python object per query: query i is text[offsets[i]:offsets[i + 1]]. `text` is any contiguous
        buffer of bytes, offsets has one entry more than there are queries: an Arrow large_string column as it stands."""
        offsets = _numbers(offsets, "Q", "uint64")
        count = max(0, len(offsets) - 1)
        out = [numpy.empty(count, t) if numpy is not None else array.array(c, bytes(count * s))
               for c, s, t in (("I", 4, "uint32"), ("d", 8, "float64"), ("d", 8, "float64"))]
        address, kept = _address(text)
        kept = [kept, offsets]
        batch = _Batch(size=ctypes.sizeof(_Batch), count=count, text=address, text_length=memoryview(text).nbytes)
        batch.offsets = _address(offsets)[0]
        for name, value in (("user_tier", user_tier), ("task_type", task_type), ("domain", domain)):
            value = _utf8(value)
            setattr(batch, name, value)
            setattr(batch, name + "_length", len(value))
        if turns is not None:
            kept.append(_numbers(turns, "i", "int32"))
            if len(kept[-1]) != count:
                raise RiddleError(f"{count} queries, but {len(kept[-1])} turns", -1)
            batch.turns = _address(kept[-1])[0]
        if embeddings is not None:
            rows = [value for row in embeddings for value in row] if numpy is None else embeddings
            kept.append(_numbers(rows, "f", "float32"))
            values = memoryview(kept[-1]).nbytes // 4
            batch.embedding_count = values // count if count else 0
            if values != batch.embedding_count * count:
                raise RiddleError(f"{values} numbers are not one embedding for each of {count} queries", -7)
            batch.embeddings = _address(kept[-1])[0]
        batch.candidates, batch.margins, batch.probabilities = (_address(numbers)[0] for numbers in out)
        self._check(self._library.riddle_decide_batch(self._pointer, self._scratch(), ctypes.byref(batch)),
                    "riddle_decide_batch")
        return Decisions(*out)

    def thresholds(self):
        """What every step is cut with: value and guarantee, one of GUARANTEES."""
        value, guarantee, found = ctypes.c_double(), ctypes.c_int32(), []
        for step in range(len(self.candidates) - 1):
            self._check(self._library.riddle_router_threshold(self._pointer, step, ctypes.byref(value),
                                                              ctypes.byref(guarantee)), "riddle_router_threshold")
            found.append(Threshold(value.value, GUARANTEES[guarantee.value]))
        return found

    def mean_costs(self):
        """Mean cost of a query to each candidate in the training data, in nano-dollars; None if unknown."""
        cost, found = ctypes.c_int64(), []
        for index in range(len(self.candidates)):
            self._check(self._library.riddle_router_candidate_cost(self._pointer, index, ctypes.byref(cost)),
                        "riddle_router_candidate_cost")
            found.append(None if cost.value < 0 else cost.value)
        return found

    def metadata(self):
        """The model card as a dictionary."""
        keys = [self._text(self._library.riddle_router_metadata_key, i) for i in range(self.info["metadata_count"])]
        return {key.decode(): self._text(self._library.riddle_router_metadata, key, len(key)).decode() for key in keys}

    def _query(self, text, turn, user_tier, task_type, domain, embedding):
        fields = [_utf8(value) for value in (text, user_tier, task_type, domain)]
        query = _Query(size=ctypes.sizeof(_Query), turn=turn)
        query.text, query.user_tier, query.task_type, query.domain = fields
        query.text_length, query.user_tier_length, query.task_type_length, query.domain_length = map(len, fields)
        numbers = None
        if embedding is not None:
            numbers = (ctypes.c_float * len(embedding))(*embedding)
            query.embedding, query.embedding_count = ctypes.addressof(numbers), len(embedding)
        return query, (fields, numbers)  # the second keeps the memory that the first points to

    def _scratch(self):
        if not hasattr(self._threads, "scratch"):
            self._threads.scratch = _Scratch(self._library, self._pointer)
        return self._threads.scratch.pointer

    def _text(self, function, *arguments):
        length = self._check(function(self._pointer, *arguments, None, 0), function.__name__)
        buffer = ctypes.create_string_buffer(length + 1)
        self._check(function(self._pointer, *arguments, buffer, length + 1), function.__name__)
        return buffer.raw[:length]

    def _check(self, code, function):
        if code == -7:
            raise RiddleError(f"expected {self.info['embedding_count']} finite numbers of an embedding per query", code)
        if code < 0:
            raise RiddleError(f"{function} answered {code}", code)
        return code

    def __del__(self):
        if getattr(self, "_pointer", None):
            self._library.riddle_router_destroy(self._pointer)
            self._pointer = None


def read_netstrings(file):
    """Yields the contents of LENGTH:BYTES, one after the other."""
    while digits := file.read(1):
        while (byte := file.read(1)).isdigit():
            digits += byte
        if byte != b":" or not digits.isdigit():
            raise ValueError("not a netstring: expected LENGTH:BYTES,")
        text = file.read(int(digits))
        if len(text) != int(digits) or file.read(1) != b",":
            raise ValueError("a netstring is cut off")
        yield text


def _print(margin, candidate):
    print(f"{struct.unpack('<Q', struct.pack('<d', margin))[0]:016x} {candidate}")


def _main(arguments):
    if not arguments:
        sys.exit("usage: riddle.py ROUTER.riddle [QUERY ...]")
    router = Router(arguments[0])
    for text in arguments[1:]:
        decision = router.decide(os.fsencode(text))
        _print(decision.margin, decision.candidate)
    if len(arguments) > 1:
        return
    texts = list(read_netstrings(sys.stdin.buffer))
    batch = router.decide_batch(texts)
    for i, text in enumerate(texts):
        decision = router.decide(text)
        if struct.pack("<d", decision.margin) != struct.pack("<d", batch.margins[i]):
            sys.exit(f"query {i + 1}: the batch has another margin")
        _print(decision.margin, decision.candidate)


if __name__ == "__main__":
    try:
        _main(sys.argv[1:])
    except RiddleError as error:
        sys.exit(str(error))
