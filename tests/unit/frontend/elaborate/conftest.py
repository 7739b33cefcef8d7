"""Fixtures: compile a workflow from its statements and look at its IR or its diagnostics."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kumeo.analysis.text import print_module
from kumeo.analysis.verify import verify_module
from kumeo.diagnostics import Source
from kumeo.frontend.compile import Elaborated, compile_source

HEAD = """
schema Order { id: string, amount: float, items: [Item], level: Level, note: string? }
schema Item { sku: string, count: int }
enum Level { low, medium, high }
"""
MODELS = Path(__file__).parents[4] / "examples" / "models"


class MemoryFiles:
    """Files by name; model files come from the examples."""

    def __init__(self, texts: Mapping[str, str | bytes]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file."""
        found = self.texts.get(path)
        if found is not None:
            return found.encode() if isinstance(found, str) else found
        model = MODELS / path.removeprefix("models/")
        return model.read_bytes() if path.startswith("models/") and model.is_file() else None


Compile = Callable[..., Elaborated]


@pytest.fixture
def compile_text() -> Compile:
    """Return a function that compiles a whole file; every module that it gives verifies."""

    def run(text: str, **files: str | bytes) -> Elaborated:
        named = {name.replace("__", "/").replace("_dot_", "."): f for name, f in files.items()}
        result = compile_source(Source("main.kumeo", text), MemoryFiles(named))
        if result.module is not None:
            assert verify_module(result.module) == []
        return result

    return run


@pytest.fixture
def compile_body(compile_text: Compile) -> Compile:
    """Return a function that compiles the statements of a workflow on orders."""

    def run(body: str, sections: str = "", after: str = "", **files: str | bytes) -> Elaborated:
        text = f"""{HEAD}
        workflow W {{
          source: NATS("orders", schema: Order)
          target: {{ good: NATS("orders.good"), bad: NATS("orders.bad") }}
          {sections}
          agents: [ {body} ]
        }}
        {after}"""
        return compile_text(text, **files)

    return run


@pytest.fixture
def ir_of(compile_body: Compile) -> Callable[..., str]:
    """Return a function that gives the IR of statements that have no diagnostics."""

    def run(body: str, sections: str = "", after: str = "", **files: str | bytes) -> str:
        result = compile_body(body, sections, after, **files)
        assert [d.headline for d in result.diagnostics] == []
        assert result.module is not None
        return print_module(result.module, locations=False)

    return run


@pytest.fixture
def codes_of(compile_body: Compile) -> Callable[..., list[str]]:
    """Return a function that gives the codes of the diagnostics of statements."""

    def run(body: str, sections: str = "", after: str = "", **files: str | bytes) -> list[str]:
        return [d.code for d in compile_body(body, sections, after, **files).diagnostics]

    return run
