"""The codes of failures: the pages name each one that the runtime makes."""

import re
from pathlib import Path
from typing import get_args

import pytest
from kumeo_runtime.llm.api import FaultCode

ROOT = Path(__file__).parents[3]
MADE = re.compile(r'(?:Fault|Failure)\(\s*"([a-z-]+)"')
TOLD = re.compile(r"`([a-z-]+)`")
INNER = {"invalid-arguments", "no-failure", "ambiguous"}
"""What only a model is told, what stands for no failure, and what becomes `invalid-answer`."""


def told_in(page: str, heading: str) -> set[str]:
    """Return the codes in the table of a section."""
    text = (ROOT / "docs" / page).read_text().partition(f"\n## {heading}\n")[2]
    rows = [row for row in text.partition("\n## ")[0].splitlines() if row.startswith("| `")]
    return {code for row in rows for code in TOLD.findall(row.split("|")[1])}


def made_by_the_runtime() -> set[str]:
    """Return the codes of failures in the modules of the runtime."""
    modules = (ROOT / "runtime" / "python" / "kumeo_runtime").rglob("*.py")
    texts = [path.read_text() for path in modules if "testing" not in path.parts]
    return {code for text in texts for code in MADE.findall(text)}


@pytest.mark.parametrize("code", sorted(made_by_the_runtime() - INNER))
def test_code_of_the_runtime_stands_in_the_language(code: str) -> None:
    assert code in told_in("language/07-meaning.md", "11. Codes of failures")


@pytest.mark.parametrize("code", [*get_args(FaultCode), "too-many-steps", "result-too-large"])
def test_code_of_language_models_stands_on_both_pages(code: str) -> None:
    assert code in told_in("language/07-meaning.md", "11. Codes of failures")
    assert code in told_in("runtime/language-models.md", "Failures")
