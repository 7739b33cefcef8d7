"""`docs/passes/`: every pass has a page, made from its code and from an example that is run."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from xdsl.context import Context
from xdsl.ir import Operation

from kumeo.passes.base import OpPass
from kumeo.passes.registry import PASSES, load_pass
from kumeo.testing.pass_pages import (
    Example,
    first_example,
    index_markdown,
    option_texts,
    page_markdown,
    statistics_of,
)

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "passes"
CASES = ROOT / "tests" / "filecheck" / "passes"


@cache
def example_of(name: str) -> Example | None:
    files = (CASES / f"{name}{suffix}" for suffix in (".mlir", ".kumeo"))
    return next((found for file in files if (found := first_example(name, file))), None)


@pytest.mark.parametrize("name", sorted(PASSES))
def test_page_of_pass_is_up_to_date(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(PAGES / f"{name}.md", page_markdown(name, PASSES[name](), example_of(name)))


def test_index_is_up_to_date(golden: Callable[[Path, str], None]) -> None:
    passes = {name: (load(), example_of(name)) for name, load in PASSES.items()}
    golden(PAGES / "README.md", index_markdown(passes))


def test_pages_belong_to_a_pass() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} <= set(PASSES)


@pytest.mark.parametrize("name", sorted(PASSES))
def test_pass_options_are_documented(name: str) -> None:
    cls = PASSES[name]()
    own = {option.name for option in fields(cls)} & set(cls.__annotations__)
    undocumented = own - set(option_texts(cls))
    assert undocumented - {"name"} == set()


@dataclass(frozen=True)
class ShoutPass(OpPass):
    """Make texts loud."""

    name = "shout"
    changes_meaning: ClassVar[bool] = True

    how: Literal["loud", "louder"] = "loud"
    """How much, `|` included."""

    def apply_to(self, ctx: Context, root: Operation) -> None:
        self.count("texts" if root.regions else "nothing")


def test_page_tells_what_the_class_says() -> None:
    page = page_markdown("shout", ShoutPass, None)
    assert "| `how` | one of `loud`, `louder` | `loud` | How much, `\\|` included. |" in page
    assert "It changes what workflows do" in page
    assert "- texts\n- nothing\n" in page


def test_statistics_of_cse_are_found() -> None:
    assert statistics_of(PASSES["cse"]()) == ["ops joined"]


def test_example_is_the_first_case_run(tmp_path: Path) -> None:
    file = tmp_path / "cse.mlir"
    file.write_text(
        "// RUN: kumeo-opt %s --split-input-file -p cse,cse | filecheck %s\n"
        "// RUN: kumeo-opt %s --split-input-file -p cse | filecheck %s\n\n"
        "// Equal things\n// are joined.\n// CHECK: x\n%a = data.constant 1 : i64\n"
        "%b = data.constant 1 : i64\n%c = data.add %a, %b : i64\n// -----\nnonsense\n"
    )
    found = first_example("cse", file)
    assert found is not None
    assert found.caption == "Equal things are joined."
    assert (found.before.count("constant"), found.after.count("constant")) == (2, 1)
    assert found.command == "kumeo-opt case.mlir -p cse"


def test_example_without_a_run_of_the_pass_alone_is_none(tmp_path: Path) -> None:
    file = tmp_path / "cse.mlir"
    file.write_text("// RUN: kumeo-opt %s -p dce,cse | filecheck %s\n%a = data.now\n")
    assert first_example("cse", file) is None


def test_page_fences_indented_blocks_of_the_docstring() -> None:
    page = page_markdown("cse", PASSES["cse"](), None)
    assert re.search(r"```text\n%a = data\.len %text : i64\n.*\n```", page)


def test_page_of_a_pass_whose_options_change_meaning_tells_that() -> None:
    page = page_markdown("layout-prompts", load_pass("layout-prompts"), None)
    assert "Some options change what workflows do; no pipeline sets them by default." in page
    assert "so no pipeline has it" not in page
