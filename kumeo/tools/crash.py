"""What a tool says when it failed itself: one diagnostic, with the traceback in a file."""

from kumeo.diagnostics import Diagnostic


def internal_error(error: Exception, tool: str) -> Diagnostic:
    """Return the `internal-error` diagnostic of an unexpected exception."""
    from kumeo.passes.manager import describe_exception
    from kumeo.tools.errors import InternalError
    from kumeo.tools.io import scratch_path, write_file
    from kumeo.tools.reproducer import describe_crash

    text = describe_crash(error)
    path = scratch_path(f"{tool}-internal-error", ".txt", text)
    faults = write_file(path, text)
    return InternalError(None, describe_exception(error), None if faults else path)
