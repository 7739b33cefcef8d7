"""Where code of a user went wrong: one line of its own, not the whole way there."""

from pathlib import Path
from types import TracebackType


def told(error: BaseException, folder: str) -> str:
    """Return type and message of an exception, and the user's line that it came from."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = _place(error.__traceback__, folder)
    return f"{text} ({place})" if place else text


def _place(traceback: TracebackType | None, folder: str) -> str:
    """Return the innermost line of a file in the folder of the user's code."""
    found = ""
    root = Path(folder).resolve()
    while traceback is not None:
        code = traceback.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_absolute() and path.resolve().is_relative_to(root):
            short = path.resolve().relative_to(root).as_posix()
            if "site-packages" not in short:
                found = f"{short}, line {traceback.tb_lineno}, in {code.co_name}"
        traceback = traceback.tb_next
    return found
