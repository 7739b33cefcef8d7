"""The model files of a run, opened once."""

from dataclasses import dataclass
from typing import Any, cast

from kumeo.diagnostics import Diagnostic
from kumeo.dialects.data.failures import DataFailure
from kumeo.interp.networks import load
from kumeo.interp.onnx_models import session_of
from kumeo.interp.session import Session, file_of
from kumeo.interp.values import CannotRunError
from kumeo.models.importing import Kind, graph_of
from kumeo.models.network import Network


def _opened(data: bytes, kind: Kind, path: str) -> Any:
    """Return a session of the graph that the backends emit, too."""
    graph = graph_of(data, kind, path)
    if isinstance(graph, Diagnostic):
        raise DataFailure("model-failed", graph.headline)
    return session_of(graph)


@dataclass(frozen=True)
class RunFiles:
    """Opens the files that the symbols of a run name. Raises: CannotRunError, DataFailure."""

    session: Session

    def network(self, symbol: str) -> Network:
        """Return the network that a symbol names."""
        path = file_of(self.session, symbol)
        found = self.session.once(("network", path), lambda: load(path, self._read(path)))
        if isinstance(found, DataFailure):
            raise DataFailure(found.code, found.message)
        if found is None:
            raise CannotRunError
        return found

    def onnx(self, symbol: str) -> Any:
        """Return an ONNX Runtime session of the model that a symbol names."""
        path = file_of(self.session, symbol)
        data = self._read(path)
        if data is None:
            raise CannotRunError
        kind = cast(Kind, self.session.kind_of(symbol))
        return self.session.once(("graph", path), lambda: _opened(data, kind, path))

    def _read(self, path: str) -> bytes | None:
        return self.session.world.read_file(path)
