"""`kumeo diff`: what changes meaning between two versions of a workflow.

Exit codes: 0 the same meaning, 1 another one, 2 wrong usage or a file that does not compile.
"""

import json
from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.sources import Compiled, compile_file, count_words

if TYPE_CHECKING:
    from kumeo.analysis.versions.changes import Change
    from kumeo.tools.versions import Verdict

_EXAMPLES = """Tell what changes meaning between two versions of a workflow.

Compared are sources, targets, outputs, routes, agents, configuration and the worst-case cost, and
what becomes of events that the old version has accepted. Where only expressions differ, both
versions are run on generated events. Lines with ! break something for events in flight.

\b
  kumeo diff old.kumeo new.kumeo
  kumeo diff old.kumeo new.kumeo --events 200 --seed 7
  kumeo diff old.kumeo new.kumeo --json

Exit codes: 0 the same meaning, 1 another one, 2 wrong usage or a file that does not compile.
"""
_STYLES = {"+": "green", "-": "red", "~": "yellow"}


@click.command("diff", help=_EXAMPLES, short_help="Tell what changes meaning between two versions.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Write the changes as a JSON object.")
@click.option(
    "--events", type=click.IntRange(0), default=400, help="How many events to try; 0 runs nothing."
)
@click.option("--seed", type=int, default=0, help="Which events are generated.")
@click.pass_obj
def command(console: Console, old: str, new: str, as_json: bool, events: int, seed: int) -> int:
    """Compile both files, compare, run, tell."""
    if old == "-" and new == "-":
        raise click.UsageError("standard input can be one of the versions, not both")
    before, after = (compile_file(path, console.stdin) for path in (old, new))
    if before.module is None or after.module is None:
        _show_errors(console, before, after)
        return WRONG_USAGE
    from kumeo.tools.versions import judge_versions

    verdict = judge_versions(before.module, after.module, events, seed)
    if as_json:
        console.write(json.dumps(verdict.to_json(), indent=2) + "\n")
    else:
        _tell(console, verdict)
    return DONE if verdict.is_same else REJECTED


def _show_errors(console: Console, before: Compiled, after: Compiled) -> None:
    for compiled in (before, after):
        if compiled.module is None:
            console.show(compiled.diagnostics)


def _tell(console: Console, verdict: "Verdict") -> None:
    area = ""
    for change in verdict.changes:
        if change.area != area:
            area = change.area
            console.write(console.style(area, "bold") + "\n")
        console.write(_line(console, change))
    if verdict.changes:
        console.write("\n")
    for line in verdict.evidence:
        console.write(line + "\n")
    console.write(_summary(verdict) + "\n")


def _line(console: Console, change: "Change") -> str:
    mark = "!" if change.is_breaking else " "
    text = f": {change.text}" if change.text else ""
    return f" {mark}{console.style(change.sign, _STYLES[change.sign])} {change.name}{text}\n"


def _summary(verdict: "Verdict") -> str:
    if verdict.is_same:
        return "same meaning"
    breaking = sum(change.is_breaking for change in verdict.changes)
    note = f", {count_words(breaking, 'break')} for events in flight" if breaking else ""
    return f"another meaning: {count_words(len(verdict.changes), 'change')}{note}"
