"""`kumeo ir` and `kumeo graph`: what they write and where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_ir_prints_the_module(kumeo: Callable[..., Any], orders: str) -> None:
    result = kumeo("ir", "-", stdin=orders)
    assert result.code == 0
    assert "workflow.workflow @Orders {" in result.out


def test_ir_level_stages_has_stages_in_services(kumeo: Callable[..., Any], orders: str) -> None:
    text = kumeo("ir", "-", "--level", "stages", stdin=orders).out
    assert 'kumeo.level = "stages"' in text
    assert "agent.stage @on." in text
    assert ' service "' in text
    assert "workflow.on" not in text


def test_ir_optimised_stays_at_the_level_of_workflows(
    kumeo: Callable[..., Any], orders: str
) -> None:
    assert 'kumeo.level = "workflow"' in kumeo("ir", "-", "-O2", stdin=orders).out


def test_ir_generic_quotes_ops(kumeo: Callable[..., Any], orders: str) -> None:
    assert '"workflow.workflow"()' in kumeo("ir", "-", "--generic", stdin=orders).out


def test_ir_locations_name_the_line(kumeo: Callable[..., Any], orders: str) -> None:
    assert 'loc("<stdin>":10:' in kumeo("ir", "-", "--locations", stdin=orders).out


def test_ir_without_locations_has_none(kumeo: Callable[..., Any], orders: str) -> None:
    assert "loc(" not in kumeo("ir", "-", stdin=orders).out


def test_ir_optimised_has_fewer_lines(kumeo: Callable[..., Any], orders: str) -> None:
    twice = orders.replace("source.amount > 10.0", "source.amount > 5.0 + 5.0")
    plain, small = (kumeo("ir", "-", level, stdin=twice).out for level in ("-O0", "-O2"))
    assert "data.add" in plain
    assert "data.add" not in small


def test_ir_output_file_gets_the_text(kumeo: Callable[..., Any], folder: Path, orders: str) -> None:
    assert kumeo("ir", "-", "-o", "flow.mlir", stdin=orders) == (0, "", "")
    assert "@Orders" in Path("flow.mlir").read_text()


def test_ir_output_in_a_missing_folder_is_an_error(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    result = kumeo("ir", "-", "-o", "no/flow.mlir", stdin=orders)
    assert result.code == 1
    assert "error[cannot-write]" in result.err


def test_ir_of_a_broken_file_prints_only_messages(kumeo: Callable[..., Any]) -> None:
    result = kumeo("ir", "-", stdin="schema A { x: flot }")
    assert (result.code, result.out) == (1, "")
    assert "error[unknown-type]" in result.err


FORMS = {"svg": "<svg ", "mermaid": "flowchart TD\n", "dot": "digraph "}


@pytest.mark.parametrize("form", FORMS)
def test_graph_format_decides_the_text(kumeo: Callable[..., Any], orders: str, form: str) -> None:
    result = kumeo("graph", "-", "--format", form, stdin=orders)
    assert result.code == 0
    assert result.out.startswith(FORMS[form])


@pytest.mark.parametrize(
    ("name", "form"), [("x.svg", "svg"), ("x.mmd", "mermaid"), ("x.gv", "dot")]
)
def test_graph_output_name_decides_the_format(
    kumeo: Callable[..., Any], folder: Path, orders: str, name: str, form: str
) -> None:
    kumeo("graph", "-", "-o", name, stdin=orders)
    assert Path(name).read_text().startswith(FORMS[form])


def test_graph_of_an_unknown_workflow_is_wrong_usage(
    kumeo: Callable[..., Any], orders: str
) -> None:
    result = kumeo("graph", "-", "--workflow", "Order", stdin=orders)
    assert result.code == 2
    assert "there is no workflow `Order`: write `Orders`" in result.err


def test_graph_of_one_workflow_leaves_out_the_others(
    kumeo: Callable[..., Any], orders: str
) -> None:
    second = (
        'workflow Second { source: NATS("a") target: NATS("b") agents: [emit source to target] }'
    )
    both = kumeo("graph", "-", stdin=orders + second).out
    one = kumeo("graph", "-", "--workflow", "Second", stdin=orders + second).out
    assert "judge" in both
    assert "judge" not in one


def test_graph_of_deeply_nested_branches_is_drawn(kumeo: Callable[..., Any]) -> None:
    body = "emit source to target"
    for level in range(90):
        body = f"if source.x > {level}.0 {{ {body} }}"
    text = f'workflow W {{ source: NATS("i") target: NATS("o") agents: [{body}] }}'
    assert kumeo("graph", "-", "--format", "mermaid", stdin=text).code == 0


def test_graph_unknown_ending_is_wrong_usage(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    result = kumeo("graph", "-", "-o", "flow.pdf", stdin=orders)
    assert (result.code, Path("flow.pdf").exists()) == (2, False)
    assert "there is no picture format for `.pdf`" in result.err


def test_graph_unknown_ending_with_a_format_is_written(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    assert kumeo("graph", "-", "--format", "dot", "-o", "flow.txt", stdin=orders).code == 0
    assert Path("flow.txt").read_text().startswith("digraph")
