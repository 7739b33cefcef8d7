"""The functions of the library by what they give: which calls make a value of a type?"""

from collections.abc import Sequence

from xdsl.ir import Attribute

from kumeo.dialects.data import STR, ListType, MapType, OptionType
from kumeo.dialects.data.functions import FUNCTIONS, AnyEnum, ListOf, MapOf, OptionOf

Call = tuple[str, tuple[Attribute, ...]]

_NOT_DRAWN = frozenset({"range"})
"""A range of a large number takes a second; `ranges` has small ones."""


def _concrete_calls() -> dict[Attribute, list[Call]]:
    """Return the calls whose types are fixed, by result type."""
    calls: dict[Attribute, list[Call]] = {}
    patterns = (AnyEnum, ListOf, MapOf, OptionOf)
    for function in FUNCTIONS.values():
        for signature in function.signatures if function.name not in _NOT_DRAWN else ():
            parts = (*signature.parameters, signature.result)
            if not any(isinstance(part, patterns) for part in parts):
                types = tuple(part for part in parts if isinstance(part, Attribute))
                calls.setdefault(types[-1], []).append((function.name, types[:-1]))
    return calls


_CONCRETE = _concrete_calls()


def calls_of(kind: Attribute, lists: Sequence[ListType], maps: Sequence[MapType]) -> list[Call]:
    """Return the calls that give a value of a type, with the types of their arguments."""
    calls = list(_CONCRETE.get(kind, ()))
    if isinstance(kind, ListType):
        calls += [("reverse", (kind,)), ("unique", (kind,))]
        calls += [("values", (MapType(kind.item),))]
    if isinstance(kind, OptionType):
        calls += [(name, (ListType(kind.inner),)) for name in ("first", "last")]
    if kind == ListType(STR):
        calls += [("keys", (each,)) for each in maps]
    return calls
