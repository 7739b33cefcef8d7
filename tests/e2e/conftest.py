"""The tools as a user runs them, in this process."""

import io
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import pytest


class Ran(NamedTuple):
    """What a tool did."""

    code: int
    out: str
    err: str


Tool = Callable[..., Ran]


def tool(module: str) -> Tool:
    def run(*arguments: str, stdin: str = "") -> Ran:
        out, err = io.StringIO(), io.StringIO()
        code = import_module(module).run(list(arguments), stdin, out, err)
        assert "internal-error" not in out.getvalue() + err.getvalue(), err.getvalue()
        return Ran(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def kumeo() -> Tool:
    """Run `kumeo`; a bug that it reports as `internal-error` fails the test."""
    return tool("kumeo.tools.kumeo")


@pytest.fixture
def kumeo_opt() -> Tool:
    """Run `kumeo-opt` in the same way."""
    return tool("kumeo.tools.kumeo_opt")
