"""`kumeo-opt`: mistakes on the command line are refused with help."""

from collections.abc import Callable
from typing import Any

import pytest

from kumeo.tools.options import parse_arguments

Opt = Callable[..., Any]

SUM = "func.func private @f() -> i64\n"


@pytest.mark.parametrize("option", ["--print-ir-before", "--print-ir-after"])
def test_print_ir_of_an_unknown_pass_is_refused(opt: Opt, option: str) -> None:
    ran = opt("-O1", f"{option}=cze", stdin=SUM)
    assert ran.code == 2
    assert ran.err.startswith("error[unknown-pass]: there is no pass named `cze`")


def test_unknown_level_of_optimisation_names_the_levels(opt: Opt) -> None:
    assert "the levels are `-O0`, `-O1` and `-O2`" in opt("-O3", stdin=SUM).err


@pytest.mark.parametrize(
    ("count", "problem"), [("0", "0 events check nothing"), ("x", "'x' is not a number of events")]
)
def test_check_semantics_wants_a_number_of_events(opt: Opt, count: str, problem: str) -> None:
    ran = opt(f"--check-semantics={count}", stdin=SUM)
    assert ran.code == 2
    assert f"argument --check-semantics: {problem}" in ran.err


def test_unclosed_group_asks_for_the_parenthesis(opt: Opt) -> None:
    assert "help: write `)`" in opt("-p", "func.func(cse", stdin=SUM).err


@pytest.mark.parametrize(
    ("arguments", "events", "name"),
    [
        (["--check-semantics"], 8, "-"),
        (["--check-semantics", "3"], 3, "-"),
        (["--check-semantics=3"], 3, "-"),
        (["--check-semantics", "a.mlir"], 8, "a.mlir"),
        (["--check-semantics", "3", "a.mlir"], 3, "a.mlir"),
        (["a.mlir", "--check-semantics", "3"], 3, "a.mlir"),
        (["--check-semantics", "./3"], 8, "./3"),
        (["--check-semantics", "-O1"], 8, "-"),
    ],
)
def test_number_behind_check_semantics_is_its_value(
    arguments: list[str], events: int, name: str
) -> None:
    options = parse_arguments(arguments)
    assert (options.check_semantics, options.input) == (events, name)


def test_flag_behind_check_semantics_keeps_its_full_form() -> None:
    assert parse_arguments(["--check-semantics", "--print-ir-after"]).print_ir_after_all
