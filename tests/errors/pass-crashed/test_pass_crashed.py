"""The message of `pass-crashed`: a pass of a plug-in has a bug."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.usefixtures("toy_plugin")
def test_message_is_the_expected_one(
    messages: Callable[..., str], golden: Callable[[Path | str, str], None], tmp_path: Path
) -> None:
    text = messages("-p", "toy-crash", "--crash-reproducer", str(tmp_path / "crash.mlir"))
    golden("key-error.txt", text)
