"""The message of `missing-artifact`. A package needs a model file that is not there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.backends.python import Origin, Unprintable, build_python
from kumeo.diagnostics import render_one
from kumeo.tools.sources import compile_file, optimise

EXAMPLE = Path(__file__).parents[3] / "examples/fraud_detection.kumeo"


def test_message_is_the_expected_one(golden: Callable[[Path | str, str], None]) -> None:
    module = compile_file(str(EXAMPLE), None).module
    assert module is not None
    optimise(module, "O2", "messaging")
    with pytest.raises(Unprintable) as refused:
        build_python(module, read_file=lambda path: None, origin=Origin("flow.kumeo", "1"))
    golden("message.txt", render_one(refused.value.diagnostic))
