"""What a tool says when it failed itself: one diagnostic, with the traceback in a file."""

import errno

from kumeo.diagnostics import Diagnostic


def internal_error(error: Exception, tool: str) -> Diagnostic:
    """Return the `internal-error` diagnostic of an unexpected exception.

    A full disk is no bug of Kumeo: it is the usual `cannot-write`.
    """
    from kumeo.passes.manager import describe_exception
    from kumeo.tools.errors import CannotWrite, InternalError
    from kumeo.tools.io import reason_of, scratch_path, write_file
    from kumeo.tools.reproducer import describe_crash

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotWrite(None, "standard output", reason_of(error))
    text = describe_crash(error)
    path = scratch_path(f"{tool}-internal-error", ".txt", text)
    faults = write_file(path, text)
    return InternalError(None, describe_exception(error), None if faults else path)
