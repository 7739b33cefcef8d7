"""Builds that are kept: what waits in the store can only be read by the build that wrote it.

.kumeo/NAME/build/            the last build
.kumeo/NAME/builds/VERSION/   builds before it, the last ten
"""

import json
import shutil
from pathlib import Path

from kumeo.tools.running.state import WorkflowState

KEPT_MAX = 10


def keep_before(place: WorkflowState, version: str | None) -> None:
    """Put the last build aside when the next one is another version. Raises OSError."""
    before = version_of(place.build)
    if before is None or before == version:
        return
    kept = place.kept / before
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(kept, ignore_errors=True)
    place.build.rename(kept)
    kept.touch()
    for old in sorted(place.kept.iterdir(), key=lambda p: p.stat().st_mtime)[:-KEPT_MAX]:
        shutil.rmtree(old, ignore_errors=True)


def find_kept(place: WorkflowState, version: str) -> Path | None:
    """Return the folder of a version, if it was built here and is not too old."""
    folder = place.kept / version
    return folder if is_package(folder) else None


def is_package(folder: Path) -> bool:
    """Return whether a folder holds what `kumeo build` writes."""
    return version_of(folder) is not None and any(folder.glob("*/workflow.py"))


def version_of(folder: Path) -> str | None:
    """Return the version of the build in a folder, or None when there is none."""
    try:
        return version_in((folder / "manifest.json").read_bytes())
    except OSError:
        return None


def version_in(manifest: bytes | str) -> str | None:
    """Return the version that the text of a manifest names."""
    try:
        version: object = json.loads(manifest)["version"]
    except (ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, str) and version.isalnum() else None
