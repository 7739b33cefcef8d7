"""What language models use, on the span of the attempt: the sum of all its questions."""

import sys
from collections.abc import Sequence
from typing import Any

_IN, _OUT, _ASKS = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "kumeo.llm.questions"


def note_answer(
    model: str,
    answered_by: str = "",
    finish: str = "",
    tokens_in: int = 0,
    tokens_out: int = 0,
) -> None:
    """Note what a question has used on the span of the attempt, if there is one."""
    span = _span()
    if span is None:
        return
    sums: Any = getattr(span, "attributes", None) or {}
    span.set_attribute(_IN, sums.get(_IN, 0) + tokens_in)
    span.set_attribute(_OUT, sums.get(_OUT, 0) + tokens_out)
    span.set_attribute(_ASKS, sums.get(_ASKS, 0) + 1)
    if model:
        span.set_attribute("gen_ai.request.model", model)
    if answered_by:
        span.set_attribute("gen_ai.response.model", answered_by)
    if finish:
        span.set_attribute("gen_ai.response.finish_reasons", [finish])


def note_repairs(flags: Sequence[str]) -> None:
    """Note what was repaired in an answer before it could be used."""
    span = _span() if flags else None
    if span is not None:
        span.set_attribute("kumeo.llm.repaired", list(flags))


def _span() -> Any:
    """Return the span of the attempt, or None."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    from opentelemetry import trace

    span = trace.get_current_span()
    return span if span.is_recording() else None
