"""`kumeo check`: what is wrong with files.

The messages are the result, so they go to the output, as those of other checkers do.
"""

import click

from kumeo.diagnostics import Diagnostic, Severity
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, ColorChoice, Console
from kumeo.tools.files import FolderFiles
from kumeo.tools.sources import compile_file, count_words, find_sources

_EXAMPLES = """Report what is wrong with files.

A folder stands for all .kumeo files below it, `-` for standard input.

\b
  kumeo check flow.kumeo
  kumeo check flows/ --warnings-as-errors
  kumeo check flow.kumeo --json | jq .[].code
"""


@click.command("check", help=_EXAMPLES, short_help="Report what is wrong with files.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Write the messages as a JSON array.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use colours."
)
@click.option("--warnings-as-errors", is_flag=True, help="Fail on warnings as well.")
@click.pass_obj
def command(
    console: Console,
    files: tuple[str, ...],
    as_json: bool,
    color: ColorChoice,
    warnings_as_errors: bool,
) -> int:
    """Check each file and count what was found."""
    console.color = color
    paths = find_sources(files)
    found: list[Diagnostic] = []
    for number, path in enumerate(paths, 1):
        if len(paths) > 1:
            console.progress(f"checking {number}/{len(paths)} {path}")
        compiled = compile_file(path, console.stdin)
        found += compiled.diagnostics
        if compiled.module is not None:
            from kumeo.tools.risks import find_risks

            found += find_risks(compiled.module, compiled.source, FolderFiles.beside(path).read)
    console.progress("")
    _report(console, paths, found, as_json)
    errors, warnings = (_count(found, s) for s in (Severity.ERROR, Severity.WARNING))
    if any(d.code == "cannot-read" for d in found):
        return WRONG_USAGE
    return REJECTED if errors or (warnings and warnings_as_errors) else DONE


def _report(console: Console, paths: list[str], found: list[Diagnostic], as_json: bool) -> None:
    if as_json:
        from kumeo.diagnostics import render_json

        console.write(render_json(found) + "\n")
        return
    console.tell(found)
    errors, warnings = (_count(found, s) for s in (Severity.ERROR, Severity.WARNING))
    counts = f"{count_words(errors, 'error')}, {count_words(warnings, 'warning')}"
    console.write(f"checked {count_words(len(paths), 'file')}: {counts}\n")


def _count(found: list[Diagnostic], severity: Severity) -> int:
    return sum(d.severity is severity for d in dict.fromkeys(found))
