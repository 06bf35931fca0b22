"""The features of Features.md and TextStatistics.md, whose tables of words are read. Pure Python, standard library only."""
import functools
import math
import re
import struct
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "Sources/RiddleRuntime/RiddleRuntime.docc"
ALL, GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15
WORD = re.compile(rb"[A-Za-z0-9\x80-\xff][A-Za-z0-9'\x80-\xff]*")

# Numbers. No sum() of floats anywhere: since Python 3.12 it compensates its errors.

def f32(x): return struct.unpack("<f", struct.pack("<f", x))[0]
def bits(x): return struct.unpack("<Q", struct.pack("<d", x))[0]
def share(n, d): return f32(f32(n) * f32(1 / f32(max(1, d))))

@functools.cache
def log(n):
    m, e = math.frexp(n + 1)
    m, e = (m, e) if 2 * m > 1.4142135623730951 else (2 * m, e - 1)
    s = (m - 1) / (m + 1)
    q = 1 / 17
    for d in (15, 13, 11, 9, 7, 5, 3, 1): q = q * (s * s) + 1 / d
    return f32(e * 0.6931471805599453 + 2 * s * q)

def root(x):
    y = struct.unpack("<d", struct.pack("<Q", 0x5FE6EB50C7B537A9 - (bits(x) >> 1)))[0]
    for _ in range(5): y = y * (1.5 - 0.5 * x * y * y)
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
              4.1666666666666664e-02, 1.6666666666666666e-01, 0.5, 1, 1): p = p * r + c
    return p * 2.0 ** int(k / 2) * 2.0 ** (k - int(k / 2))

def logistic(x): return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))

# Hashes.

def fnv(data):
    state = 14695981039346656037
    for byte in data: state = (state ^ byte) * 1099511628211 & ALL
    return state

def mixed(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & ALL
    z = (z ^ z >> 27) * 0x94D049BB133111EB & ALL
    return z ^ z >> 31

def stable_hash(data): return mixed(fnv(data))
def value_hash(value): return (stable_hash(value.lower()) or 1) if value else 0
def spread(state, version): return mixed(state) if version < 3 else state * 0xD6E8FEB86659FD93 & ALL

@functools.lru_cache(1 << 16)
def word_state(word, version):
    if version < 3: return fnv(word.lower())
    state = GOLDEN
    for i in range(0, len(word), 8):
        p = (state ^ int.from_bytes(word[i:i + 8].lower(), "little")) * 0x9FB21C651E98DF25 & ALL
        state = p ^ p >> 29
    return state

# Text statistics.

def word_table(title):
    """The rows below a title of the page: the names in order, and the name that each word belongs to."""
    page = (PAGES / "TextStatistics.md").read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([a-z' ]+) \|$", page, re.M)[1:]
    return [name for name, _ in rows], {word.encode(): name for name, words in rows for word in words.split()}

GROUPS, GROUP_OF = word_table("Word groups")
MARKS, MARK_OF = word_table("Word marks")

@functools.lru_cache(1 << 16)
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
        if mark: list_marks.append(mark)
        if mark or line[:1] in (b"-", b"*"):
            stem = len(words) if stem is None else stem
            items.append((found[1:] if mark else found, len(line), re.search(rb"[0-9]", line[len(mark):]) is not None))
        words += found
        plain += found[1:] if mark else found
    facts = [word_facts(word) for word in words]
    lettered = [length for length, digits, _, _ in facts if length > digits]
    groups_in_capitals = [group for length, _, capitals, group in facts if capitals >= 2 and capitals == length]
    scalars, n, numbers = count(rb"[^\x80-\xbf]"), len(words), re.findall(rb"[0-9]+", text)
    sentences, numbered = count(rb"[.!?](?=[\x00-\x20]|\Z)"), sum(mark[:1].isdigit() for mark in list_marks)
    punctuation = count(rb"[!-/:-@[-`{-~]") - sum(word.count(b"'") for word in words)
    letters = sum(length - digits for length, digits, _, _ in facts)
    columns = [
        log(scalars), log(n), log(len(lines)), log(sentences), f32(share(sum(lettered), n) * f32(0.1)),
        log(max(lettered, default=0)), share(sum(x >= 8 for x in lettered), n), share(sum(x <= 3 for x in lettered), n),
        share(sum(b"A" <= word[:1] <= b"Z" for word in words), n), log(len(groups_in_capitals)),
        *(share(x, len(text)) for x in (count(rb"[0-9]"), count(rb"[A-Z]"), letters, punctuation, count(rb"[\x09-\x0d ]"),
                                        count(rb"[\x80-\xff]"))),
        share(count(rb"[\xe0-\xff]"), scalars), log(len(numbers)), log(max(map(len, numbers), default=0)),
        *(log(count(pattern)) for pattern in (
            rb"\?", rb"!", rb",", rb"[][()]", rb"[:;]", rb"[\"']", rb"[=+*/^<>]", rb"[{};`_#]", rb"[\\$]", rb"[|\t]",
            rb"(?<=``)`", rb"(?<=_)_")),
        log(numbered + sum(line[:1] in (b"-", b"*") for line in lines)), log(len(list_marks) - numbered),
        log(count(rb"@") + count(rb"://(?!\Z)")), log(count(rb"[$%]")),
        log(len(lines[0])), log(len(lines[-1])), log(max(map(len, lines))), float(text.endswith(b"?"))]
    in_group = [sum(fact[3] == group for fact in facts) for group in GROUPS]
    columns += [*map(log, in_group[:-1]), share(in_group[-1], n)]
    if version == 1: return columns
    def slot(word): return spread(word_state(word, version), version) >> 52
    marks = [MARK_OF.get(word.lower()) for word in plain]
    item_words = [slot(word) for found, _, _ in items for word in found]
    item_spread = 0.0
    if len(items) >= 2:
        mean = sum(size for _, size, _ in items) / len(items)
        variance = sum(size * size for _, size, _ in items) / len(items) - mean * mean
        item_spread = f32(root(max(1.0, mean * mean / variance))) if variance > 0 else 0.0
    return columns + [
        *(log(marks.count(mark)) for mark in MARKS),
        log(sum(group in ("negations", "superlatives") for group in groups_in_capitals)),
        log(sum(pair == ("how", "many") for pair in zip(marks, marks[1:]))), log(count(rb"%")),
        log(count(rb"\xe2(?=[\x86-\x8b])")), share(len({slot(word) for word in plain}), n), log(n // max(1, sentences)),
        min(1.0, share(len(numbers), n)), log(n if stem is None else stem), log(len(item_words) // max(1, len(items))),
        log(max((len(found) for found, _, _ in items), default=0)), item_spread,
        share(sum(has_digit for _, _, has_digit in items), len(items)),
        f32((len(item_words) - len(set(item_words))) / f32(max(1, len(item_words)))),
        share(sum(MARK_OF.get(found[0].lower()) == "quantifier" for found, _, _ in items if found), len(items))]

# Hashed n-grams.

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
    for i in range(len(text) - schema.shortest + 1) if schema.shortest else ():
        for n in range(schema.shortest, min(schema.longest, len(text) - i) + 1):
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
        blocks = self.words, self.characters = word_keys(text, schema), character_keys(text, schema)
        self.blocks = [(block, f32(root(float(len(block))))) for block in blocks if block]

    def fingerprint(self):
        keys = self.words + self.characters
        return stable_hash(struct.pack(f"<{len(self.dense)}f{len(keys) + 1}I", *self.dense, len(self.words), *keys))
