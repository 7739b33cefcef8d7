"""Says where a file of answers is wrong, and what to write there.

The reader of the answers names a path such as `$.rules[0].fault`; people look for a line.
"""

import re
from dataclasses import dataclass
from json import JSONDecoder
from json.decoder import JSONDecodeError

from kumeo.diagnostics import Point, nearest
from kumeo.tools.model_errors import InvalidAnswers

_AT = re.compile(r" - at `\$?(?P<path>.*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*)`$")
_CHOICE = re.compile(r"^Invalid enum value '(?P<value>.*)'$")
_BYTE = re.compile(r" ?\(byte (?P<byte>\d+)\)")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")
_CHOICES = {"then": ("last", "again", "stop"), "otherwise": ("refuse", "guess")}


@dataclass(frozen=True)
class _Text:
    """The text of a file, with the values in it."""

    text: str

    def after(self, at: int) -> int:
        """Return the place of what follows white space and one of `,:`."""
        found = re.compile(r"[\s,:]*").match(self.text, at)
        return at if found is None else found.end()

    def inside(self, at: int, step: str) -> int:
        """Return where the value of a key or an index begins. Raises: ValueError."""
        is_object, count, at = self.text[at] == "{", 0, self.after(at + 1)
        while self.text[at] not in "]}":
            key, end = self.value(at) if is_object else (str(count), at)
            start = self.after(end) if is_object else at
            if key == step:
                return start
            at, count = self.after(self.value(start)[1]), count + 1
        raise ValueError(step)

    def key(self, at: int, name: str) -> int:
        """Return where the name of a field stands in the object at a place."""
        return self.text.rindex('"', at, self.text.rindex('"', at, self.inside(at, name)))

    def value(self, at: int) -> tuple[object, int]:
        """Return the value at a place and its end. Raises: ValueError."""
        return JSONDecoder().raw_decode(self.text, at)


def answer_fault(path: str, data: bytes, message: str) -> InvalidAnswers:
    """Return the diagnostic of a file of answers that cannot be used."""
    text = _Text(data.decode("utf-8-sig", "replace"))
    found = _AT.search(message)
    reason = _AT.sub("", message)
    steps = [s["key"] or s["index"] for s in _STEP.finditer(found["path"] if found else "")]
    try:
        JSONDecoder().decode(text.text)
        offset, reason, fix = _of_value(text, steps, reason)
    except JSONDecodeError as error:
        offset, reason, fix = error.pos, f"it is no JSON: {_plain(error.msg)}", None
        if error.pos >= len(text.text.rstrip()):
            reason = "a bracket is never closed" if text.text.strip() else "the file is empty"
    except (ValueError, IndexError, RecursionError):
        offset, fix = 0, None  # The reader and this one differ: say at least what it says.
    before = text.text[:offset]
    place = Point(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return InvalidAnswers(place, _BYTE.sub("", reason), fix)


def _of_value(text: _Text, steps: list[str], reason: str) -> tuple[int, str, str | None]:
    at = text.after(0)
    for step in steps:
        at = text.inside(at, step)
    unknown, choice = _UNKNOWN.match(reason), _CHOICE.match(reason)
    if unknown is not None:
        known, name = _fields(steps), unknown["name"]
        close = nearest(name, known)
        fix = f"write `{close}`" if close else f"the fields are {', '.join(known)}"
        return text.key(at, name), f"there is no field `{name}` here", fix
    if choice is not None:
        known = _CHOICES.get(steps[-1] if steps else "", ())
        close = nearest(choice["value"], known)
        fix = f'write `"{close}"`' if close else f"write one of {', '.join(known)}"
        return at, f"`{choice['value']}` is none of {', '.join(known)}", fix
    return at, reason, None


def _fields(steps: list[str]) -> tuple[str, ...]:
    """Return the fields of the object at a path."""
    from kumeo_runtime.testing.fake_models import script

    names = [step for step in steps if not step.isdigit()]
    kinds = {
        "rules": script.Rule,
        "answers": script.Reply,
        "otherwise": script.Reply,
        "fault": script.Fault,
        "usage": script.Counts,
        "tool_calls": script.Call,
    }
    kind = kinds.get(names[-1], script.Script) if names else script.Script
    return kind.__struct_fields__


def _plain(message: str) -> str:
    """Return a message of the JSON reader as a sentence goes on."""
    return message[:1].lower() + message[1:]
