"""The message of `internal-error`: a part of the tool is made to fail."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest


def test_message_is_the_expected_one(
    messages: Callable[..., str],
    golden: Callable[[Path | str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("kumeo.tools.kumeo_opt.read_input", fail)
    text = re.sub(r"error-[0-9a-f]+", "error-HASH", messages())
    golden("zero-division.txt", text)
