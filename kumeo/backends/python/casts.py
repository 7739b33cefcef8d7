"""Casts as Python expressions, by the table of `kumeo.dialects.data.casts`."""

from xdsl.ir import Attribute

from kumeo.backends.python.code import (
    OR,
    Expr,
    attribute,
    call,
    choice,
    literal,
    name,
    total,
    tupled,
)
from kumeo.backends.python.literals import is_null, record_expr
from kumeo.backends.python.module import Module
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    INT,
    STR,
    TIME,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.data.casts import holds_float


def cast_expr(value: Expr, source: Attribute, target: Attribute, module: Module) -> Expr:
    """Return a value as another type, by the table of `casts.py`."""
    if source == target:
        return value
    if isinstance(target, JsonType):
        return _to_json(value, source, module)
    if isinstance(source, JsonType):
        return call(module.reader(target), [value], fails=True)
    if isinstance(target, OptionType):
        return _to_option(value, source, target, module)
    match source, target:
        case ListType(), ListType():
            item = cast_expr(name("item"), source.item, target.item, module)
            return _each("[", "]", item, "item", value, "settled")
        case MapType(), MapType():
            item = cast_expr(name("item"), source.value, target.value, module)
            text = Expr(f"{value.at(9)}.items()").guarded(value)
            return _each("{key: ", "}", item, "key, item", text, "settled_map")
        case RecordType(), RecordType():
            return _to_record(value, source, target, module)
        case _:
            return _scalar_cast(value, source, target)


def _each(opening: str, close: str, item: Expr, names: str, items: Expr, settle: str) -> Expr:
    text = f"{opening}{total(item).text} for {names} in {items.at(OR)}{close}"
    if not item.may_fail:
        return Expr(text, guards=items.guards, is_vague=True)
    return Expr(f"{settle}({text})", guards=items.guards, fails=True, is_vague=True)


def _to_json(value: Expr, source: Attribute, module: Module) -> Expr:
    if _is_json_already(source):
        return value
    return call(module.writer(source), [value], fails=holds_float(source))


def _is_json_already(kind: Attribute) -> bool:
    match kind:
        case OptionType():
            return _is_json_already(kind.inner)
        case ListType():
            return _is_json_already(kind.item)
        case MapType():
            return _is_json_already(kind.value)
        case _:
            return kind in (BOOL, INT, STR) or isinstance(kind, EnumType | JsonType)


def _to_option(value: Expr, source: Attribute, target: OptionType, module: Module) -> Expr:
    if not isinstance(source, OptionType):
        return cast_expr(value, source, target.inner, module)
    inner = cast_expr(value, source.inner, target.inner, module)
    if inner is value:
        return value
    found = choice(is_null(value), literal(None), inner)
    return Expr(found.text, found.level, None, value.guards, inner.fails, inner.is_vague)


def _to_record(value: Expr, source: RecordType, target: RecordType, module: Module) -> Expr:
    fields: dict[str, Expr] = {}
    for part, wanted in target.fields:
        found = source.field(part)
        if found is None:
            fields[part] = literal(None)
            continue
        base = attribute(value, module.types.attribute_of(source, part))
        fields[part] = cast_expr(base, found, wanted, module)
    if any(part.fails for part in fields.values()):
        return call(module.caster(source, target), [value], fails=True)
    return record_expr(target, fields, module)


def _scalar_cast(value: Expr, source: Attribute, target: Attribute) -> Expr:
    if target == FLOAT:
        return call("float", [value])
    if target == INT:
        return call("f.truncate", [value], fails=True)
    if isinstance(target, EnumType):
        if isinstance(source, EnumType) and set(source.names) <= set(target.names):
            return value
        names = tupled([literal(each) for each in target.names])
        found = call("f.enum_of", [value, names], fails=True)
        return Expr(found.text, found.level, found.call, found.guards, True, is_vague=True)
    if target == TIME:
        return call("f.timestamp", [value], fails=True)
    return call("f.time_text", [value]) if source == TIME else value
