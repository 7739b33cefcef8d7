"""Fixtures for the tests of `kumeo`: the tool as a function, and a folder with files."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from kumeo.tools.kumeo import run


class Result(NamedTuple):
    code: int
    out: str
    err: str


ORDERS = """\
schema Order {
  id: string
  amount: float
}

workflow Orders {
  source: NATS("orders", schema: Order)
  target: { big: NATS("big"), small: NATS("small") }
  agents: [
    LLM(id: "judge", engine: "ollama/llama3", prompt: "Judge {{ source.id }}")
    if source.amount > 10.0 {
      emit { id: source.id, why: judge.text, amount: source.amount } to target.big
    } else {
      emit source to target.small
    }
  ]
}
"""


@pytest.fixture
def orders() -> str:
    """A workflow with one agent, one condition and two targets."""
    return ORDERS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def kumeo() -> Callable[..., Result]:
    """Run `kumeo` inside this process."""

    def call(*arguments: str, stdin: str = "") -> Result:
        out, err = io.StringIO(), io.StringIO()
        return Result(run(list(arguments), stdin, out, err), out.getvalue(), err.getvalue())

    return call
