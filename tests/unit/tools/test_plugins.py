"""Plug-ins: what good packages add, and how broken ones are told apart and left out."""

import re
from collections.abc import Callable
from typing import Any

import pytest

Opt = Callable[..., Any]

MODULE = "builtin.module {}"
PROBLEMS = {
    "import-error": "cannot be loaded: ModuleNotFoundError: .*a_module_that_nobody_has",
    "wrong-object": "`wrong_object:UNIVERSE` is not a `Universe`",
    "missing-name": "cannot be loaded: AttributeError: .*NO_SUCH_NAME",
}


def warnings(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^warning\[broken-plugin\]: .* of package `(.*?)` (.*)$", text, re.MULTILINE)


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_pass_runs(opt: Opt) -> None:
    ran = opt("-p", "lower-toy", stdin="%n = toy.number 5 : i64")
    assert (ran.code, ran.err) == (0, "")
    assert "arith.constant 5 : i64" in ran.out


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_dialect_is_found_when_it_is_met(opt: Opt) -> None:
    assert "toy.number 5" in opt(stdin="%n = toy.number 5 : i64").out


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_pass_may_be_anchored_and_have_options(opt: Opt) -> None:
    text = "func.func @f() { %n = toy.number 5 : i64 func.return }"
    assert "toy.number" in opt("-p", "func.func(lower-toy{limit=4})", stdin=text).out


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_statistics_and_remarks(opt: Opt) -> None:
    text = "%n = toy.number 5 : i64\n%m = toy.number 500 : i64"
    quiet = opt("-p", "lower-toy", stdin=text)
    ran = opt("-p", "lower-toy", "--pass-statistics", "--remarks", stdin=text)
    assert (quiet.err, ran.out) == ("", quiet.out)
    assert "  lower-toy\n       1  numbers lowered\n" in ran.err
    assert "remark[pass-remark]: lower-toy: the number is too large\n --> <stdin>:2:" in ran.err


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_is_listed(opt: Opt) -> None:
    ran = opt("--list-passes", "--show-dialects")
    assert re.search(r"Passes of toy-dialect:\n  lower-toy +Turn toy numbers", ran.out)
    assert re.search(r"^ +limit +a whole number, default 100$", ran.out, re.MULTILINE)
    assert re.search(r"Dialects of toy-dialect:\n  toy +2 ops", ran.out)
    assert ran.err == ""


@pytest.mark.usefixtures("good_plugin")
def test_good_plugin_nearest_pass_is_found(opt: Opt) -> None:
    assert "write `lower-toy`" in opt("-p", "lower-toi", stdin=MODULE).err


@pytest.mark.usefixtures("broken_plugins")
def test_broken_plugins_are_not_looked_at_without_need(opt: Opt) -> None:
    assert opt("-O2", stdin="func.func @f() { return }").err == ""


@pytest.mark.usefixtures("broken_plugins")
@pytest.mark.parametrize("package", sorted(PROBLEMS))
def test_broken_plugin_is_a_warning_with_its_package(opt: Opt, package: str) -> None:
    ran = opt("--list-passes")
    assert ran.code == 0
    (problem,) = [problem for name, problem in warnings(ran.err) if name == package]
    assert re.search(PROBLEMS[package], problem)


@pytest.mark.usefixtures("broken_plugins")
def test_duplicate_names_keep_the_first_owner(opt: Opt) -> None:
    ran = opt("--list-passes")
    problems = [problem for name, problem in warnings(ran.err) if name == "duplicate-names"]
    assert problems == [
        "offers a dialect `arith` that Kumeo or xDSL already has",
        "offers a pass `canonicalize` that Kumeo or xDSL already has",
    ]
    assert re.search(r"^  canonicalize +Fold constants, apply the rewrites", ran.out, re.MULTILINE)


@pytest.mark.usefixtures("good_plugin", "broken_plugins")
def test_broken_plugins_do_not_disturb_good_ones(opt: Opt) -> None:
    ran = opt("-p", "lower-toy,spare-canonicalize", stdin="%n = toy.number 5 : i64")
    assert ran.code == 0
    assert "toy" not in ran.out


@pytest.mark.usefixtures("broken_plugins")
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("late-pass", "cannot load its pass `late-pass`: ImportError: no such pass"),
        ("not-a-pass", "offers a pass `not-a-pass` that is not a `ModulePass`"),
        ("other-name", "offers a pass `other-name` that calls itself `canonicalize`"),
    ],
)
def test_pass_that_cannot_be_loaded(opt: Opt, name: str, problem: str) -> None:
    ran = opt("-p", name, stdin=MODULE)
    assert ran.code == 2
    assert ("late-failure", problem) in warnings(ran.err)
    assert "error[unknown-pass]" in ran.err


@pytest.mark.usefixtures("broken_plugins")
@pytest.mark.parametrize(
    ("op", "problem"),
    [
        ("late.twice", "cannot load its dialect `late`: AlreadyRegistered"),
        ("text.op", "offers a dialect `text` that is not a `Dialect`"),
    ],
)
def test_dialect_that_cannot_be_loaded(opt: Opt, op: str, problem: str) -> None:
    ran = opt(stdin=f'"{op}"() : () -> ()')
    assert ran.code == 1
    found = [text for name, text in warnings(ran.err) if name == "late-failure"]
    assert any(text.startswith(problem) for text in found)
    assert "error[ir-syntax]" in ran.err


@pytest.mark.usefixtures("good_plugin")
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("toy-crash", ["pass-crashed"]),
        ("toy-refuse", ["pass-failed"]),
        ("toy-break", ["pass-broke-ir", "ir-invalid"]),
    ],
)
def test_pass_that_fails(opt: Opt, name: str, codes: list[str]) -> None:
    ran = opt("-p", f"cse,{name},cse", stdin=MODULE)
    assert (ran.code, ran.out) == (1, "")
    assert re.findall(r"^error\[([\w-]+)\]", ran.err, re.MULTILINE) == codes
    assert f"`{name}`" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("good_plugin")
def test_pass_that_breaks_the_module_is_found_by_the_last_verification(opt: Opt) -> None:
    ran = opt("--no-verify-each", "-p", "toy-break,strip-locations", stdin=MODULE)
    assert ran.code == 1
    assert "pass-broke-ir" not in ran.err
    assert "error[ir-invalid]" in ran.err
