"""Each row of `tests/data/functions.yaml` holds for evaluation and for constant folding."""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from xdsl.ir import Attribute

from kumeo.dialects import data
from kumeo.dialects.data import DataFailure, DataOp
from kumeo.dialects.data.functions import FUNCTIONS
from kumeo.dialects.registry import make_context
from kumeo.dialects.text import KumeoParser

ROWS: list[Any] = yaml.safe_load(
    (Path(__file__).parents[3] / "data" / "functions.yaml").read_text(encoding="utf-8")
)
NAMED = {
    "string": data.STR,
    "int": data.INT,
    "float": data.FLOAT,
    "bool": data.BOOL,
    "timestamp": data.TIME,
    "duration": data.DURATION,
    "bytes": data.BYTES,
    "json": data.JSON,
}
PLAIN = {
    op.name.removeprefix("data."): op
    for op in data.DATA.operations
    if op.name not in ("data.call", "data.cast", "data.get", "data.compare")
}


def type_of(text: str) -> Attribute:
    if text.startswith("!"):
        return KumeoParser(make_context(), text).parse_type()
    if text.endswith("?"):
        return data.OptionType(type_of(text[:-1]))
    if text.startswith("["):
        return data.ListType(type_of(text[1:-1]))
    if text.startswith("{string: "):
        return data.MapType(type_of(text[len("{string: ") : -1]))
    return NAMED[text]


def operation_of(name: str, arguments: list[data.ConstantOp]) -> DataOp:
    name, _, setting = name.partition(" ")
    if name in FUNCTIONS:
        return data.CallOp(name, arguments)
    if name == "cast":
        return data.CastOp(arguments[0], type_of(setting))
    if name == "get":
        return data.GetOp(arguments[0], setting)
    if name == "compare":
        return data.CompareOp(setting, *arguments)
    made = PLAIN[name](*arguments)
    assert isinstance(made, DataOp)
    return made


def label(row: list[Any]) -> str:
    return f"{row[0]} {row[2]}"


@pytest.mark.parametrize(("name", "types", "arguments", "expected"), ROWS, ids=map(label, ROWS))
def test_row(name: str, types: list[str], arguments: list[Any], expected: Any) -> None:
    pairs = zip(arguments, types, strict=True)
    constants = [data.ConstantOp.of(value, type_of(text)) for value, text in pairs]
    op = operation_of(name, constants)
    op.verify()
    code = failure_code(expected)
    if code is not None:
        with pytest.raises(DataFailure) as caught:
            op.evaluate(*arguments)
        assert caught.value.code == code
        assert op.can_fail(), "an operation that fails must say so"
        assert op.fold() is None, "a failing operation is left alone"
        return
    assert repr(op.evaluate(*arguments)) == repr(expected)
    assert repr(folded_value(op)) == repr(expected)


def failure_code(expected: Any) -> str | None:
    return cast(dict[str, Any], expected).get("fails") if isinstance(expected, dict) else None


def folded_value(op: DataOp) -> Any:
    folded = op.fold()
    assert folded is not None, "an operation on constants has a value"
    if isinstance(folded[0], Attribute):
        return data.from_attribute(folded[0], op.result.type)
    constant = folded[0].owner
    assert isinstance(constant, data.ConstantOp)
    return constant.evaluate()


def test_table_every_function_has_a_row() -> None:
    assert set(FUNCTIONS) <= {row[0].partition(" ")[0] for row in ROWS}


def test_table_every_failing_function_is_declared_and_no_other() -> None:
    failing = {row[0] for row in ROWS if failure_code(row[3])}
    declared = {name for name, function in FUNCTIONS.items() if function.can_fail}
    assert failing & set(FUNCTIONS) == declared
