"""Places of ops from all kinds of locations."""

import pytest
from xdsl.dialects.builtin import (
    CallSiteLoc,
    FileLineColLoc,
    FusedLoc,
    IntAttr,
    LocationAttr,
    NameLoc,
    NoneAttr,
    StringAttr,
    UnknownLoc,
)

from kumeo.analysis.places import point_of_location
from kumeo.diagnostics import Point

HERE = FileLineColLoc(StringAttr("a.kumeo"), IntAttr(3), IntAttr(7))
THERE = FileLineColLoc(StringAttr("b.kumeo"), IntAttr(1), IntAttr(1))
POINT = Point("a.kumeo", 3, 7)


@pytest.mark.parametrize(
    ("location", "point"),
    [
        (HERE, POINT),
        (UnknownLoc(), None),
        (NameLoc(StringAttr("assess"), HERE), POINT),
        (NameLoc(StringAttr("assess"), NoneAttr()), None),
        (FusedLoc((HERE, THERE), NoneAttr()), POINT),
        (FusedLoc((UnknownLoc(), HERE), NoneAttr()), POINT),
        (CallSiteLoc(HERE, THERE), POINT),
    ],
)
def test_point_of_location_is_its_first_file_position(
    location: LocationAttr, point: Point | None
) -> None:
    assert point_of_location(location) == point
