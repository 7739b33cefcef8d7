"""The people file: what it takes, and whose token is whose."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.tasks.people import People, Person, added, hash_of, load_people, save_people
from kumeo_runtime.testing.asking import EVERYBODY


def of(*people: dict[str, Any]) -> str:
    return json.dumps({"people": people})


def test_people_saved_are_those_loaded(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    save_people(path, EVERYBODY)
    assert load_people(path) == EVERYBODY
    assert path.stat().st_mode & 0o077 == 0


def test_by_token_is_the_person_of_the_token() -> None:
    people = People((*EVERYBODY, Person("new")))
    assert people.by_token("kt_ben") == people.all["ben"]
    assert [people.by_token(token) for token in ("kt_nobody", "", hash_of("kt_ben"))] == [None] * 3


def test_takes_are_people_and_groups_that_work() -> None:
    people = People((*EVERYBODY, Person("idle", ("readers",), ("auditor",))))
    names = ("ana", "max", "credit", "audrey", "idle", "readers", "nobody")
    assert [people.takes(name) for name in names] == [True] * 3 + [False] * 4


def test_addresses_are_those_of_people_and_of_groups_once() -> None:
    people = People((Person("a", ("g",), email="a@x"), Person("b", ("g",), email="b@x")))
    assert people.addresses(("g", "a", "nobody")) == ("a@x", "b@x")


def test_addresses_of_a_task_for_all_are_those_of_all_who_work() -> None:
    looks = Person("l", ("g",), ("auditor",), email="l@x")
    people = People((Person("a", email="a@x"), Person("m", (), ("manager",), "m@x"), looks))
    assert people.addresses(()) == ("a@x", "m@x")
    assert people.addresses(("g",)) == ()


def test_addresses_are_those_of_the_file_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    save_people(path, [Person("a", email="a@x")])
    people = People.of_file(path)
    save_people(path, [Person("a", email="other@x")])
    assert people.addresses(("a",)) == ("other@x",)


@pytest.mark.parametrize("email", ["a@", "@x", "a", "a@x\n", "a@x,b@x", "A <a@x>", "a b@x"])
def test_added_refuses_what_is_no_address(email: str) -> None:
    with pytest.raises(EngineError, match="no e-mail address"):
        added((), Person("a", email=email))


def test_refresh_reads_a_file_that_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    save_people(path, EVERYBODY)
    people = People.of_file(path)
    save_people(path, EVERYBODY[:1])
    os.utime(path, ns=(1, 1))
    people.refresh()
    assert list(people.all) == ["ana"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no list of people"),
        ("[]", "is no list of people"),
        (of({"name": "a", "roles": ["boss"]}), "Invalid enum value 'boss'"),
        (of({"name": ""}), "a name or group is empty"),
        (of({"name": "a\n"}), "a name or group is empty, not printable"),
        (of({"name": "a"}, {"name": "a"}), "`a` is there twice"),
        (of({"name": "a"}, {"name": "b", "groups": ["a"]}), "`a` is both a person and a group"),
        (of({"name": "a", "groups": ["*"]}), "the name `*`"),
        (of({"name": "timeout"}), "the name `timeout` stands for"),
        (of({"name": "a", "token_sha256": "kt_secret"}), "no SHA-256"),
        (of({"name": "a", "email": "nowhere"}), "the `email` of `a` is no e-mail address"),
        (of({"name": "a", "role": "auditor"}), "unknown field `role`"),
    ],
)
def test_file_that_is_wrong_says_why(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "people.json"
    path.write_text(text)
    with pytest.raises(EngineError) as found:
        load_people(path)
    assert found.value.code == "invalid-people"
    assert problem in found.value.message
    assert "kt_secret" not in found.value.message


def test_file_that_vanishes_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    save_people(path, EVERYBODY)
    people = People.of_file(path)
    path.unlink()
    with pytest.raises(EngineError):
        people.refresh()


def test_file_that_is_not_there_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as found:
        load_people(tmp_path / "people.json")
    assert "people add" in found.value.fix
    assert "makes it" in found.value.fix


@pytest.mark.parametrize(("email", "fix"), [("nowhere", "ana@example.com"), ("", "another name")])
def test_person_who_cannot_be_added_says_what_to_write(email: str, fix: str) -> None:
    with pytest.raises(EngineError) as found:
        added(EVERYBODY, Person("a\n" if not email else "a", email=email))
    assert fix in found.value.fix


def test_added_keeps_the_order_of_people() -> None:
    names = [person.name for person in EVERYBODY]
    found = added(EVERYBODY, Person(names[0], ("sales",)))
    assert [person.name for person in found] == names


def test_added_changes_the_person_of_the_same_name() -> None:
    found = added(EVERYBODY, Person("ana", ("sales",)))
    assert [person.groups for person in found if person.name == "ana"] == [("sales",)]
