"""`write_tree`: a build appears whole, replaces only its own files, and leaves others alone."""

from pathlib import Path

import pytest

from kumeo.tools.running.tree import RECORD, read_record, write_tree

FILES = {"README.md": "one\n", "flow/__init__.py": "", "flow/model.onnx": b"\0\1"}


def codes(folder: Path, files: dict[str, str | bytes], force: bool = False) -> list[str]:
    return [found.code for found in write_tree(folder, files, force=force)]


def listing(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != RECORD]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "out"
    assert codes(folder, dict(FILES)) == []
    return folder


def test_write_new_folder_has_all_files(out: Path) -> None:
    assert listing(out) == {
        "README.md": b"one\n",
        "flow/__init__.py": b"",
        "flow/model.onnx": b"\0\1",
    }
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_write_same_files_keeps_them_as_they_are(out: Path) -> None:
    before = (out / "README.md").stat()
    assert codes(out, dict(FILES)) == []
    after = (out / "README.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_write_again_replaces_and_removes_its_own_files(out: Path) -> None:
    assert codes(out, {"README.md": "two\n"}) == []
    assert listing(out) == {"README.md": b"two\n"}
    assert not (out / "flow").exists()


def test_write_again_keeps_foreign_files(out: Path) -> None:
    (out / "flow" / "notes.txt").write_text("mine")
    assert codes(out, {"README.md": "two\n"}) == []
    assert listing(out) == {"README.md": b"two\n", "flow/notes.txt": b"mine"}


def test_write_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert codes(tmp_path, dict(FILES)) == ["foreign-folder"]
    assert listing(tmp_path) == {"notes.txt": b"mine"}


def test_write_foreign_folder_by_force_writes_beside(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert codes(tmp_path, {"README.md": "one\n"}, force=True) == []
    assert listing(tmp_path) == {"notes.txt": b"mine", "README.md": b"one\n"}


def test_write_empty_folder_is_used(tmp_path: Path) -> None:
    assert codes(tmp_path / ".", {"README.md": "one\n"}) == []
    assert listing(tmp_path) == {"README.md": b"one\n"}


def test_write_file_changed_by_hand_is_refused(out: Path) -> None:
    (out / "README.md").write_text("edited")
    assert codes(out, {"README.md": "two\n"}) == ["file-changed-by-hand"]
    assert (out / "README.md").read_text() == "edited"


def test_write_new_name_taken_by_a_foreign_file_is_refused(out: Path) -> None:
    (out / "more.py").write_text("mine")
    assert codes(out, {**FILES, "more.py": "x"}) == ["file-changed-by-hand"]
    assert (out / "more.py").read_text() == "mine"


def test_write_after_a_broken_build_knows_all_its_files(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> None:
        if target.name == "late.py":
            raise OSError(28, "No space left on device", str(target))
        self.rename(target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        assert codes(out, {"README.md": "two\n", "late.py": "x"}) == ["cannot-write"]
    assert set(read_record(out) or ()) == {*FILES, "late.py"}
    assert codes(out, {"only.py": "x"}, force=True) == []
    assert listing(out) == {"only.py": b"x"}


def test_write_below_a_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert codes(tmp_path / "file" / "out", dict(FILES)) == ["cannot-write"]
