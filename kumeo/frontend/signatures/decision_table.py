"""Reads a decision table: CSV, YAML or JSON. Each cell becomes a condition on its column.

    # hit: first
    rule, amount, source.country, outcome
    big,  > 10,   CL,             review
    rest, -,      -,              accept

The last column is the outcome, or every column whose header starts with `->`. A column `rule`
names the rules. The hit policies: `first` takes the first rule that holds, `unique` and `any`
promise that one rule or equal ones hold, `collect` takes all. Other policies of DMN have no meaning
here; the message tells what comes nearest.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from kumeo.diagnostics import Diagnostic, Place, Source, Span, nearest
from kumeo.frontend.errors.files import InvalidDecisionTable
from kumeo.frontend.signatures.report import FileReport, ReadError
from kumeo.frontend.signatures.specs import Cell, DecisionTable, TableRule
from kumeo.frontend.signatures.table_cells import cell_to_condition
from kumeo.frontend.signatures.table_layout import RULE_COLUMN, Grid, RawCell, read_grid

HIT_POLICIES = ("first", "unique", "any", "collect")
_PRIORITY = "put rules of higher priority first and write `first`"
_ORDERED = "put rules of higher priority first and write `collect`"
_SUMS = "write `collect`; decisions are names, which are not counted or added up"
_ELSEWHERE: Mapping[str, str] = {
    **{"f": "write `first`", "u": "write `unique`", "a": "write `any`", "c": "write `collect`"},
    **dict.fromkeys(("p", "priority"), _PRIORITY),
    **dict.fromkeys(("r", "rule order"), "write `collect`, which keeps the order of the rules"),
    **dict.fromkeys(("o", "output order"), _ORDERED),
}
"""What to write for policies of DMN, by their names and letters."""
_AGGREGATES = re.compile(r"c(?:ollect)?\W*(?:[+<>#]|sum|min|max|count)\W*")

_ARROW = "->"
_FORMS = "the forms are `10`, `> 10`, `10..20`, `a, b`, `not a`, `-`; quote other texts"


def read_decision_table(
    data: bytes, name: str, place: Place | None
) -> tuple[DecisionTable | None, list[Diagnostic]]:
    """Return the decision table of a file; the ending of `name` tells its format."""
    report = FileReport(InvalidDecisionTable, name, place)
    try:
        source = report.decode(data)
        table = _Reader(source, report).table(read_grid(source, name, report))
    except ReadError:
        return None, report.found
    return (None if report.found else table), report.found


class _Reader:
    """Checks a grid and converts its cells; `report` collects the faults."""

    def __init__(self, source: Source, report: FileReport) -> None:
        self.source = source
        self.report = report

    def table(self, grid: Grid) -> DecisionTable:
        self.check_header(grid.header)
        inputs, outputs, naming = self.split(grid)
        if not grid.rows:
            raise self.report.fatal("it has no rules", grid.header[0].start, grid.header[-1].end)
        rows = [row for row in grid.rows if self.is_complete(row, grid.header)]
        names = self.rule_names(rows, naming)
        rules = tuple(
            self.rule(name, row, inputs, outputs) for name, row in zip(names, rows, strict=True)
        )
        columns = tuple(Cell(cell.text, self.place(cell)) for _, cell in inputs)
        results = tuple(dict.fromkeys(rule.outcome for rule in rules))
        titles = tuple(grid.header[i].text.removeprefix(_ARROW).strip() for i in outputs)
        return DecisionTable(columns, titles, results, rules, self.hit_policy(grid))

    def check_header(self, header: list[RawCell]) -> None:
        seen: set[str] = set()
        for cell in header:
            if not cell.text:
                self.report.add("a column has no name", cell.start, cell.end)
            elif cell.text in seen:
                reason = f"two columns are named `{cell.text[:60]}`"
                self.report.add(reason, cell.start, cell.end)
            seen.add(cell.text)

    def split(self, grid: Grid) -> tuple[list[tuple[int, RawCell]], tuple[int, ...], int | None]:
        """Return the input columns, the indexes of outcome columns, and the one of rule names."""
        header = list(enumerate(grid.header))
        naming = next((i for i, cell in header if cell.text.lower() == RULE_COLUMN), None)
        marked = tuple(i for i, cell in header if cell.text.startswith(_ARROW))
        rest = [i for i, _ in header if i != naming]
        outputs = grid.outputs or marked or tuple(rest[-1:])
        inputs = [(i, cell) for i, cell in header if i in rest and i not in outputs]
        if not inputs or not outputs:
            first = grid.header[0]
            fix = "the last column is the outcome; `->` before a name marks others"
            reason = "it needs an input column and an outcome column"
            raise self.report.fatal(reason, first.start, grid.header[-1].end, fix=fix)
        return inputs, outputs, naming

    def is_complete(self, row: list[RawCell], header: list[RawCell]) -> bool:
        if len(row) == len(header):
            return True
        fix = 'put a cell that holds a comma in double quotes: `"a, b"`'
        reason = f"a row has {len(row)} cells for {len(header)} columns"
        self.report.add(reason, row[0].start, row[-1].end, fix=fix)
        return False

    def rule_names(self, rows: Sequence[list[RawCell]], naming: int | None) -> Iterator[str]:
        seen: set[str] = set()
        for number, row in enumerate(rows, 1):
            cell = row[naming or 0]
            name = (cell.text if naming is not None else "") or f"rule_{number}"
            if name in seen:
                self.report.add(f"two rules are named `{name[:60]}`", cell.start, cell.end)
            seen.add(name)
            yield name

    def rule(
        self,
        name: str,
        row: list[RawCell],
        inputs: list[tuple[int, RawCell]],
        outputs: tuple[int, ...],
    ) -> TableRule:
        cells = tuple(self.condition(column.text, row[i]) for i, column in inputs)
        outcomes = tuple(Cell(_unquoted(row[i].text), self.place(row[i])) for i in outputs)
        if not outcomes[0].text:
            cell = row[outputs[0]]
            self.report.add(f"rule `{name[:60]}` has no outcome", cell.start, cell.end)
        return TableRule(name, cells, outcomes[0].text, outcomes)

    def condition(self, column: str, cell: RawCell) -> Cell:
        text = cell_to_condition(column, cell.text)
        if text is None:
            reason = f"the cell `{cell.text[:60]}` has an unknown form"
            self.report.add(reason, cell.start, cell.end, fix=_FORMS)
        return Cell(text or "true", self.place(cell))

    def hit_policy(self, grid: Grid) -> Literal["first", "unique", "any", "collect"]:
        if grid.hit is None:
            return "first"
        policy = grid.hit.text.lower()
        if policy not in HIT_POLICIES:
            fix = _nearest_policy(policy)
            reason = f"`{grid.hit.text[:60]}` is not a hit policy"
            raise self.report.fatal(reason, grid.hit.start, grid.hit.end, fix=fix)
        return policy

    def place(self, cell: RawCell) -> Span:
        return Span(self.source, cell.start, cell.end)


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _nearest_policy(policy: str) -> str:
    """Return what to write for a hit policy that there is not."""
    if _AGGREGATES.fullmatch(policy):
        return _SUMS
    known = _ELSEWHERE.get(re.sub(r"[\s_-]+", " ", policy))
    near = nearest(policy, HIT_POLICIES)
    if known is None and near is not None:
        known = f"write `{near}`"
    return known or f"the policies are {', '.join(HIT_POLICIES)}"
