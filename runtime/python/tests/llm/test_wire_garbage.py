"""Whatever a server sends, the outcome is a reply or a `ModelFault`."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kumeo_runtime.llm.api import DecisionPart, DecisionSpec, ModelFault
from kumeo_runtime.llm.decisions import decision_reply
from kumeo_runtime.llm.exchange import WIRES

NAMES = (
    *("choices", "message", "delta", "content", "refusal", "tool_calls", "function", "name"),
    *("arguments", "index", "id", "finish_reason", "usage", "prompt_tokens", "completion_tokens"),
    *("prompt_tokens_details", "cached_tokens", "model", "error", "done", "done_reason", "text"),
    *("prompt_eval_count", "eval_count", "answers", "type", "choice", "probabilities"),
    *("probability", "value", "input_tokens", "output_tokens"),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
WORDS = st.sampled_from(["stop", "length", "tool_calls", "content_filter", "refusal", "predicate"])
VALUES: Any = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=20,
)
BODIES: Any = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES
SPEC = DecisionSpec((DecisionPart("a"), DecisionPart("b", ("x", "y"))))


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@given(body=BODIES)
@settings(max_examples=300, deadline=None)
def test_wire_any_response_is_a_reply_or_a_fault(protocol: Any, body: Any) -> None:
    for shaped in (body, {"choices": [{"message": body}]}, {"message": body, "done": True}):
        with contextlib.suppress(ModelFault):
            assert isinstance(WIRES[protocol].reply(shaped).text, str)


@pytest.mark.parametrize("protocol", ["openai", "ollama"])
@given(pieces=st.lists(BODIES | st.binary(), max_size=4))
@settings(max_examples=200, deadline=None)
def test_wire_any_stream_is_a_reply_or_a_fault(protocol: Any, pieces: list[Any]) -> None:
    stream = WIRES[protocol].stream()
    prefix = b"data: " if protocol == "openai" else b""
    with contextlib.suppress(ModelFault):
        for piece in pieces:
            is_raw = isinstance(piece, bytes)
            stream.line(piece if is_raw else prefix + msgspec.json.encode(piece))
        assert isinstance(stream.reply().text, str)


@given(body=BODIES)
@settings(max_examples=200, deadline=None)
def test_decision_any_response_is_a_reply_or_a_fault(body: Any) -> None:
    for shaped in (body, {"answers": [body, body]}):
        with contextlib.suppress(ModelFault):
            assert isinstance(decision_reply(shaped, SPEC).text, str)
