"""The function library of the language, as data: names, signatures, what may fail.

`data.call "lower"(%s)` names one of these. A function is here only if its meaning is written in
`library.py` and proved by rows of `tests/data/functions.yaml`, which every backend runs too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from xdsl.ir import Attribute

from kumeo.dialects.data.casts import is_implicit
from kumeo.dialects.data.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    EnumType,
    ListType,
    MapType,
    option_of,
)


class AnyEnum(NamedTuple):
    """Stands for every enum type."""


class ListOf(NamedTuple):
    """`[T]`: a list binds the type variable `T` of its signature."""


class MapOf(NamedTuple):
    """`{string: T}`."""


class OptionOf(NamedTuple):
    """`T?`; a `T` that has a null already stays itself."""


Pattern: TypeAlias = Attribute | AnyEnum | ListOf | MapOf | OptionOf


class Signature(NamedTuple):
    """One way to call a function: parameter types and the result type."""

    parameters: tuple[Pattern, ...]
    result: Pattern

    def result_of(self, arguments: Sequence[Attribute]) -> Attribute | None:
        """Return the result type for exactly these argument types, or None."""
        if len(arguments) != len(self.parameters):
            return None
        bound: Attribute | None = None
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            item = _item_of(parameter, argument)
            if item is None:
                return None
            bound = item if isinstance(parameter, ListOf | MapOf) else bound
        return _instance_of(self.result, bound)


class Resolved(NamedTuple):
    """A call that fits after implicit casts of its arguments to `parameters`."""

    parameters: tuple[Attribute, ...]
    result: Attribute


@dataclass(frozen=True)
class Function:
    """A function of the library."""

    name: str
    summary: str
    signatures: tuple[Signature, ...]
    can_fail: bool = False

    def result_of(self, arguments: Sequence[Attribute]) -> Attribute | None:
        """Return the result type for exactly these argument types, or None."""
        results = (signature.result_of(arguments) for signature in self.signatures)
        return next((result for result in results if result is not None), None)

    def resolve(self, arguments: Sequence[Attribute]) -> Resolved | None:
        """Return the first signature that fits, exactly or else after implicit casts."""
        result = self.result_of(arguments)
        if result is not None:
            return Resolved(tuple(arguments), result)
        fits = (_after_casts(signature, arguments) for signature in self.signatures)
        return next((fit for fit in fits if fit is not None), None)


def _item_of(parameter: Pattern, argument: Attribute) -> Attribute | None:
    """Return what `argument` binds `T` to (itself for a fixed type), or None on a mismatch."""
    match parameter:
        case AnyEnum():
            return argument if isinstance(argument, EnumType) else None
        case ListOf():
            return argument.item if isinstance(argument, ListType) else None
        case MapOf():
            return argument.value if isinstance(argument, MapType) else None
        case OptionOf():
            return None
        case _:
            return argument if argument == parameter else None


def _instance_of(pattern: Pattern, bound: Attribute | None) -> Attribute | None:
    if isinstance(pattern, Attribute):
        return pattern
    if bound is None:
        return None
    match pattern:
        case ListOf():
            return ListType(bound)
        case MapOf():
            return MapType(bound)
        case OptionOf():
            return option_of(bound)
        case _:
            return bound


def _after_casts(signature: Signature, arguments: Sequence[Attribute]) -> Resolved | None:
    if len(arguments) != len(signature.parameters):
        return None
    targets = [
        parameter if isinstance(parameter, Attribute) else argument
        for parameter, argument in zip(signature.parameters, arguments, strict=True)
    ]
    if JSON in targets and JSON not in arguments:
        return None  # everything becomes json, which is never what such a call means
    if not all(map(is_implicit, arguments, targets)):
        return None
    result = signature.result_of(targets)
    return None if result is None else Resolved(tuple(targets), result)


def result_of(name: str, argument_types: Sequence[Attribute]) -> Attribute | None:
    """Return the result type of a call with exactly these argument types, or None."""
    function = FUNCTIONS.get(name)
    return None if function is None else function.result_of(argument_types)


def resolve(name: str, argument_types: Sequence[Attribute]) -> Resolved | None:
    """Return how a call fits after implicit casts, or None."""
    function = FUNCTIONS.get(name)
    return None if function is None else function.resolve(argument_types)


ORDERED = (INT, FLOAT, STR, TIME, DURATION)
_LIST, _MAP, _OPTION = ListOf(), MapOf(), OptionOf()
_TEXTS = ListType(STR)


def _same(*types: Attribute, arity: int = 1) -> tuple[Signature, ...]:
    """Return signatures from `arity` values of each type to that type."""
    return tuple(Signature((type,) * arity, type) for type in types)


def _lists(types: Iterable[Attribute], result: Pattern | None = None) -> tuple[Signature, ...]:
    """Return signatures from a list of each type to that type, or to `result`."""
    return tuple(Signature((ListType(type),), result or type) for type in types)


_EXTREME = (
    *_same(*ORDERED, arity=2),
    *(Signature((ListType(type),), option_of(type)) for type in ORDERED),
)
_PART_OF_TIME = (Signature((TIME,), INT),)
_TO_TEXT: tuple[Pattern, ...] = (STR, INT, FLOAT, BOOL, TIME, DURATION, AnyEnum(), JSON)

_LIBRARY = (
    Function("lower", "text in lower case (Unicode default mapping)", _same(STR)),
    Function("upper", "text in upper case (Unicode default mapping)", _same(STR)),
    Function("trim", "text without white space (Unicode White_Space) at its ends", _same(STR)),
    Function("starts_with", "whether text begins with a prefix", (Signature((STR, STR), BOOL),)),
    Function("ends_with", "whether text ends with a suffix", (Signature((STR, STR), BOOL),)),
    Function("replace", "text with every old part replaced, left to right", _same(STR, arity=3)),
    Function(
        "split",
        "parts of text between separators; an empty separator gives the code points",
        (Signature((STR, STR), _TEXTS),),
    ),
    Function("join", "texts with a separator between them", (Signature((_TEXTS, STR), STR),)),
    Function(
        "substring",
        "code points from a position up to (not including) another; positions are clamped",
        (Signature((STR, INT), STR), Signature((STR, INT, INT), STR)),
    ),
    Function(
        "to_string",
        "the text of a value: shortest digits, ISO 8601 time, seconds with `s`, compact JSON",
        tuple(Signature((type,), STR) for type in _TO_TEXT),
    ),
    Function(
        "to_int",
        "an integer from decimal text, or a number cut towards zero",
        tuple(Signature((type,), INT) for type in (STR, FLOAT, INT)),
        can_fail=True,
    ),
    Function(
        "to_float",
        "a number from decimal text",
        tuple(Signature((type,), FLOAT) for type in (STR, INT, FLOAT)),
        can_fail=True,
    ),
    Function("parse_json", "the value of JSON text", (Signature((STR,), JSON),), can_fail=True),
    Function("abs", "the distance from zero", _same(INT, FLOAT, DURATION), can_fail=True),
    Function("min", "the smaller value; of a list: null if it is empty", _EXTREME),
    Function("max", "the larger value; of a list: null if it is empty", _EXTREME),
    Function("floor", "the next integer below", (Signature((FLOAT,), INT),), can_fail=True),
    Function("ceil", "the next integer above", (Signature((FLOAT,), INT),), can_fail=True),
    Function("round", "the nearest integer, half to even", (Signature((FLOAT,), INT),), True),
    Function("sqrt", "the square root; fails below zero", _same(FLOAT), can_fail=True),
    Function("ln", "the natural logarithm; fails at zero and below", _same(FLOAT), can_fail=True),
    Function("exp", "e to a power; infinity when too large", _same(FLOAT)),
    Function("pow", "a number to a power", _same(FLOAT, arity=2), can_fail=True),
    Function(
        "clamp", "a value moved into a range", _same(INT, FLOAT, DURATION, arity=3), can_fail=True
    ),
    Function("sum", "the sum, left to right", _lists((INT, FLOAT, DURATION)), can_fail=True),
    Function("mean", "the mean; null if empty", _lists((INT, FLOAT), option_of(FLOAT))),
    Function(
        "sort",
        "the list in ascending order, stable, NaN last",
        tuple(Signature((ListType(type),), ListType(type)) for type in ORDERED),
    ),
    Function("reverse", "the list from its end", (Signature((_LIST,), _LIST),)),
    Function("unique", "the list without later equal items", (Signature((_LIST,), _LIST),)),
    Function("first", "the first item; null if empty", (Signature((_LIST,), _OPTION),)),
    Function("last", "the last item; null if empty", (Signature((_LIST,), _OPTION),)),
    Function("keys", "the keys of a map in order", (Signature((_MAP,), _TEXTS),)),
    Function(
        "values", "the values of a map in the order of its keys", (Signature((_MAP,), _LIST),)
    ),
    Function(
        "range",
        "integers from zero or a start up to (not including) an end",
        (Signature((INT,), ListType(INT)), Signature((INT, INT), ListType(INT))),
        can_fail=True,
    ),
    Function("hour", "the hour of a time in UTC, 0 to 23", _PART_OF_TIME),
    Function("minute", "the minute of a time, 0 to 59", _PART_OF_TIME),
    Function("day", "the day of the month in UTC, 1 to 31", _PART_OF_TIME),
    Function("month", "the month in UTC, 1 to 12", _PART_OF_TIME),
    Function("year", "the year in UTC", _PART_OF_TIME),
    Function("weekday", "the day of the week in UTC, 1 = Monday", _PART_OF_TIME),
    Function("timestamp", "the time of ISO 8601 text", (Signature((STR,), TIME),), can_fail=True),
    Function("seconds", "a duration in seconds", (Signature((DURATION,), FLOAT),)),
    Function("epoch", "seconds since 1970 UTC", (Signature((TIME,), FLOAT),)),
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in _LIBRARY}
