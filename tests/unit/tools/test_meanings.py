"""Rules of the interpreter that other packages offer: found, used, and isolated when broken."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from kumeo.tools.meanings import GROUP, find_rules
from kumeo.tools.plugins import KINDS, Plugins
from tests.unit.tools.conftest import forget

PACKAGE = """
from xdsl.ir import Dialect
from xdsl.irdl import IRDLOperation, irdl_op_definition
from kumeo.dialects.data import AddOp

@irdl_op_definition
class AOp(IRDLOperation):
    name = "toy.a"

def rule(op, program):
    return lambda frame: None

GOOD = {AOp: rule}
NO_TABLE = [rule]
NO_OP = {"toy.a": rule}
NO_RULE = {AOp: 1}
KNOWN = {AddOp: rule}
"""


@pytest.fixture(autouse=True)
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "toy_rules.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    forget("toy_rules")


def look(*values: str) -> tuple[list[str], list[str]]:
    """Return the names of the ops with a rule, and the problems."""
    plugins = Plugins({kind: {} for kind in KINDS})
    points = [EntryPoint(f"p{i}", value, GROUP) for i, value in enumerate(values)]
    found = find_rules(plugins, points)
    return [op.name for op in found], [d.problem for d in plugins.diagnostics]  # type: ignore[attr-defined]


def test_rules_of_a_package_are_found() -> None:
    assert look("toy_rules:GOOD") == (["toy.a"], [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("toy_rules:NO_TABLE", "`toy_rules:NO_TABLE` is not a table of rules"),
        ("toy_rules:NO_OP", "gives a meaning to `toy.a`, which is no class of ops"),
        ("toy_rules:NO_RULE", "gives `toy.a` a meaning that cannot be called"),
        ("toy_rules:KNOWN", "gives a meaning to `AddOp`, which has one already"),
        ("toy_rules:MISSING", "cannot be loaded: AttributeError"),
        ("no_such_module:RULES", "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_broken_rules_are_a_warning_and_the_others_go_on(value: str, problem: str) -> None:
    found, problems = look(value, "toy_rules:GOOD")
    assert found == ["toy.a"]
    assert [text for text in problems if problem not in text] == []
    assert len(problems) == 1


def test_second_meaning_of_an_op_is_refused() -> None:
    found, problems = look("toy_rules:GOOD", "toy_rules:GOOD")
    assert (found, len(problems)) == (["toy.a"], 1)
