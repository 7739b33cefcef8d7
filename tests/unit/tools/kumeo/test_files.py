"""The reader of outside files."""

import os
from pathlib import Path

from kumeo.diagnostics import Source, Span
from kumeo.frontend.errors.outside import MissingFile
from kumeo.tools.files import FolderFiles


def missing(path: str) -> MissingFile:
    return MissingFile(Span(Source("main.kumeo", "x"), 0, 1), path)


def test_read_file_in_the_folder_gives_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\xff")
    assert FolderFiles(tmp_path).read("a.bin") == b"\x00\xff"


def test_read_file_of_the_folder_above_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "inner").mkdir()
    assert FolderFiles(tmp_path / "inner").read("../a.txt") == b"x"


def test_read_missing_file_is_none_and_not_refused(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    assert files.read("nothing") is None
    told = missing("nothing")
    assert files.explain([told]) == (told,)


def test_read_pipe_does_not_wait_and_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    files = FolderFiles(tmp_path)
    assert files.read("pipe") is None
    (told,) = files.explain([missing("pipe")])
    assert told.headline == "`pipe` is not read: it is no regular file"


def test_read_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    files = FolderFiles(tmp_path)
    assert files.read("inner") is None
    assert files.refused["inner"] == "it is no regular file"


def test_read_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 4096)
    files = FolderFiles(tmp_path, max_bytes=2048)
    assert files.read("big") is None
    assert files.refused["big"] == "it has 4 KiB, more than 2 KiB"


def test_read_file_at_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "fits").write_bytes(b"x" * 2048)
    assert FolderFiles(tmp_path, max_bytes=2048).read("fits") is not None


def test_read_name_with_a_zero_byte_is_none(tmp_path: Path) -> None:
    assert FolderFiles(tmp_path).read("a\0b") is None
