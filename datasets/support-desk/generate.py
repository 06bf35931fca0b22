#!/usr/bin/env python3
"""Grows scenarios/*.txt to support-desk.jsonl.gz and truth.json.

    python3 generate.py                 write both files
    python3 generate.py --check         exit 1 if a committed file differs
    python3 generate.py --out FILE      write the data elsewhere (no truth.json)
    python3 generate.py --truth-rows F  also write the true probabilities of each row
    --seed N                            default 20260301

Python 3.11, standard library only. The random generator, the constants and the
outcome model are in model.py.
"""
import argparse
import gzip
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import date, datetime, timedelta
from pathlib import Path

import model
from model import CANDIDATES, SplitMix64

HERE = Path(__file__).resolve().parent
DATA, TRUTH = HERE / "support-desk.jsonl.gz", HERE / "truth.json"
ROWS, WEEKS, LAUNCH_WEEK = 10_000, 8, 7
START = datetime(2026, 3, 2)

WEEK_WEIGHT = (100, 98, 102, 100, 97, 103, 112, 110)
DAY_WEIGHT = (205, 195, 190, 185, 160, 38, 27)              # Monday first
HOUR_WEIGHT = (2, 1, 1, 1, 2, 5, 14, 38, 82, 105, 108, 98, 70, 84, 100, 94, 80, 55, 32, 22, 16, 10)
DOMAIN_WEIGHT = {"billing": 150, "account": 130, "shipping": 135, "returns": 100, "api": 90,
                 "data": 95, "security": 70, "legal": 50, "medical": 40, "product": 95, "hr": 45}
LAUNCH_DOMAIN_WEIGHT = {"billing": 120, "account": 100, "shipping": 100, "returns": 75, "api": 205,
                        "data": 70, "security": 185, "legal": 40, "medical": 32, "product": 75, "hr": 38}
LAUNCH_FACTOR = 4                                           # a launch scenario within its domain
NEXT_TURN_PERCENT = 75
TIERS = {"api": (30, 55, 15), "security": (28, 50, 22), "legal": (30, 50, 20), "data": (22, 50, 28),
         "hr": (0, 100, 0)}                                 # premium, standard, free
DEFAULT_TIER = (18, 47, 35)

NAMES = ("Mara Lindqvist", "Jonas Weber", "Priya Nair", "Tom Becker", "Lucía Romero", "Ada Kowalska",
         "Hugo Martin", "Elif Demir", "Sam Okafor", "Nina Rossi", "Pieter de Vries", "Yuki Tanaka",
         "Carla Mendes", "Oliver Hart", "Ines Duarte", "Ruth Adler", "Ben Whitlock", "Zofia Wrona")
CITIES = ("Leeds", "Bremen", "Lyon", "Ghent", "Porto", "Turin", "Graz", "Malmö", "Valencia", "Gdańsk",
          "Cork", "Utrecht", "Basel", "Izmir", "Osaka", "Boston")
COMPANIES = ("Kiel Paper Works", "Brightwater Foods", "Atelier Morel", "Sundby Bikes", "Castell Optics",
             "Harrow & Finch", "Orchard Dental", "Vento Logistics", "Blue Door Books", "Tessera Tiles")
PRODUCTS = ("Lumen Desk", "Tally", "Harbor Sync", "Northlamp POS")
DEVICES = ("Scanline 2", "Scanline Mini", "LabelJet 4", "docket printer", "till display")
ERRORS = ("E-4012", "ERR_TOKEN_EXPIRED", "HTTP 502 Bad Gateway", "invalid_grant", "request timed out",
          "code 17: field 'country' missing", "CERT_HAS_EXPIRED", "E-2208 not permitted", "unexpected end of input",
          "HTTP 422", "NETWORK_CHANGED", "E-9001 internal error")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")

GREETING = {"en": ("Hi, ", "Hello, ", "Hi team, ", "Hey, ", "Good morning, ", "hi ", "Hello there, ", "Quick question: "),
            "de": ("Hallo, ", "Guten Tag, "), "es": ("Hola: ", "Buenos días. "), "fr": ("Bonjour, ", "Bonsoir, "),
            "it": ("Buongiorno, ", "Salve, "), "pt": ("Olá, ", "Bom dia, "), "nl": ("Hallo, ", "Goedemiddag, "),
            "pl": ("Dzień dobry, ", "Witam, "), "tr": ("Merhaba, ",), "ja": ("お世話になっております。",), "zh": ("你好，", "您好，")}
CLOSING = {"en": (" Thanks!", " Thank you.", " thx", " Thanks in advance", " Cheers, {name}", " Best, {name}"),
           "de": (" Danke!", " Vielen Dank, {name}"), "es": (" Gracias.", " ¡Gracias!"), "fr": (" Merci !", " Merci d'avance."),
           "it": (" Grazie!", " Grazie mille."), "pt": (" Obrigado!", " Obrigada."), "nl": (" Bedankt!", " Alvast bedankt."),
           "pl": (" Dziękuję!", " Z góry dziękuję."), "tr": (" Teşekkürler!",), "ja": ("よろしくお願いします。",), "zh": ("谢谢！",)}
FOLLOW = ("ok, ", "Sorry, ", "Hm, ", "Thanks. ", "Ok thanks. ", "One more thing: ", "Also: ")
LOWER_OK = set("How Where What When Can Do Does Is Are Why Which Please We Write The Who May Could Should "
               "Has Have Did Give Tell Summarise Draft In To From If Until And It So Then But".split())
GREETED = re.compile(r"(hi|hello|hey|dear|good (morning|afternoon)|hola|bonjour|to whom|ok|no|yes|sorry|hm|thanks|great|"
                     r"done|found it|also|and also|so|tried|fixed|nein|hab)\b", re.I)
SLOT = re.compile(r"\{(order|invoice|ticket|name|city|company|product|device|error|amount|plan|email|n|date|future|today)\}")
HEAD = re.compile(r"([*>]) ([1-5]) ([a-z_]+)(?: ([a-z]{2}))? \| (.+)")


def read_scenarios():
    scenarios, count = [], {}
    for path in sorted((HERE / "scenarios").glob("*.txt")):
        domain, launch, gap = None, False, 0
        for line in path.read_text(encoding="utf-8").split("\n"):
            head = HEAD.fullmatch(line)
            if line.startswith("    "):
                turn = scenarios[-1]["turns"][-1]
                turn["text"] += "\n" * (gap + 1) + line[4:]
                gap = 0
            elif not line:
                gap += 1
            elif head:
                mark, level, task, lang, text = head.groups()
                assert task in model.TASK_OFFSET, line
                if mark == "*":
                    count[domain] = count.get(domain, 0) + 1
                    scenarios.append({"id": f"{domain}-{count[domain]:03d}", "domain": domain,
                                      "launch": launch, "turns": []})
                scenarios[-1]["turns"].append({"level": int(level), "task": task,
                                               "lang": lang or "en", "text": text})
                gap = 0
            elif line.startswith("@domain "):
                domain = line[8:]
                assert domain in DOMAIN_WEIGHT, line
            elif line == "@launch":
                launch = True
            else:
                assert line.startswith("#"), line
    return scenarios


def popularity(scenario, seed):
    """Integer weight within the domain: easy, short questions are asked more often."""
    w = SplitMix64(seed, "popularity " + scenario["id"]).pick((2, 3, 3, 4, 4, 5, 6, 8))
    first = scenario["turns"][0]
    w *= 3 if first["level"] <= 2 else 2
    if max(len(t["text"]) for t in scenario["turns"]) > 400:
        w = max(1, w // 3)
    return w * (LAUNCH_FACTOR if scenario["launch"] else 1)


def draw_start(rng, low_week, high_week):
    week = rng.weighted([(w, WEEK_WEIGHT[w - 1]) for w in range(low_week, high_week + 1)])
    day = rng.weighted(list(enumerate(DAY_WEIGHT)))
    hour = rng.weighted(list(enumerate(HOUR_WEIGHT)))
    return START + timedelta(days=7 * (week - 1) + day, hours=hour, seconds=rng.below(3600))


def week_of(time):
    return (time - START).days // 7 + 1


def plan_conversations(scenarios, seed):
    """[(start, scenario, number of turns)] with exactly ROWS turns in total."""
    rng = SplitMix64(seed, "plan")
    plan = []
    for s in scenarios:                                     # every scenario in full once
        plan.append((draw_start(rng, LAUNCH_WEEK if s["launch"] else 1, WEEKS), s, len(s["turns"])))
    left = ROWS - sum(n for _, _, n in plan)
    pools = {}
    for launched in (False, True):
        for domain in DOMAIN_WEIGHT:
            pools[domain, launched] = [(s, popularity(s, seed)) for s in scenarios
                                       if s["domain"] == domain and (launched or not s["launch"])]
    while left:
        start = draw_start(rng, 1, WEEKS)
        launched = week_of(start) >= LAUNCH_WEEK
        domain = rng.weighted(list((LAUNCH_DOMAIN_WEIGHT if launched else DOMAIN_WEIGHT).items()))
        s = rng.weighted(pools[domain, launched])
        n = 1
        while n < len(s["turns"]) and rng.percent(NEXT_TURN_PERCENT):
            n += 1
        n = min(n, left)
        plan.append((start, s, n))
        left -= n
    return sorted(plan, key=lambda entry: entry[0])         # stable: ties keep plan order


def fill_values(rng, day):
    def en(d):
        return f"{d.day} {MONTHS[d.month - 1]}"
    dates = {"date": day - timedelta(days=rng.between(2, 45)), "future": day + timedelta(days=rng.between(5, 60)),
             "today": day}
    name, company = rng.pick(NAMES), rng.pick(COMPANIES)
    values = {"order": f"NL-{rng.between(400000, 499999)}", "invoice": f"INV-2026-{rng.between(1000, 99999):06d}",
              "ticket": f"T-{rng.between(10000, 99999)}", "name": name, "city": rng.pick(CITIES), "company": company,
              "product": rng.pick(PRODUCTS), "device": rng.pick(DEVICES), "error": rng.pick(ERRORS),
              "amount": f"{rng.between(9, 1400)}.{rng.pick(('00', '50', '90', '95'))}",
              "plan": rng.pick(("Starter", "Team", "Business")), "n": str(rng.between(3, 38)),
              "email": name.split()[0].lower().replace("í", "i") + "@" + company.split()[0].lower() + ".example"}
    return values, {k: en(d) for k, d in dates.items()}, {k: d.isoformat() for k, d in dates.items()}


def typo(rng, text):
    words = [m for m in re.finditer(r"[A-Za-z]{5,}", text) if m.group().islower()]
    if not words:
        return text
    m = rng.pick(words)
    i = m.start() + rng.between(1, len(m.group()) - 3)
    kind = rng.below(3)
    if kind == 0:
        return text[:i] + text[i + 1] + text[i] + text[i + 2:]      # swapped
    if kind == 1:
        return text[:i] + text[i + 1:]                              # left out
    return text[:i] + text[i] + text[i:]                            # doubled


def surface(rng, turn, first, values):
    """The authored text with slots filled and light changes."""
    named, english, iso = values
    lang, text = turn["lang"], turn["text"]
    dates = english if lang == "en" else iso
    fill = lambda m: named.get(m.group(1)) or dates[m.group(1)]
    plain = "\n" not in text and '"' not in text and "“" not in text and len(text) < 260
    text = SLOT.sub(fill, text)
    greet, close = rng.percent(24), rng.percent(20)
    if lang == "en" and plain:
        if rng.percent(14) and turn["task"] not in ("sql", "code"):
            text = typo(rng, text)
        if rng.percent(12) and len(text) < 120 and not re.search(r"[a-z][A-Z]|[A-Z]{2}", text):
            text = text.lower()
        if text.endswith("?") and not text.endswith("??"):
            text = text[:-1] + rng.weighted([("?", 80), ("", 13), ("??", 7)])
        elif text.endswith(".") and not text.endswith("..") and rng.percent(15):
            text = text[:-1]
    long = len(text) > 600
    if greet and not long and not GREETED.match(text):
        head = rng.pick(GREETING[lang]) if first else (rng.pick(FOLLOW) if lang == "en" else "")
        word = re.match(r"[A-Za-z]*", text).group()
        if head and lang == "en" and word in LOWER_OK and not head.endswith(". "):
            text = text[0].lower() + text[1:]
        text = head + text
    if close and first and not long and not re.search(r"thank|thx|regards|cheers", text, re.I):
        tail = SLOT.sub(fill, rng.pick(CLOSING[lang]))
        if "\n" in text:
            tail = "\n\n" + tail.strip()
        elif lang == "en" and text[-1] in "\"')}":
            tail = "." + tail
        elif lang == "en" and text[-1].isalnum() and rng.percent(60):
            tail = "," + tail[:1] + tail[1].lower() + tail[2:] if tail[1:4].lower() == "tha" else "." + tail
        text += tail
    return text


def money(nano):
    """Exact decimal dollars without exponent."""
    text = f"{nano // 10**9}.{nano % 10**9:09d}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def grow(seed):
    scenarios = read_scenarios()
    effect = {s["id"]: model.scenario_effect(seed, s["id"]) for s in scenarios}
    rows = []
    for number, (start, s, turns) in enumerate(plan_conversations(scenarios, seed), 1):
        talk = f"c-{number:05d}"
        rng = SplitMix64(seed, "text " + talk)
        premium, standard, _ = TIERS.get(s["domain"], DEFAULT_TIER)
        x = rng.below(100)
        tier = "premium" if x < premium else "standard" if x < premium + standard else "free"
        values, time, history = fill_values(rng, start.date()), start, 0
        for index, turn in enumerate(s["turns"][:turns], 1):
            if index > 1:
                time += timedelta(seconds=rng.between(60, 1200))
            text = surface(rng, turn, index == 1, values)
            own = (len(text.encode("utf-8")) + 3) // 4
            week = week_of(time)
            base = model.text_difficulty(turn["level"], turn["task"], text, turn["lang"], index)
            difficulty = base + effect[s["id"]]
            drifted = week >= LAUNCH_WEEK
            tokens = model.SYSTEM_TOKENS + history + own
            out = model.outcomes(SplitMix64(seed, f"outcome {talk} {index}"), difficulty, s["domain"],
                                 drifted, turn["task"], tokens)
            rows.append({"query": text, "group": s["id"], "conversation": talk, "turn": index, "tier": tier,
                         "domain": s["domain"], "task": turn["task"], "lang": turn["lang"], "level": turn["level"],
                         "time": time, "week": week, "launch": s["launch"], "in": tokens, "out": out,
                         "difficulty": difficulty, "base": base, "drifted": drifted})
            history += own + model.HISTORY_TOKENS
    rows.sort(key=lambda r: (r["time"], r["conversation"], r["turn"]))
    assert len(rows) == ROWS and rows[-1]["time"] < START + timedelta(weeks=WEEKS)
    return scenarios, rows


def encode(rows):
    q = lambda s: json.dumps(s, ensure_ascii=False)
    lines = []
    for i, r in enumerate(rows, 1):
        parts = []
        for name in CANDIDATES:
            met, conf, out, nano, ms, _ = r["out"][name]
            quality = ("0", "0.25", "0.5", "0.75", "1")[met]
            parts.append(f'"{name}":{{"quality":{quality},"confidence":0.{conf:02d},"in_tokens":{r["in"]},'
                         f'"out_tokens":{out},"cost_usd":{money(nano)},"latency_ms":{ms}}}')
        lines.append(f'{{"id":"sd-{i:05d}","query":{q(r["query"])},"group":"{r["group"]}",'
                     f'"conversation":"{r["conversation"]}","turn":{r["turn"]},"user_tier":"{r["tier"]}",'
                     f'"domain":"{r["domain"]}","task_type":"{r["task"]}",'
                     f'"time":"{r["time"].strftime("%Y-%m-%dT%H:%M:%SZ")}","outcomes":{{{",".join(parts)}}}}}\n')
    return "".join(lines).encode("utf-8")


def compress(data):
    """gzip with time 0, no file name, level 9, system byte 255 (unknown)."""
    z = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + z.compress(data) + z.flush()
            + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--truth-rows", type=Path)
    args = parser.parse_args()
    from truth import truth_figures, truth_rows
    scenarios, rows = grow(args.seed)
    data = encode(rows)
    packed = compress(data)
    figures = truth_figures(args.seed, scenarios, rows)
    figures["sha256_jsonl"] = hashlib.sha256(data).hexdigest()
    truth = (json.dumps(figures, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    if args.truth_rows:
        args.truth_rows.write_bytes(truth_rows(rows))
    if args.check:
        committed = DATA.read_bytes() if DATA.exists() else b""
        if not committed or gzip.decompress(committed) != data:
            sys.exit("support-desk.jsonl.gz differs from what generate.py makes")
        if not TRUTH.exists() or TRUTH.read_bytes() != truth:
            sys.exit("truth.json differs from what generate.py makes")
        same = committed == packed
        print("check passed" + ("" if same else ": same rows, but this zlib packs them differently "
                                f"({zlib.ZLIB_RUNTIME_VERSION})"))
        return
    (args.out or DATA).write_bytes(packed)
    if not args.out:
        TRUTH.write_bytes(truth)
    print(f"{len(rows)} rows, {len(data)} bytes, packed {len(packed)}")


if __name__ == "__main__":
    main()
