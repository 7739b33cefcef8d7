"""The chat, the embeddings and the lists of models of Ollama."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast

import msgspec
from msgspec import UNSET

from kumeo_runtime.testing.fake_models.asked import Asked, Json, list_of, record_of
from kumeo_runtime.testing.fake_models.dialect import Complaint, Dialect, Stamp, cut
from kumeo_runtime.testing.fake_models.script import Counts, Reply, Script
from kumeo_runtime.testing.fake_models.vectors import vector_of

_OPTIONS: Mapping[str, type | tuple[type, ...]] = {
    "num_predict": int,
    "num_ctx": int,
    "seed": int,
    "top_k": int,
    "temperature": (int, float),
    "top_p": (int, float),
    "stop": list,
}
"""Options whose type is checked; others are ignored, as Ollama does."""
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "messages": (list,),
    "stream": (bool,),
    "options": (dict,),
    "tools": (list,),
    "format": (str, dict),
    "think": (bool, str),
    "keep_alive": (int, float, str),
}


class OllamaChat(Dialect):
    """`/api/chat`, whole and as lines of JSON. It streams when a request does not say."""

    stream_type = "application/x-ndjson"

    def check(self, body: Any, script: Script) -> Complaint | None:
        """Return why the body of a request is refused, or None."""
        checks: Sequence[Callable[[Any], Complaint | None]] = (
            _model,
            _fields,
            _messages,
            _tools,
            lambda each: _support(each, script.refuses),
        )
        return next((found for check in checks if (found := check(body)) is not None), None)

    def asked(self, body: Json, agent: str) -> Asked:
        """Return what a body that was checked asks."""
        form = body.get("format") or None
        schema: Any = {} if form == "json" else form
        is_stream = body.get("stream", True) is not False
        messages = list_of(body.get("messages"))
        return Asked("ollama", body["model"], messages, agent, schema, is_stream)

    def error(self, complaint: Complaint) -> Json:
        """Return the body of a response with an error."""
        return {"error": complaint.message}

    def whole(self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp) -> Json:
        """Return the body of a whole answer."""
        message = {"role": "assistant", "content": _content(reply)}
        message |= {} if reply.thinking is None else {"thinking": reply.thinking}
        calls = _calls(reply)
        message |= {"tool_calls": calls} if calls else {}
        return {**_head(asked, stamp), "message": message, **_ending(reply, counts, stamp)}

    def stream(
        self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp
    ) -> Sequence[bytes]:
        """Return the pieces of a streamed answer."""
        head = _head(asked, stamp)
        parts = [{"content": "", "thinking": text} for text in cut(reply.thinking or "", None)]
        parts += [{"content": text} for text in cut(_content(reply), reply.pieces)]
        parts += [{"content": "", "tool_calls": [call]} for call in _calls(reply)]
        made = [{**head, "message": {"role": "assistant", **part}, "done": False} for part in parts]
        if reply.finish is not None:
            last = {"role": "assistant", "content": ""}
            made.append({**head, "message": last, **_ending(reply, counts, stamp)})
        return [msgspec.json.encode(each) + b"\n" for each in made]


def tags_of(names: Sequence[str], now: float) -> Json:
    """Return the body of `/api/tags`."""
    return {"models": [_described(name, now) for name in names]}


def shown(name: str, now: float) -> Json:
    """Return the body of `/api/show`."""
    described = _described(name, now)
    return {
        "modelfile": f"FROM {name}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": described["details"],
        "model_info": {"general.architecture": "fake", "fake.context_length": 8192},
        "capabilities": ["completion", "tools", "embedding"],
        "modified_at": described["modified_at"],
    }


def embeddings_of(body: Json) -> Json | Complaint:
    """Return the body of `/api/embed`, or why the request is refused."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else list_of(given)
    if not isinstance(body.get("model"), str) or not body["model"]:
        return Complaint("model is required")
    if given is None or not all(isinstance(text, str) for text in texts):
        return Complaint("invalid input type")
    size = body.get("dimensions") or 64
    return {
        "model": body["model"],
        "embeddings": [vector_of(text, size) for text in texts],
        "total_duration": 1_000_000,
        "load_duration": 0,
        "prompt_eval_count": sum(max(1, len(text.split())) for text in texts),
    }


def _model(body: Any) -> Complaint | None:
    if not isinstance(body, dict):
        return Complaint("json: cannot unmarshal value into Go value of type api.ChatRequest")
    model: Any = cast(Json, body).get("model")
    return None if isinstance(model, str) and model else Complaint("model is required")


def _fields(body: Json) -> Complaint | None:
    for name, types in _FIELDS.items():
        if body.get(name) is not None and not isinstance(body[name], types):
            return Complaint(f"json: cannot unmarshal into Go struct field ChatRequest.{name}")
    if isinstance(body.get("format"), str) and body["format"] not in ("", "json"):
        return Complaint(f'invalid format: "{body["format"]}"; expected "json" or a schema')
    for name, value in record_of(body.get("options")).items():
        kind = _OPTIONS.get(name)
        if kind is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            text = {int: "integer", list: "array"}.get(cast(Any, kind), "float32")
            return Complaint(f'option "{name}" must be of type {text}')
    return None


def _messages(body: Json) -> Complaint | None:
    for message in body.get("messages") or ():
        if not isinstance(message, dict):
            return Complaint("json: cannot unmarshal into Go struct field ChatRequest.messages")
        known = cast(Json, message)
        if known.get("role") not in ("system", "user", "assistant", "tool"):
            return Complaint(f"invalid role: {known.get('role')}")
        for call in known.get("tool_calls") or ():
            if not isinstance(call.get("function", {}).get("arguments"), dict):
                return Complaint("json: cannot unmarshal string into ToolCallFunctionArguments")
    return None


def _support(body: Json, refuses: Mapping[str, Collection[str]]) -> Complaint | None:
    """Refuse what a model does not support, such as `tools` and `thinking`."""
    for name, field in (("tools", "tools"), ("thinking", "think")):
        if body.get(field) and name in refuses.get(body["model"], ()):
            return Complaint(f'"{body["model"]}" does not support {name}')
    return None


def _tools(body: Json) -> Complaint | None:
    for tool in body.get("tools") or ():
        function: Any = cast(Json, tool).get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not cast(Json, function).get("name"):
            return Complaint("json: cannot unmarshal into Go struct field ChatRequest.tools")
    return None


def _content(reply: Reply) -> str:
    """Return the text; Ollama knows no refusals, so one is text."""
    return reply.refusal if reply.refusal is not None else reply.content()


def _calls(reply: Reply) -> list[Json]:
    return [
        {
            "id": call.id or f"call_{number}",
            "function": {"index": number, "name": call.name, "arguments": call.arguments},
        }
        for number, call in enumerate(reply.tool_calls)
    ]


def _head(asked: Asked, stamp: Stamp) -> Json:
    return {"model": asked.model, "created_at": _moment(stamp.now)}


def _ending(reply: Reply, counts: Counts | None, stamp: Stamp) -> Json:
    reason = "stop" if reply.finish is UNSET else reply.finish
    ending: Json = {"done": True} if reason is None else {"done": True, "done_reason": reason}
    nanoseconds = int(stamp.seconds * 1e9)
    ending |= {"total_duration": nanoseconds, "load_duration": 0}
    if counts is None:
        return ending
    return {
        **ending,
        "prompt_eval_count": counts.tokens_in,
        "prompt_eval_duration": 0,
        "eval_count": counts.tokens_out,
        "eval_duration": nanoseconds,
    }


def _described(name: str, now: float) -> Json:
    details = {
        "parent_model": "",
        "format": "gguf",
        "family": "fake",
        "families": ["fake"],
        "parameter_size": "1M",
        "quantization_level": "Q4_0",
    }
    digest = sha256(name.encode()).hexdigest()
    given = {"name": name, "model": name, "modified_at": _moment(now), "size": 1 << 20}
    return {**given, "digest": digest, "details": details}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
