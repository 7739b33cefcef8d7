"""Messages of an edge hold each value by its type, and failures apart from values."""

import math

import pytest
from xdsl.ir import Attribute

from kumeo.dialects.data import FLOAT, INT, STR, ListType, MapType, OptionType, RecordType
from kumeo.dialects.messaging import EdgeOp, Field
from kumeo.interp.messaging.wire import Layout
from kumeo.interp.values import Failure

RECORD = RecordType.of({"a": INT, "b": OptionType(STR)})


def carried(
    kind: Attribute, value: object, may_fail: bool = True, codec: str = "msgpack"
) -> object:
    edge = EdgeOp("e", "message", [Field("x", kind, may_fail)])
    edge.put(codec=codec)
    layout = Layout(edge)
    (read,) = layout.read(layout.write([value]))
    return read


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (INT, -(2**63)),
        (OptionType(STR), None),
        (ListType(RECORD), [{"a": 1, "b": None}, {"a": 2, "b": "x"}]),
        (MapType(ListType(FLOAT)), {"k": [0.5, -0.0]}),
    ],
)
def test_value_comes_back(kind: Attribute, value: object) -> None:
    assert carried(kind, value) == value


def test_infinite_number_passes_as_msgpack() -> None:
    assert carried(FLOAT, math.inf) == math.inf


def test_infinite_number_fails_as_json() -> None:
    found = carried(FLOAT, math.inf, codec="json")
    assert isinstance(found, Failure)
    assert found.code == "not-finite"


def test_failure_passes_whole() -> None:
    failure = Failure("timeout", "late", "ask", handled=True)
    assert carried(INT, failure) == failure


def test_failure_without_room_becomes_another_one() -> None:
    found = carried(INT, Failure("timeout", "late"), may_fail=False)
    assert isinstance(found, Failure)
    assert found.code == "invalid-message"


def test_field_that_the_layout_lacks_is_gone() -> None:
    assert carried(RECORD, {"a": 1, "b": None, "c": 3}) == {"a": 1, "b": None}


def test_short_message_gives_failures() -> None:
    layout = Layout(EdgeOp("e", "message", [Field("x", INT), Field("y", INT)]))
    body = layout.write([1, 2])
    one, two = layout.read(body._replace(values=body.values[:1]))
    assert one == 1
    assert isinstance(two, Failure)
