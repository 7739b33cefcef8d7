"""A discrete Bayesian network as tables of numbers, and the reader of its files."""

import gzip
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from kumeo.diagnostics import Diagnostic
from kumeo.frontend.errors.files import CorruptModel
from kumeo.frontend.signatures.network import read_network

Table = NDArray[np.float64]

MAX_BYTES = 1 << 28
"""The most that a compressed file may hold; the largest public network has 3 MB."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Network:
    """A Bayesian network. `tables[x]` has one axis per parent of x, in order, and one for x."""

    states: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Table]


def load_network(data: bytes, path: str) -> Network | Diagnostic:
    """Return the network of a BIF or XMLBIF file, also of a gzip file; else its first fault."""
    if data.startswith(_GZIP):
        unpacked = _unpack(data)
        if isinstance(unpacked, str):
            return CorruptModel(None, path, unpacked)
        data = unpacked
    signature, diagnostics = read_network(data, path, None)
    if signature is None:
        return diagnostics[0]
    return network_from_rows(signature.variables, signature.parents, signature.tables)


def _unpack(data: bytes) -> bytes | str:
    """Return the content of a gzip file, or why there is none."""
    try:
        with gzip.open(BytesIO(data)) as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as fault:
        return f"it cannot be unpacked: {fault}"
    if len(content) > MAX_BYTES:
        return f"it holds more than {MAX_BYTES} bytes when unpacked"
    return content


def network_from_rows(
    states: Mapping[str, tuple[str, ...]],
    parents: Mapping[str, tuple[str, ...]],
    rows: Mapping[str, Sequence[Sequence[float]]],
) -> Network:
    """Return a network from rows of numbers: one row per combination of parent states.

    The last parent changes fastest, and a row holds the probabilities of the variable's states.
    """
    tables = {name: _shaped(states, (*parents[name], name), rows[name]) for name in states}
    return Network(states, parents, tables)


def _shaped(
    states: Mapping[str, tuple[str, ...]], axes: tuple[str, ...], rows: Sequence[Sequence[float]]
) -> Table:
    shape = tuple(len(states[axis]) for axis in axes)
    return np.asarray(rows, dtype=np.float64).reshape(shape)


def ancestors(network: Network, names: Iterable[str]) -> set[str]:
    """Return the variables `names` and everything they depend on."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(network.parents[name])
    return found
