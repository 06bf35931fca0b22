#!/usr/bin/env python3
"""Writes the example logs of this folder, byte for byte the same at every run, and expected.json: what an import of each
must come to, counted here and not by Riddle.

    python3 datasets/logs/generate.py [--check]

Needs Python 3.9 and nothing else. The field names are those of the tools' own documentation; every text, name and number
is made up here. Each log has the difficulties that real ones have: see README.md.
"""
import csv, io, json, os, sys
from decimal import Decimal, ROUND_HALF_UP

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL, LARGE = "gpt-4o-mini", "gpt-4o"
START = 1764547200  # 2025-12-01T00:00:00Z


class Dice:
    """A linear congruential generator: the same numbers under every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> 33

    def below(self, n):
        return self.next() % n

    def chance(self, share):
        return self.next() / 2**31 < share

    def pick(self, items):
        return items[self.below(len(items))]


PLACES = ["Lisbon", "Oslo", "Nairobi", "Quito", "Hanoi", "Tallinn", "Perth", "Cusco", "Sofia", "Dakar"]
THINGS = ["invoice", "refund", "password", "parcel", "coupon", "receipt", "subscription", "address", "statement", "booking"]
HARD = [
    "Prove that the sum of the first {n} odd numbers is {m}, and say where induction is used.",
    "Design a migration of the {thing} service to two regions without downtime, step by step, with a rollback plan.",
    "Our {thing} queue deadlocks under load in {place}. Explain the likely cause and write a test that shows it.",
    "Compare three ways of pricing a {thing} in {place} and derive the break-even point for {n} customers.",
]
EASY = [
    "Where is my {thing}?", "How do I change my {thing}?", "What time is it in {place}?",
    "Thanks, please close the ticket about the {thing}.", "Is the office in {place} open today?",
]


def query(dice, number):
    """A query, and whether it is hard."""
    hard = dice.chance(0.4)
    n = 3 + dice.below(90)
    text = dice.pick(HARD if hard else EASY).format(
        n=n, m=n * n, thing=dice.pick(THINGS), place=dice.pick(PLACES))
    return f"{text} (case {number})", hard


def answer(dice, hard, strong):
    """Quality, tokens in and out, milliseconds, nano-dollars: what one candidate makes of a query."""
    good = dice.chance(0.93 if strong else 0.25 if hard else 0.88)
    tin = 20 + dice.below(200 if hard else 60)
    tout = 10 + dice.below(600 if hard else 80)
    ms = (400 + dice.below(900)) * (4 if strong else 1) + tout
    nano = tin * (2500 if strong else 150) + tout * (10000 if strong else 600)
    return (1 if good else 0), tin, tout, ms, nano


def dollars(nano):
    """Nano-dollars as a plain decimal number of dollars."""
    text = format(Decimal(nano) / Decimal(10**9), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(seconds, ms=0, zone="Z", space=False):
    import datetime
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return at.strftime("%Y-%m-%d" + (" " if space else "T") + "%H:%M:%S") + f".{ms:03d}" + zone


class Expected:
    """What an import must come to."""

    def __init__(self):
        self.counts = {"inserted": 0, "unchanged": 0, "conflicts": 0, "rejected": 0, "left_out": 0, "merged": 0}
        self.candidates = {}

    def count(self, what, n=1):
        self.counts[what] += n

    def outcome(self, name, quality=None, nano=None, us=None, tin=None, tout=None):
        c = self.candidates.setdefault(name, {
            "answered": 0, "judged": 0, "priced": 0, "timed": 0,
            "quality": 0.0, "cost_nanousd": 0, "latency_us": 0, "in_tokens": 0, "out_tokens": 0})
        c["answered"] += 1
        if quality is not None:
            c["judged"] += 1
            c["quality"] = round(c["quality"] + quality, 6)
        if nano is not None:
            c["priced"] += 1
            c["cost_nanousd"] += nano
        if us is not None:
            c["timed"] += 1
            c["latency_us"] += us
        c["in_tokens"] += tin or 0
        c["out_tokens"] += tout or 0

    def result(self):
        rows = sum(self.counts.values())
        return {"rows_read": rows, **self.counts,
                "candidates": dict(sorted(self.candidates.items()))}


def lines(records):
    return "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records)


def table(header, records):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for r in records:
        writer.writerow([r.get(k, "") for k in header])
    return out.getvalue()


# LiteLLM ---------------------------------------------------------------------------------------------------------------

def messages(dice, text, turns, parts=False):
    """A chat whose last user message is `text`."""
    out = [{"role": "system", "content": "You help customers of a shop."}]
    for i in range(turns - 1):
        out.append({"role": "user", "content": f"Earlier question {i}"})
        out.append({"role": "assistant", "content": "Earlier answer"})
    content = text if not parts else [
        {"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": "https://example.invalid/a.png"}}]
    out.append({"role": "user", "content": content})
    return out


def litellm(rows=260):
    """Spend logs, and the same calls as payloads."""
    dice = Dice(1)
    spend, payload = [], []
    want_spend, want_payload = Expected(), Expected()
    for n in range(rows):
        text, hard = query(dice, n)
        strong = hard if dice.chance(0.8) else not hard
        model = LARGE if strong else SMALL
        _, tin, tout, ms, nano = answer(dice, hard, strong)
        turns = 1 + dice.below(3)
        start = START + 60 * n
        kind = ("failure" if n % 23 == 7 else "embedding" if n % 31 == 5 else "cached" if n % 19 == 3
                else "image" if n % 37 == 11 else "redacted" if n % 41 == 13 else "chat")
        chat = messages(dice, text, turns, parts=n % 7 == 2)
        if kind == "image":
            chat = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.invalid/b.png"}}]}]
        if kind == "redacted":
            chat = [{"role": "user", "content": "redacted-by-litellm"}]
        decision = {"tier": "complex" if hard else "simple", "score": round(0.2 + 0.6 * hard, 2), "router": "complexity"}
        details = {"status": "failure" if kind == "failure" else "success", "routing_decision": decision,
                   "user_api_key_end_user_id": f"user-{n % 17}"}
        body = n % 5 == 1
        row = {
            "request_id": "" if n % 29 == 4 else f"chatcmpl-{n:05d}",
            "call_type": "aembedding" if kind == "embedding" else "acompletion",
            "spend": "0" if kind in ("cached", "failure") else dollars(nano),
            "total_tokens": tin + tout, "prompt_tokens": tin, "completion_tokens": tout,
            "startTime": iso(start, 250, "", space=True), "endTime": iso(start + (250 + ms) // 1000, (250 + ms) % 1000, "", space=True),
            "request_duration_ms": "" if n % 3 == 0 else ms,
            "model": model, "model_group": "auto" if n % 4 == 0 else model,
            "metadata": json.dumps(details), "cache_hit": "True" if kind == "cached" else "None",
            "request_tags": json.dumps(["shop", f"team-{n % 3}"]), "team_id": f"team-{n % 3}", "end_user": f"user-{n % 17}",
            "session_id": f"s-{n // 4}", "status": details["status"],
            "messages": "{}" if body else json.dumps(chat, ensure_ascii=False),
            "proxy_server_request": json.dumps({"model": "auto", "messages": chat}, ensure_ascii=False) if body else "{}",
        }
        spend.append(row)
        p = {
            "id": f"chatcmpl-{n:05d}", "trace_id": f"t-{n // 4}", "call_type": row["call_type"],
            "response_cost": 0 if kind in ("cached", "failure") else float(dollars(nano)), "status": details["status"],
            "total_tokens": tin + tout, "prompt_tokens": tin, "completion_tokens": tout,
            "startTime": start + 0.25, "endTime": start + (250 + ms) / 1000, "stream": n % 2 == 0,
            "response_time": (ms / 5000 if n % 2 == 0 else ms / 1000), "model": model, "model_group": row["model_group"],
            "cache_hit": kind == "cached", "request_tags": ["shop"], "end_user": f"user-{n % 17}",
            "metadata": {"routing_decision": decision}, "messages": chat,
        }
        payload.append(p)
        for want in (want_spend, want_payload):
            if kind in ("failure", "embedding"):
                want.count("left_out")
            elif kind in ("image", "redacted"):
                want.count("rejected")
            else:
                want.count("inserted")
                cached = kind == "cached"
                want.outcome(model, nano=None if cached else nano, us=None if cached else ms * 1000, tin=tin, tout=tout)
    good = [r for r in spend if r["request_id"] and r["status"] == "success" and r["cache_hit"] == "None"
            and r["call_type"] == "acompletion" and "redacted" not in r["messages"]]
    spend.append(dict(good[10]))  # the same row again
    want_spend.count("unchanged")
    spend.append({**good[11], "messages": json.dumps(messages(dice, "Another text", 1)), "proxy_server_request": "{}"})
    want_spend.count("conflicts")
    spend.append({**good[12], "request_id": "chatcmpl-bad", "spend": "-0.5"})
    want_spend.count("rejected")
    header = list(spend[0])
    as_json = []
    for r in spend:
        j = dict(r)
        for k in ("metadata", "request_tags", "messages", "proxy_server_request"):
            j[k] = json.loads(j[k])
        j["spend"] = json.loads(r["spend"]) if r["spend"] else None
        j["request_duration_ms"] = r["request_duration_ms"] or None
        j["cache_hit"] = r["cache_hit"]
        as_json.append(j)
    want = want_spend.result()
    write("litellm-spend.csv", table(header, spend), want)
    write("litellm-spend.json", json.dumps(as_json, ensure_ascii=False) + "\n", want)
    torn = lines(payload) + '{"id":"torn","response_cost":0.1,"messages":[{"role":"us\n'
    want_payload.count("rejected")
    write("litellm-payload.jsonl", torn, want_payload.result())


# OpenTelemetry ---------------------------------------------------------------------------------------------------------

def attribute(key, value):
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    if isinstance(value, float):
        return {"key": key, "value": {"doubleValue": value}}
    return {"key": key, "value": {"stringValue": value}}


def span_attributes(dialect, model, text, turns, tin, tout, cached, n):
    """The attributes of one call in a dialect."""
    if dialect == "current":
        history = []
        for i in range(turns - 1):
            history += [{"role": "user", "parts": [{"type": "text", "content": f"Earlier question {i}"}]},
                        {"role": "assistant", "parts": [{"type": "text", "content": "Earlier answer"}]}]
        history.append({"role": "user", "parts": [{"type": "text", "content": text}]})
        return {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "auto",
                "gen_ai.response.model": model, "gen_ai.response.id": f"resp-{n}",
                "gen_ai.input.messages": json.dumps(history, ensure_ascii=False),
                "gen_ai.usage.input_tokens": tin, "gen_ai.usage.output_tokens": tout,
                "gen_ai.usage.cache_read.input_tokens": cached, "gen_ai.conversation.id": f"c-{n // 3}"}
    if dialect == "openllmetry":
        out = {"gen_ai.system": "OpenAI", "llm.request.type": "chat", "gen_ai.request.model": model,
               "gen_ai.response.model": model, "gen_ai.usage.prompt_tokens": tin, "gen_ai.usage.completion_tokens": tout,
               "llm.usage.total_tokens": tin + tout, "traceloop.association.properties.session_id": f"c-{n // 3}",
               "traceloop.association.properties.user_id": f"user-{n % 9}"}
        chat = [("system", "You help customers.")]
        for i in range(turns - 1):
            chat += [("user", f"Earlier question {i}"), ("assistant", "Earlier answer")]
        chat.append(("user", text))
        for i, (role, content) in enumerate(chat):
            out[f"gen_ai.prompt.{i}.role"] = role
            out[f"gen_ai.prompt.{i}.content"] = content
        out["gen_ai.completion.0.role"] = "assistant"
        out["gen_ai.completion.0.content"] = "An answer."
        return out
    if dialect == "openinference":
        out = {"openinference.span.kind": "LLM", "llm.model_name": model, "llm.token_count.prompt": tin,
               "llm.token_count.completion": tout, "llm.token_count.prompt_details.cache_read": cached,
               "session.id": f"c-{n // 3}", "user.id": f"user-{n % 9}"}
        chat = []
        for i in range(turns - 1):
            chat += [("user", f"Earlier question {i}"), ("assistant", "Earlier answer")]
        chat.append(("user", text))
        for i, (role, content) in enumerate(chat):
            out[f"llm.input_messages.{i}.message.role"] = role
            if i == len(chat) - 1 and n % 4 == 1:
                out[f"llm.input_messages.{i}.message.contents.0.message_content.type"] = "text"
                out[f"llm.input_messages.{i}.message.contents.0.message_content.text"] = content
            else:
                out[f"llm.input_messages.{i}.message.content"] = content
        return out
    chat = [{"role": "system", "content": "You help customers."}]
    for i in range(turns - 1):
        chat += [{"role": "user", "content": [{"type": "text", "text": f"Earlier question {i}"}]},
                 {"role": "assistant", "content": [{"type": "text", "text": "Earlier answer"}]}]
    chat.append({"role": "user", "content": [{"type": "text", "text": text}]})
    return {"ai.operationId": "ai.generateText.doGenerate", "operation.name": "ai.generateText.doGenerate support",
            "ai.model.id": model, "ai.model.provider": "openai.chat", "ai.response.model": model,
            "ai.prompt.messages": json.dumps(chat, ensure_ascii=False), "ai.usage.promptTokens": tin,
            "ai.usage.completionTokens": tout, "gen_ai.system": "openai.chat", "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": tin, "gen_ai.usage.output_tokens": tout,
            "ai.telemetry.metadata.userId": f"user-{n % 9}", "ai.telemetry.metadata.sessionId": f"c-{n // 3}"}


def price(model, tin, cached, tout):
    """Nano-dollars by prices.yaml, halves up."""
    cents = {SMALL: (150, 75, 600), LARGE: (2500, 1250, 10000)}[model]  # nano-dollars per token
    exact = Decimal((tin - cached) * cents[0] + cached * cents[1] + tout * cents[2])
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def otel(dialect, seed, rows=120):
    dice = Dice(seed)
    requests, logs = [], []
    want = Expected()
    spans = []
    for n in range(rows):
        text, hard = query(dice, n)
        strong = hard if dice.chance(0.8) else not hard
        model = (LARGE + "-2024-08-06") if strong else SMALL
        good, tin, tout, ms, _ = answer(dice, hard, strong)
        cached = tin // 2 if n % 6 == 0 and dialect in ("current", "openinference") else 0
        start = (START + 30 * n) * 10**9 + 123456789
        trace, own = f"{n:032x}", f"{n + 1:016x}"
        attributes = span_attributes(dialect, model, text, 1 + dice.below(3), tin, tout, cached, n)
        silent = n % 17 == 5
        if silent:  # content capture was off for this one
            attributes = {k: v for k, v in attributes.items()
                          if not any(w in k for w in ("messages", ".prompt.", "ai.prompt"))}
        failed = n % 21 == 8
        events = []
        if dialect == "current" and n % 2 == 0 and not failed and not silent:
            events.append({"timeUnixNano": str(start), "name": "gen_ai.evaluation.result", "attributes": [
                attribute("gen_ai.evaluation.name", "resolved"), attribute("gen_ai.evaluation.score.value", float(good))]})
        span = {"traceId": trace, "spanId": own, "parentSpanId": f"{n + 900000:016x}", "name": f"chat {model}", "kind": 3,
                "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + ms * 10**6),
                "attributes": [attribute(k, v) for k, v in attributes.items()], "events": events,
                "status": {"code": 2, "message": "timeout"} if failed else {}}
        outer = {"traceId": trace, "spanId": f"{n + 900000:016x}", "name": "handle ticket",
                 "startTimeUnixNano": str(start - 10**6), "endTimeUnixNano": str(start + (ms + 5) * 10**6),
                 "attributes": [attribute("http.route", "/ask")]}
        if dialect == "vercel":  # the wrapper repeats prompt and usage of what it wraps
            outer["attributes"] = [attribute("ai.operationId", "ai.generateText"), attribute("ai.model.id", model),
                                   attribute("ai.prompt", json.dumps({"prompt": text})),
                                   attribute("ai.usage.promptTokens", tin), attribute("ai.usage.completionTokens", tout)]
        if dialect == "openinference":
            outer["attributes"] = [attribute("openinference.span.kind", "CHAIN")]
        if dialect == "openllmetry":
            outer["attributes"] = [attribute("traceloop.span.kind", "workflow")]
        if dialect == "current":
            outer["attributes"] = [attribute("gen_ai.operation.name", "invoke_agent"), attribute("gen_ai.request.model", model)]
        spans += [span, outer]
        want.count("left_out")
        if failed:
            want.count("left_out")
            continue
        if silent:
            want.count("rejected")
            continue
        want.count("inserted")
        quality = None
        if dialect == "current":
            if n % 2 == 0:
                quality = good
            elif n % 3 == 0:  # an evaluation that came later, as a log record
                quality = good
                record = {"timeUnixNano": str(start + 10**10), "eventName": "gen_ai.evaluation.result", "attributes": [
                    attribute("gen_ai.evaluation.name", "resolved"),
                    attribute("gen_ai.evaluation.score.label", "pass" if good else "fail")]}
                if n % 9 == 0:
                    record["attributes"].append(attribute("gen_ai.response.id", f"resp-{n}"))
                else:
                    record.update(traceId=trace, spanId=own)
                logs.append(record)
        plain = SMALL if model == SMALL else LARGE
        want.outcome(model, quality=quality, nano=price(plain, tin, cached, tout), us=ms * 1000, tin=tin, tout=tout)
    for i in range(0, len(spans), 8):
        requests.append({"resourceSpans": [{
            "resource": {"attributes": [attribute("service.name", "shop"), attribute("user.tier", "free")]},
            "scopeSpans": [{"scope": {"name": dialect}, "spans": spans[i:i + 8]}]}]})
    name = f"otel-{dialect}.jsonl"
    if dialect == "current":
        write(name, lines(requests), None)
        write("otel-evaluations.jsonl", lines([{"resourceLogs": [{
            "resource": {"attributes": [attribute("service.name", "shop")]},
            "scopeLogs": [{"logRecords": logs[i:i + 5]}]}]} for i in range(0, len(logs), 5)]), None)
        want.count("left_out", (len(logs) + 4) // 5)
        EXPECTED["otel-current.jsonl otel-evaluations.jsonl"] = want.result()
    else:
        write(name, lines(requests), want.result())


# Langfuse --------------------------------------------------------------------------------------------------------------

def langfuse(rows=200):
    dice = Dice(11)
    observations, scores, traces = [], [], []
    want = Expected()
    for n in range(rows):
        text, hard = query(dice, n)
        strong = hard if dice.chance(0.8) else not hard
        model = LARGE if strong else SMALL
        good, tin, tout, ms, nano = answer(dice, hard, strong)
        start = START + 45 * n
        cached = tin // 4 if n % 5 == 0 else 0
        kind = "SPAN" if n % 13 == 4 else "GENERATION"
        level = "ERROR" if n % 29 == 6 else "DEFAULT"
        form = n % 4
        prompt = (text if form == 0 else messages(dice, text, 1 + n % 2) if form == 1
                  else {"messages": messages(dice, text, 1)} if form == 2 else {"prompt": text})
        silent = n % 31 == 9
        has_end = n % 6 != 5
        row = {
            "id": f"obs-{n:04d}", "trace_id": f"trace-{n // 2:04d}", "type": kind, "name": "answer", "environment": "production",
            "level": level, "start_time": iso(start, 963, "000", space=True),
            "end_time": iso(start + (963 + ms) // 1000, (963 + ms) % 1000, "000", space=True) if has_end else None,
            "latency": ms / 1000, "provided_model_name": model, "total_cost": dollars(nano),
            "usage_details": {"input": tin - cached, "input_cached_tokens": cached, "output": tout, "total": tin + tout},
            "input": None if silent else prompt, "output": "An answer.", "user_id": f"user-{n % 9}",
            "tags": ["shop", "beta"] if n % 2 else [], "session_id": f"session-{n // 4}" if n % 3 else None}
        observations.append(row)
        if n % 2 == 0:
            traces.append({"id": f"trace-{n // 2:04d}", "timestamp": row["start_time"], "name": "ticket",
                           "session_id": f"session-{n // 4}", "user_id": f"user-{n % 9}", "tags": ["shop"]})
        if kind == "SPAN" or level == "ERROR":
            want.count("left_out")
            continue
        if silent:
            want.count("rejected")
            continue
        quality = None
        trace_score = (n // 2) % 5 == 0
        if n % 3 == 0:
            quality = good
            scores.append({"id": f"score-{n}", "timestamp": row["start_time"], "name": "resolved", "trace_id": row["trace_id"],
                           "observation_id": row["id"], "data_type": "NUMERIC", "value": good, "string_value": None, "source": "API"})
        elif trace_score:
            quality = 0.5
        want.count("inserted")
        want.outcome(model, quality=quality, nano=nano, us=ms * 1000, tin=tin, tout=tout)
    for t in range(rows // 2):
        if t % 5 == 0:
            scores.append({"id": f"score-t{t}", "timestamp": iso(START, 0, "000", space=True), "name": "resolved",
                           "trace_id": f"trace-{t:04d}", "observation_id": None, "data_type": "NUMERIC", "value": 0.5,
                           "string_value": None, "source": "ANNOTATION"})
    extra = [{"id": f"score-x{i}", "timestamp": iso(START, 0, "000", space=True), "name": "tone", "trace_id": f"trace-{i:04d}",
              "observation_id": None, "data_type": "CATEGORICAL", "value": 2, "string_value": "friendly", "source": "EVAL"}
             for i in range(5)]
    write("langfuse-observations.jsonl", lines(observations), None)
    flat = [{k: json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else "" if v is None else v
             for k, v in r.items()} for r in observations]
    write("langfuse-observations.csv", table(list(flat[0]), flat), None)
    write("langfuse-scores.jsonl", lines(scores + extra), None)
    write("langfuse-traces.jsonl", lines(traces), None)
    want.count("left_out", len(scores) + len(extra))
    for name in ("langfuse-observations.jsonl", "langfuse-observations.csv"):
        EXPECTED[name + " langfuse-scores.jsonl"] = want.result()


# promptfoo -------------------------------------------------------------------------------------------------------------

def promptfoo(tests=150):
    dice = Dice(21)
    results, body, want = [], [], Expected()
    providers = [(f"openai:{SMALL}", "small"), (f"openai:{LARGE}", "large")]
    for n in range(tests):
        text, hard = query(dice, n)
        outputs = []
        first = True
        for index, (provider, label) in enumerate(providers):
            quality, tin, tout, ms, nano = answer(dice, hard, index == 1)
            cached = n % 12 == 5
            failed = n % 25 == 9 and index == 1
            result = {
                "promptIdx": index, "testIdx": n, "provider": {"id": provider, "label": label},
                "prompt": {"raw": text, "label": "{{question}}"}, "vars": {"question": text},
                "response": {} if failed else {"output": "An answer.", "cached": cached,
                                               "tokenUsage": {"total": tin + tout, "prompt": tin, "completion": tout}},
                "error": "API error: 503" if failed else (None if quality else "Expected output to be helpful"),
                "success": bool(quality) and not failed, "score": 0 if failed else quality, "namedScores": {},
                "failureReason": 2 if failed else (0 if quality else 1),
                "latencyMs": 2 if cached else ms, "cost": 0 if cached else float(dollars(nano)),
                "gradingResult": None if failed else {"pass": bool(quality), "score": quality, "reason": "assertion"},
                "id": f"result-{n}-{index}"}
            results.append(result)
            outputs.append({"pass": result["success"], "score": result["score"], "text": "An answer.", "prompt": text,
                            "latencyMs": result["latencyMs"], "cost": result["cost"], "failureReason": result["failureReason"],
                            "cached": cached, "provider": label,
                            "tokenUsage": {} if failed else result["response"]["tokenUsage"]})
            if failed:
                want.count("left_out")
                continue
            want.count("inserted" if first else "merged")
            first = False
            want.outcome(label, quality=quality, nano=None if cached else nano, us=None if cached else ms * 1000, tin=tin, tout=tout)
        body.append({"outputs": outputs, "vars": [text], "testIdx": n})
    stamp = iso(START)
    order = sorted(range(len(results)), key=lambda i: (results[i]["latencyMs"] * 7919 + i) % 1009)  # as they finished
    document = {"evalId": "eval-abc-2025-12-01T00:00:00", "results": {
        "version": 3, "timestamp": stamp, "prompts": [{"raw": "{{question}}", "provider": p, "label": "q"} for p, _ in providers],
        "results": [results[i] for i in order], "stats": {"successes": 1, "failures": 1}},
        "config": {"description": "shop"}, "shareableUrl": None}
    write("promptfoo-results.json", json.dumps(document, ensure_ascii=False, indent=2) + "\n", want.result())
    write("promptfoo-results.jsonl", lines(results), want.result())
    old = {"version": 3, "createdAt": stamp, "results": {"version": 2, "timestamp": stamp, "table": {
        "head": {"prompts": [{"raw": "{{question}}", "provider": label, "label": "q"} for _, label in providers],
                 "vars": ["question"]}, "body": body}}, "config": {}}
    write("promptfoo-table.json", json.dumps(old, ensure_ascii=False) + "\n", want.result())


# RouterBench, Arena ----------------------------------------------------------------------------------------------------

def routerbench(rows=150):
    dice = Dice(31)
    names = ["mistral-small", "claude-instant", "gpt-4-turbo"]
    header = ["sample_id", "prompt", "eval_name"] + names + [f"{m}|model_response" for m in names] \
        + [f"{m}|total_cost" for m in names] + ["oracle_model_to_route_to"]
    records, want = [], Expected()
    for n in range(rows):
        text, hard = query(dice, n)
        if n % 9 == 4:
            text += ' It\'s "quoted".'
        prompt = [text] if n % 11 else [text, "And the second turn?\nOn two lines."]
        r = {"sample_id": f"shop.val.{n}", "prompt": repr(prompt), "eval_name": "shop-hard" if hard else "shop-easy",
             "oracle_model_to_route_to": names[0]}
        missing = n % 40 == 17
        for i, m in enumerate(names):
            quality, _, _, _, nano = answer(dice, hard, i == 2)
            quality = 0.25 + quality / 2 if n % 8 == 0 else quality
            r[m] = "" if missing and i == 1 else quality
            r[f"{m}|model_response"] = repr(["An answer."])
            r[f"{m}|total_cost"] = "" if missing and i == 1 else dollars(nano)
            if not (missing and i == 1):
                want.outcome(m, quality=quality, nano=nano)
        records.append(r)
        want.count("inserted")
    records.append({**records[0], "sample_id": "shop.val.bad", names[0]: "1.5"})
    want.count("rejected")
    write("routerbench.csv", table(header, records), want.result())


def arena(rows=200):
    dice = Dice(41)
    names = ["alpaca-13b", "vicuna-13b", "gpt-4"]
    records, want, flat, want_flat = [], Expected(), [], Expected()
    for n in range(rows):
        text, hard = query(dice, n)
        a = dice.below(3)
        b = (a + 1 + dice.below(2)) % 3
        winner = dice.pick(["model_a", "model_b", "tie", "tie (bothbad)"]) if n % 50 != 33 else "unsure"
        shares = {"model_a": (1, 0), "model_b": (0, 1), "tie": (0.5, 0.5), "tie (bothbad)": (0, 0)}.get(winner)
        chat = [{"role": "user", "content": text}, {"role": "assistant", "content": "An answer."},
                {"role": "user", "content": "And then?"}, {"role": "assistant", "content": "Another."}]
        records.append({"question_id": f"q{n:04d}", "model_a": names[a], "model_b": names[b], "winner": winner,
                        "judge": f"arena_user_{n % 60}", "conversation_a": chat, "conversation_b": chat, "turn": 2,
                        "anony": True, "language": "English", "tstamp": START + n + 0.5})
        if shares is None:
            want.count("rejected")
        else:
            want.count("inserted")
            want.outcome(names[a], quality=shares[0])
            want.outcome(names[b], quality=shares[1])
        if shares is not None and winner != "tie (bothbad)":
            flat.append({"id": 30000 + n, "model_a": names[a], "model_b": names[b], "prompt": json.dumps([text, "And then?"]),
                         "response_a": json.dumps(["An answer."]), "response_b": json.dumps(["Another."]),
                         "winner_model_a": int(winner == "model_a"), "winner_model_b": int(winner == "model_b"),
                         "winner_tie": int(winner == "tie")})
            want_flat.count("inserted")
            want_flat.outcome(names[a], quality=shares[0])
            want_flat.outcome(names[b], quality=shares[1])
    write("arena.jsonl", lines(records), want.result())
    write("arena-pairs.csv", table(list(flat[0]), flat), want_flat.result())


# Tables of one's own ---------------------------------------------------------------------------------------------------

def own(rows=160):
    dice = Dice(51)
    long, nested, want = [], [], Expected()
    for n in range(rows):
        text, hard = query(dice, n)
        for index, name in enumerate(("small", "large")):
            quality, tin, tout, ms, nano = answer(dice, hard, index == 1)
            stars = 5 if quality else 1 + dice.below(2)
            cents = dollars(nano * 100)
            long.append({"Ticket ID": f"T{n:04d}", "Question": text + ("\nSecond line." if n % 6 == 0 else ""), "Answered by": name,
                         "Stars": stars, "Cost (cents)": cents, "Seconds": dollars(ms * 10**6), "Asked at": iso(START + 60 * n, 0, "", True),
                         "Plan": "pro" if n % 2 else "free", "State": "done"})
            nested.append({"request": {"id": f"T{n:04d}", "messages": messages(dice, long[-1]["Question"], 1)},
                           "model": {"name": name}, "feedback": {"stars": stars}, "billing": {"price_cents": float(cents)},
                           "timing": {"total_s": float(dollars(ms * 10**6))}, "created": START + 60 * n})
            want.count("inserted" if index == 0 else "merged")
            want.outcome(name, quality=(stars - 1) / 4, nano=nano, us=ms * 1000)
        if n % 20 == 3:
            long.append({**long[-1], "Ticket ID": f"T{n:04d}x", "State": "spam"})
    want_long = json.loads(json.dumps(want.result()))
    spam = sum(r["State"] == "spam" for r in long)
    want_long["left_out"] += spam
    want_long["rows_read"] += spam
    out = io.StringIO()
    writer = csv.DictWriter(out, list(long[0]), lineterminator="\r\n", delimiter="\t")
    writer.writeheader()
    writer.writerows(long)
    write("tickets.tsv", out.getvalue(), None)
    write("tickets.jsonl", lines(nested), None)
    EXPECTED["tickets.tsv tickets-tsv.yaml"] = want_long
    EXPECTED["tickets.jsonl tickets-jsonl.yaml"] = want.result()
    write("tickets-tsv.yaml", """\
# Which column of tickets.tsv means what.
source: tsv
id: Ticket ID
query: Question
candidate: Answered by
join: true                 # two rows a ticket, one for each answer
quality: Stars
quality_range: [1, 5]
cost: Cost (cents)
cost_unit: cents
latency: Seconds
latency_unit: s
time: Asked at
time_zone: UTC             # the export has no zone
user_tier: Plan
keep: {State: done}        # spam is no request
""", None)
    write("tickets-jsonl.yaml", """\
# Which key of tickets.jsonl means what.
source: jsonl
id: request.id
query: request.messages
candidate: model.name
join: true
quality: feedback.stars
quality_range: [1, 5]
cost: billing.price_cents
cost_unit: cents
latency: timing.total_s
latency_unit: s
time: created
""", None)


# Writing ---------------------------------------------------------------------------------------------------------------

FILES, EXPECTED = {}, {}


def write(name, text, expected):
    FILES[name] = text
    if expected is not None:
        EXPECTED[name] = expected


def main():
    litellm()
    for seed, dialect in enumerate(("current", "openllmetry", "openinference", "vercel")):
        otel(dialect, 2 + seed)
    langfuse()
    promptfoo()
    routerbench()
    arena()
    own()
    write("expected.json", json.dumps(EXPECTED, indent=1, sort_keys=True) + "\n", None)
    different = []
    for name, text in FILES.items():
        path, data = os.path.join(HERE, name), text.encode()
        if "--check" in sys.argv[1:]:
            with open(path, "rb") as file:
                if file.read() != data:
                    different.append(name)
        else:
            with open(path, "wb") as file:
                file.write(data)
    if different:
        raise SystemExit(f"not what this script writes: {', '.join(different)}")


if __name__ == "__main__":
    main()
