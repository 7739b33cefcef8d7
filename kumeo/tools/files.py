"""The real files that a workflow names: models, schemas, tables, imports.

Paths are relative to the folder of the `.kumeo` file. `..` is allowed, because projects share
files; devices, pipes and folders are not files, and what is larger than `MAX_BYTES` is not read.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from kumeo.diagnostics import Diagnostic
from kumeo.tools.io import STDIN_NAME

MAX_BYTES = 512 * 1024 * 1024
"""Larger files are refused: signatures are read in memory."""


@dataclass
class FolderFiles:
    """Reads files for one source file. It keeps a diagnostic for each file that it refuses."""

    folder: Path
    max_bytes: int = MAX_BYTES
    refused: dict[str, Diagnostic] = field(default_factory=dict[str, Diagnostic])

    @classmethod
    def beside(cls, path: str) -> "FolderFiles":
        """Return the files beside a source file; standard input stands in the working folder."""
        return cls(Path() if path in ("-", STDIN_NAME) else Path(path).parent)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Why files were refused; files that do not exist are not among them."""
        return tuple(self.refused.values())

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when there is none that can be read."""
        try:
            # Opening a pipe would wait for its writer, so it must not block.
            handle = os.open(self.folder / path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(file.fileno())
                if stat.S_ISREG(status.st_mode) and status.st_size <= self.max_bytes:
                    return file.read()
        except (OSError, ValueError):
            return None
        self._refuse(path, status)
        return None

    def _refuse(self, path: str, status: os.stat_result) -> None:
        from kumeo.tools.errors import FileRefused

        reason = "it is no regular file"
        if stat.S_ISREG(status.st_mode):
            limit = self.max_bytes // 1024
            reason = f"it has {status.st_size // 1024} KiB, more than {limit} KiB"
        self.refused[path] = FileRefused(None, path, reason)
