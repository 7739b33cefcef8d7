"""`kumeo-reduce`: the command line.

The module is small when no op can be erased and no operand made plainer without what is wrong
going away. What is wrong is said by a command, or by the semantics check of a pipeline.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.text import print_module
from kumeo.analysis.verify import verify_module
from kumeo.diagnostics import Diagnostic, has_errors, render_text
from kumeo.passes.levels import judge_pipeline
from kumeo.passes.manager import Manager
from kumeo.passes.pipelines import PIPELINES, pipeline_text
from kumeo.passes.resolve import PassTable, Step, resolve
from kumeo.passes.timing import Timer
from kumeo.tools.catalog import Catalog, make_catalog
from kumeo.tools.errors import NothingToReduce, WrongUsage
from kumeo.tools.io import Stdin, read_input, read_stdin, wants_color, write_file
from kumeo.tools.reduce.reducer import Fails, Reducer, Tell, size_of
from kumeo.tools.semantics import SemanticsCheck
from kumeo.tools.session import deep_stack, parse_input

DONE, REJECTED, WRONG_USAGE = 0, 1, 2
"""Exit codes, as those of `kumeo-opt`."""

_DESCRIPTION = """\
Makes a module small while something stays wrong with it.

  kumeo-reduce big.mlir --check-semantics 'cse,dce' -o small.mlir
  kumeo-reduce big.mlir --command 'kumeo-opt {} -p my-pass' -o small.mlir

A command gets the file in the place of {} and is run by the shell. As long as its exit code is not
0, the module still fails. With `--expect TEXT` its output has to hold the text too.
"""


class UsageError(Exception):
    """The command line is wrong."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main() -> None:
    """Run the tool with the arguments and streams of this process, and end it."""
    sys.exit(run(sys.argv[1:], read_stdin, sys.stdout, sys.stderr))


def run(argv: Sequence[str], stdin: Stdin, stdout: TextIO, stderr: TextIO) -> int:
    """Run the tool once and return its exit code."""
    parser = make_parser()
    try:
        options = parser.parse_args(argv)
        _check(options)
    except UsageError as error:
        _show([WrongUsage(None, str(error), "`kumeo-reduce --help` lists the options")], stderr)
        return WRONG_USAGE
    if options.help:
        stdout.write(parser.format_help())
        return DONE
    with deep_stack():
        return _reduce(options, stdin, stdout, stderr)


def _reduce(options: argparse.Namespace, stdin: Stdin, stdout: TextIO, stderr: TextIO) -> int:
    catalog = make_catalog()
    module, found = _read(options.input, catalog, stdin)
    if module is None:
        _show(found, stderr)
        return WRONG_USAGE if found[0].code == "cannot-read" else REJECTED
    fails = _failure(options, catalog, module)
    if not callable(fails):
        _show(fails, stderr)
        return REJECTED if fails[0].code == "wrong-level" else WRONG_USAGE
    if not fails(module.clone()):
        _show([NothingToReduce(None, options.command or options.check_semantics)], stderr)
        return REJECTED
    small = Reducer(module, fails, _progress(stderr), tries_max=options.tries).reduce()
    stderr.write(f"{size_of(small)[2]} of {size_of(module)[2]} ops are left\n")
    return _write(print_module(small, False, False), options.output, stdout, stderr)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser, which also writes the help text."""
    parser = _Parser(
        prog="kumeo-reduce",
        usage="kumeo-reduce FILE (--command TEXT | --check-semantics PIPELINE) [options]",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("input", metavar="FILE", nargs="?", default="-", help="a .kumeo or .mlir file; - is stdin")
    add("--command", metavar="TEXT", help="what fails, with {} for the file")
    add("--expect", metavar="TEXT", default="", help="what the failing command prints")
    add("--check-semantics", metavar="PIPELINE", help="passes that change what workflows do")
    add("--events", metavar="N", type=int, default=8, help="events of the semantics check")
    add("--seed", metavar="S", type=int, default=0, help="other events for the semantics check")
    add("--tries", metavar="N", type=int, default=5000, help="give up after so many modules")
    add("-o", "--output", metavar="FILE", help="write here instead of stdout")
    add("-h", "--help", action="store_true", help="show this text")
    return parser


def _check(options: argparse.Namespace) -> None:
    if options.help:
        return
    if (options.command is None) == (options.check_semantics is None):
        raise UsageError("write either `--command` or `--check-semantics`")
    if options.command is not None and "{}" not in options.command:
        raise UsageError("the command has no `{}`, so it does not read the module")
    for name in ("events", "tries"):
        if getattr(options, name) < 1:
            raise UsageError(f"`--{name}` is at least 1")


def _read(
    path: str, catalog: Catalog, stdin: Stdin
) -> tuple[ModuleOp | None, Sequence[Diagnostic]]:
    given, found = read_input(path, None, stdin)
    if given is None:
        return None, found
    module, found = parse_input(given, catalog)
    if module is None or has_errors(found):
        return None, found
    found = verify_module(module)
    return (None if found else module), found


def _failure(
    options: argparse.Namespace, catalog: Catalog, module: ModuleOp
) -> Fails | Sequence[Diagnostic]:
    """Return what says whether a module fails, or what is wrong with the pipeline for it."""
    if options.command is not None:
        return command_fails(options.command, options.expect)
    pipeline = options.check_semantics
    level = pipeline.removeprefix("-")
    text = pipeline_text(level) if level in PIPELINES else pipeline
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(text, table)
    if found:
        return found
    misplaced = judge_pipeline(steps, module)
    if misplaced is not None:
        return [misplaced]
    return meaning_changes(catalog, steps, options.events, options.seed)


def command_fails(command: str, expected: str) -> Fails:
    """Return whether a command fails on a module and prints a text."""
    folder = Path(tempfile.mkdtemp(prefix="kumeo-reduce-"))
    path = folder / "module.mlir"
    line = command.replace("{}", str(path))

    def fails(module: ModuleOp) -> bool:
        path.write_text(print_module(module, False, False), "utf-8")
        done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
        return done.returncode != 0 and expected in done.stdout + done.stderr

    return fails


def meaning_changes(
    catalog: Catalog, steps: Sequence[Step], events: int, seed: int, trials: int = 3
) -> Fails:
    """Return whether passes break a module in the way in which they broke the first one."""
    wanted: list[tuple[str, ...]] = []

    def fails(module: ModuleOp) -> bool:
        check = SemanticsCheck(events, seed, trials, reduce=False, rules=catalog.rules)
        manager = Manager(catalog.ctx, Timer(time.perf_counter), verify_module, (), check)
        errors = [d for d in manager.run(steps, module).diagnostics if has_errors([d])]
        if not errors:
            return False
        kind = (errors[-1].code, getattr(errors[-1], "pass_name", ""))
        if not wanted:
            wanted.append(kind)
        return kind == wanted[0]

    return fails


def _progress(stderr: TextIO) -> Tell:
    def tell(text: str) -> None:
        stderr.write(text + "\n")

    return tell


def _write(text: str, path: str | None, stdout: TextIO, stderr: TextIO) -> int:
    if path is None:
        stdout.write(text)
        return DONE
    faults = write_file(path, text)
    _show(faults, stderr)
    return REJECTED if faults else DONE


def _show(diagnostics: Sequence[Diagnostic], stderr: TextIO) -> None:
    if diagnostics:
        stderr.write(render_text(diagnostics, color=wants_color(stderr)))


if __name__ == "__main__":
    main()
