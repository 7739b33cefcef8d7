"""Language models in a printed package: chains, providers, tools."""

import ast
from pathlib import Path
from typing import Any

import pytest

from kumeo.backends.python import Origin, Unprintable, build_python
from kumeo.tools.sources import compile_file, optimise

FLOW = """schema Mail {{ id: string, text: string }}
schema Part {{ sku: string, count: int? }}
enum Level {{ low, high }}
provider cloud {{ kind: "openai", url: "https://m.example.com/v1", key: secret("KEY") }}
provider spare {{ kind: "ollama", url: secret("SPARE_URL") }}
agent Stock(part: Part, most: int?) -> [Part] {{
  {language}: "shop:stock", effects: "read", description: "What is there"
}}
workflow W {{
  source: NATS("in", schema: Mail)
  target: {{ cloud: NATS("out") }}
  agents: [
    LLM(id: "a", engine: ["cloud/big", "ollama/small"], prompt: "{{{{ source.text }}}}",
        output: Level, tools: [Stock], budget: {{ tokens: 500 }})
    LLM(id: "b", engine: "ollama/small", prompt: "{{{{ source.text }}}}", output: Level)
    emit {{ a: a, b: b }} to target.cloud
  ]
}}
"""


def calls(folder: Path, language: str = "python") -> dict[str, list[ast.Call]]:
    """Return the calls in the module of agents, by class."""
    file = folder / "flow.kumeo"
    file.write_text(FLOW.format(language=language))
    compiled = compile_file(str(file), "")
    assert compiled.module is not None, compiled.diagnostics
    optimise(compiled.module, "O2", "messaging")
    files = build_python(
        compiled.module,
        read_file=lambda _: None,
        origin=Origin("flow.kumeo", "1"),
        schemas=compiled.type_names,
    )
    found: dict[str, list[ast.Call]] = {}
    for node in ast.walk(ast.parse(str(files["w/agents.py"]))):
        if isinstance(node, ast.Call):
            found.setdefault(ast.unparse(node.func), []).append(node)
    return found


def arguments(call: ast.Call) -> dict[str, Any]:
    return {str(each.arg): ast.unparse(each.value) for each in call.keywords}


def test_chain_is_a_setting_beside_its_first_engine(tmp_path: Path) -> None:
    first, second = map(arguments, calls(tmp_path)["LanguageModel"])
    assert first["engine"] == "'cloud/big'"
    assert "'engines': ['cloud/big', 'ollama/small']" in first["settings"]
    assert second["engine"] == "'ollama/small'"
    assert "settings" not in second


def test_only_providers_of_the_chain_are_printed_with_secrets_by_name(tmp_path: Path) -> None:
    (provider,) = map(arguments, calls(tmp_path)["Provider"])
    assert (provider["name"], provider["key"]) == ("'cloud'", "Secret('KEY')")


def test_tool_is_a_function_with_typed_arguments_and_a_site_of_its_own(tmp_path: Path) -> None:
    found = calls(tmp_path)
    (tool,), (code,) = map(arguments, found["Tool"]), map(arguments, found["UserCode"])
    assert tool["name"] == "'Stock'"
    assert tool["takes"] == "{'part': Part, 'most': int | None}"
    assert tool["description"] == "'What is there'"
    assert (code["site"], code["target"]) == ("'a/tools/Stock'", "'shop:stock'")
    assert code["result"] == "list[Part]"


def test_tool_in_another_language_cannot_be_printed(tmp_path: Path) -> None:
    with pytest.raises(Unprintable, match=r"agent\.llm"):
        calls(tmp_path, "rust")
