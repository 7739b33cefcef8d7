"""The files that a pass may read: the tool that runs a pipeline says how.

    with reading(read_file):
        run_pipeline(...)

Outside of a `with` block no file can be read, and a pass that needs one leaves its op alone.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.symbols import SymbolIndex
from kumeo.dialects.workflow import ContextOp, ModelOp

ReadFile = Callable[[str], bytes | None]
"""Returns the content of a file by its path as the workflow writes it, or None."""

_CURRENT: ContextVar[ReadFile | None] = ContextVar("kumeo-read-file", default=None)


@contextmanager
def reading(read_file: ReadFile) -> Generator[None]:
    """Let passes read files inside the `with` block."""
    token = _CURRENT.set(read_file)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def read_path(path: str) -> bytes | None:
    """Return the file at a path, as the workflow writes it, or None."""
    read_file = _CURRENT.get()
    return None if read_file is None else read_file(path)


def current_reader() -> ReadFile | None:
    """Return what reads files here, None outside of a `with` block."""
    return _CURRENT.get()


def read_model(op: Operation, symbol: str) -> bytes | None:
    """Return the file of the model or context that `op` names by a symbol, or None."""
    read_file = _CURRENT.get()
    path = path_of(op, symbol)
    return None if read_file is None or path is None else read_file(path)


def path_of(op: Operation, symbol: str) -> str | None:
    """Return the path of the model or context that `op` names by a symbol, or None."""
    module = op.get_toplevel_object()
    if not isinstance(module, ModuleOp):
        return None
    named = SymbolIndex(module).resolve(op, symbol)
    return named.address.data if isinstance(named, ModelOp | ContextOp) else None
