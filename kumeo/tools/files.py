"""The real files that a workflow names: models, schemas, tables, imports.

Paths are relative to the folder of the `.kumeo` file. `..` is allowed, because projects share
files; devices, pipes and folders are not files, and what is larger than `MAX_BYTES` is not read.
"""

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kumeo.diagnostics import Diagnostic
from kumeo.tools.io import STDIN_NAME

MAX_BYTES = 512 * 1024 * 1024
"""Larger files are refused: signatures are read in memory."""


PICKLES = (".pkl", ".pickle", ".joblib")


@dataclass
class FolderFiles:
    """Reads files for one source file, and remembers which ones it refused."""

    folder: Path
    max_bytes: int = MAX_BYTES
    refused: dict[str, str] = field(default_factory=dict[str, str])
    """Why a file that is there was not read, by path."""
    seen: dict[str, str] = field(default_factory=dict[str, str])
    """Hashes of the files that were asked for, by path; empty for what could not be read."""

    @classmethod
    def beside(cls, path: str) -> "FolderFiles":
        """Return the files beside a source file; standard input stands in the working folder."""
        return cls(Path() if path in ("-", STDIN_NAME) else Path(path).parent)

    def explain(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the diagnostics, with the reason where a file is there but was refused."""
        return tuple(self._explain(each) for each in found)

    def _explain(self, found: Diagnostic) -> Diagnostic:
        from kumeo.frontend.errors.outside import MissingFile

        if not isinstance(found, MissingFile) or found.path not in self.refused:
            return found
        from kumeo.tools.errors import FileRefused

        return FileRefused(found.place, found.path, self.refused[found.path])

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when there is none that can be read."""
        data = self._read(path)
        self.seen[path] = "" if data is None else hashlib.sha256(data).hexdigest()
        return data if data is None else self._opened(path, data)

    def _opened(self, path: str, data: bytes) -> bytes | None:
        """Return the model in a pickle, where those are allowed; any other file as it is."""
        if not path.lower().endswith(PICKLES):
            return data
        from kumeo.tools.pickles import PickleError, is_allowed_pickle, unpickled

        if not is_allowed_pickle(path, data):
            return data
        try:
            return unpickled(data)
        except PickleError as fault:
            self.refused[path] = str(fault)
            return None

    def _read(self, path: str) -> bytes | None:
        try:
            # Opening a pipe would wait for its writer, so it must not block.
            handle = os.open(self.folder / path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError):
            return None
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > self.max_bytes:
            os.close(handle)
            self.refused[path] = self._reason(status)
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read()

    def _reason(self, status: os.stat_result) -> str:
        if not stat.S_ISREG(status.st_mode):
            return "it is no regular file"
        limit = self.max_bytes // 1024
        return f"it has {status.st_size // 1024} KiB, more than {limit} KiB"
