"""`without_gc`: no search for garbage while a tree or a module grows."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_gc() -> Generator[None]:
    """Stop the garbage collector of this process for a while.

    Nearly all that the frontend or a pass makes is still needed when it ends. To walk it again and
    again in search of garbage costs a fifth of the time and more, and grows faster than the
    program.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
