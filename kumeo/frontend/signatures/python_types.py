"""Whether an annotation of Python takes, or gives, the values of a type.

    Score(order: Order) -> float     def score(order: dict) -> float | None

A value goes *in* as what the runtime makes of it: a record is an object with attributes, an enum a
text, a time an integer. What comes *out* is read like JSON: a record may be a class with these
fields or a dictionary. An annotation that cannot be read is `Unknown`; nothing is guessed.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from xdsl.ir import Attribute

from kumeo.dialects.data import (
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
    OptionType,
    RecordType,
    is_nullable,
)
from kumeo.frontend.signatures.python_code import Code, Found, Module

_DEPTH_MAX = 40


class Misfit(NamedTuple):
    """Why an annotation does not fit, below the path of a field."""

    reason: str


class Unknown(NamedTuple):
    """Why nothing is known about an annotation."""

    reason: str


Verdict: TypeAlias = Misfit | Unknown | None
_SCALARS_IN: dict[Attribute, tuple[str, ...]] = {
    STR: ("str",),
    INT: ("int", "float", "complex"),
    FLOAT: ("float", "complex"),
    BOOL: ("bool", "int"),
    TIME: ("int", "Time"),
    DURATION: ("int", "Duration"),
}
_SCALARS_OUT: dict[Attribute, tuple[str, ...]] = {
    STR: ("str",),
    INT: ("int",),
    FLOAT: ("float", "int"),
    BOOL: ("bool",),
    TIME: ("str", "datetime", "Time"),
    DURATION: ("int", "float", "Duration", "timedelta"),
}
"""Annotations that take or give a scalar, by their last names."""
_LISTS_IN = ("list", "List", "Sequence", "Iterable", "Collection", "Reversible", "MutableSequence")
_LISTS_OUT = (*_LISTS_IN, "tuple", "Tuple", "set", "Set", "frozenset", "FrozenSet")
_MAPS = ("dict", "Dict", "Mapping", "MutableMapping")
_ANYTHING = ("Any", "object", "Json")
_PLAIN = frozenset(
    {"str", "int", "float", "bool", "bytes", "complex", "None", "datetime", "timedelta", "date"}
    | {"Time", "Duration", *_LISTS_OUT, *_MAPS}
)
_MODELS = ("BaseModel", "Struct", "TypedDict", "NamedTuple", "Protocol", "Record")
_ENUMS = ("Enum", "StrEnum", "IntEnum", "Flag")
_WRAPPERS = ("Annotated", "Final", "Required", "NotRequired", "ReadOnly", "ClassVar")
_AWAITED = ("Awaitable", "Coroutine")


@dataclass(frozen=True)
class Annotations:
    """Compares annotations with types; `is_in` for values that go into the code."""

    code: Code
    is_in: bool

    def compare(self, node: ast.expr, module: Module, wanted: Attribute, depth: int = 0) -> Verdict:
        """Return why an annotation does not fit a type, or None. Raises: BrokenCode."""
        if depth > _DEPTH_MAX:
            return Unknown("its types are nested too deeply")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError):
                return Unknown(f"`{node.value}` is no annotation")
        parts = self._members(node, module)
        if any(_last(part) in _ANYTHING for part in parts) or wanted == JSON:
            return None
        has_null = any(_is_none(part) for part in parts)
        parts = [part for part in parts if not _is_none(part) and _last(part) != "Failure"]
        if self.is_in and is_nullable(wanted) and not has_null:
            return Misfit(f"{_shown(node)} does not take null")
        if has_null and not self.is_in and not is_nullable(wanted):
            return Misfit(f"{_shown(node)} may be None")
        inner = wanted.inner if isinstance(wanted, OptionType) else wanted
        return self._any_of(parts, module, inner, depth, node)

    def _any_of(
        self,
        parts: Sequence[ast.expr],
        module: Module,
        wanted: Attribute,
        depth: int,
        node: ast.expr,
    ) -> Verdict:
        """In: one member takes the value. Out: each member is one."""
        if not parts:
            return None if not self.is_in else Misfit(f"{_shown(node)} takes nothing")
        found = [self._one(part, module, wanted, depth + 1) for part in parts]
        misfits = [each for each in found if isinstance(each, Misfit)]
        unknown = next((each for each in found if isinstance(each, Unknown)), None)
        if self.is_in:
            return None if None in found else unknown or misfits[0]
        return misfits[0] if misfits else unknown

    def _members(self, node: ast.expr, module: Module) -> list[ast.expr]:
        """Return the members of `A | B`, `Union[…]`, `Optional[…]`; anything else is one."""
        match node:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return [*self._members(left, module), *self._members(right, module)]
            case ast.Subscript(value=base, slice=inner) if _last(base) == "Optional":
                return [*self._members(inner, module), ast.Constant(None)]
            case ast.Subscript(value=base, slice=ast.Tuple(elts=parts)) if _last(base) == "Union":
                return [member for part in parts for member in self._members(part, module)]
            case ast.Subscript(value=base, slice=inner) if _last(base) in _WRAPPERS:
                first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                return self._members(first, module)
            case _:
                return [node]

    def _one(self, node: ast.expr, module: Module, wanted: Attribute, depth: int) -> Verdict:
        if isinstance(node, ast.Subscript):
            return self._generic(node, module, wanted, depth)
        name = _last(node)
        if not name:
            return Unknown(f"`{_shown_plain(node)}` is no plain annotation")
        if name in _PLAIN and name not in module.names:
            return self._plain(name, node, wanted)
        found = self._resolved(node, module)
        if found is None:
            return Unknown(f"`{name}` is not known here")
        if isinstance(found.node, ast.ClassDef):
            return self._class(found.node, found.module, wanted, depth)
        if isinstance(found.node, ast.expr):
            return self.compare(found.node, found.module, wanted, depth)
        return Unknown(f"`{name}` comes from another package")

    def _resolved(self, node: ast.expr, module: Module) -> Found | None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            where = module.imports.get(node.value.id)
            inner = self.code.module(where[0]) if where and not where[1] else None
            return self.code.find(inner, node.attr) if inner else Found(None, module)
        if isinstance(node, ast.Name):
            return self.code.find(module, node.id)
        return Found(None, module)

    def _plain(self, name: str, node: ast.expr, wanted: Attribute) -> Verdict:
        known = _SCALARS_IN if self.is_in else _SCALARS_OUT
        match wanted:
            case ListType():
                fits = name in (_LISTS_IN if self.is_in else _LISTS_OUT)
            case MapType():
                fits = name in _MAPS
            case RecordType():
                fits = name in _MAPS and not self.is_in
            case EnumType():
                fits = name == "str"
            case _ if wanted in known:
                fits = name in known[wanted]
            case _:
                fits = name in ("bytes", "str")
        return None if fits else self._misfit(node)

    def _misfit(self, node: ast.expr) -> Misfit:
        return Misfit(f"{_shown(node)} {'takes' if self.is_in else 'gives'} something else")

    def _generic(
        self, node: ast.Subscript, module: Module, wanted: Attribute, depth: int
    ) -> Verdict:
        name = _last(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Literal":
            return self._literal(node, inner, wanted)
        if name in _AWAITED and not self.is_in:
            return self.compare(inner[-1], module, wanted, depth)
        if name in _LISTS_OUT:
            if not isinstance(wanted, ListType) or (self.is_in and name not in _LISTS_IN):
                return self._misfit(node)
            return self.compare(inner[0], module, wanted.item, depth)
        if name in _MAPS and isinstance(wanted, MapType):
            return self.compare(inner[-1], module, wanted.value, depth)
        if name in _MAPS:
            fits = isinstance(wanted, RecordType) and not self.is_in
            return None if fits else self._misfit(node)
        return Unknown(f"`{_shown_plain(node)}` is no type that is known here")

    def _literal(self, node: ast.expr, parts: Sequence[ast.expr], wanted: Attribute) -> Verdict:
        given = [part.value for part in parts if isinstance(part, ast.Constant)]
        if wanted == STR and not self.is_in:
            return None if all(isinstance(each, str) for each in given) else self._misfit(node)
        if not isinstance(wanted, EnumType):
            return Unknown(f"{_shown(node)} is a set of values")
        smaller, larger = (wanted.names, given) if self.is_in else (given, wanted.names)
        missing = [each for each in smaller if each not in larger]
        side = "does not take" if self.is_in else "may give"
        return Misfit(f'{_shown(node)} {side} "{missing[0]}"') if missing else None

    def _class(self, node: ast.ClassDef, module: Module, wanted: Attribute, depth: int) -> Verdict:
        bases = [_last(base) for base in node.bases]
        if any(base in _ENUMS for base in bases):
            fits = isinstance(wanted, EnumType) or (wanted == STR and "StrEnum" in bases)
            return Unknown(f"`{node.name}` is an enum of Python") if fits else self._enum(node)
        if not isinstance(wanted, RecordType):
            return Misfit(f"`{node.name}` is a class with fields")
        if self.is_in and "TypedDict" in bases:
            return Misfit(f"`{node.name}` is a dictionary, and a record has attributes")
        fields = self._fields(node, module, 0)
        if fields is None:
            return Unknown(f"the fields of `{node.name}` cannot be read")
        return self._record(node.name, fields, wanted, depth)

    def _enum(self, node: ast.ClassDef) -> Misfit:
        return Misfit(f"`{node.name}` is an enum")

    def _record(
        self,
        name: str,
        fields: dict[str, tuple[ast.expr, Module, bool]],
        wanted: RecordType,
        depth: int,
    ) -> Verdict:
        known = dict(zip(wanted.names, wanted.types, strict=True))
        unknown: Unknown | None = None
        for field, (annotation, module, has_default) in fields.items():
            if field not in known:
                if self.is_in and not has_default:
                    return Misfit(f"`{name}` has the field `{field}`, which the record lacks")
                continue
            verdict = self.compare(annotation, module, known[field], depth)
            if isinstance(verdict, Misfit):
                return Misfit(f"the field `{field}` of `{name}`: {verdict.reason}")
            unknown = unknown or verdict
        lacking = [n for n, kind in known.items() if n not in fields and not is_nullable(kind)]
        if lacking and not self.is_in:
            return Misfit(f"`{name}` has no field `{lacking[0]}`")
        return unknown

    def _fields(
        self, node: ast.ClassDef, module: Module, depth: int
    ) -> dict[str, tuple[ast.expr, Module, bool]] | None:
        """Return the fields of a class with those of its bases; None when some are not seen."""
        found: dict[str, tuple[ast.expr, Module, bool]] = {}
        for base in node.bases:
            if _last(base) in (*_MODELS, "object", "ABC", "Generic"):
                continue
            above = self._resolved(base, module) if depth < _DEPTH_MAX else None
            if above is None or not isinstance(above.node, ast.ClassDef):
                return None
            inherited = self._fields(above.node, above.module, depth + 1)
            if inherited is None:
                return None
            found |= inherited
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    if _outer(annotation) != "ClassVar":
                        found[name] = (annotation, module, value is not None)
                case ast.FunctionDef(name=name, returns=ast.expr() as annotation) if any(
                    _last(each) == "property" for each in statement.decorator_list
                ):
                    found[name] = (annotation, module, False)
                case _:
                    pass
        return found or None


def _outer(node: ast.expr) -> str:
    return _last(node.value if isinstance(node, ast.Subscript) else node)


def _last(node: ast.expr) -> str:
    """Return the last name of `a.b.C`, or nothing."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=base):
            return _last(base)
        case _:
            return ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _shown_plain(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "…"


def _shown(node: ast.expr) -> str:
    return f"`{_shown_plain(node)}`"
