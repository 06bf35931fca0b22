/// The check that travels with an exported LiteLLM folder: it needs Python, and uses litellm and riddle where they are.
enum LiteLLMVerify {
  static let script = #"""
    #!/usr/bin/env bash
    # Checks this folder: checksums, the router's probes, decisions against `riddle score`, and what happens when something fails.
    #
    #   bash verify.sh [QUERIES.jsonl]       more queries to compare, one {"query": …} a line
    #
    # PYTHON names the interpreter that runs the proxy (default python3), RIDDLE the command line (default riddle).
    set -euo pipefail
    files=()
    for file in "$@"; do
      case $file in /*) files+=("$file") ;; *) files+=("$PWD/$file") ;; esac
    done
    cd "$(dirname "${BASH_SOURCE[0]}")"
    sha256sum --quiet --check SHA256SUMS || { echo "verify: FAILED: files differ from what was exported" >&2; exit 1; }
    echo "verify: $(wc -l < SHA256SUMS) files are what was exported"
    exec "${PYTHON:-python3}" -B - ${files[@]+"${files[@]}"} <<'PYTHON'
    import asyncio, copy, importlib, json, logging, os, shutil, statistics, subprocess, sys, tempfile, time, types

    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else importing litellm fetches a price list
    HERE, SECRET = os.getcwd(), "zq-secret-of-a-query"
    LOGGED = []
    logging.getLogger("riddle").addHandler(type("Keep", (logging.Handler,), {"emit": lambda self, r: LOGGED.append(r.getMessage())})())
    logging.getLogger("riddle").propagate = False
    try:
        import litellm.integrations.custom_logger  # noqa: F401
    except ImportError:
        print("verify: LEFT OUT: litellm is not installed here; the adapters run with a stand-in of its base class")
        logger = types.ModuleType("litellm.integrations.custom_logger")
        logger.CustomLogger = object
        sys.modules.update({name: types.ModuleType(name) for name in ("litellm", "litellm.integrations")})
        sys.modules["litellm.integrations.custom_logger"] = logger


    def check(holds, what):
        if not holds:
            sys.exit("verify: FAILED: " + what)


    def adapter(name, folder=HERE, **environment):
        """The object that LiteLLM would load, from fresh modules."""
        for module in ("riddle", "riddle_pick", "riddle_litellm", name):
            sys.modules.pop(module, None)
        os.environ.update(environment)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(name).hook
        finally:
            while folder in sys.path:
                sys.path.remove(folder)


    def routed(hook, messages, metadata=None, model="riddle"):
        data = {"model": model, "messages": messages, "metadata": dict(metadata or {})}
        return asyncio.run(hook.async_pre_call_hook(user_api_key_dict=None, cache=None, data=data, call_type="completion"))


    def user(content):
        return [{"role": "user", "content": content}]


    QUERIES = [{"query": text, "turn": 1} for text in (
        "hi", "How do I reset my password?", "Explain why the queue grows although every worker is idle, and design a fix.",
        "SELECT name, COUNT(*) FROM visits GROUP BY name;", "A train covers 315 km at 84 km/h. When does it arrive?",
        "Prove that there are infinitely many primes congruent to 3 mod 4.", "请比较这两个方案的优点和缺点。",
        "WHY IS THIS STILL BROKEN!!! I've asked 3 times... \U0001F620", "- first\n- second\n\n| a | b |\n\tindented \"quote\"")]
    FACTS = ("turn", "user_tier", "task_type", "domain")
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as lines:
            QUERIES += [row for row in map(json.loads, lines) if (row.get("query") or "").strip()]
    QUERIES = [{"query": row["query"], **{k: row[k] for k in FACTS if row.get(k) is not None}, "turn": row.get("turn") or 1}
               for row in QUERIES]

    hook = adapter("riddle_hook")
    module, strongest = sys.modules["riddle_hook"], sys.modules["riddle_pick"].CANDIDATES[-1]
    check(module.ROUTER is not None, f"the router does not open in {sys.executable}: {module.FAULT}")
    print(f"verify: the router opens, {module.ROUTER.info['probe_count']} probes replayed, candidates {', '.join(module.ROUTER.candidates)}")
    answers = [routed(hook, user(row["query"]), row) for row in QUERIES]
    check(all("margin" in answer["metadata"]["riddle_reason"] for answer in answers), "a query was not decided by the router")
    check(all(routed(copy.deepcopy(hook), user(row["query"]), row)["model"] == answer["model"]
              for row, answer in zip(QUERIES[:9], answers)), "a deep copy of the hook decides otherwise")
    check(routed(hook, user("hi"), model="another")["model"] == "another", "a request for another model was touched")
    seconds = []
    for row in QUERIES:
        facts = {name: row[name] for name in FACTS if name in row}
        start = time.perf_counter()
        module.ROUTER.decide(row["query"], **facts)
        seconds.append(time.perf_counter() - start)
    shares = ", ".join(f"{name} {sum(a['model'] == name for a in answers)}" for name in module.ROUTER.candidates)
    print(f"verify: {len(QUERIES)} queries: {shares}; {statistics.median(seconds) * 1e6:.1f} µs a decision in Python (median)")

    riddle = shutil.which(os.environ.get("RIDDLE", "riddle"))
    if riddle:
        lines = "".join(json.dumps(row) + "\n" for row in QUERIES)
        scored = subprocess.run([riddle, "score", "router.riddle", "--format", "jsonl", "--quiet"], input=lines, capture_output=True, text=True)
        check(scored.returncode == 0, f"riddle score ended with {scored.returncode}")
        expected = [json.loads(line)["candidate"] for line in scored.stdout.splitlines()]
        check(expected == [answer["model"] for answer in answers], "the adapter and `riddle score` decide differently")
        print(f"verify: all {len(QUERIES)} as `riddle score` decides")
    else:
        print("verify: LEFT OUT: no riddle on the path (or in RIDDLE) to compare decisions with")

    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    without = tempfile.mkdtemp()
    for name in os.listdir(HERE):
        if name.endswith((".py", ".riddle")):
            shutil.copy(name, without)
    failures = [("an image without text", hook, user([image])), ("no message", hook, []), ("an empty text", hook, user("  ")),
                ("a broken message", hook, [{"role": "user", "content": [{"type": "text", "no": SECRET}]}]),
                ("a missing library", adapter("riddle_hook", without), user(SECRET))]
    try:
        import httpx  # noqa: F401
        failures.append(("a dead sidecar", adapter("riddle_http", RIDDLE_URL="http://127.0.0.1:9"), user(SECRET)))
    except ImportError:
        print("verify: LEFT OUT: riddle_http.py, since httpx is not installed here (litellm brings it)")
    for what, broken, messages in failures:
        try:
            data = routed(broken, messages)
        except Exception as error:
            sys.exit(f"verify: FAILED: {what} raised {type(error).__name__} into the proxy")
        said = data["metadata"].get("riddle_reason", "")
        check(data["model"] == strongest and said.startswith("strongest: "), f"{what} was not sent to {strongest}")
        check(SECRET not in said + "".join(LOGGED), f"{what}: the query's text was told")
        print(f"verify: {what}: {data['model']} ({said})")
    shutil.rmtree(without)
    print("verify: passed")
    PYTHON

    """#
}
