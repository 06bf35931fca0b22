/// The Python files of an exported LiteLLM folder, each at most 40 lines: an operator reads what runs inside the proxy.
///
/// `@CANDIDATES@` becomes a tuple of names. Handles of the C library stand in globals of a module, since LiteLLM makes
/// deep copies of its plugins.
enum LiteLLMAdapters {
  /// From a request to a candidate and a reason, over any way to decide; never raises.
  static let pick = #"""
    """From a request to a candidate and a reason. Whatever fails asks the strongest; no text of a query gets into a reason."""
    import asyncio
    import logging
    import os

    CANDIDATES = @CANDIDATES@  # cheapest first
    TIMEOUT = float(os.environ.get("RIDDLE_TIMEOUT", "0.25"))  # seconds for one decision
    SAID = set()  # failures that the log has: a line for each kind


    def question(asked, facts):
        """Text and facts of messages, of a list of inputs or of one text: the rules by which riddle-server reads a request."""
        facts = facts if isinstance(facts, dict) else {}
        known = {name: facts[name] for name in ("user_tier", "task_type", "domain") if isinstance(facts.get(name), str)}
        text, count = asked, 0
        if isinstance(asked, list):
            users = [message.get("content") for message in asked if message.get("role") in ("user", "human")]
            text, count = users[-1] if users else "", len(users)
        if isinstance(text, list):
            text = "\n".join(part["text"] for part in text if part.get("type") in ("text", "input_text"))
        turn = str(facts.get("turn"))
        return text or "", {**known, "turn": int(turn) if turn.isdecimal() and len(turn) < 10 else count}


    async def pick(decide, asked, facts, data):
        try:
            text, known = question(asked, facts)
            model, reason = await asyncio.wait_for(decide(text, known, data), TIMEOUT) if text.strip() else (None, "no text")
            if model in CANDIDATES:
                return model, reason
            reason = reason if model is None else "answer is no candidate of this folder"
        except Exception as error:  # of any kind: a request must not wait for its router to be mended
            reason = type(error).__name__
        if reason not in SAID:
            SAID.add(reason)
            logging.getLogger("riddle").warning("riddle: %s, so the strongest answers", reason)
        return CANDIDATES[-1], "strongest: " + reason

    """#

  /// The object that LiteLLM loads: a hook before the call, headers after it, and a classifier of the complexity router.
  static let hook = #"""
    """What LiteLLM calls, over a function that decides: `callbacks` routes requests for `riddle` or `auto`, `classifier_plugin`
    those of a complexity router. Metadata and headers of the answer say who was asked and why."""
    import os

    from litellm.integrations.custom_logger import CustomLogger
    from riddle_pick import pick

    MODELS = os.environ.get("RIDDLE_MODELS", "riddle,auto").split(",")  # names whose requests are routed


    def metadata(data):
        """The metadata that stay in the proxy; on newer endpoints `metadata` goes on to the provider."""
        own = "litellm_metadata" if isinstance(data.get("litellm_metadata"), dict) else "metadata"
        if not isinstance(data.get(own), dict):
            data[own] = {}
        return data[own]


    class Hook(CustomLogger):
        def __init__(self, decide):
            super().__init__()
            self.decide = decide  # a function: a deep copy of this object has the same one

        async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
            if data.get("model") in MODELS:
                asked = data.get("messages") or data.get("input") or data.get("prompt")
                data["model"], reason = await pick(self.decide, asked, data.get("metadata"), data)
                metadata(data).update(riddle_model=data["model"], riddle_reason=reason, riddle_request_id=data.get("litellm_call_id"))
            return data

        async def async_post_call_response_headers_hook(self, data, user_api_key_dict, response, request_headers=None):
            said = {name: metadata(data).get(name) for name in ("riddle_model", "riddle_reason", "riddle_request_id")}
            return {"x-" + name.replace("_", "-"): ascii(text)[1:-1] for name, text in said.items() if text}

        async def classify(self, context):
            return (await pick(self.decide, context.structured_messages, context.metadata, {"metadata": context.metadata}))[0]

    """#

  /// Decides inside the proxy.
  static let library = #"""
    """Decides inside the proxy, by the C library: microseconds, and no other process. `callbacks: [riddle_hook.hook]`"""
    import os
    import sys

    HERE = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, HERE)
    from riddle_litellm import Hook  # noqa: E402
    from riddle_pick import CANDIDATES  # noqa: E402

    ROUTER, FAULT = None, None  # of the module: LiteLLM copies its plugins deeply, and a handle cannot be copied
    try:
        from riddle import Router
        ROUTER = Router(os.path.join(HERE, "router.riddle"), os.path.join(HERE, "libriddle.so.1"))
        if tuple(ROUTER.candidates) != CANDIDATES:
            ROUTER, FAULT = None, "router.riddle has other candidates than this folder"
    except Exception as error:  # the proxy starts, and every request asks the strongest
        FAULT = "router not opened, " + type(error).__name__


    async def decide(text, facts, data):
        if ROUTER is None:
            return None, FAULT
        found = ROUTER.decide(text, **facts)
        return found.candidate, f"margin {found.margin:.4f}, threshold {found.threshold:.4f}"


    hook = Hook(decide)

    """#

  /// Asks a server beside the proxy.
  static let sidecar = #"""
    """Asks a riddle-server at RIDDLE_URL, which loads a new router without a restart. `callbacks: [riddle_http.hook]`"""
    import os
    import sys

    import httpx

    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from riddle_litellm import Hook  # noqa: E402

    URL = os.environ.get("RIDDLE_URL", "http://127.0.0.1:8080").rstrip("/") + "/v1/route"
    TOKEN = os.environ.get("RIDDLE_SERVER_TOKEN")
    HEADERS = {"Authorization": "Bearer " + TOKEN} if TOKEN else {}
    CLIENT = httpx.AsyncClient(headers=HEADERS, trust_env=False)  # of the module: no deep copy reaches it


    def caller(data):
        """Who asks, in which conversation, and the proxy's id of the call: a rollout keeps callers on one side by the first two, and
        the log and feedback know the call by the third."""
        facts = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
        said = {"user": data.get("user") or facts.get("user_id"), "request_id": data.get("litellm_call_id"),
                "conversation_id": data.get("litellm_session_id") or facts.get("session_id")}
        return {name: text for name, text in said.items() if isinstance(text, str) and text}


    async def decide(text, facts, data):
        reply = await CLIENT.post(URL, json={"input": text, "metadata": {**facts, **caller(data)}})
        if reply.status_code != 200:
            return None, f"riddle-server answered {reply.status_code}"
        said = reply.json()
        return said["model"], said["reason"]


    hook = Hook(decide)

    """#
}
