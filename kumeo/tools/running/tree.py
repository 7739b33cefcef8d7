"""Writes a built package into a folder, and touches nothing there that it did not write before.

`RECORD` in the folder names every file of the last build with its hash. A folder with files and
without a record, and a file changed by hand since, are left alone unless the user says `--force`.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from kumeo.diagnostics import Diagnostic
from kumeo.tools.io import reason_of

RECORD = ".kumeo-build.json"
Files = Mapping[str, str | bytes]
"""Contents by path, with `/` between the parts."""


def write_tree(folder: Path, files: Files, *, force: bool = False) -> list[Diagnostic]:
    """Make the folder hold these files; return why it does not.

    A new folder appears with everything in it. In an older one each file is replaced in one step,
    and files of the last build that are no longer made go.
    """
    from kumeo.tools.errors import CannotWrite

    data = {path: _to_bytes(content) for path, content in sorted(files.items())}
    try:
        refused = [] if force else _foreign(folder, data)
        if refused:
            return refused
        if folder.is_dir() and any(folder.iterdir()):
            _update(folder, data)
        else:
            _create(folder, data)
    except OSError as error:
        return [CannotWrite(None, error.filename or str(folder), reason_of(error))]
    return []


def read_record(folder: Path) -> dict[str, str] | None:
    """Return the hashes of the last build by path, or None when nothing was built here."""
    try:
        found: object = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return cast(dict[str, str], found) if isinstance(found, dict) else None


def is_intact(folder: Path) -> bool:
    """Return whether the files of the last build are there and nobody has changed them.

    Of models only that they are there: the runtime compares what they hold with their hashes.
    """
    record = read_record(folder)
    if not record:
        return False
    for path, written in record.items():
        file = folder / path
        if not file.is_file() or ("/artifacts/" not in path and _is_changed(file, written)):
            return False
    return True


def _foreign(folder: Path, data: Mapping[str, bytes]) -> list[Diagnostic]:
    from kumeo.tools.run_errors import FileChangedByHand, ForeignFolder

    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return []
    record = read_record(folder)
    if record is None:
        return [ForeignFolder(None, str(folder))]
    changed = [path for path in sorted(record) if _is_changed(folder / path, record[path])]
    unknown = [p for p in data if p not in record and (folder / p).exists()]
    return [FileChangedByHand(None, str(folder / path)) for path in changed + unknown]


def _is_changed(path: Path, written: str) -> bool:
    try:
        return _hash(path.read_bytes()) != written
    except FileNotFoundError:
        return False


def _create(folder: Path, data: Mapping[str, bytes]) -> None:
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=parent, prefix=f".{folder.name}-"))
    try:
        _write_all(scratch, {**data, RECORD: _record(data)})
        scratch.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        scratch.rename(folder)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _update(folder: Path, data: Mapping[str, bytes]) -> None:
    before = read_record(folder) or {}
    gone = [path for path in before if path not in data]
    # Names both builds first: after a crash in the middle, the next build knows all its files.
    hashes = before | json.loads(_record(data))
    _write_all(folder, {RECORD: json.dumps(hashes).encode()})
    _write_all(folder, data)
    for path in gone:
        (folder / path).unlink(missing_ok=True)
        _remove_empty(folder, (folder / path).parent)
    _write_all(folder, {RECORD: _record(data)})


def _write_all(folder: Path, data: Mapping[str, bytes]) -> None:
    for path, content in data.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.read_bytes() == content:
            continue  # Compiled Python files stay valid.
        scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            scratch.write_bytes(content)
            scratch.replace(target)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise


def _remove_empty(folder: Path, path: Path) -> None:
    while path != folder and not any(path.iterdir()):
        path.rmdir()
        path = path.parent


def _record(data: Mapping[str, bytes]) -> bytes:
    hashes = {path: _hash(content) for path, content in data.items()}
    return (json.dumps(hashes, indent=2) + "\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _to_bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content
