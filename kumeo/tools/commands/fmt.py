"""`kumeo fmt`: files in the common form. Comments and intended blank lines stay."""

import difflib
import os
import tempfile
from pathlib import Path

import click

from kumeo.diagnostics import Diagnostic, Source, has_errors
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.sources import count_words, find_sources, read_source_file

_EXAMPLES = """Write files in the common form.

A file with a syntax error stays as it is. A folder stands for all .kumeo files below it.

\b
  kumeo fmt flow.kumeo
  kumeo fmt flows/ --check       only say which files would change
  kumeo fmt flow.kumeo --diff    only show what would change
  kumeo fmt --stdin < flow.kumeo
"""


@click.command("fmt", help=_EXAMPLES, short_help="Write files in the common form.")
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; fail if a file would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Format standard input to the output.")
@click.pass_obj
def command(
    console: Console, files: tuple[str, ...], check: bool, diff: bool, from_stdin: bool
) -> int:
    """Format each file."""
    if not files and not from_stdin:
        raise click.UsageError("no FILE is given", click.get_current_context())
    paths = ["-"] if from_stdin else find_sources(files)
    run = _Formatter(console, check, diff)
    for path in paths:
        run.format(path)
    return run.finish()


class _Formatter:
    """One run over several files."""

    def __init__(self, console: Console, check: bool, diff: bool) -> None:
        self.console = console
        self.only_looks = check or diff
        self.check = check
        self.diff = diff
        self.changed: list[str] = []
        self.found: list[Diagnostic] = []
        self.count = 0

    def format(self, path: str) -> None:
        """Format one file, or say why it stays as it is."""
        self.count += 1
        source, found = read_source_file(path, self.console.stdin)
        if source is None:
            self.found += found
            return
        text = self._formatted(source)
        if text is None:
            return
        before = _as_written(path, source)
        if path == "-" and not self.only_looks:
            self.console.write(text)
        elif text != before:
            self._settle(path, before, text)

    def _formatted(self, source: Source) -> str | None:
        from kumeo.frontend.parser import parse
        from kumeo.frontend.printer import print_file

        result = parse(source)
        self.found += result.diagnostics
        return None if has_errors(result.diagnostics) else print_file(result)

    def _settle(self, path: str, before: str, text: str) -> None:
        self.changed.append(path)
        if self.diff:
            lines = difflib.unified_diff(
                before.splitlines(keepends=True), text.splitlines(keepends=True), path, path
            )
            for line in lines:
                style = {"+": "green", "-": "red"}.get(line[:1])
                shown = line if line.endswith("\n") else line + "\n"
                self.console.write(self.console.style(shown, style) if style else shown)
        elif self.check:
            self.console.write(f"{path} would change\n")
        else:
            self.found += replace_file(path, text)

    def finish(self) -> int:
        """Report and return the exit code."""
        self.console.show(self.found)
        if any(d.code == "cannot-read" for d in self.found):
            return WRONG_USAGE
        if not self.only_looks and self.count > 1:
            done = f"formatted {len(self.changed)} of {count_words(self.count, 'file')}"
            self.console.stderr.write(done + "\n")
        differs = bool(self.changed) and self.check
        return REJECTED if has_errors(self.found) or differs else DONE


def _as_written(path: str, source: Source) -> str:
    """Return the text with the line breaks and the mark that the file really has."""
    if path == "-":
        return source.text
    return Path(path).read_bytes().decode("utf-8", "surrogateescape")


def replace_file(path: str, text: str) -> list[Diagnostic]:
    """Write a file in one step: a reader sees the old text or the new one, never a part."""
    from kumeo.tools.errors import CannotWrite
    from kumeo.tools.io import reason_of

    target = os.path.realpath(path)
    scratch = ""
    try:
        mode = os.stat(target).st_mode & 0o7777
        folder = os.path.dirname(target)
        handle, scratch = tempfile.mkstemp(dir=folder, prefix=".kumeo-", suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(scratch, mode)
        os.replace(scratch, target)
    except OSError as error:
        if scratch and os.path.exists(scratch):
            os.unlink(scratch)
        return [CannotWrite(None, path, reason_of(error))]
    return []
