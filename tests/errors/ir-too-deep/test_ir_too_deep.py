"""The message of `ir-too-deep`: one output form follows attributes less deep than the parser."""

from collections.abc import Callable
from pathlib import Path


def test_message_is_the_expected_one(
    messages: Callable[..., str], golden: Callable[[Path | str, str], None]
) -> None:
    deep = "[" * 900 + "1 : i64" + "]" * 900
    text = messages("-t", "json", stdin=f'"test.op"() {{a = {deep}}} : () -> ()')
    golden("deep-attribute.txt", text)
