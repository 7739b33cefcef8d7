"""`kumeo fmt`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

UGLY = "schema   A{x:int}\n"
GOOD = "schema A {\n  x: int\n}\n"


def test_fmt_writes_the_common_form(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("a.kumeo").write_text(UGLY)
    assert kumeo("fmt", "a.kumeo") == (0, "", "")
    assert Path("a.kumeo").read_text() == GOOD


def test_fmt_keeps_the_mode_and_leaves_no_scratch_file(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    Path("a.kumeo").write_text(UGLY)
    os.chmod("a.kumeo", 0o640)
    kumeo("fmt", "a.kumeo")
    assert os.stat("a.kumeo").st_mode & 0o777 == 0o640
    assert os.listdir() == ["a.kumeo"]


def test_fmt_does_not_touch_a_file_in_the_common_form(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    Path("a.kumeo").write_text(GOOD)
    os.utime("a.kumeo", (1, 1))
    kumeo("fmt", "a.kumeo")
    assert os.stat("a.kumeo").st_mtime == 1


def test_fmt_follows_a_link(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("real.kumeo").write_text(UGLY)
    Path("link.kumeo").symlink_to("real.kumeo")
    kumeo("fmt", "link.kumeo")
    assert Path("link.kumeo").is_symlink()
    assert Path("real.kumeo").read_text() == GOOD


def test_fmt_check_names_the_file_and_changes_nothing(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    Path("a.kumeo").write_text(UGLY)
    assert kumeo("fmt", "--check", "a.kumeo") == (1, "a.kumeo would change\n", "")
    assert Path("a.kumeo").read_text() == UGLY


def test_fmt_check_of_good_files_passes(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("a.kumeo").write_text(GOOD)
    assert kumeo("fmt", "--check", ".") == (0, "", "")


def test_fmt_diff_shows_the_change_and_changes_nothing(
    kumeo: Callable[..., Any], folder: Path
) -> None:
    Path("a.kumeo").write_text(UGLY)
    result = kumeo("fmt", "--diff", "a.kumeo")
    assert result.code == 0
    assert "-schema   A{x:int}\n+schema A {\n" in result.out
    assert Path("a.kumeo").read_text() == UGLY


def test_fmt_stdin_prints_the_common_form(kumeo: Callable[..., Any], folder: Path) -> None:
    assert kumeo("fmt", "--stdin", stdin=UGLY) == (0, GOOD, "")


def test_fmt_file_with_a_syntax_error_stays(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("a.kumeo").write_text("schema A { x: }\n")
    result = kumeo("fmt", "a.kumeo")
    assert result.code == 1
    assert "error[syntax-error]" in result.err
    assert Path("a.kumeo").read_text() == "schema A { x: }\n"


def test_fmt_file_with_a_type_error_is_formatted(kumeo: Callable[..., Any], folder: Path) -> None:
    assert kumeo("fmt", "--stdin", stdin="schema A{x:nothing}").code == 0


def test_fmt_windows_line_breaks_become_plain(kumeo: Callable[..., Any], folder: Path) -> None:
    Path("a.kumeo").write_bytes(GOOD.replace("\n", "\r\n").encode())
    kumeo("fmt", "a.kumeo")
    assert Path("a.kumeo").read_bytes() == GOOD.encode()


def test_fmt_without_a_file_is_wrong_usage(kumeo: Callable[..., Any]) -> None:
    assert kumeo("fmt").code == 2
