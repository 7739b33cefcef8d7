"""`--verify-diagnostics`: expectations that are met, missing, unexpected or unreadable."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from kumeo.diagnostics import Source
from kumeo.tools.expectations import read_expectations

Opt = Callable[..., Any]

BAD = '"func.nothing"() : () -> ()'


@pytest.fixture
def verdict(opt: Opt) -> Callable[..., list[str]]:
    def run(text: str, *arguments: str) -> list[str]:
        ran = opt("--verify-diagnostics", *arguments, stdin=text)
        found = re.findall(r"^error\[([\w-]+)\]", ran.err, re.MULTILINE)
        assert ran.code == (1 if found else 0)
        return found

    return run


Verdict = Callable[..., list[str]]


@pytest.mark.parametrize(
    "text",
    [
        f"{BAD} // expected-error {{{{no op `func.nothing`}}}}",
        f"// expected-error@+1 {{{{no op}}}}\n{BAD}",
        f"// expected-error@below {{{{no op}}}}\n{BAD}",
        f"{BAD}\n// expected-error@-1 {{{{no op}}}}",
        f"{BAD}\n// expected-error@above {{{{no op}}}}",
        f"\n{BAD}\n// expected-error@2 {{{{no op}}}}",
        f"{BAD} // expected-error 1 {{{{no op}}}}",
        f"{BAD} // expected-error {{{{[ir-syntax]}}}}",
    ],
)
def test_expected_error_that_comes(verdict: Verdict, text: str) -> None:
    assert verdict(text) == []


@pytest.mark.parametrize(
    "comment",
    [
        "// expected-error@+1 {{other words}}",
        "// expected-error@+2 {{no op}}",
        "// expected-warning@+1 {{no op}}",
        "// expected-error@unknown {{no op}}",
        "// expected-error@+1 2 {{no op}}",
    ],
)
def test_expected_error_that_does_not_come(verdict: Verdict, comment: str) -> None:
    assert "missing-diagnostic" in verdict(f"{comment}\n{BAD}")


def test_expected_error_of_a_correct_module(verdict: Verdict) -> None:
    assert verdict("builtin.module {} // expected-error {{no op}}") == ["missing-diagnostic"]


def test_unexpected_error(verdict: Verdict) -> None:
    assert verdict(BAD) == ["unexpected-diagnostic"]


def test_one_expectation_takes_one_message(opt: Opt) -> None:
    text = "%a = arith.addi %b, %c : i64 // expected-error {{reads}}\n"
    text += "%b = arith.constant 1 : i64\n%c = arith.constant 1 : i64\n"
    ran = opt("--verify-diagnostics", stdin=text)
    assert ran.code == 1
    assert "unexpected error" in ran.err
    twice = text.replace("expected-error", "expected-error 2")
    assert opt("--verify-diagnostics", stdin=twice).code == 0


@pytest.mark.parametrize(
    "comment",
    ["// expected-eror {{x}}", "// expected-error: x", "// expected-error @+1 {{x}}"],
)
def test_expectation_that_cannot_be_read(verdict: Verdict, comment: str) -> None:
    assert verdict(f"{comment}\nbuiltin.module {{}}") == ["invalid-expectation"]


def test_expectation_belongs_to_its_part_of_a_split_file(verdict: Verdict) -> None:
    good = f"// expected-error@+1 {{{{no op}}}}\n{BAD}\n// -----\nbuiltin.module {{}}"
    assert verdict(good, "--split-input-file") == []
    bad = f"// expected-error@+3 {{{{no op}}}}\nbuiltin.module {{}}\n// -----\n{BAD}"
    assert sorted(verdict(bad, "--split-input-file")) == [
        "missing-diagnostic",
        "unexpected-diagnostic",
    ]


@pytest.mark.usefixtures("good_plugin")
def test_expected_remark_needs_remarks(verdict: Verdict) -> None:
    text = "%n = toy.number 500 : i64 // expected-remark {{too large}}"
    assert verdict(text, "-p", "lower-toy", "--remarks") == []
    assert verdict(text, "-p", "lower-toy") == ["missing-diagnostic"]


@pytest.mark.usefixtures("good_plugin")
def test_expected_error_without_a_place(verdict: Verdict) -> None:
    text = "// expected-error@unknown {{pass `toy-refuse` failed}}\nbuiltin.module {}"
    assert verdict(text, "-p", "toy-refuse") == []


def test_output_of_a_correct_module_is_printed(opt: Opt) -> None:
    assert opt("--verify-diagnostics", stdin="builtin.module {}").out == "builtin.module {\n}\n"


def test_read_expectations_only_in_comments() -> None:
    text = 'func.func @f() attributes {a = "expected-error {{x}}"}\n'
    assert read_expectations(Source("a.mlir", text)) == ([], [])
