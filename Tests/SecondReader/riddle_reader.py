#!/usr/bin/env python3
"""A second reader of weight files, written from the specification alone: WeightFileFormat.md; riddle_features.py has
Features.md and TextStatistics.md. Pure Python, standard library only, made to be compared with.

    riddle_reader.py router.riddle < queries.txt      prints margin bits and candidate of every line
"""
import functools
import math
import struct
import sys
from pathlib import Path

from riddle_features import ALL, Features, bits, exp, f32, logistic, stable_hash

class Refused(ValueError):
    """The file gives no score."""

def need(holds, rule):
    if not holds: raise Refused(rule)

def crc64(data):
    table, state = list(range(256)), ALL
    for _ in range(8): table = [v >> 1 ^ (v & 1) * 0xC96C5795D7870F42 for v in table]
    for byte in data: state = table[(state ^ byte) & 255] ^ state >> 8
    return state ^ ALL

def add(numbers, start=0.0):
    """One after the other; sum() compensates its errors since Python 3.12."""
    return functools.reduce(lambda total, number: total + number, numbers, start)

def increasing(numbers): return all(a < b for a, b in zip(numbers, numbers[1:]))

class Section:
    def __init__(self, data, at, end): self.data, self.at, self.end = data, at, end

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
    def text(self, count): return self.raw(count).decode("utf-8").encode()

class Schema:
    def __init__(self, s):
        self.version, flags, self.bits, self.orders, self.shortest, self.longest = s.take("HBBBBB")
        s.zeros(1)
        need(1 <= self.version <= 3 and flags <= 7, "features of another version")
        count, embedding = s.one("I", 0, 1024), s.one("I", 0, 4000)
        need((embedding > 0) == bool(flags & 4), "an embedding and its flag")
        self.statistics, self.turn, self.categories = flags & 1, flags & 2, []
        for _ in range(count):
            field = s.one("B", 0, 2)
            s.zeros(3)
            self.categories.append((field, s.one("f", 0, 1), s.one("Q")))
        self.means = s.take(f"{embedding}f")
        grams = self.orders, self.shortest, self.longest
        need(grams[1:] == (0, 0) or 2 <= self.shortest <= self.longest <= 8, "lengths of n-grams")
        need(4 <= self.bits <= 22 and self.orders <= 2 and any(grams) if self.bits else not any(grams), "buckets")
        numbers = (56 if self.version == 1 else 95) if self.statistics else 0
        self.dense = numbers + self.turn + count + embedding
        need(self.dense <= 8192 and (self.dense or self.bits), "number of columns")
        self.fingerprint = stable_hash(
            struct.pack("<HBBBBBH", self.version, flags, self.bits, *grams, numbers)
            + b"".join(struct.pack("<BfQ", *category) for category in self.categories)
            + struct.pack(f"<{embedding}f", *self.means))

class Linear:
    def __init__(self, s, schema, heads, version):
        self.heads, self.exact, self.columns = heads, schema.version >= 3, s.one("I", schema.dense, schema.dense)
        precision, buckets = s.one("I", 0, 3 if version >= 3 else 2), 1 << schema.bits if schema.bits else 0
        pruning, kept = (s.one("I", 0, 2), s.one("I", 0, buckets)) if version >= 3 else (0, buckets)
        need((precision == 0) == (buckets == 0) and (pruning == 0) == (kept == buckets), "a table and its buckets")
        self.intercepts, self.dense = s.take(f"{heads}d"), s.take(f"{heads * self.columns}f")
        self.rank = range(buckets) if not pruning else {b: i for i, b in enumerate(self.stored(s, pruning, kept, buckets))}
        count = heads * kept
        if precision == 2:
            scales, weights = s.take(f"{-(-count // 64)}f"), s.take(f"{count}b")
            need(all(abs(128 * scale) < 2.0**128 for scale in scales), "a scale too large")
            self.weights = [f32(weight * scales[i // 64]) for i, weight in enumerate(weights)]
        else:
            self.weights = s.take(f"{count}{'e' if precision == 3 else 'f'}")
        # 2^29 where all are 0, so that the unit is 1.
        self.unit = 2.0 ** (math.frexp(max(map(abs, self.weights), default=0) or 2.0**29)[1] - 1 - 29)
        self.units = [int(math.copysign(math.floor(abs(w) / self.unit + 0.5), w)) for w in self.weights]

    def stored(self, s, pruning, kept, buckets):
        start, found, bucket = s.at, [], -1
        if pruning == 1:
            found = [i for i, digit in enumerate(bin(int.from_bytes(s.raw(buckets // 8), "little"))[:1:-1]) if digit == "1"]
            gaps = [b - a - 1 for a, b in zip([-1] + found, found)]
            need(len(found) == kept and sum(max(1, -(-gap.bit_length() // 7)) for gap in gaps) >= buckets // 8, "the bitmap")
            return found
        for _ in range(kept):
            gap, shift, byte = 0, 0, 128
            while byte & 128:
                byte = s.one("B")
                gap, shift = gap | (byte & 127) << shift, shift + 7
            bucket += gap + 1
            need(bucket < buckets and (byte or shift == 7), "a gap")
            found.append(bucket)
        need(s.at - start < buckets // 8, "a bitmap would be shorter")
        return found

    def margin(self, x, head):
        products = [a * b for a, b in zip(x.dense, self.dense[head * self.columns:(head + 1) * self.columns])]
        table = self.units if self.exact else self.weights
        def weight(key):
            w = table[self.rank[key >> 1] * self.heads + head] if key >> 1 in self.rank else 0
            return -w if key & 1 else w
        if not self.exact:
            return add((scale * add(map(weight, keys)) for keys, scale in x.blocks), add(products, self.intercepts[head]))
        s = [add(products[i::8]) for i in range(8)]
        return add((float(sum(map(weight, keys))) * (scale * self.unit) for keys, scale in x.blocks),
                   self.intercepts[head] + (((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))))

class Trees:
    """Trees of every head; a forest also has what each head's sum begins with."""
    def __init__(self, s, schema, heads, is_forest):
        count, number = s.one("I", 0, 1 << 20), s.one("I", 0, 1 << 20 if is_forest else 0)
        self.bases, self.counts = (s.take(f"{heads}d"), s.take(f"{heads}I")) if is_forest else ((0.0,) * heads, (1,) * heads)
        need(sum(self.counts) == number or not is_forest, "numbers of trees")
        self.roots = s.take(f"{sum(self.counts)}I")
        self.nodes = list(struct.iter_unpack("<HHfIIf", s.raw(20 * count)))
        need(all(map(math.isfinite, (number for node in self.nodes for number in node))), "not finite")
        need(self.roots[:1] == (0,) if self.nodes else not self.roots, "the first root")
        depths = [0] * count
        for first, end in zip(self.roots, [*self.roots[1:], count]):
            need(first < end <= count, "roots")
            depths[first] = 1
            for i in range(first, end):
                feature, zero, threshold, left, right, _ = self.nodes[i]
                need(zero == 0 and 0 < depths[i] <= 64, "a node without a parent, or too deep")
                if left == 0:
                    need(feature == threshold == right == 0 and math.copysign(1, threshold) > 0, "a leaf")
                    continue
                need(feature < schema.dense and i < left < end and i < right < end and left != right
                     and not depths[left] and not depths[right], "children")
                depths[left] = depths[right] = depths[i] + 1

    def margin(self, x, head):
        first = sum(self.counts[:head])
        return add((self.leaf(x.dense, i) for i in self.roots[first:first + self.counts[head]]), self.bases[head])

    def leaf(self, dense, i):
        while True:
            feature, _, threshold, left, right, value = self.nodes[i]
            if left == 0: return value
            i = left if dense[feature] <= threshold else right

class Router:
    def __init__(self, data):
        try:
            self.read(data)
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise Refused(str(error)) from error

    def read(self, data):
        need(data[:8] == b"\x89RDL\r\n\x1a\n" and 40 <= len(data) <= 64 << 20, "not a weight file")
        version, count, length, fingerprint = struct.unpack_from("<IIQQ", data, 8)
        need(length == len(data), "length")
        need(crc64(data[:-8]) == int.from_bytes(data[-8:], "little"), "checksum")
        need(1 <= version <= 3, "version")
        tags = [tag for tag, since in zip("SCHM MODL CALB RULE THRS CAND PLCY PROB META".split(), (1, 1, 1, 2, 1, 1, 3, 1, 1))
                if since <= version]
        at, end, sections = 32 + 24 * count, len(data) - 8, {}
        need(count == len(tags) and at <= end, "number of sections")
        for i, tag in enumerate(tags):
            name, zero, offset, size = struct.unpack_from("<4sIQQ", data, 32 + 24 * i)
            need((name, zero, offset) == (tag.encode(), 0, at) and size <= end - at, "section table")
            sections[tag], at = Section(data, at, at + size), -(-(at + size) // 8) * 8
            need(at <= end and not any(data[offset + size:at]), "padding")
        need(at == end, "bytes behind the sections")
        self.schema = Schema(sections["SCHM"])
        need(self.schema.fingerprint == fingerprint, "fingerprint of the schema")
        s = sections["MODL"]
        kind, self.heads = s.one("I", 1, 4), s.one("I", 1, 63)
        self.parts = [Linear(s, self.schema, self.heads, version)] if kind in (1, 4) else []
        self.parts += [Trees(s, self.schema, self.heads, kind != 2)] if kind > 1 else []
        self.read_rule(sections.get("RULE"))
        self.maps = [self.read_map(sections["CALB"]) for _ in range(self.heads)]
        self.thresholds = []
        for _ in range(self.rungs - 1):
            self.thresholds.append(sections["THRS"].one("d"))
            need(sections["THRS"].one("I", 0, 3) >= 0 == sections["THRS"].one("I"), "a guarantee")
        self.names, s = [], sections["CAND"]
        for _ in range(s.one("I", self.rungs, self.rungs)):
            length, _, *prices = s.take("Iqqqq" if version >= 3 else "Iq")
            self.names.append(s.text(length).decode())
            need(length > 0 and all(price >= -1 for price in prices), "a candidate")
        for s in [sections[tag] for tag in tags if tag == "PLCY"]: need(len(s.text(s.end - s.at)) <= 1 << 20, "a policy")
        s, keys = sections["META"], []
        for _ in range(s.one("I")):
            lengths = s.take("II")
            keys.append([s.text(length) for length in lengths][0])
        need(all(keys) and increasing(keys), "keys of the metadata")
        s = sections["PROB"]
        for _ in range(s.one("I", 0, 256)):
            length, turn, *hashes, stated = s.take("IiQQQQ")
            margins = s.take(f"{self.heads}d")
            x = Features(self.schema, s.raw(length), turn, hashes)
            need(x.fingerprint() == stated and [*map(bits, self.margins(x))] == [*map(bits, margins)], "a probe")
        need(all(s.at == s.end for s in sections.values()), "bytes left over in a section")

    def read_rule(self, s):
        self.worth, self.link, self.rungs = None, 0, self.heads + 1
        if s is None: return
        kind, self.link = s.one("I", 0, 1), s.one("I", 0, 1)
        need(kind >= self.link, "bytes that must be zero")
        if kind == 0: return
        self.rungs = s.one("I", 2, 64)
        s.zeros(4)
        self.worth, self.prices = s.take(f"{self.rungs * self.heads}d"), s.take(f"{self.rungs}d")
        need(self.prices[0] == 0 and math.copysign(1, self.prices[0]) > 0 and increasing(self.prices), "prices")

    def read_map(self, s):
        kind, knots = s.one("I", 0, 2), s.one("I", 0, 4096)
        need((knots > 0) == (kind == 2) and not (kind == 2 and self.link), "a calibration map")
        x, p = s.take(f"{knots}d") if knots else s.one("d"), s.take(f"{knots}d") if knots else s.one("d")
        need(increasing(x) and [*p] == sorted(p) and 0 <= p[0] <= p[-1] <= 1 if knots else x > 0 if kind else
             (bits(x), bits(p)) == (bits(1.0), 0), "a calibration map")
        return x, p

    def margins(self, x): return [functools.reduce(lambda a, b: a + b, [part.margin(x, head) for part in self.parts])
                                  for head in range(self.heads)]

    def probability(self, head, margin):
        x, p = self.maps[head]
        if isinstance(x, float): return logistic(x * margin + p)
        if margin <= x[0]: return p[0]
        if margin >= x[-1]: return p[-1]
        i = max(k for k in range(len(x)) if x[k] <= margin)
        return p[i] + (margin - x[i]) / (x[i + 1] - x[i]) * (p[i + 1] - p[i])

    def steps(self, margins):
        if self.worth is None: return margins
        if self.link:
            z = [slope * margin + offset for (slope, offset), margin in zip(self.maps, margins)]
            e = [exp(v - max(z)) for v in z]
            p = [v / add(e) for v in e]
        else:
            p = [self.probability(*pair) for pair in enumerate(margins)]
        values = [add(a * b for a, b in zip(p, self.worth[c * self.heads:])) for c in range(self.rungs)]
        return [max((values[j] - values[k]) / (self.prices[j] - self.prices[k]) for j in range(k + 1, self.rungs))
                for k in range(self.rungs - 1)]

    def decide(self, text, turn=0, hashes=(0, 0, 0)):
        """Margin of the step that decides, and the candidate."""
        steps, k = self.steps(self.margins(Features(self.schema, text, turn, hashes))), 0
        while steps[k] >= self.thresholds[k] and k < len(steps) - 1: k += 1
        return steps[k], self.names[k + (steps[k] >= self.thresholds[k])]

def main():
    if len(sys.argv) != 2: sys.exit("usage: riddle_reader.py router.riddle < queries.txt")
    router = Router(Path(sys.argv[1]).read_bytes())
    for line in sys.stdin.buffer:
        margin, candidate = router.decide(line.removesuffix(b"\n"))
        print(f"{bits(margin):016x} {candidate}")

if __name__ == "__main__": main()
