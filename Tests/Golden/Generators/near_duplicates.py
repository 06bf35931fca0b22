"""Reference clusters for NearDuplicatesGoldenTests: writes ../near_duplicates.json.

Every pair of texts is compared by the exact Jaccard similarity of its sets of word 5-grams, no hashing; clusters are the
connected components at 0.8, each named by its smallest index. Texts come from splitmix64, so that the tests rebuild
them from a seed: families of copies of a base text with a few words replaced. Python standard library only.
Run: python3 near_duplicates.py
"""

import json
import os
import sys
from fractions import Fraction

MASK = (1 << 64) - 1


def units(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        yield (z >> 11) / (1 << 53)


def texts(seed, families):
    u = units(seed)
    found = []
    for _ in range(families):
        length = 3 + int(next(u) * 80)
        base = [f"w{int(next(u) * 3000)}" for _ in range(length)]
        for _ in range(1 + int(next(u) * 4)):
            words = list(base)
            for _ in range(int(next(u) * 5)):
                place = int(next(u) * len(words))
                words[place] = f"x{int(next(u) * 3000)}"
            found.append(words)
    return found


def clusters(found):
    sets = [{tuple(w[i : i + 5]) for i in range(len(w) - 4)} for w in found]
    parent = list(range(len(found)))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for a in range(len(found)):
        for b in range(a):
            common = len(sets[a] & sets[b])
            union = len(sets[a] | sets[b])
            if found[a] == found[b] or (union and Fraction(common, union) >= Fraction(4, 5)):
                x, y = root(a), root(b)
                parent[max(x, y)] = min(x, y)
    return [root(i) for i in range(len(found))]


cases = []
for seed in range(1, 7):
    found = texts(seed, 120)
    cases.append({"seed": seed, "families": 120, "clusters": clusters(found)})

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "near_duplicates.json")
with open(path, "w") as file:
    json.dump({"python": sys.version.split()[0], "threshold": "4/5", "cases": cases}, file)
    file.write("\n")
