"""Which explanation a file gets: its ending and its first bytes tell what it is."""

import gzip
import os
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kumeo.diagnostics import Diagnostic, nearest
from kumeo.tools.files import FolderFiles
from kumeo.tools.io import Stdin, nearest_file
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo.backends.explain import Explanation

GZIP_MAX = 256 << 20
"""A packed network that unpacks to more is refused."""


class Asked(NamedTuple):
    """The options of the command line that ask a network."""

    query: str | None
    evidence: tuple[str, ...]
    optional: tuple[str, ...]


Found: TypeAlias = "tuple[Explanation | None, tuple[Diagnostic, ...]]"
Tell: TypeAlias = Callable[[str], None]
Reader: TypeAlias = Callable[[bytes, str, Asked], Found]


def _quiet(text: str) -> None:
    """Show nothing."""


def explain_file(path: str, asked: Asked, stdin: Stdin, tell: Tell) -> Found:
    """Return the explanation of a file, or why there is none; `tell` shows what takes long."""
    if path == "-" or path.endswith(".kumeo"):
        from kumeo.tools.explaining_flows import explain_flow

        _refuse_question(asked)
        return explain_flow(path, stdin)
    data = _read(path)
    if isinstance(data, Diagnostic):
        return None, (data,)
    name = path.lower()
    if name.endswith(".gz"):
        data, name = _unpacked(data), name[: -len(".gz")]
    reader = _READERS.get(os.path.splitext(name)[1])
    if reader is None:
        endings = ", ".join(sorted(_READERS))
        raise UsageError(f"`{path}` has no known ending", f"files end with .kumeo, {endings}")
    if asked.query is None and (asked.evidence or asked.optional):
        raise UsageError("evidence without a question", "add `--query VARIABLE`")
    if reader is _network:
        return _network(data, path, asked, tell)
    _refuse_question(asked)
    return reader(data, path, asked)


def _refuse_question(asked: Asked) -> None:
    if asked != Asked(None, (), ()):
        raise UsageError("only a Bayesian network can be asked", "leave out `--query`")


def _read(path: str) -> bytes | Diagnostic:
    """Return the bytes of a regular file of a sane size, or why there are none."""
    from kumeo.tools.errors import CannotRead

    files, name = FolderFiles.beside(path), os.path.basename(path)
    data = files.read(name)
    if data is not None:
        return data
    missing = "no such file or directory" if not os.path.exists(path) else "permission denied"
    return CannotRead(None, path, files.refused.get(name, missing), nearest_file(path))


def _unpacked(data: bytes) -> bytes:
    """Return the content of a gzip file; its reader refuses a damaged one, which stays as it is."""
    import io

    try:
        with gzip.open(io.BytesIO(data)) as stream:
            return stream.read(GZIP_MAX)
    except (OSError, EOFError, zlib.error):
        return data


def _network(data: bytes, path: str, asked: Asked, tell: Tell = _quiet) -> Found:
    from kumeo.backends.explain.networks import Question, explain_network
    from kumeo.frontend.signatures import read_network

    tell(f"reading {path}")
    network, found = read_network(data, path, None)
    if network is None:
        return None, tuple(found)
    if asked.query is None:
        return explain_network(network, path, None, tell), ()
    faults = tuple(_wrong_names(asked, network.variables))
    if faults:
        return None, faults
    evidence = tuple(dict.fromkeys((*asked.evidence, *asked.optional)))
    question = Question(asked.query, evidence, frozenset(asked.optional))
    return explain_network(network, path, question, tell), ()


def _wrong_names(asked: Asked, known: Mapping[str, object]) -> list[Diagnostic]:
    from kumeo.frontend.errors.outside import UnknownVariable

    faults: list[Diagnostic] = []
    for name in (asked.query or "", *asked.evidence, *asked.optional):
        if name not in known:
            near = nearest(name, known)
            fix = f"write `{near}`" if near else "without `--query` all variables are listed"
            problem = f"the network has no variable `{name}`"
            faults.append(UnknownVariable(None, problem, "unknown variable", fix))
    if asked.query in (*asked.evidence, *asked.optional):
        problem = f"`{asked.query}` is both asked for and given"
        fix = f"leave `{asked.query}` out of the evidence"
        faults.append(UnknownVariable(None, problem, "given", fix))
    return faults


def _table(data: bytes, path: str, asked: Asked) -> Found:
    from kumeo.backends.explain.tables import explain_table
    from kumeo.frontend.signatures import read_decision_table
    from kumeo.tools.session import deep_stack

    table, found = read_decision_table(data, path, None)
    if table is None:
        return None, tuple(found)
    with deep_stack():
        return explain_table(table, data, path), ()


def _onnx(data: bytes, path: str, asked: Asked) -> Found:
    from kumeo.frontend.signatures import read_onnx

    signature, found = read_onnx(data, None, path)
    if signature is None:
        return None, tuple(found)
    from kumeo.backends.explain.trained_models import explain_onnx

    return explain_onnx(signature, data, path), ()


def _sklearn(data: bytes, path: str, asked: Asked) -> Found:
    from kumeo.frontend.signatures import read_sklearn

    signature, found = read_sklearn(data, path, None)
    if signature is None:
        return None, tuple(found)
    from kumeo.backends.explain.trained_models import explain_sklearn

    return explain_sklearn(signature, data, path), ()


_READERS: dict[str, Reader] = {
    ".bif": _network,
    ".xmlbif": _network,
    ".xml": _network,
    ".onnx": _onnx,
    ".skops": _sklearn,
    ".pkl": _sklearn,
    ".pickle": _sklearn,
    ".joblib": _sklearn,
    ".csv": _table,
    ".yaml": _table,
    ".yml": _table,
    ".json": _table,
}
