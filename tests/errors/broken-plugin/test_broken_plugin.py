"""The message of `broken-plugin`: packages are installed that are broken."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.usefixtures("broken_plugins")
def test_message_is_the_expected_one(
    messages: Callable[..., str], golden: Callable[[Path | str, str], None]
) -> None:
    text = messages("--list-passes")
    golden("all-kinds.txt", text)
