"""Message stores behind one interface."""

from kumeo_runtime.transport.api import Transport, TransportError
from kumeo_runtime.transport.opening import open_transport

__all__ = ["Transport", "TransportError", "open_transport"]
