"""Knows whether a build on disk is still what its sources give, so that it need not be made again.

`.kumeo/NAME/built.json` names every file that went into a build with its hash, how it was asked
for, and the compiler. A build with warnings is not noted: the next run shall show them again.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from kumeo.tools.files import FolderFiles
from kumeo.tools.running.state import StateFolder, WorkflowState
from kumeo.tools.running.tree import is_intact


def find_build(state: StateFolder, file: str, passes: str, name: str | None) -> str | None:
    """Return the workflow whose last build still holds for a file; None when it has to be made."""
    if file == "-":
        return None
    wanted: dict[str, Any] | None = None
    for known in state.workflows():
        place = state.workflow(known)
        if not place.comes_from(file):
            continue
        wanted = wanted or _asked(file, passes, name)
        note = _read(place)
        inputs = note.pop("inputs", None)
        if note == wanted and _is_same(file, inputs) and is_intact(place.build):
            return known
    return None


def note_build(
    place: WorkflowState, file: str, passes: str, name: str | None, seen: Mapping[str, str]
) -> None:
    """Remember what a build was made from. Raises OSError."""
    if file == "-":
        forget_build(place)
        return
    note = {**_asked(file, passes, name), "inputs": dict(seen)}
    place.note.write_text(json.dumps(note, indent=2), encoding="utf-8")


def forget_build(place: WorkflowState) -> None:
    """Have the next build made in any case. Raises OSError."""
    place.note.unlink(missing_ok=True)


def _read(place: WorkflowState) -> dict[str, Any]:
    try:
        note: Any = json.loads(place.note.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast(dict[str, Any], note) if isinstance(note, dict) else {}


def _asked(file: str, passes: str, name: str | None) -> dict[str, Any]:
    try:
        text = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        text = ""
    return {"file": text, "passes": passes, "workflow": name, "compiler": compiler()}


def _is_same(file: str, inputs: Any) -> bool:
    """Return whether the files that were read, and those that were missing, are as they were."""
    if not isinstance(inputs, dict):
        return False
    files = FolderFiles.beside(file)
    for path in cast(dict[str, Any], inputs):
        files.read(path)
    return files.seen == inputs


def compiler() -> str:
    """Return what tells this compiler from another one, also while somebody works on it."""
    import kumeo

    found = hashlib.blake2b(kumeo.__version__.encode(), digest_size=12)
    for folder, folders, names in os.walk(Path(kumeo.__file__).parent):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        for name in sorted(names):
            status = os.stat(os.path.join(folder, name))
            found.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return found.hexdigest()
