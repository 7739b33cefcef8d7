"""Pictures of whole workflows. Look at a changed `.svg` in a browser before you take it."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.tools.kumeo import run

HERE = Path(__file__).parent
FORMS = {"svg": "svg", "mermaid": "mmd", "dot": "dot"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.kumeo")))
def test_picture_is_the_expected_one(
    name: str, form: str, golden: Callable[[Path | str, str], None]
) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(HERE):
        code = run(["graph", f"{name}.kumeo", "--format", form], "", out, err)
    assert code == 0, err.getvalue()
    golden(f"{name}.{FORMS[form]}", out.getvalue())
