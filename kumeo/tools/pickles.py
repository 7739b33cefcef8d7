"""Opens pickles when the user says so: `--allow-pickle`, in a process of its own with limits.

A pickle runs what its author put in it. The process has no network and starts no program (a filter
of the kernel, so Linux only), little memory and time, and can write to no file. It answers with the
same model as a skops file, which is plain data: it is read like any other, and trusted no more.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import click

from kumeo.tools.files import PICKLES

TIME_S = 60
ANSWER_MAX = 1 << 30

_CHILD = Path(__file__).with_name("pickle_child.py")
_ALLOWED: ContextVar[bool] = ContextVar("kumeo-allow-pickle", default=False)
_HELP = "Open scikit-learn models in pickles, in a process of their own. They run code!"
_Command = TypeVar("_Command", bound=Callable[..., Any])


class PickleError(Exception):
    """A pickle could not be opened; the text says why."""


@contextmanager
def allowing_pickles() -> Generator[None]:
    """Let files be opened that are pickles, inside the `with` block."""
    token = _ALLOWED.set(True)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def allow_pickle_option(command: _Command) -> _Command:
    """Give a command the option `--allow-pickle`."""
    option = click.option(
        "--allow-pickle", is_flag=True, expose_value=False, callback=_allow, help=_HELP
    )
    return option(command)


def _allow(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.with_resource(allowing_pickles())
    return value


def is_allowed_pickle(path: str, data: bytes) -> bool:
    """Return whether a file is a pickle and the user wants it opened."""
    return _ALLOWED.get() and path.lower().endswith(PICKLES) and not data.startswith(b"PK")


@lru_cache(maxsize=8)
def unpickled(data: bytes, time_s: float = TIME_S) -> bytes:
    """Return the model of a pickle as a skops file. Raises: PickleError."""
    if sys.platform != "linux":
        raise PickleError("pickles are opened on Linux only: convert it with `skops.io.dump`")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(_CHILD)],
                input=data,
                capture_output=True,
                timeout=time_s,
                cwd=folder,
                env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HOME": folder},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PickleError(f"opening it took more than {time_s:g} s") from None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1][:200] if lines else f"its process ended with {done.returncode}"
        raise PickleError(f"the pickle cannot be opened: {reason}")
    if len(done.stdout) > ANSWER_MAX:
        raise PickleError("the model in it is larger than 1 GiB")
    return done.stdout
