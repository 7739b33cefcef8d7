"""`kumeo check`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

BROKEN = "schema A { x: flot }\n"


def test_check_good_file_counts_nothing(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    Path("flow.kumeo").write_text(orders)
    assert kumeo("check", "flow.kumeo") == (0, "checked 1 file: 0 errors, 0 warnings\n", "")


def test_check_broken_file_fails_and_ends_with_the_counts(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    Path("flow.kumeo").write_text(BROKEN)
    result = kumeo("check", "flow.kumeo")
    assert result.code == 1
    assert result.out.startswith("error[unknown-type]")
    assert result.out.endswith("checked 1 file: 1 error, 0 warnings\n")


def test_check_folder_finds_files_below_it(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    Path("a/b").mkdir(parents=True)
    Path("a/.hidden").mkdir()
    for path in ("a/x.kumeo", "a/b/y.kumeo", "a/.hidden/z.kumeo", "a/notes.txt"):
        Path(path).write_text(orders)
    assert "checked 2 files:" in kumeo("check", "a").out


def test_check_dash_reads_standard_input(kumeo: Callable[..., Any], folder: Path) -> None:
    assert " --> <stdin>:1:15\n" in kumeo("check", "-", stdin=BROKEN).out


def test_check_json_is_an_array_of_messages(kumeo: Callable[..., Any], folder: Path) -> None:
    result = kumeo("check", "-", "--json", stdin=BROKEN)
    assert result.code == 1
    assert [message["code"] for message in json.loads(result.out)] == ["unknown-type"]


def test_check_json_of_a_good_file_is_an_empty_array(
    kumeo: Callable[..., Any], folder: Path, orders: str
) -> None:
    assert json.loads(kumeo("check", "-", "--json", stdin=orders).out) == []


def test_check_colour_never_is_plain(kumeo: Callable[..., Any], folder: Path) -> None:
    assert "\x1b" not in kumeo("check", "-", "--color", "never", stdin=BROKEN).out


def test_check_colour_always_is_coloured(kumeo: Callable[..., Any], folder: Path) -> None:
    assert "\x1b[31;1merror" in kumeo("check", "-", "--color", "always", stdin=BROKEN).out


WARNED = """\
workflow W {
  source: NATS("in")
  target: NATS("out")
  agents: [
    if true { emit source to target } else { emit source to target }
  ]
}
"""


def test_check_warning_alone_is_no_failure(kumeo: Callable[..., Any], folder: Path) -> None:
    result = kumeo("check", "-", stdin=WARNED)
    assert result.code == 0
    assert "0 errors, 1 warning\n" in result.out


def test_check_warnings_as_errors_fails_on_a_warning(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    assert kumeo("check", "-", "--warnings-as-errors", stdin=WARNED).code == 1


def test_check_folder_without_workflows_is_wrong_usage(
    kumeo: Callable[..., Any], tmp_path: Path
) -> None:
    result = kumeo("check", str(tmp_path))
    assert result.code == 2
    assert "holds no .kumeo file" in result.err
