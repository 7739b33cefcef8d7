"""A real `nats-server` beside the workflow, for one machine and no set-up."""

from kumeo_runtime.embedded.binary import find_binary
from kumeo_runtime.embedded.folder import Connection, StoreFolder
from kumeo_runtime.embedded.server import EmbeddedServer, open_server

__all__ = ["Connection", "EmbeddedServer", "StoreFolder", "find_binary", "open_server"]
