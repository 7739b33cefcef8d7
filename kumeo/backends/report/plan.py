"""What the page of a pipeline shows: numbers, sentences and diffs, ready for the template."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kumeo.backends.report.diff import Row, diff_rows
from kumeo.backends.report.record import Ran, Record, State
from kumeo.diagnostics import Diagnostic

_MAX_ROWS = 2_000


class Note(NamedTuple):
    """One remark, warning or error of a pass."""

    kind: str
    place: str
    text: str


class Count(NamedTuple):
    """A statistic of a pass."""

    what: str
    amount: int


class Pictures(NamedTuple):
    """The workflow before and after, as image addresses."""

    before: str
    after: str


@dataclass(frozen=True)
class PassPlan:
    """One pass as it is shown."""

    number: int
    anchor: str
    name: str
    text: str
    """The pass with its options, as pipeline text."""
    summary: str
    changed: bool
    failed: bool
    milliseconds: str
    share: int
    """Percent of the time of all passes."""
    ops: str
    agents: str
    counts: tuple[Count, ...]
    notes: tuple[Note, ...]
    rows: tuple[Row, ...]
    cut: int
    """How many rows are not shown."""
    pictures: Pictures | None


@dataclass(frozen=True)
class Report:
    """The whole page."""

    title: str
    pipeline: str
    passes: tuple[PassPlan, ...]
    facts: tuple[tuple[str, str], ...]
    """Headline numbers with their names."""
    pictures: Pictures | None
    start: str | None
    """Address of the first picture, where there is no pair to compare."""
    looks_the_same: bool
    result: str
    """The IR after the last pass."""


def plan_report(record: Record, title: str, pipeline: str) -> Report:
    """Return what the page shows of a run."""
    total = sum(ran.seconds_s for ran in record.passes) or 1.0
    last = len(record.passes)
    passes = tuple(
        _pass_plan(number, ran, total, record.failed and number == last)
        for number, ran in enumerate(record.passes, 1)
    )
    start, end = record.start, record.end
    changed = sum(each.changed for each in passes)
    facts = (
        ("passes", f"{changed} of {last} changed something"),
        ("ops", _arrow(start.ops, end.ops)),
        ("agents", _arrow(start.agents, end.agents)),
        ("CPU time", f"{total * 1000:.0f} ms" if record.passes else "0 ms"),
    )
    pictures = _pictures(start, end)
    alone = None if pictures or start.picture is None else _address(start.picture)
    same = start.picture == end.picture
    return Report(title, pipeline, passes, facts, pictures, alone, same, end.text)


def _pass_plan(number: int, ran: Ran, total: float, failed: bool) -> PassPlan:
    rows = diff_rows(ran.before.text, ran.after.text)
    slug = re.sub(r"[^a-z0-9]+", "-", ran.step.name.lower()).strip("-")
    return PassPlan(
        number,
        f"pass-{number}-{slug}",
        ran.step.name,
        ran.step.text,
        ran.summary,
        bool(rows),
        failed,
        f"{ran.seconds_s * 1000:.1f}",
        round(100 * ran.seconds_s / total),
        _arrow(ran.before.ops, ran.after.ops),
        _arrow(ran.before.agents, ran.after.agents),
        tuple(Count(each.what, each.amount) for each in ran.statistics),
        _notes(ran.diagnostics),
        tuple(rows[:_MAX_ROWS]),
        max(0, len(rows) - _MAX_ROWS),
        _pictures(ran.before, ran.after),
    )


def _arrow(before: int, after: int) -> str:
    return str(before) if before == after else f"{before} → {after}"


def _notes(diagnostics: Sequence[Diagnostic]) -> tuple[Note, ...]:
    return tuple(
        Note(d.severity.value, "" if d.place is None else f"{d.place.line}", d.headline)
        for d in diagnostics
    )


def _pictures(before: State, after: State) -> Pictures | None:
    """Return both pictures when the workflow looks different afterwards."""
    if before.picture is None or after.picture is None or before.picture == after.picture:
        return None
    return Pictures(_address(before.picture), _address(after.picture))


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
