"""Crash reproducers: written on failure, complete, and replayed with the same result."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kumeo.diagnostics import Source
from kumeo.tools.reproducer import Settings, describe_crash, make_reproducer, read_settings

Opt = Callable[..., Any]

MODULE = "%n = toy.number 5 : i64\n"
FILE = "crash.mlir"

pytestmark = pytest.mark.usefixtures("good_plugin")


def headlines(text: str) -> list[str]:
    return re.findall(r"^error.*$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["toy-crash", "toy-refuse", "toy-break"])
def test_reproducer_replays_the_failure(opt: Opt, name: str) -> None:
    first = opt("-p", f"cse,{name},dce", "--crash-reproducer", FILE, stdin=MODULE)
    again = opt("--run-reproducer", FILE)
    assert (first.code, again.code) == (1, 1)
    assert headlines(first.err) == headlines(again.err)
    assert f"`kumeo-opt --run-reproducer {FILE}`" in first.err


def test_reproducer_holds_module_pipeline_and_traceback(opt: Opt) -> None:
    opt("-p", "cse, toy-crash, dce", "--crash-reproducer", FILE, stdin=MODULE)
    text = Path(FILE).read_text()
    assert '"pipeline": "cse,toy-crash"' in text
    assert '"toy.number"() <{value = 5 : i64}> : () -> i64 loc("<stdin>":1:' in text
    assert "//   KeyError: 'toy'" in text
    assert "in apply" in text


def test_reproducer_of_a_crash_is_always_written(opt: Opt, tmp_path: Path) -> None:
    ran = opt("-p", "toy-crash", stdin=MODULE)
    (file,) = tmp_path.glob("kumeo-opt-crash-*.mlir")
    assert str(file) in ran.err
    assert opt("--run-reproducer", str(file)).code == 1


def test_reproducer_of_a_refusal_is_written_on_demand_only(opt: Opt, tmp_path: Path) -> None:
    opt("-p", "toy-refuse", stdin=MODULE)
    assert list(tmp_path.iterdir()) == []


def test_reproducer_is_not_written_without_a_failure(opt: Opt) -> None:
    assert opt("-p", "cse", "--crash-reproducer", FILE, stdin=MODULE).code == 0
    assert not Path(FILE).exists()


def test_reproducer_second_failure_does_not_overwrite_the_first(opt: Opt) -> None:
    text = f"{MODULE}// -----\nbuiltin.module {{}}"
    opt("-p", "toy-crash", "--crash-reproducer", FILE, "--split-input-file", stdin=text)
    assert "toy.number" in Path(FILE).read_text()


def test_reproducer_keeps_settings(opt: Opt) -> None:
    text = '"nobody.op"() : () -> ()'
    arguments = ("-p", "toy-break,toy-crash", "--no-verify-each", "--allow-unregistered-dialect")
    opt(*arguments, "--crash-reproducer", FILE, stdin=text)
    assert "error[pass-crashed]" in opt("--run-reproducer", FILE).err


def test_reproducer_that_cannot_be_written(opt: Opt) -> None:
    ran = opt("-p", "toy-crash", "--crash-reproducer", "missing/x.mlir", stdin=MODULE)
    assert [line[:18] for line in headlines(ran.err)] == [
        "error[cannot-write",
        "error[pass-crashed",
    ]
    assert "--run-reproducer" not in ran.err


def test_run_reproducer_of_an_ordinary_file(opt: Opt) -> None:
    ran = opt("--run-reproducer", stdin=MODULE)
    assert (ran.code, headlines(ran.err)[0][:25]) == (1, "error[invalid-reproducer]")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("not json", "its settings are not JSON"),
        ("[]", "its settings have no pipeline"),
        ('{"verify_each": true}', "its settings have no pipeline"),
        ('{"pipeline": "", "shell": "ls"}', "unknown key `shell`"),
        ('{"pipeline": 1}', "its setting `pipeline` has the wrong type"),
    ],
)
def test_read_settings_fault(settings: str, problem: str) -> None:
    found = read_settings(Source(FILE, f"// reproducer: {settings}\n"))
    assert not isinstance(found, Settings)
    assert problem in found.headline


def test_read_settings_is_the_inverse_of_make() -> None:
    settings = Settings('a{x="\\n"}', verify_each=False, allow_unregistered_dialect=True)
    text = make_reproducer(settings, "builtin.module {}\n", None)
    assert read_settings(Source(FILE, text)) == settings


def test_describe_crash_leaves_out_notes() -> None:
    error = ValueError("inner")
    error.add_note("a whole module")
    assert describe_crash(error) == "ValueError: inner\n"


def test_reproducer_of_an_error_that_a_pass_reports(opt: Opt) -> None:
    ran = opt("-p", "verify-level", "--crash-reproducer", FILE, stdin=MODULE)
    assert "note: reported by pass `verify-level`" in ran.err
    assert f"note: run it again with `kumeo-opt --run-reproducer {FILE}`" in ran.err
    assert headlines(opt("--run-reproducer", FILE).err) == headlines(ran.err)
