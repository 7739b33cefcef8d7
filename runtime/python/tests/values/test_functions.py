"""Each row of `tests/data/functions.yaml` holds for the functions of the runtime.

A failure has the message that the compiler's meaning of the operation has, too.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from kumeo_runtime import functions as f
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.testing.kinds import type_of
from kumeo_runtime.values import Duration, Failure, Time
from xdsl.ir import Attribute

from kumeo.dialects import data
from kumeo.dialects.data import ConstantOp, DataFailure
from kumeo.dialects.data.functions import FUNCTIONS as LIBRARY
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser

DATA = Path(__file__).parents[4] / "tests" / "data"
FUNCTIONS: list[Any] = yaml.safe_load((DATA / "functions.yaml").read_text(encoding="utf-8"))
PRINTED = {"and", "or", "not", "select", "some", "is_some", "coalesce", "concat"}
"""Operations that are Python expressions in the printed code."""


def is_function(row: list[Any]) -> bool:
    name, types = row[0], row[1]
    if name.startswith("cast "):
        return "json" in (name[5:], types[0]) or (name[5:], types[0]) in CASTS
    if name.startswith("get ") or name == "len":
        return types[0] == "json"
    return name not in PRINTED and (not name.startswith("compare") or function(row) is not None)


CASTS = {
    ("int", "float"): f.truncate,
    ("timestamp", "string"): f.timestamp,
    ("string", "timestamp"): f.time_text,
}


def function(row: list[Any]) -> Any:
    name, types = row[0], row[1]
    word, _, setting = name.partition(" ")
    match word:
        case "cast" if types[0] == "json":
            return f.FromJson[Any](type_of(setting))
        case "cast" if setting == "json":
            return f.ToJson(type_of(types[0]))
        case "cast":
            return CASTS[setting, types[0]]
        case "compare":
            return comparison(setting, types[0])
        case "get":
            return lambda base: f.get_json(base, setting)
        case "index" if types[0].startswith("{"):
            return f.lookup
        case "sum":
            return lambda items: f.sum(items, ZEROS[types[0]])
        case _:
            return OF_JSON[word] if word in OF_JSON and types[0] == "json" else getattr(f, word)


OF_JSON: dict[str, Any] = {
    "len": f.length_json,
    "index": f.index_json,
    "contains": f.contains_json,
    "to_string": f.json_text,
}
ZEROS: dict[str, Any] = {"[int]": 0, "[float]": 0.0, "[duration]": Duration(0)}


def comparison(predicate: str, type: str) -> Any:
    if predicate == "eq":
        return f.equal
    if not type.startswith("!data.enum"):
        return None
    names = shape_of(type_of(type)).names
    is_less = predicate == "lt"
    return lambda a, b: (f.rank(a, names) < f.rank(b, names)) is is_less and a != b


def value_of(plain: Any, type: Any) -> Any:
    """Return the value of plain data with microseconds, as the tables have them."""
    shape = shape_of(type)
    if plain is None or shape.kind in ("json", "enum"):
        return plain
    match shape.kind:
        case "option":
            return value_of(plain, shape.inner)
        case "list":
            return [value_of(item, shape.inner) for item in plain]
        case "map":
            return {key: value_of(item, shape.inner) for key, item in plain.items()}
        case "record":
            return type(**{e.name: value_of(plain[e.name], e.type) for e in fields_of(type)})
        case _:
            return shape.type(plain) if shape.type in (Time, Duration) else plain


def plain_of(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: plain_of(getattr(value, name)) for name in value.__struct_fields__}
    return value


ROWS = [row for row in FUNCTIONS if is_function(row)]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[2]}" for row in ROWS])
def test_function_row(row: list[Any]) -> None:
    types = [type_of(text) for text in row[1]]
    arguments = [value_of(plain, type) for plain, type in zip(row[2], types, strict=True)]
    result = function(row)(*arguments)
    expected = row[3]
    if isinstance(expected, dict) and "fails" in expected:
        assert isinstance(result, Failure)
        assert result.code == expected["fails"]
        assert result.message == message_of_the_compiler(row)
        return
    assert repr(plain_of(result)) == repr(expected)


def test_function_table_covers_every_function() -> None:
    words = {row[0].partition(" ")[0] for row in ROWS}
    library = {row[0] for row in FUNCTIONS if " " not in row[0]} - PRINTED
    assert library <= words


def message_of_the_compiler(row: list[Any]) -> str:
    """Return what the meaning of the dialect says about a failing row."""
    operands = [ConstantOp.of(v, ir_type(t)) for v, t in zip(row[2], row[1], strict=True)]
    with pytest.raises(DataFailure) as caught:
        operation_of(row[0], operands).evaluate(*row[2])
    return caught.value.message


def operation_of(name: str, operands: list[ConstantOp]) -> data.DataOp:
    word, _, setting = name.partition(" ")
    if word in LIBRARY:
        return data.CallOp(word, operands)
    if word == "cast":
        return data.CastOp(operands[0], ir_type(setting))
    if word == "get":
        return data.GetOp(operands[0], setting)
    (found,) = [op for op in data.DATA.operations if op.name == f"data.{word}"]
    made = found(*operands)
    assert isinstance(made, data.DataOp)
    return made


def ir_type(text: str) -> Attribute:
    if text.endswith("?"):
        return data.OptionType(ir_type(text[:-1]))
    if text.startswith("["):
        return data.ListType(ir_type(text[1:-1]))
    if text.startswith("{"):
        return data.MapType(ir_type(text[len("{string: ") : -1]))
    return KumeoParser(make_context(), NAMES.get(text, text)).parse_type()


NAMES = {
    "string": "!data.str",
    "int": "i64",
    "float": "f64",
    "bool": "i1",
    "timestamp": "!data.time",
    "duration": "!data.duration",
    "bytes": "!data.bytes",
    "json": "!data.json",
}
