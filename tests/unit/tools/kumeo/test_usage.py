"""Help, version, wrong usage, crashes, and what is loaded at the start."""

import errno
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kumeo import __version__
from kumeo.tools.kumeo import COMMANDS, run

HEAVY = ("jinja2", "lark", "numpy", "onnx", "onnxruntime", "sklearn", "xdsl", "yaml")

MINIMAL = """\
schema Order {
  id: string
}

workflow W {
  source: NATS("orders", schema: Order)
  target: NATS("done")
  agents: [emit source to target]
}
"""


def loaded_after(*arguments: str) -> set[str]:
    """The heavy packages that a run of the real program imports."""
    code = (
        "import io, json, sys\n"
        "from kumeo.tools.kumeo import run\n"
        f"run({list(arguments)!r}, '', io.StringIO(), io.StringIO())\n"
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_version_loads_nothing_heavy() -> None:
    assert loaded_after("--version") == set()


def test_help_loads_nothing_heavy() -> None:
    assert loaded_after("--help") == set()


def test_explain_loads_nothing_heavy() -> None:
    assert loaded_after("explain", "unknown-name") == set()


def test_fmt_loads_nothing_heavy(tmp_path: Path) -> None:
    file = tmp_path / "flow.kumeo"
    file.write_text(MINIMAL)
    assert loaded_after("fmt", "--check", str(file)) <= {"lark"}


def test_check_loads_only_the_ir(tmp_path: Path) -> None:
    file = tmp_path / "flow.kumeo"
    file.write_text(MINIMAL)
    assert loaded_after("check", str(file)) <= {"lark", "xdsl"}


def test_version_is_the_package_version(kumeo: Callable[..., Any]) -> None:
    assert kumeo("--version") == (0, f"kumeo {__version__}\n", "")


def test_no_arguments_print_the_help(kumeo: Callable[..., Any]) -> None:
    assert kumeo().out == kumeo("--help").out


@pytest.mark.parametrize("words", [[], ["check"]])
def test_help_has_a_short_option(kumeo: Callable[..., Any], words: list[str]) -> None:
    assert kumeo(*words, "-h") == kumeo(*words, "--help")


class FullDisk(io.StringIO):
    """A stream on a disk without space."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_is_no_internal_error() -> None:
    err = io.StringIO()
    assert run(["--version"], "", FullDisk(), err) == 1
    assert "error[cannot-write]: cannot write `standard output`: no space left" in err.getvalue()


def test_help_names_every_command(kumeo: Callable[..., Any]) -> None:
    text = kumeo("--help").out
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_teaches_with_an_example(kumeo: Callable[..., Any], name: str) -> None:
    result = kumeo(name, "--help")
    assert result.code == 0
    assert f"\n    kumeo {name} " in result.out


def test_unknown_command_is_wrong_usage_with_the_nearest_name(kumeo: Callable[..., Any]) -> None:
    result = kumeo("chek")
    assert result.code == 2
    assert "error[wrong-usage]: there is no command `chek`" in result.err
    assert "write `kumeo check`" in result.err


def test_unknown_option_is_wrong_usage(kumeo: Callable[..., Any]) -> None:
    result = kumeo("check", "--jsn", "x.kumeo")
    assert result.code == 2
    assert "--jsn" in result.err


def test_missing_file_argument_is_wrong_usage(kumeo: Callable[..., Any]) -> None:
    assert kumeo("check").code == 2


@pytest.mark.parametrize("name", ["check", "fmt", "ir", "graph", "test"])
def test_file_that_does_not_exist_is_wrong_usage(
    kumeo: Callable[..., Any], folder: Path, name: str
) -> None:
    result = kumeo(name, "nothing.kumeo")
    assert result.code == 2
    assert "error[cannot-read]" in result.out + result.err


def test_unexpected_exception_is_an_internal_error(
    kumeo: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr("kumeo.tools.commands.check.compile_file", fail)
    result = kumeo("check", "x.kumeo")
    assert result.code == 1
    assert "error[internal-error]: Kumeo failed unexpectedly: ZeroDivisionError: oh" in result.err
    assert [path.name[:20] for path in folder.iterdir()] == ["kumeo-internal-error"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(kumeo: Callable[..., Any], shell: str) -> None:
    assert "_KUMEO_COMPLETE" in kumeo("completion", shell).out


def test_run_writes_to_no_real_stream(capfd: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"], ["--version"], ["check", "--help"], ["nonsense"]):
        run(arguments, "", io.StringIO(), io.StringIO())
    assert capfd.readouterr() == ("", "")
