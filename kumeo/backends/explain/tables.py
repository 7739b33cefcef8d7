"""A decision table for people: its rules as written, and what the compiler proves about them.

A table alone does not say which types its columns have, so they are read off its cells: numbers are
`float`, words `string`, `true` and `false` `bool`. With these types the table is put into a small
workflow, and the analysis behind `kumeo check` looks at it: which rules never fire, which rules
hold together, and which events no rule decides.
"""

from collections.abc import Iterator
from typing import NamedTuple

from xdsl.dialects.builtin import StringAttr

from kumeo.analysis.domains.decisions import (
    Overlap,
    Table,
    dead_rules,
    example_in,
    overlaps,
    read_table,
)
from kumeo.analysis.domains.regions import State
from kumeo.analysis.domains.walk import Observer, walk_module
from kumeo.backends.explain.table_workflow import column_types, workflow_of
from kumeo.backends.explain.view import Explanation, Section
from kumeo.diagnostics import Source, Span, has_errors
from kumeo.dialects.agent import DecideOp
from kumeo.dialects.agent.compute import HIT_POLICY
from kumeo.frontend.compile import compile_source
from kumeo.frontend.signatures import DecisionTable
from kumeo.frontend.signatures.specs import Cell

_POLICIES = {
    "first": "first: the first rule that holds decides",
    "unique": "unique: at most one rule may hold",
    "any": "any: rules that hold together must agree",
    "collect": "collect: all rules that hold decide together",
}


class _Proofs(NamedTuple):
    """What the analysis says; `problem` tells why it says nothing."""

    dead: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    gap: str | None = None
    is_complete: bool = False
    problem: str | None = None


def explain_table(table: DecisionTable, data: bytes, name: str) -> Explanation:
    """Return the explanation of a decision table; `data` are the bytes that it was read from."""
    proofs = _prove(table, data, name)
    facts = (
        ("hit policy", _POLICIES[table.hit_policy]),
        ("rules", len(table.rules)),
        ("inputs", ", ".join(cell.text for cell in table.inputs)),
        ("outcomes", ", ".join(table.outcomes)),
        ("never fire", _dead_text(proofs)),
        ("gaps", _gap_text(proofs)),
    )
    sections = [_rules(table), _types(table)]
    if proofs.overlaps:
        sections.append(_overlaps(table, proofs.overlaps))
    if proofs.dead:
        rows = tuple((text,) for text in proofs.dead)
        sections.append(Section("dead", "rules that never fire", ("rule and reason",), rows))
    return Explanation(name, "decision table", facts, tuple(sections))


def _dead_text(proofs: _Proofs) -> str:
    if proofs.problem is not None:
        return f"not known: {proofs.problem}"
    return f"{len(proofs.dead)} of the rules" if proofs.dead else "none of the rules"


def _gap_text(proofs: _Proofs) -> str:
    if proofs.problem is not None:
        return f"not known: {proofs.problem}"
    if proofs.is_complete:
        return "none: some rule holds for every event"
    if proofs.gap is None:
        return "perhaps; the conditions are too hard to compare"
    return f"no rule holds when {proofs.gap}; then `default` decides, or the agent fails"


def _rules(table: DecisionTable) -> Section:
    rows = tuple(
        (
            number,
            rule.name,
            *(_as_written(cell) for cell in rule.cells),
            *(outcome.text for outcome in rule.outcomes),
        )
        for number, rule in enumerate(table.rules, 1)
    )
    inputs = tuple(cell.text for cell in table.inputs)
    outputs = tuple(f"-> {title}" for title in table.outputs)
    notes = ("a blank cell always holds; all cells of a rule must hold",)
    return Section("rules", "rules", ("no", "rule", *inputs, *outputs), rows, notes)


def _as_written(cell: Cell) -> str | None:
    """Return the text of a cell without quotes around it; nothing for one that always holds."""
    if cell.text == "true":
        return None
    text = cell.place.text.strip() if isinstance(cell.place, Span) else cell.text
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].replace('""', '"') if is_quoted else text


def _types(table: DecisionTable) -> Section:
    rows = tuple((column, kind or "not clear") for column, kind in column_types(table).items())
    notes = ("read off the cells; in a workflow, an enum has only its names",)
    return Section("types", "inputs", ("input", "type"), rows, notes)


def _overlaps(table: DecisionTable, found: tuple[Overlap, ...]) -> Section:
    meaning = {
        "first": "the earlier rule decides",
        "collect": "both decide",
    }.get(table.hit_policy, f"the table promises `{table.hit_policy}`, so this is a fault")
    columns = ("rule", "and rule", "both hold when")
    rows = tuple((each.first, each.second, each.example) for each in found)
    return Section("overlaps", "rules that hold together", columns, rows, (meaning,))


def _prove(table: DecisionTable, data: bytes, name: str) -> _Proofs:
    """Return what the analysis of domains finds out about a table."""
    text = workflow_of(table, name)
    if text is None:
        return _Proofs(problem="the columns are not plain names with clear types")
    result = compile_source(Source("table.kumeo", text), _OneFile(data))
    if result.module is None or has_errors(result.diagnostics):
        return _Proofs(problem="its cells do not fit one type per column")
    look = _Look(table.hit_policy)
    walk_module(result.module, look, assume_config=False)
    found = look.table
    if found is None:
        return _Proofs(problem="it has too many rules")
    gap = example_in(found.terms, found.rest)
    dead = tuple(_sentence(each.headline) for each in dead_rules(found))
    if table.hit_policy == "collect":
        # No rule takes events from a later one here, so only impossible conditions are dead.
        dead = tuple(text for text in dead if "cannot hold" in text)
    return _Proofs(dead, tuple(_plain(look)), _plain_text(gap), not found.rest)


def _sentence(message: str) -> str:
    return _plain_text(message.replace(" of `decision`", "")) or ""


def _plain(look: "_Look") -> Iterator[Overlap]:
    if look.table is None:
        return
    for each in overlaps(look.table):
        yield each._replace(example=_plain_text(each.example) or "")


def _plain_text(text: str | None) -> str | None:
    return None if text is None else text.replace("source.", "").replace("`", "")


class _OneFile:
    """The files of the small workflow: every path is the table."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, path: str) -> bytes | None:
        """Return the table."""
        return self.data


class _Look(Observer):
    """Keeps the table of the only decision."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        self.table: Table | None = None

    def at_decide(self, op: DecideOp, state: State) -> None:
        """Read the decision as if the first rule decided: then gaps and dead rules can be told."""
        op.properties["mode"] = StringAttr("first_match")
        if self.policy in ("unique", "collect"):
            op.attributes[HIT_POLICY] = StringAttr("unique")
        self.table = read_table(op, self.terms, state)
