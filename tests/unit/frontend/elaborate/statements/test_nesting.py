"""Deep nesting is a diagnostic, and what is allowed makes a module that verifies."""

from collections.abc import Callable

import pytest

Codes = Callable[..., list[str]]


def chain(count: int) -> str:
    links = " else ".join(
        f"if source.amount > {n} {{ emit source to target.good }}" for n in range(count)
    )
    return links + " emit source to target.bad"


@pytest.mark.parametrize("count", [2, 50, 100])
def test_else_if_chain_within_the_limit_verifies(codes_of: Codes, count: int) -> None:
    assert codes_of(chain(count)) == []


def test_else_if_chain_beyond_the_limit_is_one_diagnostic(codes_of: Codes) -> None:
    assert codes_of(chain(150)) == ["nesting-too-deep"]


def test_syntax_error_hides_what_it_may_cause(compile_text: Callable[..., object]) -> None:
    text = """
      schema A { x: in t }
      workflow W {
        source: NATS("a", schema: A)
        target: NATS("b")
        agents: [ emit source to target  y = = 5 ]
      }"""
    result = compile_text(text)
    codes = {d.code for d in result.diagnostics}  # type: ignore[attr-defined]
    assert codes == {"syntax-error"}
