"""Short ways to see what a reader found."""

from collections.abc import Callable

import pytest

from kumeo.diagnostics import Diagnostic, Point

HERE = Point("flow.kumeo", 3, 9)


@pytest.fixture
def here() -> Point:
    return HERE


@pytest.fixture
def messages() -> Callable[[list[Diagnostic]], list[str]]:
    """Return each diagnostic as `code line:column reason`."""
    return lambda diagnostics: [line_of(d) for d in diagnostics]


def line_of(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    assert place is not None
    reason = diagnostic.headline.split("used: ", 1)[-1].split("open: ", 1)[-1]
    return f"{diagnostic.code} {place.line}:{place.column} {reason}"
