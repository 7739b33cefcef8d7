"""A network that costs too much: every tool that compiles says so, and it is planned once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kumeo.models.elimination import cache
from kumeo.models.elimination.planning import make_plan
from kumeo.models.network import Network

CASES = Path(__file__).parents[3] / "errors" / "network-too-costly"
EXACT = CASES / "exact" / "main.kumeo"
Tool = Callable[..., Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each question that is planned."""
    found: list[str] = []

    def noted(network: Network, query: str, *arguments: Any, **options: Any) -> Any:
        found.append(query)
        return make_plan(network, query, *arguments, **options)

    cache._planned.cache_clear()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(cache, "make_plan", noted)
    return found


def test_build_of_a_costly_network_warns(kumeo: Tool, tmp_path: Path) -> None:
    built = kumeo("build", str(EXACT), "-o", str(tmp_path / "built"), "-q")
    assert built.code == 0
    assert built.err.count("warning[network-too-costly]") == 1
    assert "34,832,384 multiply-adds" in built.err


def test_build_without_passes_outlines_nothing_and_warns_of_nothing(
    kumeo: Tool, tmp_path: Path
) -> None:
    built = kumeo("build", str(EXACT), "-o", str(tmp_path / "built"), "-q", "-O0")
    assert (built.code, built.err) == (0, "")


def test_check_and_build_plan_a_costly_question_once(
    kumeo: Tool, tmp_path: Path, asked: list[str]
) -> None:
    kumeo("check", str(EXACT))
    kumeo("build", str(EXACT), "-o", str(tmp_path / "built"), "-q")
    assert asked == ["A1"]


def test_check_of_a_cheap_network_does_not_plan(kumeo: Tool, asked: list[str]) -> None:
    example = Path(__file__).parents[4] / "examples" / "wine" / "wine.kumeo"
    checked = kumeo("check", str(example))
    assert checked.code == 0
    assert asked == []


def test_build_plans_each_question_once(kumeo: Tool, tmp_path: Path, asked: list[str]) -> None:
    example = Path(__file__).parents[4] / "examples" / "wine" / "wine.kumeo"
    kumeo("build", str(example), "-o", str(tmp_path / "built"), "-q")
    assert len(asked) == 1
