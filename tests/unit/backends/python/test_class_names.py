"""Schemas and agents may have any names: what is printed keeps classes and constants apart."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
from kumeo_runtime.agents.language_model import LanguageModel
from kumeo_runtime.spec import Source, Target

from kumeo.backends.python import Origin, build_python
from kumeo.backends.python.names import class_name
from kumeo.tools.sources import compile_file, optimise

FLOW = """
schema {name} {{ id: string }}

workflow {flow} {{
  source: NATS("in", schema: {name})
  target: {{ out: NATS("out") }}
  agents: [
    {agent} = LLM("ollama/x", prompt: "{{{{ source.id }}}}", output: {name})
    emit [{agent}] to target.out
  ]
}}
"""


def modules_of(
    name: str, agent: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, ModuleType]:
    """Return the imported modules of a package with a schema and an agent of these names."""
    flow = f"Names{name.title().replace('_', '')}{agent.title()}Of{len(name)}"
    file = folder / "flow.kumeo"
    file.write_text(FLOW.format(name=name, agent=agent, flow=flow))
    compiled = compile_file(str(file), str)
    assert compiled.module is not None, compiled.diagnostics
    optimise(compiled.module, "O2", "messaging")
    files = build_python(
        compiled.module,
        read_file=lambda path: (folder / path).read_bytes(),
        origin=Origin("flow.kumeo", "1.2.3"),
        schemas=compiled.type_names,
    )
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    package = next(path.parent.name for path in folder.rglob("agents.py"))
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    parts = ("services.source", "schemas", "agents", "endpoints")
    return {part: importlib.import_module(f"{package}.{part}") for part in parts}


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        *(("V", "v"), ("SKU", "sku"), ("SOURCE", "a"), ("OUT", "out_")),
        *(("event", "a"), ("str", "a"), ("list", "a"), ("f", "a"), ("self", "a"), ("act", "a")),
        *(("class", "a"), ("True", "a"), ("None", "b"), ("_x", "a"), ("LanguageModel", "a")),
    ],
)
def test_schema_of_any_name_is_no_name_of_another_thing(
    name: str, agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = modules_of(name, agent, tmp_path, monkeypatch)
    classes = {
        each
        for each, value in vars(modules["schemas"]).items()
        if getattr(value, "__module__", "") == modules["schemas"].__name__
    }
    things = {
        each
        for part in ("agents", "endpoints")
        for each, value in vars(modules[part]).items()
        if isinstance(value, (LanguageModel, Source, Target))
    }
    assert len(classes) == 1
    assert len(things) == 3
    assert classes.isdisjoint(things)
    assert all(each[0].isupper() for each in classes)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Mail", "Mail"), ("mail", "Mail"), ("mail_in", "MailIn"), ("URL", "URL"), ("_x", "X")],
)
def test_class_begins_with_a_capital_letter(text: str, name: str) -> None:
    assert class_name(text) == name
