"""`kumeo-opt`: mistakes on the command line are refused with help."""

from collections.abc import Callable
from typing import Any

import pytest

Opt = Callable[..., Any]

SUM = "func.func private @f() -> i64\n"


@pytest.mark.parametrize("option", ["--print-ir-before", "--print-ir-after"])
def test_print_ir_of_an_unknown_pass_is_refused(opt: Opt, option: str) -> None:
    ran = opt("-O1", f"{option}=cze", stdin=SUM)
    assert ran.code == 2
    assert ran.err.startswith("error[unknown-pass]: there is no pass named `cze`")


def test_unknown_level_of_optimisation_names_the_levels(opt: Opt) -> None:
    assert "the levels are `-O0`, `-O1` and `-O2`" in opt("-O3", stdin=SUM).err


def test_unclosed_group_asks_for_the_parenthesis(opt: Opt) -> None:
    assert "help: write `)`" in opt("-p", "func.func(cse", stdin=SUM).err
