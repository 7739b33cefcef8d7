"""Pipelines of commands that run inside this process, as a shell would run them.

A command is a Python function with its own arguments and streams. Starting an interpreter costs
0.4 s for each command; a call costs 10 ms, so a suite of 150 files takes seconds, not minutes.

A pipeline fails when any of its commands fails. `not` turns failure into success, but a command
that crashed with an exception is a failure with or without `not`.
"""

import contextlib
import io
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

Program = Callable[[list[str], str, TextIO, TextIO], int]
"""Arguments without the program's name, standard input, output, error; gives the exit code."""

CRASHED = -1
"""Exit code of a command that raised an exception. No program gives it by itself."""


@dataclass(frozen=True)
class Command:
    """One command of a pipeline. File names are relative to the working folder."""

    name: str
    arguments: tuple[str, ...] = ()
    negated: bool = False
    """The command was written after `not`: it has to fail."""
    stdin: str | None = None
    stdout: str | None = None
    stderr: str | None = None
    merged: bool = False
    """`2>&1`: errors go where the output goes, in the order in which both were written."""


@dataclass(frozen=True)
class Outcome:
    """What a pipeline printed and how it ended: `code` is 0 for success."""

    code: int
    out: str
    err: str


@dataclass
class _Streams:
    """The two streams of one command; the same object twice when they are merged."""

    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    @classmethod
    def of(cls, command: Command) -> "_Streams":
        streams = cls()
        if command.merged:
            streams.err = streams.out
        return streams


def run_pipeline(commands: Iterable[Command], programs: Mapping[str, Program]) -> Outcome:
    """Run the commands one after the other; each reads what the one before it printed.

    Every name must be a key of `programs`.
    """
    code, text, errors = 0, "", ""
    for command in commands:
        streams = _Streams.of(command)
        status = _run(command, programs[command.name], text, streams)
        text = _settle(streams.out.getvalue(), command.stdout)
        if not command.merged:
            errors += _settle(streams.err.getvalue(), command.stderr)
        code = status or code
    return Outcome(code, text, errors)


def _run(command: Command, program: Program, piped: str, streams: _Streams) -> int:
    """Return 0 when the command ended as the pipeline wants it to end."""
    stdin = piped if command.stdin is None else Path(command.stdin).read_text("utf-8")
    code = _call(program, command.arguments, stdin, streams)
    if not command.negated or code == CRASHED:
        return code
    return 1 if code == 0 else 0


def _call(program: Program, arguments: Sequence[str], stdin: str, streams: _Streams) -> int:
    out, err = streams.out, streams.err
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            return program(list(arguments), stdin, out, err)
        except (Exception, SystemExit):
            # A test tool reports every crash of the tested program; it hides none.
            traceback.print_exc(file=err)
            return CRASHED


def _settle(text: str, path: str | None) -> str:
    """Return what goes on down the pipe: nothing when the text goes to a file."""
    if path is None:
        return text
    Path(path).write_text(text, "utf-8")
    return ""
