"""What OpenAI refuses: unknown parameters, wrong types, schemas that strict mode forbids."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from kumeo_runtime.testing.fake_models.asked import Json, list_of, record_of
from kumeo_runtime.testing.fake_models.dialect import Complaint

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ROLES = ("system", "developer", "user", "assistant", "tool")
_DEPTH = 64


def check_chat(body: Any, refuses: Mapping[str, Collection[str]]) -> Complaint | None:
    """Return why a request for a chat completion is refused, or None."""
    if not isinstance(body, dict):
        return Complaint("Invalid body: expected an object.")
    known = cast(Json, body)
    if not isinstance(known.get("model"), str) or not known["model"]:
        return Complaint("you must provide a model parameter")
    checks: Sequence[Callable[[Json], Complaint | None]] = (
        lambda each: _parameters(each, refuses.get(each["model"], ())),
        _messages,
        _format,
        _tools,
        _together,
    )
    return next((found for check in checks if (found := check(known)) is not None), None)


def _parameters(body: Json, refused: Collection[str]) -> Complaint | None:
    for name, value in body.items():
        if name not in _PARAMETERS:
            return Complaint(f"Unrecognized request argument supplied: {name}")
        if name in refused:
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            return Complaint(message, param=name, code="unsupported_parameter")
        if value is not None and not _PARAMETERS[name](value):
            return Complaint(f"Invalid value for '{name}'.", param=name, code="invalid_value")
    return None


def _number(least: float, most: float) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and least <= value <= most

    return fits


def _whole(least: int, most: int = 1 << 62) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and _number(least, most)(value)


def _of(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types)


def _is_stop(value: Any) -> bool:
    texts = cast(list[Any], value if isinstance(value, list) else [value])
    return len(texts) <= 4 and all(isinstance(text, str) for text in texts)


_PARAMETERS: Mapping[str, Callable[[Any], bool]] = {
    "model": _of(str),
    "messages": _of(list),
    "frequency_penalty": _number(-2, 2),
    "logit_bias": _of(dict),
    "logprobs": _of(bool),
    "max_completion_tokens": _whole(1),
    "max_tokens": _whole(1),
    "metadata": _of(dict),
    "n": _whole(1, 1),
    "parallel_tool_calls": _of(bool),
    "presence_penalty": _number(-2, 2),
    "prompt_cache_key": _of(str),
    "reasoning_effort": _of(str),
    "response_format": _of(dict),
    "safety_identifier": _of(str),
    "seed": _of(int),
    "service_tier": _of(str),
    "stop": _is_stop,
    "store": _of(bool),
    "stream": _of(bool),
    "stream_options": _of(dict),
    "temperature": _number(0, 2),
    "tool_choice": _of(str, dict),
    "tools": _of(list),
    "top_logprobs": _whole(0, 20),
    "top_p": _number(0, 1),
    "user": _of(str),
    "verbosity": _of(str),
}


def _messages(body: Json) -> Complaint | None:
    messages = body.get("messages")
    if messages is None:
        return Complaint("Missing required parameter: 'messages'.", param="messages")
    if not messages:
        message = "Invalid 'messages': empty array. Expected at least one."
        return Complaint(message, param="messages", code="empty_array")
    open_calls = set[str]()
    for number, message in enumerate(messages):
        problem = _message(message, open_calls)
        if problem is not None:
            at = f"messages.[{number}]"
            return Complaint(f"Invalid value for '{at}': {problem}.", param=at)
    if open_calls:
        text = "An assistant message with 'tool_calls' must be followed by tool messages "
        return Complaint(text + f"for each 'tool_call_id'; missing: {sorted(open_calls)}")
    return None


def _message(message: Any, open_calls: set[str]) -> str | None:
    """Return what is wrong with a message; `open_calls` are those without a result so far."""
    known = record_of(message)
    role = known.get("role")
    if role not in _ROLES:
        return f"the role must be one of {', '.join(_ROLES)}"
    calls, content = list_of(known.get("tool_calls")), known.get("content")
    if role == "tool":
        if known.get("tool_call_id") not in open_calls:
            return "a message with role 'tool' must answer a preceding message with 'tool_calls'"
        open_calls.discard(known["tool_call_id"])
    elif open_calls:
        return f"'tool_calls' {sorted(open_calls)} have no results yet"
    if content is None and not (role == "assistant" and calls):
        return "expected a string, got null"
    if content is not None and not isinstance(content, str | list):
        return "the content must be a string or an array"
    for call in map(record_of, calls):
        function = record_of(call.get("function"))
        if not isinstance(function.get("arguments"), str) or not call.get("id"):
            return "a call has an id, and arguments as a string"
        open_calls.add(call["id"])
    return None


def _format(body: Json) -> Complaint | None:
    form: Json = body.get("response_format") or {"type": "text"}
    kind = form.get("type")
    if kind == "json_object":
        texts = str(body["messages"]).lower()
        message = "'messages' must contain the word 'json' to use a json_object format."
        return None if "json" in texts else Complaint(message, param="messages")
    if kind != "json_schema":
        at = "response_format.type"
        return None if kind == "text" else Complaint(f"Invalid value: '{kind}'.", param=at)
    wanted: Json = form.get("json_schema") or {}
    name = wanted.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        at = "response_format.json_schema.name"
        return Complaint(f"Invalid '{at}': it must match ^[a-zA-Z0-9_-]+$.", param=at)
    problem = _strict_problem(wanted.get("schema"), ()) if wanted.get("strict") else None
    if problem is None:
        return None
    message = f"Invalid schema for response_format '{name}': {problem}"
    return Complaint(message, param="response_format", code="invalid_json_schema")


def _strict_problem(schema: Any, path: tuple[str, ...]) -> str | None:
    """Return why strict mode refuses a schema, or None."""
    if not isinstance(schema, dict) or len(path) > _DEPTH:
        return f"In context={path}, a schema must be an object."
    known = cast(Json, schema)
    if not path and known.get("type") != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got {known.get('type')!r}."
    if not path and "anyOf" in known:
        return "In context=(), 'anyOf' is not permitted at the root."
    if not known.keys() & {"type", "anyOf", "enum", "const", "$ref"}:
        return f"In context={path}, schema must have a 'type' key."
    if "properties" in known or known.get("type") == "object":
        problem = _object_problem(known, path)
        if problem is not None:
            return problem
    return _parts_problem(known, path)


def _object_problem(schema: Json, path: tuple[str, ...]) -> str | None:
    if schema.get("additionalProperties") is not False:
        rule = "'additionalProperties' is required to be supplied and to be false."
        return f"In context={path}, {rule}"
    missing = [p for p in schema.get("properties", {}) if p not in schema.get("required", ())]
    rule = "'required' is required to be an array including every key in properties."
    return f"In context={path}, {rule} Missing '{missing[0]}'." if missing else None


def _parts_problem(schema: Json, path: tuple[str, ...]) -> str | None:
    parts: list[tuple[tuple[str, ...], Any]] = [
        ((key, name), part)
        for key in ("properties", "$defs")
        for name, part in schema.get(key, {}).items()
    ]
    parts += [(("anyOf", str(n)), part) for n, part in enumerate(schema.get("anyOf", ()))]
    if "items" in schema:
        parts.append((("items",), schema["items"]))
    found = (_strict_problem(part, (*path, *step)) for step, part in parts)
    return next((problem for problem in found if problem is not None), None)


def _tools(body: Json) -> Complaint | None:
    tools = body.get("tools")
    if tools is None:
        message = "'{}' is only allowed when 'tools' are specified."
        alone = [n for n in ("tool_choice", "parallel_tool_calls") if body.get(n) is not None]
        return Complaint(message.format(alone[0]), param=alone[0]) if alone else None
    if not tools:
        return Complaint("Invalid 'tools': empty array.", param="tools", code="empty_array")
    for number, tool in enumerate(tools):
        problem = _tool_problem(tool)
        if problem is not None:
            return Complaint(f"Invalid 'tools[{number}]': {problem}", param=f"tools[{number}]")
    return None


def _tool_problem(tool: Any) -> str | None:
    known = record_of(record_of(tool).get("function"))
    if not known or record_of(tool).get("type") != "function":
        return "a tool has the type 'function' and a function."
    if not isinstance(known.get("name"), str) or not _NAME.fullmatch(known["name"]):
        return "the name must match ^[a-zA-Z0-9_-]+$."
    if not isinstance(known.get("parameters", {}), dict):
        return "the parameters must be a schema."
    return _strict_problem(known.get("parameters"), ()) if known.get("strict") else None


def _together(body: Json) -> Complaint | None:
    if body.get("stream_options") is not None and not body.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        return Complaint(message, param="stream_options")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        return Complaint("Setting 'max_tokens' and 'max_completion_tokens' at the same time.")
    return None
