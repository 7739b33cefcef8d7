"""The state folder of a project: `.kumeo/` beside the work, kept out of version control.

.kumeo/server/              the embedded server, for all workflows of the folder
.kumeo/NAME/build/          the package of a workflow
.kumeo/NAME/builds/         builds of it before the last one
.kumeo/NAME/built.json      what the last build was made from
.kumeo/NAME/run.lock        held by the process that runs it
.kumeo/NAME/output.json     how far results are written
"""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT = ".kumeo"


@dataclass(frozen=True)
class WorkflowState:
    """What is kept for one workflow."""

    path: Path

    @property
    def build(self) -> Path:
        """The package."""
        return self.path / "build"

    @property
    def kept(self) -> Path:
        """Packages of other versions, by version."""
        return self.path / "builds"

    @property
    def note(self) -> Path:
        """What the package was made from."""
        return self.path / "built.json"

    @property
    def output(self) -> Path:
        """How far results are written."""
        return self.path / "output.json"

    def remember_source(self, file: str) -> None:
        """Note the file that the package was built from."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "source").write_text(str(Path(file).resolve()), encoding="utf-8")

    def source(self) -> Path | None:
        """Return the file that the package was built from, if it is known."""
        try:
            return Path((self.path / "source").read_text("utf-8"))
        except OSError:
            return None

    def comes_from(self, file: str) -> bool:
        """Return whether the package was built from a file."""
        return self.source() == Path(file).resolve()

    def runner(self) -> int | None:
        """Return the process that runs the workflow here, 0 for an unknown one, or None."""
        lock = self.lock_run()
        if isinstance(lock, int):
            return lock
        lock.__exit__()
        return None

    def lock_run(self) -> "RunLock | int":
        """Return the lock of the process that runs the workflow, or the process that has it."""
        import fcntl

        self.path.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            os.close(handle)
            return int(holder) if holder.isdigit() else 0
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        return RunLock(handle)


@dataclass
class RunLock:
    """Says that this process runs a workflow; a process that ends lets go of it."""

    handle: int

    def __enter__(self) -> "RunLock":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)


@dataclass(frozen=True)
class StateFolder:
    """The state of all workflows that are run in one folder."""

    path: Path

    @property
    def server(self) -> Path:
        """The folder of the embedded server."""
        return self.path / "server"

    def workflow(self, name: str) -> WorkflowState:
        """Return the place of one workflow."""
        return WorkflowState(self.path / name)

    def workflows(self) -> list[str]:
        """Return the names of the workflows that were built here."""
        return sorted(path.parent.name for path in self.path.glob("*/build"))

    def prepare(self) -> None:
        """Make the folder, with a note that keeps it out of version control."""
        self.path.mkdir(parents=True, exist_ok=True)
        ignore = self.path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="ascii")
