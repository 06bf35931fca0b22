"""Outcome model of the support-desk data set (standard library only).

Everything a figure in support-desk.jsonl.gz depends on is in this file: the
random generator, the elementary functions, and the constants of the model.

Random numbers: splitmix64 (Steele, Lea, Flood 2014), state and output are 64
bits wide, all arithmetic modulo 2**64:

    state += 0x9E3779B97F4A7C15
    z = state
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB
    output = z ^ (z >> 31)

A stream is started with   state = seed XOR fnv1a64(label)   (label in UTF-8),
so the text of a conversation, its time and its outcomes come from separate
streams. Uniform real: (output >> 11) * 2**-53. Integer below n:
(output * n) >> 64. Approximate normal: sum of 12 uniforms minus 6.

exp and ln are written out below with + - * / only. IEEE 754 fixes those to the
last bit, so the output does not depend on the C mathematics library.
"""

MASK = (1 << 64) - 1
LN2 = 0.6931471805599453


def fnv1a64(text):
    h = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


class SplitMix64:
    def __init__(self, seed, label):
        self.state = (seed ^ fnv1a64(label)) & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def real(self):
        return (self.next() >> 11) * 2.0 ** -53

    def below(self, n):
        return (self.next() * n) >> 64

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def percent(self, p):
        return self.below(100) < p

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, pairs):
        """pairs: [(item, integer weight)]"""
        x = self.below(sum(w for _, w in pairs))
        for item, w in pairs:
            if x < w:
                return item
            x -= w
        raise AssertionError

    def normal(self):
        total = 0.0
        for _ in range(12):
            total += self.real()
        return total - 6.0


def exp(x):
    k = int(x / LN2 + (0.5 if x >= 0 else -0.5))
    r = x - k * LN2
    term = total = 1.0
    for i in range(1, 18):
        term = term * r / i
        total += term
    return total * 2.0 ** k if k >= 0 else total / 2.0 ** -k


def ln(x):
    k = 0
    while x > 1.4142135623730951:
        x *= 0.5
        k += 1
    while x < 0.7071067811865476:
        x *= 2.0
        k -= 1
    y = (x - 1.0) / (x + 1.0)
    y2, power, total = y * y, y, 0.0
    for i in range(1, 40, 2):
        total += power / i
        power *= y2
    return k * LN2 + 2.0 * total


def logistic(x):
    if x >= 0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


def logit(p):
    return ln(p / (1.0 - p))


# ---------------------------------------------------------------- constants

CANDIDATES = ("small", "medium", "large")

# Dollars per million tokens (input, output) as nano-dollars per token.
NANO_PER_TOKEN = {"small": (150, 600), "medium": (800, 3200), "large": (3000, 15000)}

AUTHORED_SLOPE = 0.80            # per level away from 2.5
FOLLOW_UP_SLOPE = 0.45           # the same for a follow-up, whose own words show less
TASK_OFFSET = {
    "account_lookup": -2.30, "how_to": -1.80, "translate": -0.60, "classify": -0.50,
    "extract": -0.30, "summarize": -0.20, "writing": -0.20, "follow_up": -0.70,
    "calculation": 1.20, "sql": 1.10, "code": 1.20, "compare": 0.80, "debug": 1.20,
    "analysis": 1.40, "policy_risk": 1.60, "planning": 1.50,
}
LENGTH_STEPS = ((640, 0.70), (320, 0.50), (160, 0.30), (80, 0.12))   # characters, offset
LANGUAGE_OFFSET = {"en": 0.0, "de": 0.25, "es": 0.25, "fr": 0.25, "it": 0.25, "pt": 0.25,
                   "nl": 0.25, "pl": 0.50, "tr": 0.60, "ja": 0.60, "zh": 0.50}
TURN_STEP = 0.12                 # per turn after the first
SCENARIO_SD = 0.50               # random effect, one draw per scenario

ABILITY = {"small": 0.26, "medium": 1.48, "large": 2.70}
DOMAIN_ADJUST = {                # what is left out is 0
    "small": {"shipping": 0.60, "returns": 0.50, "account": 0.30, "billing": 0.20, "data": -0.30,
              "security": -0.50, "legal": -0.80, "medical": -1.00},
    "medium": {"api": 0.20, "data": 0.20, "legal": -0.20, "hr": 0.10},
    "large": {"shipping": -0.30, "account": -0.20, "medical": 0.30, "legal": 0.30},
}
DRIFT_ADJUST = {("small", "api"): -0.90}     # added in weeks 7 and 8

CONCENTRATION = 0.90             # of the beta-binomial; small = points agree
SHARED_LUCK_PERCENT = 25         # a candidate uses the row's shared uniforms

# logit(confidence) = a * logit(p) + b + g * (quality - p) + sd * normal
CONFIDENCE = {"small": (0.60, 1.30, 0.30, 1.00), "medium": (0.85, 0.25, 0.30, 0.90),
              "large": (0.90, -0.35, 0.30, 0.80)}

SYSTEM_TOKENS = 260
HISTORY_TOKENS = 150             # an earlier answer in the conversation
OUT_MEDIAN = {
    "account_lookup": 60, "how_to": 170, "summarize": 130, "extract": 120, "classify": 40,
    "translate": 70, "debug": 330, "sql": 240, "code": 480, "analysis": 420, "planning": 620,
    "compare": 340, "policy_risk": 310, "calculation": 180, "writing": 260, "follow_up": 140,
}
VERBOSITY = {"small": 0.90, "medium": 1.00, "large": 1.15}
OUT_SD = 0.35                    # of ln(out_tokens)
FIRST_TOKEN_MS = {"small": 220, "medium": 380, "large": 650}
PER_TOKEN_MS = {"small": 6.0, "medium": 11.0, "large": 19.0}
LATENCY_SD = 0.18
SLOW_PER_1000 = 30               # heavy tail: multiplied by min(12, 1.5 / u**0.5)


# ------------------------------------------------------------------- model

def scenario_effect(seed, scenario_id):
    return SCENARIO_SD * SplitMix64(seed, "effect " + scenario_id).normal()


def text_difficulty(level, task, text, lang, turn):
    """The part of the difficulty that does not need the scenario's effect."""
    slope = FOLLOW_UP_SLOPE if task == "follow_up" else AUTHORED_SLOPE
    d = slope * (level - 2.5) + TASK_OFFSET[task]
    for limit, offset in LENGTH_STEPS:
        if len(text) >= limit:
            d += offset
            break
    return d + LANGUAGE_OFFSET[lang] + TURN_STEP * (turn - 1)


def point_probability(candidate, difficulty, domain, drifted):
    x = ABILITY[candidate] - difficulty + DOMAIN_ADJUST[candidate].get(domain, 0.0)
    if drifted:
        x += DRIFT_ADJUST.get((candidate, domain), 0.0)
    p = round(logistic(x), 6)
    return min(max(p, 0.005), 0.995)


def bad_probability(p):
    """P(at most one of four points) of the beta-binomial with mean p."""
    c = CONCENTRATION
    a, b = p * c, (1.0 - p) * c
    whole = c * (c + 1) * (c + 2) * (c + 3)
    none = b * (b + 1) * (b + 2) * (b + 3) / whole
    one = 4.0 * a * b * (b + 1) * (b + 2) / whole
    return none + one


def points(p, uniforms):
    """Polya urn: four draws, each hit makes the next one likelier."""
    met = 0
    for k in range(4):
        if uniforms[k] < (p * CONCENTRATION + met) / (CONCENTRATION + k):
            met += 1
    return met


def outcomes(rng, difficulty, domain, drifted, task, in_tokens):
    """Returns {candidate: (points, confidence in percent, out, nano-dollars, ms, p)}"""
    shared = [rng.real() for _ in range(4)]
    spread = rng.normal()        # answers to one query are long or short together
    result = {}
    for name in CANDIDATES:
        p = point_probability(name, difficulty, domain, drifted)
        use_shared = rng.percent(SHARED_LUCK_PERCENT)
        own = [rng.real() for _ in range(4)]
        met = points(p, shared if use_shared else own)
        a, b, g, sd = CONFIDENCE[name]
        conf = logistic(a * logit(p) + b + g * (met / 4 - p) + sd * rng.normal())
        conf = min(max(int(conf * 100 + 0.5), 1), 99)
        wobble = 0.8 * spread + 0.6 * rng.normal()
        out = max(5, int(OUT_MEDIAN[task] * VERBOSITY[name] * exp(OUT_SD * wobble) + 0.5))
        price_in, price_out = NANO_PER_TOKEN[name]
        ms = (FIRST_TOKEN_MS[name] + PER_TOKEN_MS[name] * out) * exp(LATENCY_SD * rng.normal())
        slow, u = rng.below(1000) < SLOW_PER_1000, rng.real()
        if slow:
            ms *= min(12.0, 1.5 / max(u, 1e-6) ** 0.5)
        ms = int(ms / 10 + 0.5) * 10
        result[name] = (met, conf, out, in_tokens * price_in + out * price_out, ms, p)
    return result
