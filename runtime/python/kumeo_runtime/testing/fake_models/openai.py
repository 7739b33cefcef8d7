"""Chat completions, the models and the embeddings of OpenAI."""

import base64
import struct
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from kumeo_runtime.testing.fake_models.asked import Asked, Json, list_of, record_of
from kumeo_runtime.testing.fake_models.dialect import Complaint, Dialect, Stamp, cut
from kumeo_runtime.testing.fake_models.openai_checks import check_chat
from kumeo_runtime.testing.fake_models.script import Counts, Reply, Script
from kumeo_runtime.testing.fake_models.vectors import vector_of

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class OpenAiChat(Dialect):
    """`/v1/chat/completions`, whole and as server-sent events."""

    stream_type = "text/event-stream; charset=utf-8"

    def check(self, body: Any, script: Script) -> Complaint | None:
        """Return why the body of a request is refused, or None."""
        return check_chat(body, script.refuses)

    def asked(self, body: Json, agent: str) -> Asked:
        """Return what a body that was checked asks."""
        form: Json = body.get("response_format") or {}
        wanted: Json = form.get("json_schema") or {}
        free: Any = {} if form.get("type") in _JSON else None
        schema: Any = wanted.get("schema") if wanted else free
        is_stream = bool(body.get("stream"))
        options = record_of(body.get("stream_options"))
        return Asked(
            "openai",
            body["model"],
            body["messages"],
            agent or wanted.get("name", ""),
            schema,
            is_stream,
            not is_stream or bool(options.get("include_usage")),
        )

    def error(self, complaint: Complaint) -> Json:
        """Return the body of a response with an error."""
        fallback = "server_error" if complaint.status >= 500 else "invalid_request_error"
        kind = _KINDS.get(complaint.status, fallback)
        parts = {"param": complaint.param, "code": complaint.code}
        return {"error": {"message": complaint.message, "type": kind, **parts}}

    def whole(self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp) -> Json:
        """Return the body of a whole answer."""
        calls = _calls(reply)
        has_text = not calls and reply.refusal is None
        message: Json = {"role": "assistant", "content": reply.content() if has_text else None}
        message["refusal"] = reply.refusal
        message["annotations"] = []
        if reply.thinking is not None:
            message["reasoning_content"] = reply.thinking
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish(reply)}
        body = {**_head("chat.completion", asked, stamp), "choices": [choice]}
        return body if counts is None else {**body, "usage": usage_of(counts)}

    def stream(
        self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp
    ) -> Sequence[bytes]:
        """Return the pieces of a streamed answer."""
        head = _head("chat.completion.chunk", asked, stamp)
        no_usage = {"usage": None} if asked.wants_usage else {}
        deltas = [{"role": "assistant", "content": "", "refusal": None}, *_deltas(reply)]
        made = [{**head, "choices": [_choice(delta)], **no_usage} for delta in deltas]
        reason = finish(reply)
        if reason is not None:
            made.append({**head, "choices": [_choice({}, reason)], **no_usage})
        if asked.wants_usage and counts is not None:
            made.append({**head, "choices": [], "usage": usage_of(counts)})
        return [*(_event(each) for each in made), b"data: [DONE]\n\n"]

    def stream_error(self, message: str) -> bytes:
        """Return the piece that ends a stream with an error."""
        return _event(self.error(Complaint(message, 500)))


_JSON = ("json_object", "json_schema")


def models_of(names: Sequence[str], now: float) -> Json:
    """Return the body of `/v1/models`."""
    data = [
        {"id": name, "object": "model", "created": int(now), "owned_by": "fake"} for name in names
    ]
    return {"object": "list", "data": data}


def embeddings_of(body: Json) -> Json | Complaint:
    """Return the body of `/v1/embeddings`, or why the request is refused."""
    model, given = body.get("model"), body.get("input")
    if not isinstance(model, str) or not model:
        return Complaint("you must provide a model parameter")
    texts = [given] if isinstance(given, str) else list_of(given)
    if not texts or not all(isinstance(t, str) and t for t in texts):
        return Complaint("'$.input' is invalid. It must be text, or texts.", param="input")
    size = body.get("dimensions") or 64
    data = [
        {"object": "embedding", "index": n, "embedding": _packed(vector_of(text, size), body)}
        for n, text in enumerate(texts)
    ]
    used = sum(max(1, len(text.split())) for text in texts)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def finish(reply: Reply) -> str | None:
    """Return why the model stopped, as OpenAI calls it."""
    if reply.finish is not UNSET:
        return reply.finish
    return "tool_calls" if reply.tool_calls else "stop"


def usage_of(counts: Counts) -> Json:
    """Return what an answer used, as OpenAI reports it."""
    return {
        "prompt_tokens": counts.tokens_in,
        "completion_tokens": counts.tokens_out,
        "total_tokens": counts.tokens_in + counts.tokens_out,
        "prompt_tokens_details": {"cached_tokens": counts.cached_in, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _head(kind: str, asked: Asked, stamp: Stamp) -> Json:
    return {
        "id": f"chatcmpl-{stamp.number}",
        "object": kind,
        "created": int(stamp.now),
        "model": asked.model,
        "system_fingerprint": "fp_fake",
    }


def _calls(reply: Reply) -> list[Json]:
    return [
        {
            "id": call.id or f"call_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": _arguments(call.arguments)},
        }
        for number, call in enumerate(reply.tool_calls)
    ]


def _arguments(given: Any) -> str:
    return given if isinstance(given, str) else msgspec.json.encode(given).decode()


def _deltas(reply: Reply) -> list[Json]:
    if reply.refusal is not None:
        return [{"refusal": text} for text in cut(reply.refusal, reply.pieces)]
    calls = _calls(reply)
    thought = [{"reasoning_content": text} for text in cut(reply.thinking or "", None)]
    if not calls:
        return [*thought, *({"content": text} for text in cut(reply.content(), reply.pieces))]
    return thought + [
        delta for number, call in enumerate(calls) for delta in _of_call(number, call)
    ]


def _of_call(number: int, call: Json) -> list[Json]:
    """Return the deltas of a call: first its name, then its arguments bit by bit."""
    function = call["function"]
    opening = {**call, "index": number, "function": {**function, "arguments": ""}}
    rest = [
        {"index": number, "function": {"arguments": text}}
        for text in cut(function["arguments"], None)
    ]
    return [{"tool_calls": [part]} for part in (opening, *rest)]


def _choice(delta: Json, reason: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}


def _event(data: Json) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"


def _packed(vector: list[float], body: Json) -> Any:
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
