#!/usr/bin/env python3
"""A second reader of weight files, written from WeightFileFormat.md, Features.md and TextStatistics.md alone, to be compared with.

    riddle_reader.py router.riddle < queries.txt      prints margin bits and candidate of every line
"""
import bisect, functools, math, operator, re, struct, sys
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "Sources/RiddleRuntime/RiddleRuntime.docc"
ALL, GOLDEN, MAX = 2**64 - 1, 0x9E3779B97F4A7C15, sys.float_info.max
WORD = re.compile(rb"[A-Za-z0-9\x80-\xff][A-Za-z0-9'\x80-\xff]*")
LIST_MARK = re.compile(rb"^[A-Za-z0-9\x80-\xff][A-Za-z0-9'\x80-\xff]?(?=[.)])", re.M)

# Numbers and hashes. No sum() of floats anywhere: since Python 3.12 it compensates its errors.
def add(numbers, start=0.0): return functools.reduce(operator.add, numbers, start)
def f32(x): return struct.unpack("<f", struct.pack("<f", x))[0]
def bits(x): return struct.unpack("<Q", struct.pack("<d", x))[0]
def share(n, d): return f32(f32(n) * f32(1 / f32(max(1, d))))
def logistic(x): return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
def polynomial(x, factors): return functools.reduce(lambda value, factor: value * x + factor, factors)
@functools.cache
def log(n):
    m, e = math.frexp(n + 1)
    m, e = (m, e) if 2 * m > 1.4142135623730951 else (2 * m, e - 1)
    s = (m - 1) / (m + 1)
    return f32(e * 0.6931471805599453 + 2 * s * polynomial(s * s, [1 / d for d in range(17, 0, -2)]))
def root(x):
    y = struct.unpack("<d", struct.pack("<Q", 0x5FE6EB50C7B537A9 - (bits(x) >> 1)))[0]
    for _ in range(5): y = y * (1.5 - 0.5 * x * y * y)
    return y
def exp(x):
    if not -745.2 <= x <= 709.782712893384: return math.inf if x > 0 else 0.0
    k = int(x * 1.4426950408889634 + math.copysign(0.5, x))
    p = polynomial((x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10, [1 / math.factorial(n) for n in range(13, -1, -1)])
    return p * 2.0 ** int(k / 2) * 2.0 ** (k - int(k / 2))
def softmax(z):
    e = [exp(v - max(z)) for v in z]
    return [v / add(e) for v in e]
def fnv(data): return functools.reduce(lambda state, byte: (state ^ byte) * 1099511628211 & ALL, data, 14695981039346656037)
def folded(z, shift=29): return z & ALL ^ (z & ALL) >> shift
def mixed(z): return folded(folded(folded(z, 30) * 0xBF58476D1CE4E5B9, 27) * 0x94D049BB133111EB, 31)
def spread(state, version): return mixed(state) if version < 3 else state * 0xD6E8FEB86659FD93 & ALL
def stable_hash(data): return mixed(fnv(data))
def value_hash(value): return (stable_hash(value.lower()) or 1) if value else 0

# Features.
def word_table(title):
    """The rows below a title of TextStatistics.md: the names in order, and the name that each word belongs to."""
    page = (PAGES / "TextStatistics.md").read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([a-z' ]+) \|$", page, re.M)[1:]
    return [name for name, _ in rows], {word.encode(): name for name, words in rows for word in words.split()}
(GROUPS, GROUP_OF), (MARKS, MARK_OF) = word_table("Word groups"), word_table("Word marks")

@functools.lru_cache(1 << 16)
class Word:
    def __init__(self, word, version):
        low, self.apostrophes, self.capitalised = word.lower(), word.count(b"'"), word[:1].isupper()
        self.state = fnv(low) if version < 3 else functools.reduce(
            lambda z, i: folded((z ^ int.from_bytes(low[i:i + 8], "little")) * 0x9FB21C651E98DF25), range(0, len(low), 8), GOLDEN)
        self.group, self.mark, self.slot = GROUP_OF.get(low), MARK_OF.get(low), spread(self.state, version) >> 52
        self.length, self.digits, self.capitals = (len(re.findall(p, word)) for p in (rb"[^\x80-\xbf]", rb"[0-9]", rb"[A-Z]"))
def words_of(text, version): return [Word(word, version) for word in WORD.findall(text)]

def statistics(text, words, version):
    """All columns of version 2; those of version 1 come first."""
    def count(pattern): return len(re.findall(pattern, text))
    dashed, lines = LIST_MARK.sub(b"-", text), text.split(b"\n")  # List marks are no words there, and every item begins with a mark.
    plain, stem = words_of(dashed, version), WORD.findall(re.split(rb"(?m)^[-*]", dashed)[0])
    items = [(len(line), words_of(rest, version), bool(re.search(rb"[0-9]", rest)))
             for line, rest in zip(lines, dashed.split(b"\n")) if rest[:1] in (b"-", b"*")]
    lettered, all_caps = [w.length for w in words if w.length > w.digits], [w for w in words if w.capitals == w.length >= 2]
    scalars, n, numbers = count(rb"[^\x80-\xbf]"), len(words), re.findall(rb"[0-9]+", text)
    sentences, listed = count(rb"[.!?](?=[\x00-\x20]|\Z)"), count(rb"(?m)^([-*]|[0-9][A-Za-z0-9'\x80-\xff]?[.)])")
    groups, marks, slots = [w.group for w in words], [w.mark for w in plain], [w.slot for _, found, _ in items for w in found]
    some_items, mean = max(1, len(items)), sum(size for size, _, _ in items) / max(1, len(items))
    variance = sum(size * size for size, _, _ in items) / some_items - mean * mean
    return [
        log(scalars), log(n), log(len(lines)), log(sentences), f32(share(sum(lettered), n) * f32(0.1)), log(max(lettered, default=0)),
        share(sum(x >= 8 for x in lettered), n), share(sum(x <= 3 for x in lettered), n), share(sum(w.capitalised for w in words), n),
        log(len(all_caps)), *(share(x, len(text)) for x in (
            count(rb"[0-9]"), count(rb"[A-Z]"), sum(w.length - w.digits for w in words),
            count(rb"[!-/:-@[-`{-~]") - sum(w.apostrophes for w in words), count(rb"[\x09-\x0d ]"), count(rb"[\x80-\xff]"))),
        share(count(rb"[\xe0-\xff]"), scalars), log(len(numbers)), log(max(map(len, numbers), default=0)),
        *(log(count(mark)) for mark in (rb"\?", rb"!", rb",", rb"[][()]", rb"[:;]", rb"[\"']", rb"[=+*/^<>]", rb"[{};`_#]", rb"[\\$]",
                                        rb"[|\t]", rb"(?<=``)`", rb"(?<=_)_")),
        log(listed), log(len(items) - listed), log(count(rb"@|://(?!\Z)")), log(count(rb"[$%]")),
        log(len(lines[0])), log(len(lines[-1])), log(max(map(len, lines))), float(text.endswith(b"?")),
        *(log(groups.count(group)) for group in GROUPS[:-1]), share(groups.count(GROUPS[-1]), n),
        *(log(marks.count(mark)) for mark in MARKS), log(sum(w.group in ("negations", "superlatives") for w in all_caps)),
        log([*zip(marks, marks[1:])].count(("how", "many"))), log(count(rb"%")), log(count(rb"\xe2(?=[\x86-\x8b])")),
        share(len({w.slot for w in plain}), n), log(n // max(1, sentences)), min(1.0, share(len(numbers), n)), log(len(stem)),
        log(len(slots) // some_items), log(max((len(found) for _, found, _ in items), default=0)),
        f32(root(max(1.0, mean * mean / variance))) if variance > 0 else 0.0, share(sum(digit for _, _, digit in items), len(items)),
        f32((len(slots) - len(set(slots))) / f32(max(1, len(slots)))),
        share(sum(found[0].mark == "quantifier" for _, found, _ in items if found), len(items))]
def word_keys(words, schema):
    found, previous = [], 0
    for state in [word.state for word in words] if schema.orders else ():
        pair = previous * GOLDEN & ALL ^ state
        found += [state, pair if schema.version < 3 else folded(pair)] if previous and schema.orders > 1 else [state]
        previous = state
    return list(dict.fromkeys(spread(state, schema.version) >> 63 - schema.bits for state in found))
def character_keys(text, schema):
    keys, seen, factors = [], set(), [mixed(n) | 1 for n in range(9)]
    def product(gram): return int.from_bytes(gram, "little") * factors[len(gram)] & ALL
    for i in range(len(text) - schema.shortest + 1) if schema.shortest else ():
        grams = [text[i:i + n] for n in range(schema.shortest, min(schema.longest, len(text) - i) + 1)]
        first = i if schema.version < 3 else product(grams[0]) >> 49
        if first not in seen: keys += [mixed(fnv(b"\xff" + g)) if schema.version < 3 else product(g) for g in grams]
        seen.add(first)
    keys = [key >> 63 - schema.bits for key in keys]
    return keys if schema.version >= 3 else list(dict.fromkeys(keys))

class Features:
    """Of one query; its embedding is unknown."""
    def __init__(self, schema, text, turn=0, hashes=(0, 0, 0)):
        words = words_of(text, schema.version)
        self.dense = statistics(text, words, schema.version)[:schema.numbers] + [log(max(1, turn)), float(turn > 1)][:schema.turn]
        self.dense += [f32((hashes[field] == value) - part) if hashes[field] else 0.0 for field, part, value in schema.categories]
        self.dense += [0.0] * len(schema.means)
        self.words, self.characters = word_keys(words, schema), character_keys(text.lower(), schema)
        self.blocks = [(keys, f32(root(float(len(keys))))) for keys in (self.words, self.characters) if keys]
    def fingerprint(self):
        keys = self.words + self.characters
        return stable_hash(struct.pack(f"<{len(self.dense)}f{len(keys) + 1}I", *self.dense, len(self.words), *keys))

# The file.
def need(holds, rule):
    """A file that breaks a rule gives no score."""
    if not holds: raise ValueError(rule)
def increasing(numbers): return all(a < b for a, b in zip(numbers, numbers[1:]))
def crc64(data):
    table, state = list(range(256)), ALL
    for _ in range(8): table = [v >> 1 ^ (v & 1) * 0xC96C5795D7870F42 for v in table]
    for byte in data: state = table[(state ^ byte) & 255] ^ state >> 8
    return state ^ ALL

class Section:
    """Bytes that are taken from first to last. A number and the zeros behind it are taken as one wider number."""
    def __init__(self, data): self.data, self.at = data, 0
    def raw(self, count):
        self.at += count
        need(self.at <= len(self.data), "a count beyond the bytes that remain")
        return self.data[self.at - count:self.at]
    def take(self, form, low=-MAX, high=MAX):
        values = struct.unpack("<" + form, self.raw(struct.calcsize("<" + form)))
        need(all(low <= value <= high for value in values), f"a number that is not in {low} ... {high}")
        return values
    def one(self, form, low=-MAX, high=MAX): return self.take(form, low, high)[0]

class Schema:
    def __init__(self, s):
        self.version, flags, self.bits, *grams, zero, count, embedding = s.take("HBBBBBBII")
        self.orders, self.shortest, self.longest = grams
        need(1 <= self.version <= 3 and flags <= 7 and zero == 0 and count <= 1024 and embedding <= 4000, "features of another version")
        self.categories = [(s.one("I", 0, 2), s.one("f", 0, 1), s.one("Q")) for _ in range(count)]
        need(grams[1:] == [0, 0] or 2 <= self.shortest <= self.longest <= 8, "lengths of n-grams")
        need(4 <= self.bits <= 22 and self.orders <= 2 and any(grams) if self.bits else not any(grams), "buckets")
        self.means, self.turn, self.numbers = s.take(f"{embedding}f"), flags & 2, (56 if self.version == 1 else 95) if flags & 1 else 0
        self.dense = self.numbers + self.turn + count + embedding
        need((embedding > 0) == flags >> 2 and self.dense <= 8192 and (self.dense or self.bits), "number of columns")
        self.fingerprint = stable_hash(
            struct.pack("<HBBBBBH", self.version, flags, self.bits, *grams, self.numbers)
            + b"".join(struct.pack("<BfQ", *category) for category in self.categories) + struct.pack(f"<{embedding}f", *self.means))

class Linear:
    def __init__(self, s, schema, heads, version, limit):
        self.heads, self.exact, buckets = heads, schema.version >= 3, 1 << schema.bits if schema.bits else 0
        columns, precision, pruning, kept = s.take("4I") if version >= 3 else (*s.take("II"), 0, buckets)
        need(columns == schema.dense and precision <= (3 if version >= 3 else 2) and (precision == 0) == (buckets == 0)
             and pruning <= 2 and kept <= buckets and (pruning == 0) == (kept == buckets), "a table and its buckets")
        self.intercepts, weights = s.take(f"{heads}d", -limit, limit), s.take(f"{heads * columns}f")
        self.dense = [weights[head * columns:][:columns] for head in range(heads)]
        self.rank = {b: i for i, b in enumerate(self.stored(s, pruning, kept, buckets))} if pruning else range(buckets)
        largest = (2 - 2**-23) * 2.0**120
        scales = s.take(f"{-(-heads * kept // 64) if precision == 2 else 0}f", -largest, largest)
        weights = s.take(f"{heads * kept}{'ffbe'[precision]}")
        weights = [f32(weight * scales[i // 64]) for i, weight in enumerate(weights)] if precision == 2 else weights
        # 2^29 where all are 0, so that the unit is 1.
        self.unit = 2.0 ** (math.frexp(max(map(abs, weights), default=0) or 2.0**29)[1] - 1 - 29) if self.exact else 1.0
        self.table = [int(math.copysign(math.floor(abs(w) / self.unit + 0.5), w)) for w in weights] if self.exact else weights
    def stored(self, s, pruning, kept, buckets):
        """The numbers of the stored buckets, increasing, from whichever form is the shorter."""
        start, found, last = s.at, [], -1
        if pruning == 1: found = [8 * i + k for i, byte in enumerate(s.raw(buckets // 8)) for k in range(8) if byte >> k & 1]
        for _ in range(kept if pruning == 2 else 0):
            sevens = [s.one("B")]
            while sevens[-1] & 128: sevens.append(s.one("B"))
            last += 1 + sum((byte & 127) << 7 * i for i, byte in enumerate(sevens))
            found.append(last)
        size = sum(max(1, -(-(b - a - 1).bit_length() // 7)) for a, b in zip([-1] + found, found))
        need(len(found) == kept and max(found, default=0) < buckets, "stored buckets")
        need(s.at - start == size < buckets // 8 if pruning == 2 else size >= buckets // 8, "not the shorter form")
        return found
    def margin(self, x, head):
        def weight(key): return (1 - 2 * (key & 1)) * (self.table[self.rank[key >> 1] * self.heads + head] if key >> 1 in self.rank else 0)
        products = [a * b for a, b in zip(x.dense, self.dense[head])]
        s, start = [add(products[i::8]) for i in range(8)], self.intercepts[head]
        start = start + (((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))) if self.exact else add(products, start)
        return add((add(map(weight, keys)) * (scale * self.unit) for keys, scale in x.blocks), start)  # Whole numbers stay below 2^53.

class Trees:
    """Trees of every head; a forest also has what each head's sum begins with. A tree has -0, which changes no number."""
    def __init__(self, s, schema, heads, is_forest, limit):
        count, number = s.take("II", 0, 1 << 20)
        self.bases, self.counts = (s.take(f"{heads}d", -limit, limit), s.take(f"{heads}I")) if is_forest else ([-0.0] * heads, [1] * heads)
        need(number == (sum(self.counts) if is_forest else 0), "numbers of trees")
        self.roots, self.nodes, depths = s.take(f"{sum(self.counts)}I"), [s.take("IfIIf") for _ in range(count)], [0] * count
        bounds = [*self.roots, count]
        need(bounds[0] == 0 and increasing(bounds), "roots")
        for first, end in zip(bounds, bounds[1:]):
            depths[first] = 1
            for i, (feature, threshold, left, right, _) in enumerate(self.nodes[first:end], first):
                need(0 < depths[i] <= 64, "a node without a parent, or too deep")
                need((feature, bits(threshold), right) == (0, 0, 0) if left == 0 else feature < schema.dense and left != right
                     and all(i < child < end and depths[child] == 0 for child in (left, right)), "a leaf, or children")
                if left: depths[left] = depths[right] = depths[i] + 1
    def margin(self, x, head):
        roots = self.roots[sum(self.counts[:head]):][:self.counts[head]]
        return add((self.leaf(x.dense, root) for root in roots), self.bases[head])
    def leaf(self, dense, i):
        feature, threshold, left, right, value = self.nodes[i]
        return self.leaf(dense, left if dense[feature] <= threshold else right) if left else value

class Router:
    """A weight file; ValueError if it is none."""
    def __init__(self, data):
        frame, sections = Section(data), {}
        need(frame.raw(8) == b"\x89RDL\r\n\x1a\n", "not a weight file")
        version, count, length, fingerprint = frame.take("IIQQ")
        need(length == len(data) <= 64 << 20 and crc64(data[:-8]) == int.from_bytes(data[-8:], "little"), "length or checksum")
        tags = [tag for tag in "SCHM MODL CALB RULE THRS CAND PLCY PROB META".split() if {"RULE": 2, "PLCY": 3}.get(tag, 1) <= version]
        at, end = 32 + 24 * count, len(data) - 8
        need(1 <= version <= 3 and count == len(tags), "version or number of sections")
        for tag in tags:
            name, zero, offset, size = frame.take("IIQQ")
            need((name.to_bytes(4, "little"), zero, offset) == (tag.encode(), 0, at) and at + size <= end, "section table")
            sections[tag], at = Section(data[at:at + size]), at + size + -size % 8
            need(not any(data[offset + size:at]), "padding")
        self.schema, s = Schema(sections["SCHM"]), sections["MODL"]
        need(at == end and self.schema.fingerprint == fingerprint, "bytes behind the sections, or fingerprint of the schema")
        kind, self.heads = s.one("I", 1, 4), s.one("I", 1, 63)
        self.read_rule(sections.get("RULE"))
        self.parts = [Linear(s, self.schema, self.heads, version, self.limit)] if kind in (1, 4) else []
        self.parts += [Trees(s, self.schema, self.heads, kind != 2, self.limit)] if kind > 1 else []
        self.maps = [self.read_map(sections["CALB"]) for _ in range(self.heads)]
        self.thresholds, self.names = [sections["THRS"].take("dQ") for _ in range(self.rungs - 1)], []
        need(all(guarantee <= 3 for _, guarantee in self.thresholds), "a guarantee")
        s = sections["CAND"]
        for _ in range(s.one("I", self.rungs, self.rungs)):
            length, _, *prices = s.take("Iqqqq" if version >= 3 else "Iq")
            self.names.append(s.raw(length).decode())
            need(length > 0 and all(price >= -1 for price in prices), "a candidate")
        s = sections.get("PLCY", Section(b""))
        need(len(s.raw(len(s.data)).decode().encode()) <= 1 << 20, "a policy")
        s = sections["META"]
        keys = [[s.raw(length).decode() for length in s.take("II")][0] for _ in range(s.one("I"))]
        need(all(keys) and increasing(keys), "keys of the metadata")
        s = sections["PROB"]
        for _ in range(s.one("I", 0, 256)):
            length, turn, *hashes, stated = s.take("IiQQQQ")
            margins = s.take(f"{self.heads}d")
            x = Features(self.schema, s.raw(length), turn, hashes)
            need(x.fingerprint() == stated and [*map(bits, self.margins(x))] == [*map(bits, margins)], "a probe")
        need(all(s.at == len(s.data) for s in sections.values()), "bytes left over in a section")
    def read_rule(self, s):
        kind, self.link = s.take("II", 0, 1) if s else (0, 0)
        self.limit, self.rungs = 1e100 if self.link else MAX, s.one("Q", 2, 64) if kind else self.heads + 1
        self.worth = s.take(f"{self.rungs * self.heads}d", -1e100, 1e100) if kind else None
        self.prices = prices = s.take(f"{self.rungs}d", 0, 1e100) if kind else [0.0]
        need(kind >= self.link and bits(prices[0]) == 0 and all(b - a >= 1e-100 for a, b in zip(prices, prices[1:])), "prices")
    def read_map(self, s):
        kind, knots = s.one("I", 0, 2), s.one("I", 0, 4096)
        x, p = (s.take(f"{knots or 1}d", -self.limit, self.limit) for _ in range(2))
        isotonic = not self.link and increasing(x) and [*p] == sorted(p) and 0 <= p[0] <= p[-1] <= 1
        need((kind == 2) == (knots > 0) and (x == (1.0,) and bits(p[0]) == 0, x[0] > 0, isotonic)[kind], "a calibration map")
        return kind, x, p
    def margins(self, x): return [add((part.margin(x, head) for part in self.parts), -0.0) for head in range(self.heads)]
    def calibrated(self, kind, x, p, margin):
        """A probability, or what the softmax takes."""
        if kind < 2: return x[0] * margin + p[0] if self.link else logistic(x[0] * margin + p[0])
        i = bisect.bisect_right(x, margin) - 1
        if not 0 <= i < len(x) - 1: return p[max(i, 0)]
        return p[i] + (margin - x[i]) / (x[i + 1] - x[i]) * (p[i + 1] - p[i])
    def steps(self, margins):
        if self.worth is None: return margins
        p = [self.calibrated(*calibration, margin) for calibration, margin in zip(self.maps, margins)]
        p = softmax(p) if self.link else p
        rungs = [(add(map(operator.mul, p, self.worth[c * self.heads:])), price) for c, price in enumerate(self.prices)]
        return [max((v - value) / (p - price) for v, p in rungs[k:]) for k, (value, price) in enumerate(rungs[:-1], 1)]
    def decide(self, text, turn=0, hashes=(0, 0, 0)):
        """Margin of the step that decides, and the candidate."""
        steps = self.steps(self.margins(Features(self.schema, text, turn, hashes)))
        k = next((k for k, step in enumerate(steps) if step < self.thresholds[k][0]), len(steps))
        return steps[min(k, len(steps) - 1)], self.names[k]

if __name__ == "__main__":
    router = Router(Path(sys.argv[1]).read_bytes())
    for query in sys.stdin.buffer:
        margin, candidate = router.decide(query.removesuffix(b"\n"))
        print(f"{bits(margin):016x} {candidate}")
