"""Databases, tables and knowledge bases in a printed package, and what it needs to be installed."""

import tomllib
from pathlib import Path

import pytest

from kumeo.backends.python import Origin, build_python
from kumeo.tools.sources import compile_file, optimise

FLOW = """schema Order {{ id: string }}
workflow W {{
  source: NATS("in", schema: Order)
  target: NATS("out")
  context: {{ c: {context} }}
  agents: [ x = {agent}  emit x to target ]
}}
"""
QUERY, TEXT = 'Query(context.c, "SELECT 1")', "context.c"
SEARCH = "Retrieve(context.c, query: source.id)"


def package(folder: Path, context: str, agent: str) -> tuple[str, list[str]]:
    """Return the module of agents without white space, and what the package needs."""
    file = folder / "flow.kumeo"
    file.write_text(FLOW.format(context=context, agent=agent))
    compiled = compile_file(str(file), "")
    assert compiled.module is not None, compiled.diagnostics
    optimise(compiled.module, "O2", "messaging")
    files = build_python(
        compiled.module,
        read_file=lambda _: None,
        origin=Origin("flow.kumeo", "1"),
        schemas=compiled.type_names,
    )
    project = tomllib.loads(str(files["pyproject.toml"]))["project"]
    return "".join(str(files["w/agents.py"]).split()), project["dependencies"]


@pytest.mark.parametrize(
    ("context", "agent", "printed", "extras"),
    [
        ('Database("sqlite:t.db")', QUERY, 'address="sqlite:t.db",sql=', ""),
        ('Database("postgresql://h/d")', QUERY, 'address="postgresql://h/d"', "[postgresql]"),
        ('Database(secret("DB"))', QUERY, 'address=Secret("DB")', "[postgresql]"),
        ('Database("sqlite:t.db", read_only: false)', QUERY, "read_only=False", ""),
        ('Table("t.csv")', QUERY, 'tables={"c":"t.csv"}', "[tables]"),
        ('Table("t.csv")', TEXT, 'path="t.csv"', ""),
        ('Table("t.parquet")', TEXT, 'path="t.parquet"', "[tables]"),
        ('KnowledgeBase("*.md")', TEXT, 'path="*.md"', ""),
        ('KnowledgeBase(["a", "b"])', SEARCH, 'path=("a","b")', "[knowledge]"),
        (
            'KnowledgeBase("a", embedder: "m.onnx", top: 3)',
            SEARCH,
            'settings={"top":3,"embedder":"m.onnx"}',
            "[knowledge,embedder]",
        ),
    ],
)
def test_store_is_printed_with_what_it_needs(
    tmp_path: Path, context: str, agent: str, printed: str, extras: str
) -> None:
    text, needed = package(tmp_path, context, agent)
    assert printed in text
    assert needed == [f"kumeo-runtime{extras}"]


def test_database_is_read_only_by_itself(tmp_path: Path) -> None:
    text, _ = package(tmp_path, 'Database("sqlite:t.db", read_only: true)', QUERY)
    assert "read_only" not in text
