"""The message of `pass-broke-ir`: a pass of a plug-in has a bug."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.usefixtures("toy_plugin")
def test_message_is_the_expected_one(
    messages: Callable[..., str], golden: Callable[[Path | str, str], None]
) -> None:
    text = messages("-p", "toy-break")
    golden("wrong-constant.txt", text)
