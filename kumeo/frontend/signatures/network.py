"""Reads a Bayesian network, BIF or XMLBIF, and checks that it is one.

The readers are Kumeo's own because the order of a table's numbers, the place of a fault and the
refusal of damaged files are part of the meaning of a program; general libraries guess there, and
they take seconds to import.

The two formats order the numbers of a `table` with parents differently: in BIF the states of the
child change slowest, in XMLBIF fastest. The rows of a signature follow neither; see
`NetworkSignature`. A row whose sum differs from 1 by at most `TOLERANCE` counts as rounded and is
divided by its sum; any other row is a fault.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import product

from kumeo.diagnostics import Diagnostic, Place, Source, nearest
from kumeo.frontend.errors.files import CorruptModel, UnsafeModel
from kumeo.frontend.signatures.bif import read_bif
from kumeo.frontend.signatures.raw_network import RawNetwork, RawTable, RawVariable, Token
from kumeo.frontend.signatures.report import (
    FileReport,
    ReadError,
    reject_pickle,
    reject_unfetched,
)
from kumeo.frontend.signatures.specs import NetworkSignature
from kumeo.frontend.signatures.xmlbif import read_xmlbif

TOLERANCE = 1e-3
"""How far from 1 the sum of a row may be: files keep three or more decimals."""

MAX_TABLE = 4_000_000
"""Numbers in one table; the largest public networks stay below a tenth of it."""

Row = tuple[float, ...]


def read_network(
    data: bytes, name: str, place: Place | None
) -> tuple[NetworkSignature | None, list[Diagnostic]]:
    """Return the network of a BIF or XMLBIF file; its content tells which one it is."""
    report = FileReport(CorruptModel, name, place)
    try:
        reject_unfetched(data, report)
        reject_pickle(data, report, UnsafeModel)
        source = report.decode(data)
        raw = _read_raw(source, report)
        signature = _check(raw, report)
    except ReadError:
        return None, report.found
    return (None if report.found else signature), report.found


def _read_raw(source: Source, report: FileReport) -> RawNetwork:
    is_xml = source.text.lstrip().startswith("<")
    return read_xmlbif(source, report) if is_xml else read_bif(source, report)


def _check(raw: RawNetwork, report: FileReport) -> NetworkSignature:
    variables = _index_variables(raw, report)
    tables = _index_tables(raw, variables, report)
    parents = {n: tuple(p.text for p in tables[n].parents) for n in variables if n in tables}
    _check_acyclic(parents, tables, report)
    if report.found:
        raise ReadError
    states = {n: tuple(s.text for s in v.states) for n, v in variables.items()}
    rows = {n: tuple(_rows_of(tables[n], states, raw, report)) for n in states}
    return NetworkSignature(states, parents, rows)


def _index_variables(raw: RawNetwork, report: FileReport) -> dict[str, RawVariable]:
    found: dict[str, RawVariable] = {}
    for variable in raw.variables:
        if variable.name.text in found:
            _add(report, f"variable `{variable.name.text}` is declared twice", variable.name)
        found.setdefault(variable.name.text, variable)
        _check_states(variable, report)
    if not found:
        raise report.fatal("it declares no variable")
    return found


def _check_states(variable: RawVariable, report: FileReport) -> None:
    name, seen = variable.name.text, set[str]()
    for state in variable.states:
        if state.text in seen:
            _add(report, f"variable `{name}` has state `{state.text}` twice", state)
        seen.add(state.text)
    if not seen:
        _add(report, f"variable `{name}` has no states", variable.name)
    elif variable.count is not None and variable.count != len(variable.states):
        reason = f"variable `{name}` announces {variable.count} states, not {len(seen)}"
        _add(report, reason, variable.name)


def _index_tables(
    raw: RawNetwork, variables: dict[str, RawVariable], report: FileReport
) -> dict[str, RawTable]:
    found: dict[str, RawTable] = {}
    for table in raw.tables:
        known = [_is_known(token, variables, report) for token in (table.child, *table.parents)]
        if table.child.text in found:
            _add(report, f"variable `{table.child.text}` has two tables", table.child)
        if known[0]:
            found.setdefault(table.child.text, table)
        names = [p.text for p in table.parents]
        if len(set(names)) != len(names):
            _add(report, f"variable `{table.child.text}` names a parent twice", table.child)
    for name, variable in variables.items():
        if name not in found:
            _add(report, f"variable `{name}` has no probability table", variable.name)
    return found


def _is_known(token: Token, variables: dict[str, RawVariable], report: FileReport) -> bool:
    if token.text in variables:
        return True
    near = nearest(token.text, variables)
    fix = f"write `{near}`" if near else None
    reason = f"no variable is named `{token.text}`"
    report.add(reason, token.start, token.end, fix=fix, mark="unknown variable")
    return False


def _check_acyclic(
    parents: dict[str, tuple[str, ...]], tables: dict[str, RawTable], report: FileReport
) -> None:
    """Remove variables whose parents are gone until none is left; the rest holds a cycle."""
    left = {name: {p for p in names if p in parents} for name, names in parents.items()}
    children: dict[str, list[str]] = {name: [] for name in left}
    for name, names in left.items():
        for parent in names:
            children[parent].append(name)
    ready = [name for name, names in left.items() if not names]
    while ready:
        done = ready.pop()
        del left[done]
        for child in children[done]:
            left[child].discard(done)
            if not left[child]:
                ready.append(child)
    if left:
        cycle = _walk_cycle(left)
        _add(report, f"its variables form a cycle: {' <- '.join(cycle)}", tables[cycle[0]].child)


def _walk_cycle(left: dict[str, set[str]]) -> list[str]:
    path = [next(iter(left))]
    while True:
        parent = min(left[path[-1]])
        if parent in path:
            return [*path[path.index(parent) :], parent]
        path.append(parent)


def _rows_of(
    table: RawTable, states: dict[str, tuple[str, ...]], raw: RawNetwork, report: FileReport
) -> Iterator[Row]:
    width = len(states[table.child.text])
    spaces = [states[p.text] for p in table.parents]
    height = math.prod(len(space) for space in spaces)
    if width * height > MAX_TABLE:
        _add(report, f"the table of `{table.child.text}` is too large", table.child)
        return
    if table.flat is not None:
        yield from _split_flat(table, width, height, raw.child_slowest, report)
        return
    rows = _index_rows(table, spaces, width, report)
    default = _row(table.default, width, table, report) if table.default else None
    missing = 0
    for key in product(*spaces):
        row = rows.get(key, default)
        missing += row is None
        if row is None and missing == 1:
            _add(report, f"{_row_name(table, key)} has no row", table.child)
        if row is not None:
            yield row


def _split_flat(
    table: RawTable, width: int, height: int, child_slowest: bool, report: FileReport
) -> Iterator[Row]:
    numbers = table.flat or ()
    name = table.child.text
    if len(numbers) != width * height:
        reason = f"the table of `{name}` has {len(numbers)} numbers, not {width * height}"
        _add(report, reason, table.child)
        return
    by_row = [numbers[i * width : (i + 1) * width] for i in range(height)]
    by_state = [numbers[i::height] for i in range(height)]
    chosen, other = (by_state, by_row) if child_slowest else (by_row, by_state)
    swapped = not all(map(_sums_to_one, chosen)) and all(map(_sums_to_one, other))
    fix = "write one row for each combination of parent states" if swapped else None
    for row in chosen:
        yield _checked(row, f"a row of `{name}`", table.child, report, fix)


def _index_rows(
    table: RawTable, spaces: list[tuple[str, ...]], width: int, report: FileReport
) -> dict[tuple[str, ...], Row]:
    rows: dict[tuple[str, ...], Row] = {}
    for tokens, numbers in table.rows:
        key = tuple(t.text for t in tokens)
        if not _is_key(tokens, table, spaces, report):
            continue
        if key in rows:
            _add(report, f"{_row_name(table, key)} has two rows", tokens[0])
        rows[key] = _row(numbers, width, table, report)
    return rows


def _is_key(
    tokens: Sequence[Token], table: RawTable, spaces: list[tuple[str, ...]], report: FileReport
) -> bool:
    if len(tokens) != len(spaces):
        reason = f"a row of `{table.child.text}` names {len(tokens)} states for {len(spaces)}"
        _add(report, f"{reason} parents", tokens[0] if tokens else table.child)
        return False
    wrong = [i for i, token in enumerate(tokens) if token.text not in spaces[i]]
    for i in wrong:
        near = nearest(tokens[i].text, spaces[i])
        fix = f"write `{near}`" if near else None
        reason = f"`{table.parents[i].text}` has no state `{tokens[i].text}`"
        report.add(reason, tokens[i].start, tokens[i].end, fix=fix, mark="unknown state")
    return not wrong


def _row(numbers: Sequence[Token], width: int, table: RawTable, report: FileReport) -> Row:
    name = table.child.text
    if len(numbers) == width:
        return _checked(numbers, f"a row of `{name}`", numbers[0], report)
    reason = f"a row of `{name}` has {len(numbers)} numbers for {width} states"
    _add(report, reason, numbers[0] if numbers else table.child)
    return (0.0,) * width


def _checked(
    row: Sequence[Token], what: str, at: Token, report: FileReport, fix: str | None = None
) -> Row:
    """Return the row divided by its sum; report one that is not a distribution."""
    values = tuple(t.number for t in row)
    total = math.fsum(values)
    start, end = row[0].start, row[-1].end
    if end < start:
        start, end = at.start, at.end
    if any(v < 0 or v > 1 + TOLERANCE for v in values):
        report.add(f"{what} has a number outside 0 to 1", start, end)
    elif not _sums_to_one(row):
        reason = f"{what} sums to {total:.6g}, not to 1"
        report.add(reason, start, end, fix=fix, mark=f"the sum is {total:.6g}")
    return tuple(v / total for v in values) if total > 0 else values


def _sums_to_one(row: Sequence[Token]) -> bool:
    return abs(math.fsum(t.number for t in row) - 1) <= TOLERANCE


def _row_name(table: RawTable, key: tuple[str, ...]) -> str:
    given = ", ".join(f"{p.text}={s}" for p, s in zip(table.parents, key, strict=True))
    return f"`{table.child.text}` given {given}" if given else f"`{table.child.text}`"


def _add(report: FileReport, reason: str, at: Token) -> None:
    report.add(reason, at.start, at.end)
