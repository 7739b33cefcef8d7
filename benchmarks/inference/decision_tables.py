"""Random decision tables against an independent reading of their cells: how many rows differ.

    python -m benchmarks infer-tables

A table has two to four columns (numbers, truth values, enums, texts), one to six rules, a hit
policy and perhaps a default. Each cell is made with its meaning, a Python function of one value;
no code of Kumeo is used for that. Rows hold the numbers of the cells, their neighbours in float64,
and others. Compared are the interpreter and the printed agents of the package, by decision, by
rule, and by the failure where no rule holds.
"""

import csv
import io
import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from benchmarks.inference.decision_packages import run_package
from benchmarks.tables import Options, Table
from kumeo.interp.run import run
from kumeo.interp.world import Event, World
from kumeo.tools.running.package import make_package
from kumeo.tools.sources import compile_file

TABLES, ROWS = 120, 100
OUTCOMES = ("accept", "look", "refuse")
ENUM, WORDS = ("low", "mid", "high"), ("CL", "AR", "new york", "x-1")
POLICIES = ("first", "unique", "any", "collect")
Test: TypeAlias = Callable[[Any], bool]
Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A cell and its meaning."""

    text: str
    holds: Test


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in the language, its cells and its values."""

    name: str
    kind: str
    cell: Callable[[random.Random], Made]
    value: Callable[[random.Random], Any]


@dataclass(frozen=True)
class Sample:
    """A random table."""

    columns: Sequence[Column]
    rules: Sequence[tuple[Sequence[Made], str]]
    policy: str
    default: str | None

    def expected(self, row: Row) -> Any:
        """Return `(decision, rule)` of a row, or the code of its failure."""
        held = [
            (f"rule_{number}", outcome)
            for number, (cells, outcome) in enumerate(self.rules, 1)
            if all(c.holds(row[column.name]) for column, c in zip(self.columns, cells, strict=True))
        ]
        if self.policy == "collect":
            held = held or ([] if self.default is None else [("default", self.default)])
            return [outcome for _, outcome in held], ", ".join(name for name, _ in held)
        if held:
            return held[0][1], held[0][0]
        return "no-decision" if self.default is None else (self.default, "default")


def random_sample(seed: int) -> Sample:
    """Return the table of a seed."""
    rng = random.Random(seed)
    columns = [_COLUMNS[i] for i in rng.sample(range(4), rng.randint(2, 4))]
    blank = Made("-", lambda value: True)
    rules = [
        (
            [column.cell(rng) if rng.random() < 0.7 else blank for column in columns],
            rng.choice(OUTCOMES),
        )
        for _ in range(rng.randint(1, 6))
    ]
    default = rng.choice((None, "refuse", "none"))
    return Sample(columns, rules, rng.choice(POLICIES), default)


def random_rows(sample: Sample, seed: int, count: int) -> list[Row]:
    """Return rows of values for a table."""
    rng = random.Random(seed)
    return [{c.name: c.value(rng) for c in sample.columns} for _ in range(count)]


_MARKS = (-2.5, 0.0, 1.0, 10.0, 99.5)


def _float(rng: random.Random) -> float:
    mark = rng.choice(_MARKS)
    around = (mark, mark, math.nextafter(mark, math.inf), math.nextafter(mark, -math.inf))
    return rng.choice((*around, rng.uniform(-5.0, 110.0)))


def _number_cell(rng: random.Random) -> Made:
    low, high = sorted(rng.sample(_MARKS, 2))
    cells: list[Made] = [
        Made(f"{low}", lambda v: v == low),
        Made(f"> {low}", lambda v: v > low),
        Made(f">= {low}", lambda v: v >= low),
        Made(f"< {high}", lambda v: v < high),
        Made(f"<= {high}", lambda v: v <= high),
        Made(f"!= {high}", lambda v: v != high),
        Made(f"{low}..{high}", lambda v: low <= v <= high),
        Made(f"[{low}..{high})", lambda v: low <= v < high),
        Made(f"({low}..{high}]", lambda v: low < v <= high),
        Made(f"({low}..{high})", lambda v: low < v < high),
        Made(f"{low}, {high}", lambda v: v in (low, high)),
        Made(f"< {low}, > {high}", lambda v: v < low or v > high),
        Made(f"not {low}", lambda v: v != low),
        Made(f"not ({low}, {high})", lambda v: v not in (low, high)),
    ]
    return rng.choice(cells)


def _word_cell(words: Sequence[str]) -> Callable[[random.Random], Made]:
    def made(rng: random.Random) -> Made:
        one, two = rng.sample(words, 2)
        cells: list[Made] = [
            Made(one, lambda v: v == one),
            Made(f"= {one}", lambda v: v == one),
            Made(f"!= {one}", lambda v: v != one),
            Made(f"{one}, {two}", lambda v: v in (one, two)),
            Made(f"not {one}", lambda v: v != one),
            Made(f"not ({one}, {two})", lambda v: v not in (one, two)),
        ]
        return rng.choice(cells)

    return made


def _truth_cell(rng: random.Random) -> Made:
    wanted = rng.random() < 0.5
    return Made(str(wanted).lower(), lambda v: v is wanted)


_COLUMNS = (
    Column("c0", "float", _number_cell, _float),
    Column("c1", "bool", _truth_cell, lambda rng: rng.random() < 0.5),
    Column("c2", "Level", _word_cell(ENUM), lambda rng: rng.choice(ENUM)),
    Column("c3", "string", _word_cell(WORDS), lambda rng: rng.choice((*WORDS, "other"))),
)


def write(sample: Sample, folder: Path) -> Path:
    """Write the table and a workflow that decides by it; return the workflow's path."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([*(c.name for c in sample.columns), "outcome"])
    rows.writerows([*(cell.text for cell in cells), outcome] for cells, outcome in sample.rules)
    (folder / "table.csv").write_text(f"# hit: {sample.policy}\n{text.getvalue()}")
    fields = "  ".join(f"{c.name}: {c.kind}" for c in sample.columns)
    default = "" if sample.default is None else f', default: "{sample.default}"'
    path = folder / "tables.kumeo"
    path.write_text(
        f"""enum Level {{ low, mid, high }}
schema Row {{ {fields} }}
workflow Tables {{
  source: NATS("rows", schema: Row)
  target: NATS("out")
  agents: [
    d = DecisionMatrix(input: source, rules: "table.csv"{default})
    emit {{ decision: d.decision, rule: d.rule }} to target
  ]
}}
"""
    )
    return path


def interpreted(path: Path, rows: Sequence[Row]) -> list[Any]:
    """Return what the interpreter says of each row."""
    compiled = compile_file(str(path), "")
    assert compiled.module is not None, compiled.diagnostics
    events = [Event(str(i), "source", row) for i, row in enumerate(rows)]
    done = run(compiled.module, "Tables", events, World())
    found: list[Any] = [None] * len(rows)
    for emitted in done.emitted:
        found[int(emitted.event)] = answer(json.loads(json.dumps(emitted.payload)))
    for report in done.reports:
        found[int(report.event.id)] = report.failure.code
    return found


def printed(path: Path, rows: Sequence[Row]) -> list[Any]:
    """Return what the agents of the built package say of each row."""
    package, found = make_package(str(path), "", "O2", None)
    assert package is not None, found
    given = run_package(package, path.parent / "built", rows)
    return [each if isinstance(each, str) else answer(each) for each in given]


def answer(payload: Any) -> tuple[Any, str]:
    """Return decision and rule of what is sent."""
    return payload["decision"], payload["rule"]


def mismatches(seeds: Sequence[int], count: int) -> tuple[int, int, int]:
    """Return the rows, and how many differ in the interpreter and in the package."""
    total, wrong, wrong_printed = 0, 0, 0
    for seed in seeds:
        sample = random_sample(seed)
        rows = random_rows(sample, seed, count)
        wanted = [sample.expected(row) for row in rows]
        with TemporaryDirectory() as folder:
            path = write(sample, Path(folder))
            one, two = interpreted(path, rows), printed(path, rows)
        total += count
        wrong += sum(a != b for a, b in zip(one, wanted, strict=True))
        wrong_printed += sum(a != b for a, b in zip(two, wanted, strict=True))
    return total, wrong, wrong_printed


def measure(options: Options) -> Table:
    """Compare every table."""
    total, wrong, wrong_printed = mismatches(range(TABLES), ROWS)
    columns = ("tables", "rows", "interpreter differs", "package differs")
    notes = ("goal: 0 differ",)
    rows = ((TABLES, total, wrong, wrong_printed),)
    return Table("decision tables against their cells", columns, rows, notes)
