"""The table of models: what wins, and what a wrong entry is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.llm.api import Question, ToolSpec
from kumeo_runtime.llm.capabilities import Capabilities, capabilities_of
from kumeo_runtime.llm.exchange import WIRES
from kumeo_runtime.llm.providers import Provider

ASK = ({"role": "user", "content": "Hi"},)
SCHEMA = {"type": "object", "properties": {}}


def of(engine: str, provider: Provider | None = None, file: Path | None = None) -> Capabilities:
    kind = "ollama" if engine.startswith("ollama/") else "openai"
    environ = {} if file is None else {"KUMEO_MODELS": str(file)}
    return capabilities_of(engine, kind, provider, environ)


@pytest.fixture
def table(tmp_path: Path) -> Any:
    def write(data: Any) -> Path:
        file = tmp_path / "models.json"
        file.write_text(data if isinstance(data, str) else json.dumps(data))
        return file

    return write


def test_capabilities_of_an_unknown_model_are_the_usual_ones() -> None:
    assert of("cloud/unknown") == Capabilities()


def test_capabilities_price_of_an_unknown_model_is_unknown() -> None:
    assert (of("openai/unknown").price, of("ollama/llama3").price) == (None, None)


def test_capabilities_later_entries_win_key_by_key(table: Any) -> None:
    file = table({"models": {"openai/gpt-5*": {"without": []}, "openai/gpt-5-x": {"tools": False}}})
    found = of("openai/gpt-5-x", None, file)
    assert (found.without, found.tools, found.max_tokens) == ((), False, "max_completion_tokens")


def test_capabilities_of_a_file_hold_for_all_models_of_a_provider(table: Any) -> None:
    file = table({"providers": {"cloud": {"strict": False}}})
    assert (of("cloud/m", None, file).strict, of("openai/m", None, file).strict) == (False, True)


def test_capabilities_block_wins_over_the_file(table: Any) -> None:
    file = table({"models": {"cloud/m": {"schema": "none", "price": {"input": 9, "output": 9}}}})
    block = Provider(
        "cloud",
        capabilities={"m*": {"schema": "json"}},
        prices={"m": {"input": 1.0, "output": 2.0}},
    )
    found = of("cloud/m", block, file)
    assert (found.schema, found.price) == ("json", {"input": 1.0, "output": 2.0})


@pytest.mark.parametrize("entry", [{"shema": "json"}, {"schema": "yes"}, {"price": {"input": "1"}}])
def test_capabilities_wrong_entry_tells_its_file_and_the_names(table: Any, entry: Any) -> None:
    file = table({"models": {"cloud/m": entry}})
    with pytest.raises(AgentError, match=r"models\.json.*cloud/m") as caught:
        of("cloud/m", None, file)
    assert (caught.value.code, "schema_with_tools" in caught.value.fix) == ("invalid-setting", True)


@pytest.mark.parametrize("name", ["price", "decision_price"])
@pytest.mark.parametrize(
    "price",
    [
        {"input": -1.0, "output": 1.0},
        {"input": 1.0},
        {"input": 1.0, "output": 1.0, "cashed": 0.5},
        {"input": 1.0, "output": float("inf")},
        {"input": 1.0, "output": float("nan")},
    ],
)
def test_capabilities_price_that_no_budget_can_count_with_is_refused(
    name: str, price: dict[str, float]
) -> None:
    block = Provider("cloud", capabilities={"m": {name: price}})
    with pytest.raises(AgentError, match="`cloud` gives `cloud/m` a price that is none"):
        of("cloud/m", block)


@pytest.mark.parametrize("data", ["{", '{"modles": {}}', "[]"])
def test_capabilities_file_that_is_no_table_is_refused(table: Any, data: str) -> None:
    with pytest.raises(AgentError, match="KUMEO_MODELS"):
        of("cloud/m", None, table(data))


def test_capabilities_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="No such file"):
        of("cloud/m", None, tmp_path / "none.json")


def test_capabilities_models_that_reason_get_their_own_limit_of_tokens() -> None:
    settings = {"max_tokens": 9, "temperature": 1.0}
    body = WIRES["openai"].body(Question("o3", ASK, settings=settings), of("openai/o3"))
    assert (body.get("max_completion_tokens"), len(body)) == (9, 3)


def test_capabilities_ollama_with_tools_is_told_the_schema_in_words() -> None:
    tools = (ToolSpec("stock", "How many.", SCHEMA),)
    can = of("ollama/llama3")
    with_tools = WIRES["ollama"].body(Question("m", ASK, SCHEMA, tools=tools), can)
    assert "format" not in with_tools
    assert "JSON schema" in with_tools["messages"][0]["content"]
    assert "format" in WIRES["ollama"].body(Question("m", ASK, SCHEMA), can)


PAGE = Path(__file__).parents[4] / "docs" / "runtime" / "model-servers.md"


def test_page_explains_each_capability() -> None:
    rows = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if "|" in line]
    wanted = [f"`{name}`" for name in Capabilities.__struct_fields__]
    assert [row for row in rows if row in wanted] == wanted


def test_page_shows_a_table_that_is_taken(table: Any) -> None:
    text = PAGE.read_text().split("```json\n")[1].split("```")[0]
    found = of("vllm/qwen3-8b", None, table(text))
    assert (found.strict, found.schema, found.tools) == (False, "json", False)
