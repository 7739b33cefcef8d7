"""Brings the three spellings of a decision table, CSV, YAML and JSON, into one grid of cells.

    # hit: first                          hit_policy: first
    rule, amount, country, outcome        rules:
    big,  > 10,   CL,      review           - {rule: big, when: {amount: "> 10"}, then: review}

In YAML and JSON, `when` and `then` may be left out; then the keys of a rule are columns, and
`outputs:` or the names in `OUTCOME_NAMES` tell which are outcomes. A missing key is an empty cell.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kumeo.diagnostics import Source
from kumeo.frontend.signatures.documents import Node, read_json, read_yaml
from kumeo.frontend.signatures.report import FileReport

OUTCOME_NAMES = ("outcome", "decision", "result", "action", "then")
RULE_COLUMN = "rule"

_HIT = re.compile(r"#\s*hit(?:[ _-]?policy)?\s*[:=]\s*([^\s,;](?:[^\r\n]*[^\s,;])?)")
_RULE_KEYS = (RULE_COLUMN, "name", "when", "then")
_HIT_KEYS = ("hit_policy", "hit", "hit policy", "hit-policy")
_DOCUMENT_KEYS = ("rules", "inputs", "outputs", *_HIT_KEYS)


class RawCell(NamedTuple):
    """The text of a cell without quotes and outer white space, and its characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Grid:
    """A table as written. `outputs` are the indexes of outcome columns, empty when not told."""

    header: list[RawCell]
    rows: list[list[RawCell]]
    outputs: tuple[int, ...] = ()
    hit: RawCell | None = None


def read_grid(source: Source, name: str, report: FileReport) -> Grid:
    """Return the grid of a file; the ending of its name tells the format, else its start does."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending in ("yaml", "yml"):
        return _document_grid(read_yaml(source, report), report)
    if ending == "json" or (ending != "csv" and source.text.lstrip()[:1] in "{["):
        return _document_grid(read_json(source, report), report)
    return _csv_grid(source.text, report)


# CSV


def _csv_grid(text: str, report: FileReport) -> Grid:
    start, hit = 0, None
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        found = _HIT.search(line)
        if found:
            hit = RawCell(found[1], start + found.start(1), start + found.end(1))
        start += len(line)
    rows = list(_csv_rows(text, start, _delimiter(text[start:]), report))
    if not rows:
        raise report.fatal("it has no header")
    return Grid(rows[0], rows[1:], hit=hit)


def _delimiter(text: str) -> str:
    """Return the separator that the header uses most; a comma when in doubt."""
    header = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    return max(",;\t", key=header.count)


def _csv_rows(text: str, start: int, delimiter: str, report: FileReport) -> Iterator[list[RawCell]]:
    row: list[RawCell] = []
    at = start
    quoted = r'[ \t]*"(?P<quoted>[^"]*(?:""[^"]*)*)"[ \t]*'
    pattern = re.compile(rf"{quoted}(?=[\r\n{delimiter}]|\Z)|(?P<plain>[^\r\n{delimiter}]*)")
    while at <= len(text):
        match = pattern.match(text, at)
        assert match is not None, "the plain form matches anything"
        cell = _csv_cell(match, report)
        row.append(cell)
        at = match.end() + 1
        if text[match.end() : at] != delimiter:
            if any(c.text for c in row) and not row[0].text.startswith("#"):
                yield row
            row = []


def _csv_cell(match: re.Match[str], report: FileReport) -> RawCell:
    if match["quoted"] is not None:
        start, end = match.span("quoted")
        return RawCell(match["quoted"].replace('""', '"').strip(), start - 1, end + 1)
    plain = match["plain"]
    start = match.start("plain") + len(plain) - len(plain.lstrip())
    text = plain.strip()
    if text.startswith('"'):
        fix = 'close the quote at the end of the cell; write `""` for a quote inside'
        raise report.fatal("the quotes of a cell are wrong", start, start + len(text), fix=fix)
    return RawCell(text, start, start + max(len(text), 1))


# YAML and JSON


def _document_grid(root: Node, report: FileReport) -> Grid:
    keys = root.object or {}
    rules = root if root.items is not None else keys.get("rules")
    if rules is None or rules.items is None:
        raise report.fatal("it has no list `rules`", root.start, root.start + 1)
    for key, node in keys.items():
        if key not in _DOCUMENT_KEYS:
            fix = "the keys here are `hit_policy`, `inputs`, `outputs`, `rules`"
            report.add(f"a table has no key `{key[:60]}`", node.start, node.end, fix=fix)
    records = [_record(rule, report) for rule in rules.items]
    inputs = _names(keys.get("inputs"), report) or _columns(r.inputs for r in records)
    outputs = _names(keys.get("outputs"), report) or _columns(r.outputs for r in records)
    chosen = {cell.text for cell in outputs} or set(OUTCOME_NAMES)
    named = [c for c in inputs if c.text not in chosen]
    last = outputs or [c for c in inputs if c.text in chosen]
    rule_column = RawCell(RULE_COLUMN, root.start, root.start + 1)
    columns = [rule_column, *named, *last]
    _check_columns(records, {c.text for c in columns}, report)
    rows = [[r.cell(c.text) for c in columns] for r in records]
    hit = next((keys[key] for key in _HIT_KEYS if key in keys), None)
    where = tuple(range(1 + len(named), len(columns)))
    return Grid(columns, rows, where, None if hit is None else _cell(hit, report))


@dataclass(frozen=True)
class _Record:
    """One rule of a document: its cells by column. `keys` are the places of the columns."""

    node: Node
    name: RawCell | None
    inputs: dict[str, RawCell]
    outputs: dict[str, RawCell]

    def cell(self, column: str) -> RawCell:
        empty = RawCell("", self.node.start, self.node.start + 1)
        if column == RULE_COLUMN:
            return self.name or empty
        return self.outputs.get(column) or self.inputs.get(column) or empty


def _record(rule: Node, report: FileReport) -> _Record:
    keys = rule.object
    if keys is None:
        raise report.fatal("a rule must be an object", rule.start, rule.start + 1)
    name = keys.get(RULE_COLUMN) or (keys.get("name") if "when" in keys else None)
    label = None if name is None else _cell(name, report)
    if "when" not in keys:
        cells = {k: _cell(n, report) for k, n in keys.items() if k != RULE_COLUMN}
        return _Record(rule, label, cells, {})
    for key, node in keys.items():
        if key not in _RULE_KEYS:
            raise report.fatal(f"a rule with `when` has no key `{key}`", node.start, node.end)
    then = keys.get("then")
    outputs = {} if then is None else _mapping(then, "outcome", report)
    return _Record(rule, label, _mapping(keys["when"], "", report), outputs)


def _mapping(node: Node, single: str, report: FileReport) -> dict[str, RawCell]:
    """Return the cells of an object; any other value is the cell of the column `single`."""
    if node.object is not None:
        return {key: _cell(child, report) for key, child in node.object.items()}
    if single:
        return {single: _cell(node, report)}
    raise report.fatal("`when` must be an object", node.start, node.end)


def _cell(node: Node, report: FileReport) -> RawCell:
    if node.items is not None:
        parts = [_cell(item, report).text for item in node.items]
        text = ", ".join(json.dumps(part) if "," in part else part for part in parts)
        return RawCell(text, node.start, node.end)
    if node.object is not None:
        raise report.fatal("a cell must be a text or a number", node.start, node.end)
    return RawCell("" if node.value is None else node.text.strip(), node.start, node.end)


def _names(node: Node | None, report: FileReport) -> list[RawCell]:
    if node is None:
        return []
    return [_cell(item, report) for item in (node.items if node.items is not None else [node])]


def _columns(groups: Iterator[dict[str, RawCell]]) -> list[RawCell]:
    """Return the columns in order of first use; the place of a column is its first cell."""
    found: dict[str, RawCell] = {}
    for group in groups:
        for name, cell in group.items():
            found.setdefault(name, cell._replace(text=name))
    return list(found.values())


def _check_columns(records: list[_Record], known: set[str], report: FileReport) -> None:
    for record in records:
        for name, cell in {**record.inputs, **record.outputs}.items():
            if name not in known:
                report.add(f"no column is named `{name[:60]}`", cell.start, cell.end)
