"""The message of `recording-failed`. A person is asked, and the test says no decision."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

TEST = """
test "a large order" for Orders {
  given: { id: "1", amount: 500.0 }
  expect: { large: [{}] }
}
"""


def test_message_is_the_expected_one(scene: Any, golden: Callable[[Path | str, str], None]) -> None:
    flow = scene.folder / "orders.kumeo"
    flow.write_text(flow.read_text() + TEST)
    golden("message.txt", scene.kumeo("test", "orders.kumeo", "--record"))
