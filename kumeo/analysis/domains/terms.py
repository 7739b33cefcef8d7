"""Numbers for values: equal numbers mean equal values, whatever op computed them.

    %a = data.get %tx["amount"]      7
    %b = data.get %tx["amount"]      7, so a condition on %a says something about %b

A term is made once for each op, so the time is linear. The result of an `agent.process` is the term
that its region yields; an agent without this insight, an `if` or the event gets a fresh term.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.analysis.domains.numbers import Numbers
from kumeo.analysis.domains.values import Anything, Domain, top_of
from kumeo.dialects.data import CastOp, CoalesceOp, GetOp, LenOp, RecordOp, SomeOp, UnwrapOp
from kumeo.dialects.data.types import FLOAT, RecordType

COMPUTED_FLOAT = Numbers.between(-math.inf, math.inf, nan=True)
"""A float that was computed: unlike one from JSON it can be NaN."""
Transfer: TypeAlias = Callable[[Operation, Sequence[Domain]], Domain]
"""What the result of an op can be, given what its operands can be."""


class Term(NamedTuple):
    """What is known about a numbered value."""

    op: Operation | None
    parts: tuple[int, ...]
    type: Attribute
    name: str
    """How the author would write the value, or nothing."""
    is_free: bool
    """Whether it can be every value of its type, whatever other free values are."""


@dataclass
class Terms:
    """The terms of one body."""

    numbers: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    terms: list[Term] = field(default_factory=list[Term])
    domains: list[Domain] = field(default_factory=list[Domain])
    """What each term can be wherever it is read."""
    choices: dict[int, tuple[int, int, int]] = field(
        default_factory=dict[int, tuple[int, int, int]]
    )
    """For the result of an `if`: condition, value if it holds, value if not."""
    lengths: dict[int, int] = field(default_factory=dict[int, int])
    """For a list or text, the term of its length, if somebody asks for it."""
    _known: dict[Hashable, int] = field(default_factory=dict[Hashable, int])

    def of(self, value: SSAValue) -> int:
        """Return the term of a value; one that nobody numbered gets a fresh one."""
        found = self.numbers.get(value)
        return self.fresh(value, name=value.name_hint or "") if found is None else found

    def fresh(
        self, value: SSAValue, domain: Domain | None = None, *, name: str = "", free: bool = False
    ) -> int:
        """Number a value that is equal to no other."""
        known = _top(value.type, free) if domain is None else domain
        self.numbers[value] = self._add(Term(None, (), value.type, name, free), known)
        return self.numbers[value]

    def shared(self, key: Hashable, value: SSAValue, domain: Domain, name: str) -> int:
        """Number a value that is equal to all others of the same key, such as a config value."""
        if key not in self._known:
            self._known[key] = self._add(Term(None, (), value.type, name, False), domain)
        self.numbers[value] = self._known[key]
        return self._known[key]

    def computed(self, op: Operation, transfer: Transfer) -> int:
        """Number the result of a pure op without regions."""
        parts = tuple(self.of(operand) for operand in op.operands)
        result = op.results[0]
        same = self._existing(op, parts)
        if same is None:
            key = (op.name, parts, frozenset(op.properties.items()), result.type)
            if key not in self._known:
                term = Term(op, parts, result.type, self._name(op, parts), self._is_free(op, parts))
                domains = [self.domains[part] for part in parts]
                is_opaque = isinstance(op, GetOp) and isinstance(domains[0], Anything)
                domain = _top(term.type, term.is_free) if is_opaque else transfer(op, domains)
                self._known[key] = self._add(term, domain)
                if isinstance(op, LenOp):
                    self.lengths[parts[0]] = self._known[key]
            same = self._known[key]
        self.numbers[result] = same
        return same

    def alias(self, value: SSAValue, number: int) -> None:
        """Say that a value is equal to a term."""
        self.numbers[value] = number

    def _add(self, term: Term, domain: Domain) -> int:
        self.terms.append(term)
        self.domains.append(domain)
        return len(self.terms) - 1

    def _existing(self, op: Operation, parts: tuple[int, ...]) -> int | None:
        """Return the field that a `get` reads when the record is made in sight."""
        made = self.terms[parts[0]] if isinstance(op, GetOp) else None
        if not isinstance(op, GetOp) or made is None or not isinstance(made.op, RecordOp):
            return None
        kind = made.type
        names = kind.names if isinstance(kind, RecordType) else ()
        return made.parts[names.index(op.field.data)] if op.field.data in names else None

    def _is_free(self, op: Operation, parts: tuple[int, ...]) -> bool:
        """A part of a free value is free; a checked cast fails for some values, so it is not."""
        if isinstance(op, GetOp | UnwrapOp | SomeOp):
            return self.terms[parts[0]].is_free
        return isinstance(op, CastOp) and not op.can_fail() and self.terms[parts[0]].is_free

    def _name(self, op: Operation, parts: tuple[int, ...]) -> str:
        names = [self.terms[part].name for part in parts]
        if not names or not all(names):
            return ""
        match op:
            case GetOp():
                return f"{names[0]}.{op.field.data}"
            case UnwrapOp() | SomeOp() | CastOp() | CoalesceOp():
                return names[0]
            case _:
                return ""


def _top(type: Attribute, is_free: bool) -> Domain:
    return COMPUTED_FLOAT if type == FLOAT and not is_free else top_of(type)
