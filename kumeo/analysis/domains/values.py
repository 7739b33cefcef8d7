"""What a value can be: sets of numbers, names and texts, null or not, fields of records.

A set holds every value that is possible at a place, and perhaps more: an empty set is a proof,
a full one is not. `meet` is "both", `join` is "one of the two".
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from xdsl.ir import Attribute

from kumeo.analysis.domains.numbers import Interval, Numbers
from kumeo.dialects.data.constants import INT_MAX, INT_MIN, TIME_MAX, TIME_MIN
from kumeo.dialects.data.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    OptionType,
    RecordType,
)


class Names(NamedTuple):
    """Values of an enum, or truth values."""

    values: frozenset[Any]
    order: tuple[Any, ...]
    """All values of the type, in declaration order."""

    def sorted(self) -> list[Any]:
        """Return the values in declaration order."""
        return [value for value in self.order if value in self.values]


class Texts(NamedTuple):
    """Some texts, or all texts but some."""

    values: frozenset[str]
    excluded: bool = False


class Maybe(NamedTuple):
    """An option: null is possible or not; `inner` is None when null is all that is possible."""

    null: bool
    inner: "Domain | None"


class Fields(NamedTuple):
    """A record of which some fields are known."""

    fields: Mapping[str, "Domain"]


class Anything:
    """A value about which nothing is known."""


Domain: TypeAlias = Numbers | Names | Texts | Maybe | Fields | Anything
ANYTHING = Anything()
TRUTHS = (False, True)
_SCALARS: Mapping[Attribute, Domain] = {
    BOOL: Names(frozenset(TRUTHS), TRUTHS),
    INT: Numbers.between(INT_MIN, INT_MAX, integral=True),
    FLOAT: Numbers.between(-math.inf, math.inf),
    TIME: Numbers.between(TIME_MIN, TIME_MAX, integral=True),
    DURATION: Numbers.between(INT_MIN, INT_MAX, integral=True),
    STR: Texts(frozenset(), excluded=True),
}


def top_of(type: Attribute) -> Domain:
    """Return all values of a type. A float is never NaN here: JSON has none."""
    match type:
        case EnumType():
            return Names(frozenset(type.names), type.names)
        case OptionType():
            return Maybe(True, top_of(type.inner))
        case _:
            return _SCALARS.get(type, ANYTHING)


def exactly(value: Any, type: Attribute) -> Domain:
    """Return the set of one value."""
    match type:
        case OptionType():
            return Maybe(True, None) if value is None else Maybe(False, exactly(value, type.inner))
        case EnumType():
            return Names(frozenset([value]), type.names)
        case RecordType():
            fields = cast(Mapping[str, Any], value)
            return Fields({name: exactly(fields[name], part) for name, part in type.fields})
        case _:
            return _exact_scalar(value, type)


def _exact_scalar(value: Any, type: Attribute) -> Domain:
    if type == BOOL:
        return truth(value)
    if type == STR:
        return Texts(frozenset([value]))
    if type in (INT, TIME, DURATION):
        return Numbers.between(value, value, integral=True)
    if type == FLOAT:
        return Numbers((), nan=True) if math.isnan(value) else Numbers.between(value, value)
    return ANYTHING


def truth(value: bool) -> Names:
    """Return the set of one truth value."""
    return Names(frozenset([value]), TRUTHS)


def is_empty(domain: Domain) -> bool:
    """Say whether no value is possible."""
    match domain:
        case Numbers():
            return not domain.parts and not domain.nan
        case Names():
            return not domain.values
        case Texts():
            return not domain.values and not domain.excluded
        case Maybe():
            return not domain.null and (domain.inner is None or is_empty(domain.inner))
        case Fields():
            return any(is_empty(field) for field in domain.fields.values())
        case Anything():
            return False


def single(domain: Domain) -> tuple[Any] | None:
    """Return the only value of a scalar set in a tuple, or None."""
    match domain:
        case Numbers():
            number = domain.single()
            return None if number is None else (number,)
        case Names() if len(domain.values) == 1:
            return (next(iter(domain.values)),)
        case Texts() if not domain.excluded and len(domain.values) == 1:
            return (next(iter(domain.values)),)
        case Maybe(null=True, inner=None):
            return (None,)
        case Maybe(null=False, inner=inner) if inner is not None:
            return single(inner)
        case _:
            return None


def meet(a: Domain, b: Domain) -> Domain:
    """Return the values in both sets."""
    match a, b:
        case Anything(), _:
            return b
        case _, Anything():
            return a
        case Numbers(), Numbers():
            return a.meet(b)
        case Names(), Names():
            return Names(a.values & b.values, a.order)
        case Texts(), Texts():
            return _meet_texts(a, b)
        case Maybe(), Maybe():
            both = a.inner is not None and b.inner is not None
            inner = meet(a.inner, b.inner) if a.inner and b.inner and both else None
            return Maybe(a.null and b.null, None if inner is None or is_empty(inner) else inner)
        case Fields(), Fields():
            shared = {n: meet(d, b.fields[n]) for n, d in a.fields.items() if n in b.fields}
            return Fields({**a.fields, **b.fields, **shared})
        case _:
            return a


def join(a: Domain, b: Domain) -> Domain:
    """Return the values in one of the sets."""
    match a, b:
        case Numbers(), Numbers():
            return a.join(b)
        case Names(), Names():
            return Names(a.values | b.values, a.order)
        case Texts(), Texts():
            return _join_texts(a, b)
        case Maybe(), Maybe():
            inner = join(a.inner, b.inner) if a.inner and b.inner else a.inner or b.inner
            return Maybe(a.null or b.null, inner)
        case Fields(), Fields():
            return Fields({n: join(d, b.fields[n]) for n, d in a.fields.items() if n in b.fields})
        case _:
            return ANYTHING


def _meet_texts(a: Texts, b: Texts) -> Texts:
    if a.excluded and b.excluded:
        return Texts(a.values | b.values, excluded=True)
    if a.excluded:
        return Texts(b.values - a.values)
    return Texts(a.values - b.values if b.excluded else a.values & b.values)


def _join_texts(a: Texts, b: Texts) -> Texts:
    if a.excluded and b.excluded:
        return Texts(a.values & b.values, excluded=True)
    if a.excluded:
        return Texts(a.values - b.values, excluded=True)
    if b.excluded:
        return Texts(b.values - a.values, excluded=True)
    return Texts(a.values | b.values)


NEGATED = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


def satisfying(predicate: str, domain: Domain, other: Domain, holds: bool) -> Domain:
    """Return the values of `domain` for which `value PREDICATE some other value` can be `holds`.

    It is exact when `other` is one value, except for the order of texts.
    """
    wanted = predicate if holds else NEGATED[predicate]
    match domain, other:
        case Numbers(), Numbers():
            # NaN fails every comparison but `ne`.
            return _numbers(wanted, domain, other, (predicate == "ne") == holds)
        case Names(), Names():
            return _names(wanted, domain, other)
        case Maybe(), Maybe() if wanted in ("eq", "ne"):
            return _maybe(wanted, domain, other)
        case _:
            return _plain(wanted, domain, other)


def _numbers(predicate: str, domain: Numbers, other: Numbers, nan: bool) -> Domain:
    if other.nan and nan:
        return domain
    if not other.parts:
        return Numbers((), domain.nan and nan, domain.integral)
    match predicate:
        case "eq":
            met = domain.meet(other)
            return Numbers(met.parts, domain.nan and nan, domain.integral)
        case "ne":
            number = other.single()
            kept = Numbers(domain.parts, domain.nan and nan, domain.integral)
            return kept if number is None else kept.without(number)
        case "lt" | "le":
            return domain.below(other.high, is_open=predicate == "lt" or _top(other), nan=nan)
        case _:
            return domain.above(other.low, is_open=predicate == "gt" or _bottom(other), nan=nan)


def _top(numbers: Numbers) -> bool:
    return numbers.parts[-1].high_open


def _bottom(numbers: Numbers) -> bool:
    return numbers.parts[0].low_open


def _names(predicate: str, domain: Names, other: Names) -> Names:
    places = {value: place for place, value in enumerate(domain.order)}
    others = [places[value] for value in other.values if value in places]
    if not others:
        return Names(frozenset(), domain.order)
    low, high = min(others), max(others)
    tests: Mapping[str, Callable[[int], bool]] = {
        "eq": lambda place: place in others,
        "ne": lambda place: len(others) > 1 or place not in others,
        "lt": lambda place: place < high,
        "le": lambda place: place <= high,
        "gt": lambda place: place > low,
        "ge": lambda place: place >= low,
    }
    kept = frozenset(value for value in domain.values if tests[predicate](places[value]))
    return Names(kept, domain.order)


def _maybe(predicate: str, domain: Maybe, other: Maybe) -> Domain:
    if predicate == "eq":
        return meet(domain, other)
    if other == Maybe(True, None):
        return Maybe(False, domain.inner)
    if other.null or other.inner is None or domain.inner is None:
        return domain
    return Maybe(domain.null, satisfying("ne", domain.inner, other.inner, True))


def _plain(predicate: str, domain: Domain, other: Domain) -> Domain:
    if predicate == "eq":
        return meet(domain, other)
    if predicate == "ne" and isinstance(domain, Texts) and isinstance(other, Texts):
        only = single(other)
        return domain if only is None else meet(domain, Texts(other.values, excluded=True))
    return domain


def whole(low: float, high: float) -> Numbers:
    """Return the integers from `low` to `high`."""
    return Numbers.of([Interval(low, high)], integral=True)
