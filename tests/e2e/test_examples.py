"""Each example passes what the README promises: check, fmt, test, ir, graph."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent.parent / "examples"
MODERN = sorted(path.name for path in FOLDER.glob("*.kumeo"))
LEGACY = sorted(f"legacy/{path.name}" for path in FOLDER.glob("legacy/*.kumeo"))
ALL = [*MODERN, *LEGACY]
LOCATION = re.compile(r" loc\([^()]*(\([^()]*\))?[^()]*\)")

Tool = Callable[..., Any]


def test_discovery_examples_are_found() -> None:
    assert len(MODERN) >= 4
    assert len(LEGACY) >= 2


@pytest.mark.parametrize("name", ALL)
def test_check_example_has_no_errors_and_no_warnings(kumeo: Tool, name: str) -> None:
    ran = kumeo("check", str(FOLDER / name), "--warnings-as-errors")
    assert (ran.code, ran.out) == (0, "checked 1 file: 0 errors, 0 warnings\n")


@pytest.mark.parametrize("name", ALL)
def test_test_example_all_blocks_pass(kumeo: Tool, name: str) -> None:
    ran = kumeo("test", str(FOLDER / name))
    written = (FOLDER / name).read_text(encoding="utf-8").count("\ntest ")
    assert ran.code == 0, ran.out
    assert f"{written} passed, 0 failed" in ran.out
    assert written >= 3


@pytest.mark.parametrize("name", MODERN)
def test_fmt_example_is_in_the_common_form(kumeo: Tool, name: str) -> None:
    ran = kumeo("fmt", "--check", str(FOLDER / name))
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("name", LEGACY)
def test_fmt_legacy_example_keeps_its_meaning(kumeo: Tool, name: str, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "examples")
    file = str(tmp_path / "examples" / name)
    before = kumeo("ir", file)
    assert kumeo("fmt", file).code == 0
    assert kumeo("fmt", "--check", file).code == 0
    assert "{{#if" not in Path(file).read_text(encoding="utf-8")
    assert LOCATION.sub("", kumeo("ir", file).out) == LOCATION.sub("", before.out)
    assert kumeo("test", file).code == 0


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", [[], ["--print-op-generic"]])
def test_ir_of_example_is_read_back_equal(
    kumeo: Tool, kumeo_opt: Tool, name: str, form: list[str]
) -> None:
    printed = kumeo("ir", str(FOLDER / name))
    assert printed.code == 0
    other = kumeo_opt("-", *form, stdin=printed.out)
    assert other.code == 0, other.err
    assert kumeo_opt("-", stdin=other.out).out == printed.out


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", ["svg", "mermaid", "dot"])
def test_graph_of_example_names_its_agents(kumeo: Tool, name: str, form: str) -> None:
    ran = kumeo("graph", str(FOLDER / name), "--format", form)
    assert ran.code == 0, ran.err
    program, _, _ = (FOLDER / name).read_text(encoding="utf-8").partition("\ntest ")
    agents = re.findall(r'\bid: "(\w+)"', program.replace(" = ", ": "))
    assert agents
    missing = [agent for agent in agents if agent not in ran.out]
    assert not missing


@pytest.mark.parametrize("name", MODERN)
def test_test_example_with_a_wrong_expectation_fails(
    kumeo: Tool, name: str, tmp_path: Path
) -> None:
    shutil.copytree(FOLDER, tmp_path / "examples")
    file = tmp_path / "examples" / name
    text = file.read_text(encoding="utf-8")
    place = text.index("expect: {", text.index("\ntest "))
    added = "dead_letter: [{ event: { never: true } }], "
    file.write_text(text[: place + 9] + added + text[place + 9 :], encoding="utf-8")
    ran = kumeo("test", str(file))
    assert ran.code == 1
    assert "1 failed" in ran.out


def test_run_sensor_example_asks_its_database(
    kumeo: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUMEO_NATS_URL", raising=False)
    event = '{"machine": "m1", "celsius": 20.0, "at": "2026-05-01T10:00:00Z"}\n'
    Path("events.jsonl").write_text(event)
    file = str(FOLDER / "sensor_monitoring.kumeo")
    ran = kumeo("run", file, "--input", "events.jsonl", "--output", "-", "-q")
    assert '"hall":"north"' in ran.out, ran.err
