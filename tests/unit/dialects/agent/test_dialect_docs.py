"""Every IR example in the documentation of the dialects is valid."""

import re
from pathlib import Path

import pytest

from kumeo.analysis.text import parse_module
from kumeo.analysis.verify import verify_module
from kumeo.dialects.registry import DIALECTS, make_context

FOLDER = Path(__file__).parents[4] / "docs" / "dialects"
BLOCKS = [
    pytest.param(block, id=f"{name}-{number}")
    for name in ("workflow", "agent", "infer")
    for number, block in enumerate(
        re.findall(r"```mlir\n(.*?)```", (FOLDER / f"{name}.md").read_text(), re.DOTALL)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_example_in_the_documentation_is_valid(block: str) -> None:
    module, found = parse_module(block, "docs.mlir", make_context())
    assert module is not None, found
    assert verify_module(module) == []


@pytest.mark.parametrize("name", ["workflow", "agent", "infer"])
def test_page_names_every_operation(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text()
    missing = [op.name for op in DIALECTS[name]().operations if f"`{op.name}" not in page]
    assert missing == []
