"""Reads a Bayesian network, BIF or XMLBIF, and checks that it is one.

The readers are Kumeo's own because the order of a table's numbers, the place of a fault and the
refusal of damaged files are part of the meaning of a program; general libraries guess there, and
they take seconds to import. A file may be packed with gzip.

The two formats order the numbers of a `table` with parents differently: in BIF the states of the
child change slowest, in XMLBIF fastest. The rows of a signature follow neither; see
`NetworkSignature`. A row whose sum differs from 1 by at most `TOLERANCE` counts as rounded and is
divided by its sum; any other row is a fault.
"""

import gzip
import io
import math
import zlib
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from kumeo.diagnostics import Diagnostic, Place, Source, nearest
from kumeo.frontend.errors.files import CorruptModel, UnsafeModel
from kumeo.frontend.signatures.bif import read_bif
from kumeo.frontend.signatures.raw_network import (
    Numbers,
    RawNetwork,
    RawTable,
    RawVariable,
    Token,
)
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

MAX_PARENTS = 32
"""Parents of one variable; more than 22 fit into no table unless some have one state alone."""

MAX_BYTES = 1 << 28
"""Bytes of an unpacked file; the largest public network has three million."""

_GZIP = b"\x1f\x8b"

Row = tuple[float, ...]


def read_network(
    data: bytes, name: str, place: Place | None
) -> tuple[NetworkSignature | None, list[Diagnostic]]:
    """Return the network of a BIF or XMLBIF file; its content tells which one it is."""
    report = FileReport(CorruptModel, name, place)
    try:
        reject_unfetched(data, report)
        reject_pickle(data, report, UnsafeModel)
        source = report.decode(_unpacked(data, report))
        raw = _read_raw(source, report)
        signature = _check(raw, report)
    except ReadError:
        return None, report.found
    return (None if report.found else signature), report.found


def _unpacked(data: bytes, report: FileReport) -> bytes:
    """Return the content of a gzip file, and any other file as it is."""
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise report.fatal("it is a damaged gzip file") from None
    if len(content) > MAX_BYTES:
        reason = f"it holds more than {MAX_BYTES >> 20} MiB when unpacked"
        raise report.fatal(reason, kind=UnsafeModel)
    return content


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
    if len(spaces) > MAX_PARENTS:
        _add(report, f"`{table.child.text}` has more than {MAX_PARENTS} parents", table.child)
        return
    if table.flat is not None:
        yield from _split_flat(table, width, height, raw.child_slowest, report)
        return
    rows = _index_rows(table, spaces, width, report)
    default = None
    if table.default is not None:
        default = _row(table.default, width, table, report)
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
    numbers = table.flat or Numbers((), "", table.child.start)
    values, name = numbers.values, table.child.text
    if len(values) != width * height:
        reason = f"the table of `{name}` has {len(values)} numbers, not {width * height}"
        _add(report, reason, table.child)
        return
    by_row = [slice(i * width, (i + 1) * width) for i in range(height)]
    by_state = [slice(i, None, height) for i in range(height)]
    chosen, other = (by_state, by_row) if child_slowest else (by_row, by_state)
    fits = all(_sums_to_one(values[part]) for part in chosen)
    swapped = not fits and all(_sums_to_one(values[part]) for part in other)
    fix = "write one row for each combination of parent states" if swapped else None
    for part in chosen:
        yield _checked(_Part(numbers, part), f"a row of `{name}`", report, fix)


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


def _row(numbers: Numbers, width: int, table: RawTable, report: FileReport) -> Row:
    name = table.child.text
    if len(numbers.values) == width:
        return _checked(_Part(numbers, slice(None)), f"a row of `{name}`", report)
    reason = f"a row of `{name}` has {len(numbers.values)} numbers for {width} states"
    start, end = numbers.places()[0] if numbers.values else (table.child.start, table.child.end)
    report.add(reason, start, end)
    return (0.0,) * width


class _Part(NamedTuple):
    """Some numbers of a list."""

    numbers: Numbers
    part: slice

    def place(self) -> tuple[int, int]:
        """Return where they stand, from the first to the last."""
        places = self.numbers.places()[self.part]
        return places[0][0], places[-1][1]


def _checked(row: _Part, what: str, report: FileReport, fix: str | None = None) -> Row:
    """Return the row divided by its sum; report one that is not a distribution."""
    values = row.numbers.values[row.part]
    total = math.fsum(values)
    if min(values) < 0 or max(values) > 1 + TOLERANCE:
        report.add(f"{what} has a number outside 0 to 1", *row.place())
    elif abs(total - 1) > TOLERANCE:
        reason = f"{what} sums to {total:.6g}, not to 1"
        report.add(reason, *row.place(), fix=fix, mark=f"the sum is {total:.6g}")
    if total == 1.0 or total <= 0:
        return values
    return tuple(v / total for v in values)


def _sums_to_one(values: Sequence[float]) -> bool:
    return abs(math.fsum(values) - 1) <= TOLERANCE


def _row_name(table: RawTable, key: tuple[str, ...]) -> str:
    given = ", ".join(f"{p.text}={s}" for p, s in zip(table.parents, key, strict=True))
    return f"`{table.child.text}` given {given}" if given else f"`{table.child.text}`"


def _add(report: FileReport, reason: str, at: Token) -> None:
    report.add(reason, at.start, at.end)
