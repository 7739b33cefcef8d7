"""The way forward when the store holds what this build cannot read."""

from typing import TYPE_CHECKING

from kumeo_runtime.engine.names import Names
from kumeo_runtime.engine.provision import VERSION
from kumeo_runtime.engine.shared import EngineError

from kumeo.tools.running.builds import find_kept
from kumeo.tools.running.state import WorkflowState

if TYPE_CHECKING:
    from kumeo_runtime.spec import Workflow
    from kumeo_runtime.transport.api import Transport

CODE = "version-skew"


async def with_way(
    error: EngineError,
    workflow: "Workflow",
    names: Names,
    transport: "Transport",
    it: WorkflowState,
) -> EngineError:
    """Return the error with commands that mend it; any other error as it is.

    Raises: TransportError.
    """
    if error.code != CODE:
        return error
    info = await transport.stream_info(names.edges)
    version = "" if info is None else info.metadata.get(VERSION, "")
    kept = find_kept(it, version) if version.isalnum() else None
    if kept is None:
        drain = "start the version that wrote them and let it drain, or use another namespace"
    else:
        drain = f"`kumeo run --build {kept} --drain` handles them with the build that wrote them"
    if "open task" in error.message:
        drain = (
            f"decide what `kumeo tasks list {workflow.name}` shows, then {drain}; or give them up: "
            f"`kumeo tasks withdraw {workflow.name} --all --reason TEXT` makes dead letters of them"
        )
    return EngineError(error.code, error.message, drain)
