"""The programs as processes: `kumeo-opt` ends with its exit code, `xdsl-opt` knows Kumeo."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


def start(program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(BIN / program), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "code"), [(["-"], 0), (["-p", "canonicalise"], 2), (["missing.mlir"], 2)]
)
def test_kumeo_opt_exit_code(arguments: list[str], code: int) -> None:
    assert start("kumeo-opt", *arguments, stdin="builtin.module {}").returncode == code


def test_kumeo_opt_rejects_bytes_that_are_not_text() -> None:
    command = [str(BIN / "kumeo-opt")]
    ran = subprocess.run(command, input=b"\xff\xfe\x00", capture_output=True, timeout=60)
    assert ran.returncode == 1
    assert b"Traceback" not in ran.stderr


def test_kumeo_opt_reader_that_goes_away_is_no_crash() -> None:
    text = "".join(f"%v{i} = arith.constant {i} : i64\n" for i in range(5000))
    command = [str(BIN / "kumeo-opt"), "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        streams = (process.stdin, process.stdout, process.stderr)
        stdin, stdout, stderr = (stream for stream in streams if stream is not None)
        stdout.close()
        stdin.write(text)
        stdin.close()
        assert stderr.read() == ""


def test_xdsl_opt_reads_and_prints_kumeo_dialects() -> None:
    text = "builtin.module {\n  %a = data.constant 1 : i64\n}\n"
    ran = start("xdsl-opt", stdin=text)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip() == text.strip()


def test_xdsl_opt_runs_kumeo_passes() -> None:
    text = 'builtin.module { "test.op"() : () -> () loc("flow.kumeo":1:2) }'
    ran = start("xdsl-opt", "-p", "strip-locations", "--print-debuginfo", stdin=text)
    assert "loc(unknown)" in ran.stdout
    assert "flow.kumeo" not in ran.stdout


def test_xdsl_opt_error_of_a_kumeo_pass_stops_it() -> None:
    ran = start("xdsl-opt", "-p", "verify-level{level=workflow}", stdin="builtin.module {}")
    assert ran.returncode != 0
    assert "the module must name the level `workflow`" in ran.stderr


def cpu_seconds(program: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start(program, "-", stdin="builtin.module {}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_kumeo_opt_starts_about_as_fast_as_xdsl_opt() -> None:
    """The runs take turns, so that other work of the machine slows both down."""
    pairs = [(cpu_seconds("kumeo-opt"), cpu_seconds("xdsl-opt")) for _ in range(5)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert ours <= 1.3 * theirs
