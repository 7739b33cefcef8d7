"""The message of `roundtrip-differs`: a dialect of a plug-in has a bug."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.usefixtures("toy_plugin")
def test_message_is_the_expected_one(
    messages: Callable[..., str], golden: Callable[[Path | str, str], None]
) -> None:
    text = messages("--verify-roundtrip", stdin='"toy.lossy"() <{value = 5 : i64}> : () -> ()')
    golden("lossy-op.txt", text)
