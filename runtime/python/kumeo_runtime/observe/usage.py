"""What language models use, on the span of the call."""

import sys


def note_usage(tokens_in: int, tokens_out: int) -> None:
    """Note the tokens of an answer on the span of the call, if there is one."""
    if "opentelemetry.trace" not in sys.modules:
        return
    from opentelemetry import trace

    span = trace.get_current_span()
    if span.is_recording():
        span.set_attribute("gen_ai.usage.input_tokens", tokens_in)
        span.set_attribute("gen_ai.usage.output_tokens", tokens_out)
