#!/usr/bin/env python3
"""A second reader of weight files, written from the specification alone: WeightFileFormat.md, Features.md and
TextStatistics.md, whose tables of words it reads. Pure Python, standard library only, made to be compared with.

    riddle_reader.py router.riddle < queries.txt      prints margin bits and candidate of every line
"""
import functools
import math
import re
import struct
import sys
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "Sources/RiddleRuntime/RiddleRuntime.docc"
ALL, GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15
WORD = re.compile(rb"[A-Za-z0-9\x80-\xff][A-Za-z0-9'\x80-\xff]*")


class Refused(ValueError):
    """The file gives no score."""


def need(holds, rule):
    if not holds:
        raise Refused(rule)


# Numbers and hashes.

def f32(x): return struct.unpack("<f", struct.pack("<f", x))[0]
def bits(x): return struct.unpack("<Q", struct.pack("<d", x))[0]
def share(n, d): return f32(f32(n) * f32(1 / f32(max(1, d))))


@functools.cache
def log(n):
    m, e = math.frexp(n + 1)
    m, e = (m, e) if 2 * m > 1.4142135623730951 else (2 * m, e - 1)
    s = (m - 1) / (m + 1)
    q = 1 / 17
    for d in (15, 13, 11, 9, 7, 5, 3, 1):
        q = q * (s * s) + 1 / d
    return f32(e * 0.6931471805599453 + 2 * s * q)


def root(x):
    y = struct.unpack("<d", struct.pack("<Q", 0x5FE6EB50C7B537A9 - (bits(x) >> 1)))[0]
    for _ in range(5):
        y = y * (1.5 - 0.5 * x * y * y)
    return y


def exp(x):
    if x > 709.782712893384: return math.inf
    if x < -745.2: return 0.0
    k = x * 1.4426950408889634
    k = int(k + 0.5 if k >= 0 else k - 0.5)
    r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    p = 1.6059043836821613e-10
    for c in (2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07, 2.7557319223985893e-06,
              2.48015873015873e-05, 1.984126984126984e-04, 1.388888888888889e-03, 8.333333333333333e-03,
              4.1666666666666664e-02, 1.6666666666666666e-01, 0.5, 1, 1):
        p = p * r + c
    return p * 2.0 ** int(k / 2) * 2.0 ** (k - int(k / 2))


def logistic(x): return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def fnv(data, state=14695981039346656037):
    for byte in data:
        state = (state ^ byte) * 1099511628211 & ALL
    return state


def mixed(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & ALL
    z = (z ^ z >> 27) * 0x94D049BB133111EB & ALL
    return z ^ z >> 31


def stable_hash(data): return mixed(fnv(data))
def value_hash(value): return (stable_hash(value.lower()) or 1) if value else 0
def spread(state, version): return mixed(state) if version < 3 else state * 0xD6E8FEB86659FD93 & ALL


def crc64(data):
    table = list(range(256))
    for _ in range(8):
        table = [v >> 1 ^ (v & 1) * 0xC96C5795D7870F42 for v in table]
    state = ALL
    for byte in data:
        state = table[(state ^ byte) & 255] ^ state >> 8
    return state ^ ALL


# Features.

def word_table(title):
    """From the rows below a title of the page: names in order, and which of them each word belongs to."""
    page = (PAGES / "TextStatistics.md").read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([a-z' ]+) \|$", page, re.M)[1:]
    return [name for name, _ in rows], {w.encode(): name for name, words in rows for w in words.split()}


GROUPS, GROUP_OF = word_table("Word groups")
MARKS, MARK_OF = word_table("Word marks")


@functools.cache
def word_state(word, version):
    if version < 3: return fnv(word.lower())
    state = GOLDEN
    for i in range(0, len(word), 8):
        p = (state ^ int.from_bytes(word[i:i + 8].lower(), "little")) * 0x9FB21C651E98DF25 & ALL
        state = p ^ p >> 29
    return state


@functools.cache
def word_facts(word):
    """Length, digits, capitals, group."""
    return (len(re.sub(rb"[\x80-\xbf]", b"", word)), len(re.findall(rb"[0-9]", word)),
            len(re.findall(rb"[A-Z]", word)), GROUP_OF.get(word.lower()))


def statistics(text, version):
    def count(pattern): return len(re.findall(pattern, text))
    lines, words, plain, items, stem, list_marks = text.split(b"\n"), [], [], [], None, []
    for line in lines:
        found = WORD.findall(line)
        mark = found[0] if found and len(found[0]) <= 2 and re.match(re.escape(found[0]) + rb"[.)]", line) else b""
        if mark or line[:1] in (b"-", b"*"):
            stem = len(words) if stem is None else stem
            items.append((found[1:] if mark else found, len(line), re.search(rb"[0-9]", line[len(mark):]) is not None))
        list_marks += [mark] if mark else []
        words += found
        plain += found[1:] if mark else found
    facts = [word_facts(w) for w in words]
    lettered = [length for length, digits, _, _ in facts if length > digits]
    in_capitals = [f[3] for f in facts if f[2] >= 2 and f[2] == f[0]]
    scalars, n, numbers = count(rb"[^\x80-\xbf]"), len(words), re.findall(rb"[0-9]+", text)
    sentences, digit_marks = count(rb"[.!?](?=[\x00-\x20]|\Z)"), [m for m in list_marks if m[:1].isdigit()]
    columns = [log(scalars), log(n), log(len(lines)), log(sentences), f32(share(sum(lettered), n) * f32(0.1)),
               log(max(lettered, default=0)), share(sum(x >= 8 for x in lettered), n),
               share(sum(x <= 3 for x in lettered), n), share(sum(b"A" <= w[:1] <= b"Z" for w in words), n),
               log(len(in_capitals))]
    marks = count(rb"[!-/:-@[-`{-~]") - sum(w.count(b"'") for w in words)
    columns += [share(x, len(text)) for x in (
        count(rb"[0-9]"), count(rb"[A-Z]"), sum(f[0] - f[1] for f in facts), marks, count(rb"[\x09-\x0d ]"),
        count(rb"[\x80-\xff]"))]
    columns.append(share(count(rb"[\xe0-\xff]"), scalars))
    columns += map(log, (
        len(numbers), max(map(len, numbers), default=0), count(rb"\?"), count(rb"!"), count(rb","), count(rb"[][()]"),
        count(rb"[:;]"), count(rb"[\"']"), count(rb"[=+*/^<>]"), count(rb"[{};`_#]"), count(rb"[\\$]"), count(rb"[|\t]"),
        count(rb"(?<=``)`"), count(rb"(?<=_)_"), len(digit_marks) + sum(x[:1] in (b"-", b"*") for x in lines),
        len(list_marks) - len(digit_marks), count(rb"@") + count(rb"://(?!\Z)"), count(rb"[$%]"), len(lines[0]),
        len(lines[-1]), max(map(len, lines))))
    columns.append(float(text.endswith(b"?")))
    of_group = [sum(f[3] == group for f in facts) for group in GROUPS]
    columns += [*map(log, of_group[:-1]), share(of_group[-1], n)]
    if version == 1: return columns
    def slot(word): return spread(word_state(word, version), version) >> 52
    plain_marks = [MARK_OF.get(w.lower()) for w in plain]
    columns += [log(plain_marks.count(mark)) for mark in MARKS]
    columns += [log(sum(g in ("negations", "superlatives") for g in in_capitals)),
                log(sum(a == "how" and b == "many" for a, b in zip(plain_marks, plain_marks[1:]))), log(count(rb"%")),
                log(count(rb"\xe2(?=[\x86-\x8b])")), share(len({slot(w) for w in plain}), n),
                log(n // max(1, sentences)), min(1.0, share(len(numbers), n)), log(n if stem is None else stem)]
    item_words = [slot(w) for found, _, _ in items for w in found]
    spread_of_items = 0.0
    if len(items) >= 2:
        mean = sum(size for _, size, _ in items) / len(items)
        variance = sum(size * size for _, size, _ in items) / len(items) - mean * mean
        spread_of_items = f32(root(max(1.0, mean * mean / variance))) if variance > 0 else 0.0
    return columns + [
        log(len(item_words) // max(1, len(items))), log(max((len(found) for found, _, _ in items), default=0)),
        spread_of_items, share(sum(has_digit for _, _, has_digit in items), len(items)),
        f32((len(item_words) - len(set(item_words))) / f32(max(1, len(item_words)))),
        share(sum(bool(found) and MARK_OF.get(found[0].lower()) == "quantifier" for found, _, _ in items), len(items))]


def word_keys(text, schema):
    keys, previous = {}, 0
    for word in WORD.findall(text) if schema.orders else ():
        state = word_state(word, schema.version)
        keys[spread(state, schema.version) >> 63 - schema.bits] = None
        if schema.orders > 1 and previous:
            pair = previous * GOLDEN & ALL ^ state
            pair ^= pair >> 29 if schema.version >= 3 else 0
            keys[spread(pair, schema.version) >> 63 - schema.bits] = None
        previous = state
    return list(keys)


def character_keys(text, schema):
    text, keys, seen = text.lower(), [], set()
    lengths = range(schema.shortest, schema.longest + 1) if schema.shortest else ()
    for i in range(len(text)) if lengths else ():
        for n in lengths[:max(0, len(text) - i - schema.shortest + 1)]:
            if schema.version < 3:
                keys.append(mixed(fnv(b"\xff" + text[i:i + n])) >> 63 - schema.bits)
                continue
            product = int.from_bytes(text[i:i + n], "little") * (mixed(n) | 1) & ALL
            if n == schema.shortest:
                if product >> 49 in seen: break
                seen.add(product >> 49)
            keys.append(product >> 63 - schema.bits)
    return keys if schema.version >= 3 else list(dict.fromkeys(keys))


class Features:
    """Of one query; its embedding is unknown."""
    def __init__(self, schema, text, turn=0, hashes=(0, 0, 0)):
        self.dense = statistics(text, schema.version) if schema.statistics else []
        self.dense += [log(max(1, turn)), float(turn > 1)] if schema.turn else []
        self.dense += [f32((hashes[field] == value) - part) if hashes[field] else 0.0
                       for field, part, value in schema.categories]
        self.dense += [0.0] * len(schema.means)
        self.words, self.characters = word_keys(text, schema), character_keys(text, schema)
        self.scales = [f32(root(float(len(block)))) if block else 0.0 for block in (self.words, self.characters)]

    def fingerprint(self):
        keys = self.words + self.characters
        return stable_hash(struct.pack(f"<{len(self.dense)}f{len(keys) + 1}I", *self.dense, len(self.words), *keys))


# The file.

class Section:
    def __init__(self, data, at, end):
        self.data, self.at, self.end = data, at, end

    def raw(self, count):
        need(count <= self.end - self.at, "a count beyond the bytes that remain")
        self.at += count
        return self.data[self.at - count:self.at]

    def take(self, form):
        values = struct.unpack("<" + form, self.raw(struct.calcsize("<" + form)))
        need(all(map(math.isfinite, values)), "not finite")
        return values

    def one(self, form, low=-math.inf, high=math.inf):
        value, = self.take(form)
        need(low <= value <= high, f"{value} is not in {low} ... {high}")
        return value

    def zeros(self, count): need(not any(self.raw(count)), "bytes that must be zero")
    def text(self, count): return self.raw(count).decode("utf-8")


class Schema:
    def __init__(self, s):
        self.version, flags, self.bits, self.orders, self.shortest, self.longest = s.take("HBBBBB")
        s.zeros(1)
        need(1 <= self.version <= 3 and flags <= 7, "features of another version")
        count, embedding = s.one("I", 0, 1024), s.one("I", 0, 4000)
        need((embedding > 0) == bool(flags & 4), "embedding without its flag")
        self.statistics, self.turn = flags & 1, flags & 2
        self.categories = []
        for _ in range(count):
            field = s.one("B", 0, 2)
            s.zeros(3)
            self.categories.append((field, s.one("f", 0, 1), s.one("Q")))
        self.means = s.take(f"{embedding}f")
        characters = (self.shortest, self.longest)
        need(characters == (0, 0) or 2 <= self.shortest <= self.longest <= 8, "lengths of n-grams")
        need(4 <= self.bits <= 22 and self.orders <= 2 and (self.orders or self.shortest) if self.bits
             else (self.orders, *characters) == (0, 0, 0), "buckets")
        numbers = (56 if self.version == 1 else 95) if self.statistics else 0
        self.dense = numbers + (2 if self.turn else 0) + count + embedding
        need(self.dense <= 8192 and (self.dense or self.bits), "number of columns")
        self.fingerprint = stable_hash(
            struct.pack("<HBBBBBH", self.version, flags, self.bits, self.orders, *characters, numbers)
            + b"".join(struct.pack("<BfQ", *category) for category in self.categories)
            + struct.pack(f"<{embedding}f", *self.means))


class Linear:
    def __init__(self, s, schema, heads, version):
        self.columns = s.one("I", schema.dense, schema.dense)
        precision = s.one("I", 0, 3 if version >= 3 else 2)
        need((precision == 0) == (schema.bits == 0), "a table exactly with buckets")
        buckets = 1 << schema.bits if schema.bits else 0
        pruning, kept = (s.one("I", 0, 2), s.one("I", 0, buckets)) if version >= 3 else (0, buckets)
        need((pruning == 0) == (kept == buckets), "pruned exactly if buckets are missing")
        self.heads, self.version = heads, schema.version
        self.intercepts, self.dense = s.take(f"{heads}d"), s.take(f"{heads * self.columns}f")
        self.rank = range(buckets) if not pruning else {b: i for i, b in enumerate(
            self.bitmap(s, kept, buckets) if pruning == 1 else self.gaps(s, kept, buckets))}
        count = heads * kept
        if precision == 2:
            need(count <= s.end - s.at, "a count beyond the bytes that remain")
            scales, weights = s.take(f"{-(-count // 64)}f"), s.take(f"{count}b")
            self.weights = [f32(weight * scales[i // 64]) for i, weight in enumerate(weights)]
        else:
            self.weights = s.take(f"{count}{'e' if precision == 3 else 'f'}")
        largest = max(map(abs, self.weights), default=0)
        self.unit = 2.0 ** (math.frexp(largest)[1] - 1 - 29) if largest else 1.0
        self.units = [int(math.copysign(math.floor(abs(w) / self.unit + 0.5), w)) for w in self.weights]

    def bitmap(self, s, kept, buckets):
        number = int.from_bytes(s.raw(buckets // 8), "little")
        found = [i for i, digit in enumerate(bin(number)[:1:-1]) if digit == "1"]
        need(len(found) == kept and self.gap_bytes(found) >= buckets // 8, "the bitmap")
        return found

    def gaps(self, s, kept, buckets):
        found, bucket, start = [], -1, s.at
        for _ in range(kept):
            gap = shift = 0
            while True:
                byte = s.one("B")
                gap |= (byte & 127) << shift
                if byte < 128: break
                shift += 7
                need(shift < 28, "a gap too long")
            need(byte or not shift, "not the shortest form")
            bucket += gap + 1
            need(bucket < buckets, "a bucket too large")
            found.append(bucket)
        need(s.at - start < buckets // 8, "a bitmap would be shorter")
        return found

    def gap_bytes(self, found):
        return sum(max(1, -(-(b - a - 1).bit_length() // 7)) for a, b in zip([-1] + found, found))

    def margin(self, x, head):
        weights = self.dense[head * self.columns:(head + 1) * self.columns]
        products = [a * b for a, b in zip(x.dense, weights)]
        table = self.weights if self.version < 3 else self.units
        def weight(key):
            w = table[self.rank[key >> 1] * self.heads + head] if key >> 1 in self.rank else 0
            return -w if key & 1 else w
        if self.version < 3:
            total = add(products, self.intercepts[head])
            for block, scale in zip((x.words, x.characters), x.scales):
                total += scale * add(map(weight, block), 0.0) if block else 0.0
            return total
        a, b, c, d = (add(products[i::4], 0.0) for i in range(4))
        total = self.intercepts[head] + ((a + b) + (c + d))
        for block, scale in zip((x.words, x.characters), x.scales):
            total += float(sum(map(weight, block))) * (scale * self.unit)
        return total


def add(numbers, start):
    """One after the other; sum() compensates its errors since Python 3.12."""
    return functools.reduce(lambda total, number: total + number, numbers, start)


class Trees:
    """Trees of every head; a forest also has what each head's sum begins with."""
    def __init__(self, s, schema, heads, is_forest):
        count = s.one("I", 0, 1 << 20)
        if is_forest:
            number = s.one("I", 0, 1 << 20)
            self.bases, self.counts = s.take(f"{heads}d"), s.take(f"{heads}I")
            need(sum(self.counts) == number, "numbers of trees")
        else:
            s.zeros(4)
            number, self.bases, self.counts = heads, (0.0,) * heads, (1,) * heads
        self.roots = s.take(f"{number}I")
        need(count * 20 <= s.end - s.at, "a count beyond the bytes that remain")
        self.nodes = []
        for _ in range(count):
            feature, zero, threshold, left, right, value = s.take("HHfIIf")
            need(zero == 0, "bytes that must be zero")
            self.nodes.append((feature, threshold, left, right, value))
        self.check(schema.dense)

    def check(self, columns):
        ends = [*self.roots[1:], len(self.nodes)]
        need(self.roots[:1] == (0,) if self.nodes else not self.roots, "roots")
        depths = [0] * len(self.nodes)
        for root_node, end in zip(self.roots, ends):
            need(root_node < end <= len(self.nodes), "roots")
            depths[root_node] = 1
            for i in range(root_node, end):
                feature, threshold, left, right, _ = self.nodes[i]
                need(0 < depths[i] <= 64, "a node that no other leads to, or a tree too deep")
                if left == 0:
                    need(feature == threshold == right == 0, "a leaf")
                    continue
                need(feature < columns and i < left < end and i < right < end and left != right
                     and not depths[left] and not depths[right], "children")
                depths[left] = depths[right] = depths[i] + 1

    def margin(self, x, head):
        first = sum(self.counts[:head])
        return add((self.leaf(x.dense, r) for r in self.roots[first:first + self.counts[head]]), self.bases[head])

    def leaf(self, dense, i):
        while True:
            feature, threshold, left, right, value = self.nodes[i]
            if left == 0: return value
            i = left if dense[feature] <= threshold else right


class Router:
    def __init__(self, data):
        try:
            self.read(data)
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise Refused(str(error)) from error

    def read(self, data):
        need(data[:8] == b"\x89RDL\r\n\x1a\n", "not a weight file")
        need(40 <= len(data) <= 64 << 20, "length")
        version, count, length, fingerprint = struct.unpack_from("<IIQQ", data, 8)
        need(length == len(data), "length")
        need(crc64(data[:-8]) == int.from_bytes(data[-8:], "little"), "checksum")
        need(1 <= version <= 3, "version")
        tags = [tag for tag in "SCHM MODL CALB RULE THRS CAND PLCY PROB META".split()
                if version >= {"RULE": 2, "PLCY": 3}.get(tag, 1)]
        need(count == len(tags), "number of sections")
        at, end, sections = 32 + 24 * count, len(data) - 8, {}
        need(at <= end, "section table")
        for i, tag in enumerate(tags):
            name, zero, offset, size = struct.unpack_from("<4sIQQ", data, 32 + 24 * i)
            need((name, zero, offset) == (tag.encode(), 0, at) and size <= end - at, "section table")
            sections[tag] = Section(data, at, at + size)
            at = -(-(at + size) // 8) * 8
            need(at <= end and not any(data[offset + size:at]), "padding")
        need(at == end, "bytes behind the sections")
        self.schema = Schema(sections["SCHM"])
        need(self.schema.fingerprint == fingerprint, "fingerprint of the schema")
        self.read_model(sections["MODL"], version)
        self.read_rule(sections.get("RULE"))
        self.maps = [self.read_map(sections["CALB"]) for _ in range(self.heads)]
        self.thresholds = []
        for _ in range(self.rungs - 1):
            self.thresholds.append(sections["THRS"].one("d"))
            sections["THRS"].one("I", 0, 3)
            sections["THRS"].zeros(4)
        self.names = self.read_candidates(sections["CAND"], version)
        if "PLCY" in sections:
            size = sections["PLCY"].end - sections["PLCY"].at
            need(size <= 1 << 20, "a policy too long")
            sections["PLCY"].text(size)
        probes = [self.read_probe(sections["PROB"]) for _ in range(sections["PROB"].one("I", 0, 256))]
        keys = [self.read_entry(sections["META"]) for _ in range(sections["META"].one("I"))]
        need(all(keys) and all(a < b for a, b in zip(keys, keys[1:])), "keys of the metadata")
        need(all(s.at == s.end for s in sections.values()), "bytes left over in a section")
        for text, turn, hashes, stated, margins in probes:
            features = Features(self.schema, text, turn, hashes)
            need(features.fingerprint() == stated and struct.pack(f"{self.heads}d", *self.margins(features))
                 == struct.pack(f"{self.heads}d", *margins), "a probe gives another result")

    def read_model(self, s, version):
        kind, self.heads = s.one("I", 1, 4), s.one("I", 1, 63)
        self.parts = [Linear(s, self.schema, self.heads, version)] if kind in (1, 4) else []
        self.parts += [Trees(s, self.schema, self.heads, kind != 2)] if kind > 1 else []

    def read_rule(self, s):
        self.worth, self.link, self.rungs = None, 0, self.heads + 1
        if s is None or s.one("I", 0, 1) == 0:
            if s: s.zeros(4)
            return
        self.link, self.rungs = s.one("I", 0, 1), s.one("I", 2, 64)
        s.zeros(4)
        self.worth, self.prices = s.take(f"{self.rungs * self.heads}d"), s.take(f"{self.rungs}d")
        need(self.prices[0] == 0 and all(a < b for a, b in zip(self.prices, self.prices[1:])), "prices")

    def read_map(self, s):
        kind, knots = s.one("I", 0, 2), s.one("I", 0, 4096)
        need((knots > 0) == (kind == 2) and not (kind == 2 and self.link), "a calibration map")
        if kind < 2:
            slope, offset = s.take("dd")
            need(slope > 0 if kind else (slope, offset) == (1, 0), "a slope")
            return slope, offset
        margins, p = s.take(f"{knots}d"), s.take(f"{knots}d")
        need(all(a < b for a, b in zip(margins, margins[1:])) and all(a <= b for a, b in zip((0, *p), (*p, 1))), "knots")
        return margins, p

    def read_candidates(self, s, version):
        names = []
        for _ in range(s.one("I", self.rungs, self.rungs)):
            length, _, *prices = s.take("Iqqqq" if version >= 3 else "Iq")
            need(all(price >= -1 for price in prices), "a price")
            names.append(s.text(length))
        need(all(names), "a candidate without a name")
        return names

    def read_probe(self, s):
        length, turn, *hashes, fingerprint = s.take("IiQQQQ")
        margins = s.take(f"{self.heads}d")
        return s.raw(length), turn, hashes, fingerprint, margins

    def read_entry(self, s):
        lengths = s.take("II")
        key, _ = (s.text(length) for length in lengths)
        return key.encode()

    # Decisions.

    def margins(self, features):
        return [add((part.margin(features, h) for part in self.parts[1:]), self.parts[0].margin(features, h))
                for h in range(self.heads)]

    def probability(self, head, margin):
        if isinstance(self.maps[head][0], float):
            slope, offset = self.maps[head]
            return logistic(slope * margin + offset)
        x, p = self.maps[head]
        if margin <= x[0]: return p[0]
        if margin >= x[-1]: return p[-1]
        i = max(k for k in range(len(x)) if x[k] <= margin)
        return p[i] + (margin - x[i]) / (x[i + 1] - x[i]) * (p[i + 1] - p[i])

    def steps(self, margins):
        if self.worth is None: return margins
        p = [self.probability(h, m) for h, m in enumerate(margins)] if self.link == 0 else []
        if self.link:
            z = [slope * m + offset for (slope, offset), m in zip(self.maps, margins)]
            e = [exp(v - max(z)) for v in z]
            p = [v / add(e, 0.0) for v in e]
        values = [add((p[h] * self.worth[c * self.heads + h] for h in range(self.heads)), 0.0)
                  for c in range(self.rungs)]
        return [max((values[j] - values[k]) / (self.prices[j] - self.prices[k]) for j in range(k + 1, self.rungs))
                for k in range(self.rungs - 1)]

    def decide(self, text, turn=0, hashes=(0, 0, 0)):
        """Margin of the step that decides, and the candidate."""
        steps = self.steps(self.margins(Features(self.schema, text, turn, hashes)))
        step = 0
        while steps[step] >= self.thresholds[step] and step < len(steps) - 1: step += 1
        return steps[step], self.names[step + (steps[step] >= self.thresholds[step])]


def main():
    if len(sys.argv) != 2: sys.exit("usage: riddle_reader.py router.riddle < queries.txt")
    router = Router(Path(sys.argv[1]).read_bytes())
    for line in sys.stdin.buffer:
        margin, candidate = router.decide(line.removesuffix(b"\n"))
        print(f"{bits(margin):016x} {candidate}")


if __name__ == "__main__":
    main()
