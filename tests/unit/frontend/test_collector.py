"""The garbage collector is left as it was found."""

import gc
from collections.abc import Iterator

import pytest

from kumeo.frontend.collector import without_gc


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_without_gc_collects_nothing_inside_and_goes_on_after() -> None:
    with without_gc():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_without_gc_error_goes_on_after() -> None:
    with pytest.raises(KeyError), without_gc():
        raise KeyError
    assert gc.isenabled()


def test_without_gc_nested_stays_off_until_the_outer_ends() -> None:
    with without_gc():
        with without_gc():
            pass
        assert not gc.isenabled()


def test_without_gc_already_off_stays_off() -> None:
    gc.disable()
    with without_gc():
        pass
    assert not gc.isenabled()
