"""`kumeo-opt`: read a workflow or a module, run passes, print the result.

`run` is the tool as a function: it ends no process, prints to the given streams alone and leaves
nothing behind in the process, so tests call it directly. `main` is the program.
"""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TextIO

from kumeo.diagnostics import Diagnostic, Source, has_errors, nearest, render_text
from kumeo.tools.io import SEPARATOR, Input, Stdin, read_input, read_stdin, split, wants_color
from kumeo.tools.options import Options, UsageError, make_parser, parse_arguments

DONE, REJECTED, WRONG_USAGE = 0, 1, 2
"""Exit codes."""


def main() -> None:
    """Run the tool with the arguments and streams of this process, and end it."""
    try:
        code = run(sys.argv[1:], read_stdin, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the output has gone; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = REJECTED
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def run(argv: Sequence[str], stdin: Stdin, stdout: TextIO, stderr: TextIO) -> int:
    """Run the tool once and return its exit code."""
    try:
        return _run(argv, stdin, stdout, stderr)
    except BrokenPipeError:
        raise
    except Exception as error:
        # The last line of defence: a bug in Kumeo is told as one, with the traceback in a file.
        from kumeo.tools.crash import internal_error

        _show([internal_error(error, "kumeo-opt")], stderr)
        return REJECTED


def _run(argv: Sequence[str], stdin: Stdin, stdout: TextIO, stderr: TextIO) -> int:
    try:
        options = parse_arguments(argv)
    except UsageError as error:
        from kumeo.tools.errors import WrongUsage

        _show([WrongUsage(None, error.problem, error.fix)], stderr)
        return WRONG_USAGE
    if options.prints_only:
        return _about(options, stdout, stderr)
    return _Tool(options, stdout, stderr).run(stdin)


class _Tool:
    """One run over one input file."""

    def __init__(self, options: Options, stdout: TextIO, stderr: TextIO) -> None:
        from kumeo.passes.timing import Timer

        self.options = options
        self.stdout = stdout
        self.stderr = stderr
        self.timer = Timer(time.perf_counter)

    def run(self, stdin: Stdin) -> int:
        """Read the input, process each module in it and print what came out."""
        from kumeo.tools.catalog import make_catalog

        given, found = read_input(self.options.input, self.options.input_format, stdin)
        if given is None:
            _show(found, self.stderr)
            return WRONG_USAGE if found[0].code == "cannot-read" else REJECTED
        pipeline = self._pipeline(given.source)
        if not isinstance(pipeline, str):
            _show([pipeline], self.stderr)
            return REJECTED
        allow = self.options.allow_unregistered_dialect
        with self.timer.measure("start"):
            self.catalog = make_catalog(allow_unregistered=allow)
        return self._run_pipeline(given, pipeline)

    def _pipeline(self, source: Source) -> str | Diagnostic:
        """Return the text of the pipeline, or what is wrong with the reproducer file."""
        if self.options.run_reproducer:
            return self._replay(source)
        if self.options.level_o is None:
            return self.options.passes or ""
        from kumeo.passes.pipelines import LOWERINGS, pipeline_text

        # Another level is a mistake, or one that passes of others reach: `verify-level` tells.
        wanted = self.options.level or "workflow"
        return pipeline_text(self.options.level_o, wanted if wanted in LOWERINGS else "workflow")

    def _replay(self, source: Source) -> str | Diagnostic:
        """Return the pipeline of a reproducer; its settings become options."""
        from kumeo.tools.reproducer import Settings, read_settings

        settings = read_settings(source)
        if not isinstance(settings, Settings):
            return settings
        allow = settings.allow_unregistered_dialect
        self.options = replace(
            self.options,
            verify_each=settings.verify_each,
            allow_unregistered_dialect=allow,
            check_semantics=settings.check_semantics or None,
            seed=settings.seed,
        )
        return settings.pipeline

    def _run_pipeline(self, given: Input, pipeline: str) -> int:
        steps, found = self._resolve(pipeline)
        target, missing = self._target()
        unknown = [*self._unknown_level(), *self._unknown_watched()]
        found = [*self.catalog.diagnostics, *found, *missing, *unknown]
        if has_errors(found):
            _show(found, self.stderr)
            return WRONG_USAGE
        if self.options.dump_pass_pipeline:
            from kumeo.passes.resolve import format_steps

            self.stderr.write(format_steps(steps) + "\n")
        return self._process(given, steps, target)

    def _resolve(self, pipeline: str) -> tuple[Sequence[Any], Sequence[Diagnostic]]:
        if not pipeline.strip() and self.options.level is None:
            return (), ()
        from kumeo.passes.resolve import PassTable, resolve

        catalog = self.catalog
        table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
        steps, found = resolve(pipeline, table)
        if self.options.level is None or found or self._unknown_level():
            return steps, found
        last, found = resolve(f'verify-level{{level="{self.options.level}"}}', table)
        return (*steps, *last), found

    def _unknown_level(self) -> list[Diagnostic]:
        """Report a `--level` that does not exist."""
        name = self.options.level
        if name is None:
            return []
        from kumeo.analysis.levels import LEVELS
        from kumeo.passes.errors import UnknownLevel

        if name in LEVELS:
            return []
        return [UnknownLevel(None, name, tuple(LEVELS), nearest(name, LEVELS))]

    def _unknown_watched(self) -> list[Diagnostic]:
        """Report names behind `--print-ir-before` and `--print-ir-after` that no pass has."""
        from kumeo.passes.errors import UnknownPass

        watched = dict.fromkeys((*self.options.print_ir_before, *self.options.print_ir_after))
        known = self.catalog.pass_names() if watched else []
        return [
            UnknownPass(None, name, nearest(name, known)) for name in watched if name not in known
        ]

    def _target(self) -> tuple[Any | None, Sequence[Diagnostic]]:
        name = self.options.target
        if name == "mlir":
            return None, ()
        cls = self.catalog.find_target(name)
        if cls is not None:
            return cls(), ()
        from kumeo.tools.errors import UnknownOutput

        known = tuple(self.catalog.target_names())
        return None, (UnknownOutput(None, name, known, nearest(name, known)),)

    def _process(self, given: Input, steps: Sequence[Any], target: Any | None) -> int:
        from kumeo.tools.session import Session, ToolError

        session = Session(self.options, self.catalog, steps, target, self.timer, self.stderr)
        texts: list[str] = []
        found: list[Diagnostic] = []
        statistics: list[Any] = []
        try:
            for part in self._parts(given):
                result = session.process(part)
                texts += [] if result.text is None else [result.text]
                found += self._judge(part.source, result.diagnostics)
                statistics += result.statistics
        except ToolError as error:
            found.append(error.diagnostic)
        found += self.catalog.diagnostics
        found += self._write(texts, failed=has_errors(found))
        self._report(statistics)
        _show(found, self.stderr)
        return REJECTED if has_errors(found) else DONE

    def _parts(self, given: Input) -> list[Input]:
        if not self.options.split_input_file:
            return [given]
        return [Input(source, given.format) for source in split(given.source)]

    def _judge(self, source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        if not self.options.verify_diagnostics:
            return found
        from kumeo.tools.expectations import check_expectations

        return check_expectations(source, found)

    def _write(self, texts: Sequence[str], *, failed: bool) -> Sequence[Diagnostic]:
        """Print the modules that came through; a file is written only when all did."""
        from kumeo.tools.io import write_file

        text = f"{SEPARATOR}\n".join(texts)
        if self.options.output is None:
            self.stdout.write(text)
            return ()
        return () if failed else write_file(self.options.output, text)

    def _report(self, statistics: Sequence[Any]) -> None:
        if self.options.pass_statistics:
            from kumeo.tools.listing import statistics_text

            self.stderr.write(statistics_text(statistics))
        if self.options.timing:
            self.stderr.write(self.timer.report())


def _about(options: Options, stdout: TextIO, stderr: TextIO) -> int:
    """Answer a question about the tool itself."""
    if options.help:
        stdout.write(make_parser().format_help())
        return DONE
    from kumeo.tools import listing
    from kumeo.tools.catalog import make_catalog

    if options.version:
        stdout.write(listing.version_text())
        return DONE
    catalog = make_catalog()
    if options.list_passes:
        stdout.write(listing.list_passes(catalog))
    if options.show_dialects:
        stdout.write(listing.show_dialects(catalog))
    _show(catalog.diagnostics, stderr)
    return DONE


def _show(diagnostics: Sequence[Diagnostic], stderr: TextIO) -> None:
    if diagnostics:
        stderr.write(render_text(diagnostics, color=wants_color(stderr)))


if __name__ == "__main__":
    main()
