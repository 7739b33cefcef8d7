"""Who works on tasks: people with groups, roles and tokens, from a file of JSON.

    {"people": [{"name": "ana", "groups": ["credit"], "roles": ["worker"], "token_sha256": "…"}]}

The file holds no token, only the SHA-256 of each: tokens are long and random, so that is enough.
"""

import contextlib
import getpass
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from kumeo_runtime.engine.shared import EngineError

Role = Literal["worker", "manager", "auditor"]
ROLES: tuple[Role, ...] = ("worker", "manager", "auditor")
PREFIX = "kt_"
NAME_MAX = 100
ANYBODY = "*"
"""As a group: of every one, and in the place of everybody. No file gives it to anyone."""
RESERVED = frozenset({"timer", "timeout", "workflow"})
"""What audit trails and results say where no person has acted."""
_EMAIL = re.compile(r"[^\s@,;<>\"()]+@[^\s@,;<>\"()]+\Z")
FIX = "correct the file; `kumeo people add FILE NAME` writes one that is right"


class Person(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody who works on tasks."""

    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ("worker",)
    email: str = ""
    token_sha256: str = ""

    def has(self, role: Role) -> bool:
        """Say whether somebody has a role."""
        return role in self.roles

    @property
    def may_work(self) -> bool:
        """Whether somebody may do more with tasks than look at them."""
        return self.has("worker") or self.has("manager")

    def is_among(self, assignees: Iterable[str]) -> bool:
        """Say whether a task of these people and groups is for this person; of none, for all."""
        wanted = tuple(assignees)
        mine = {self.name, *self.groups}
        return not wanted or ANYBODY in mine or not mine.isdisjoint(wanted)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    people: tuple[Person, ...] = ()


class People:
    """The people of one file, or of none. Who is removed from the file is gone at once."""

    def __init__(self, people: Iterable[Person] = (), path: Path | None = None) -> None:
        self._people = {person.name: person for person in people}
        self._path = path
        self._stamp: tuple[int, int, int] | None = None

    @staticmethod
    def of_file(path: Path) -> "People":
        """Return the people of a file. Raises: EngineError `invalid-people`."""
        found = People(path=path)
        found.refresh()
        return found

    def refresh(self) -> None:
        """Read the file again if it has changed. Raises: EngineError `invalid-people`."""
        if self._path is None:
            return
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._people = {person.name: person for person in load_people(self._path)}
            self._stamp = stamp

    @property
    def all(self) -> Mapping[str, Person]:
        """The people by name."""
        return self._people

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that somebody is in."""
        found = {group for person in self._people.values() for group in person.groups}
        return tuple(sorted(found - {ANYBODY}))

    def by_token(self, token: str) -> Person | None:
        """Return whose token it is. All are compared, in constant time each."""
        given = hash_of(token)
        found: Person | None = None
        for person in self._people.values():
            if person.token_sha256 and hmac.compare_digest(person.token_sha256, given):
                found = person
        return found

    def addresses(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the e-mail addresses of people and groups, without names of all; who may only
        look has no task. The file is read anew. Raises: EngineError `invalid-people`.
        """
        self.refresh()
        wanted = tuple(names)
        people = [person for person in self._people.values() if person.is_among(wanted)]
        return tuple(dict.fromkeys(p.email for p in people if p.email and p.may_work))

    def takes(self, name: str) -> bool:
        """Say whether a person or a group of this name works on tasks."""
        people = [p for p in self._people.values() if name == p.name or name in p.groups]
        return any(person.may_work for person in people)


def hash_of(token: str) -> str:
    """Return what the file holds of a token.

    >>> hash_of("kt_1")[:8]
    'b36d5fa3'
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """Return a token that nobody guesses."""
    return PREFIX + secrets.token_urlsafe(32)


def user_name() -> str:
    """Return the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"


# -- the file


def load_people(path: Path) -> tuple[Person, ...]:
    """Read a file. Raises: EngineError `invalid-people`."""
    try:
        people = msgspec.json.decode(path.read_bytes(), type=_File).people
    except OSError as error:
        fix = FIX if path.exists() else f"`kumeo people add {path} NAME` makes it"
        raise _invalid(path, f"cannot be read: {error.strerror}", fix) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid(path, f"is no list of people: {error}") from None
    problem = _problem(people)
    if problem is not None:
        raise _invalid(path, f"cannot be used: {problem}")
    return people


def save_people(path: Path, people: Iterable[Person]) -> None:
    """Write a file at once, readable for its owner alone. Raises: EngineError."""
    text = msgspec.json.format(msgspec.json.encode(_File(tuple(people))), indent=2)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text + b"\n")
            os.replace(name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise _invalid(path, f"cannot be written: {error.strerror}") from None


def added(people: Iterable[Person], person: Person) -> tuple[Person, ...]:
    """Return the people with one more, or with one who has changed. Raises: EngineError."""
    by_name = {each.name: each for each in people}
    found = tuple((by_name | {person.name: person}).values())
    problem = _problem(found)
    if problem is not None:
        is_email = person.email and not _EMAIL.match(person.email)
        fix = "write it as `ana@example.com`" if is_email else "choose another name or group"
        raise EngineError("invalid-people", problem, fix)
    return found


def _problem(people: tuple[Person, ...]) -> str | None:
    names, groups = set[str](), {group for person in people for group in person.groups}
    for person in people:
        words = (person.name, *person.groups)
        if any(not word or len(word) > NAME_MAX or not word.isprintable() for word in words):
            return f"a name or group is empty, not printable, or longer than {NAME_MAX}"
        if person.name in names:
            return f"`{person.name}` is there twice"
        if ANYBODY in words:
            return f"the name `{ANYBODY}` stands for all"
        if person.name in RESERVED:
            return f"the name `{person.name}` stands for what no person has done"
        if person.name in groups:
            return f"`{person.name}` is both a person and a group"
        if person.token_sha256 and not _is_hash(person.token_sha256):
            return f"the `token_sha256` of `{person.name}` is no SHA-256"
        if person.email and not _EMAIL.match(person.email):
            return f"the `email` of `{person.name}` is no e-mail address"
        names.add(person.name)
    return None


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise _invalid(path, f"cannot be read: {error.strerror}") from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _invalid(path: Path, problem: str, fix: str = FIX) -> EngineError:
    return EngineError("invalid-people", f"the people file `{path}` {problem}", fix)
