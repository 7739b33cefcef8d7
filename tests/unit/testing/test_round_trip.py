"""Random modules survive printing and parsing, in custom and generic form, with their places."""

import pytest
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr

from kumeo.analysis.text import parse_module, print_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.registry import make_context
from kumeo.testing.generator import random_module


def placed(module: ModuleOp) -> ModuleOp:
    """Give every op a place of its own."""
    for line, op in enumerate(module.walk(), 1):
        op.location = FileLineColLoc(StringAttr("flow.kumeo"), IntAttr(line), IntAttr(1))
    return module


@pytest.mark.parametrize("generic", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_random_module_round_trip_is_the_same_text(seed: int, generic: bool) -> None:
    module = placed(random_module(seed, 12))
    text = print_module(module, generic=generic, locations=True)
    again, found = parse_module(text, "random.mlir", make_context())
    assert list(found) == []
    assert again is not None
    assert verify_module(again) == []
    assert print_module(again, generic=generic, locations=True) == text


@pytest.mark.parametrize("seed", range(25, 35))
def test_generic_form_reads_back_as_the_custom_form(seed: int) -> None:
    module = random_module(seed, 12)
    custom = print_module(module, locations=False)
    generic = print_module(module, generic=True, locations=False)
    again, found = parse_module(generic, "random.mlir", make_context())
    assert list(found) == []
    assert again is not None
    assert print_module(again, locations=False) == custom
