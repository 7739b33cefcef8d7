"""The message of `permission-denied`. A user without the permission to make streams."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_message_is_the_expected_one(
    scene: Any, server: Callable[[dict[str, Any]], str], golden: Callable[[Path | str, str], None]
) -> None:
    user = {"user": "u", "password": "p", "permissions": {"publish": ["$JS.API.INFO"]}}
    url = server(
        {
            "authorization": {"users": [user]},
            "jetstream": {"store_dir": str(scene.folder / "js")},
        }
    )
    golden("message.txt", scene.run("--nats", url.replace("//", "//u:p@")))
