"""Options of a pass: the text of a pipeline checked against the fields of the pass class.

A field may be `bool int float str`, a `Literal` of texts, a tuple of one of them, each of these
or None. `name` alone means true for a `bool` and nothing (None) for an optional field.
"""

import math
import types
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec

from kumeo.diagnostics import Diagnostic, Span, nearest
from kumeo.passes.errors import InvalidPassOption, UnknownPassOption
from kumeo.passes.pipeline import Option, PassItem, Scalar, Value

_EXAMPLES = {bool: "true", int: "1", float: "0.5", str: "text"}


def make_pass(
    cls: type[ModulePass], item: PassItem
) -> tuple[ModulePass | None, tuple[Diagnostic, ...]]:
    """Return the pass with its options set, or None and what is wrong with them."""
    known = {field.name: field for field in option_fields(cls)}
    hints = get_type_hints(cls)
    found: list[Diagnostic] = []
    spec: dict[str, tuple[Scalar, ...]] = {}
    for option in item.options:
        name = option.name.replace("-", "_")
        if name not in known:
            found.append(_unknown(item.name, option, known))
        elif name in spec:
            found.append(InvalidPassOption(option.span, item.name, option.name, "is given twice"))
        else:
            spec[name] = _convert(item.name, option, hints[name], found)
    if not found:
        found.extend(_missing(item, known.values(), spec))
    if found:
        return None, tuple(found)
    return _build(cls, item, spec)


def option_fields(cls: type[ModulePass]) -> list[Field[Any]]:
    """Return the fields of a pass class that a pipeline can set."""
    return [field for field in fields(cls) if field.init and field.name != "name"]


def describe_type(hint: Any) -> str:
    """Return the type of an option in words that a user knows."""
    optional, kinds = _kinds(hint)
    words = " or ".join(_word(kind) for kind in kinds)
    return f"{words} (optional)" if optional else words


def _unknown(pass_name: str, option: Option, known: Iterable[str]) -> Diagnostic:
    names = tuple(name.replace("_", "-") for name in known)
    wanted = option.name.replace("_", "-")
    return UnknownPassOption(option.span, pass_name, option.name, names, nearest(wanted, names))


def _missing(
    item: PassItem, known: Iterable[Field[Any]], given: Iterable[str]
) -> list[InvalidPassOption]:
    absent = [f.name for f in known if f.name not in given and _is_required(f)]
    names = [name.replace("_", "-") for name in absent]
    return [
        InvalidPassOption(
            item.span, item.name, name, "is missing", f"write `{item.name}{{{name}=...}}`"
        )
        for name in names
    ]


def _is_required(field: Field[Any]) -> bool:
    optional, _ = _kinds(field.type)
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return not (has_default or optional)


def _build(
    cls: type[ModulePass], item: PassItem, spec: dict[str, tuple[Scalar, ...]]
) -> tuple[ModulePass | None, tuple[Diagnostic, ...]]:
    """Make the pass; a pass may refuse a value that has the right type with a `ValueError`."""
    try:
        # The name of a class is repeated: a table may give it another one, xDSL compares them.
        return cls.from_spec(ArgSpec(cls.name, dict(spec))), ()
    except ValueError as error:
        names = "`, `".join(option.name for option in item.options) or "(none)"
        place = _place(item.options[0]) if len(item.options) == 1 else item.span
        return None, (InvalidPassOption(place, item.name, names, f"is refused: {error}"),)


def _convert(
    pass_name: str, option: Option, hint: Any, found: list[Diagnostic]
) -> tuple[Scalar, ...]:
    """Return the values of an option in the type of its field, or report that they do not fit."""
    optional, kinds = _kinds(hint)
    if not option.values:
        if bool in kinds:
            return (True,)
        if optional or any(get_origin(kind) is tuple for kind in kinds):
            return ()
    for kind in kinds:
        values = _fit(option.values, kind)
        if values is not None:
            return values
    problem = f"wants {describe_type(hint)}, not {_given(option)}"
    fix = f"for instance `{option.name}={_example(kinds[0])}`"
    found.append(InvalidPassOption(_place(option), pass_name, option.name, problem, fix))
    return ()


def _kinds(hint: Any) -> tuple[bool, list[Any]]:
    """Return whether None is allowed, and the other types that are."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    kinds = [part for part in parts if part is not types.NoneType]
    # A text fits everywhere, so it is tried last.
    return len(kinds) < len(parts), sorted(kinds, key=lambda kind: kind is str)


def _fit(values: Sequence[Value], kind: Any) -> tuple[Scalar, ...] | None:
    if get_origin(kind) is not tuple:
        one = _fit_one(values[0], kind) if len(values) == 1 else None
        return None if one is None else (one,)
    inner = get_args(kind)
    repeated = len(inner) == 2 and inner[1] is Ellipsis
    kinds = [inner[0]] * len(values) if repeated else list(inner)
    if len(kinds) != len(values):
        return None
    fitted = [_fit_any(value, kind) for value, kind in zip(values, kinds, strict=True)]
    return None if None in fitted else tuple(one for one in fitted if one is not None)


def _fit_any(value: Value, hint: Any) -> Scalar | None:
    fitted = [_fit_one(value, kind) for kind in _kinds(hint)[1]]
    return next((one for one in fitted if one is not None), None)


def _fit_one(value: Value, kind: Any) -> Scalar | None:
    if get_origin(kind) is Literal:
        return value.raw if value.raw in get_args(kind) else None
    if kind is str:
        return value.raw
    if kind is float and type(value.value) is int:
        return float(value.value)
    if kind is float and value.raw == "inf":
        return math.inf
    return value.value if type(value.value) is kind else None


def _word(kind: Any) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(f"`{choice}`" for choice in get_args(kind))
    if get_origin(kind) is not tuple:
        return words.get(kind, str(kind))
    inner = [part for part in get_args(kind) if part is not Ellipsis]
    return "a list of " + " / ".join(describe_type(part) for part in inner)


def _example(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return _example(_kinds(get_args(kind)[0])[1][0])
    return _EXAMPLES.get(kind, "...")


def _given(option: Option) -> str:
    if not option.values:
        return "nothing"
    return f"`{','.join(value.span.text for value in option.values)}`"


def _place(option: Option) -> Span:
    if not option.values:
        return option.span
    return option.values[0].span.to(option.values[-1].span)
