"""What values are at run time, and how they are read and written as JSON and MessagePack.

| type of the language | Python |
|---|---|
| `bool`, `float`, `string` | `bool`, `float`, `str` |
| `int` | `Int`: an `int` whose range is checked when it is read |
| enum | `Literal[...]` |
| `timestamp`, `duration` | `Time`, `Duration`: microseconds |
| `bytes` | `bytes` |
| `T?`, `[T]`, `{string: T}` | `T | None`, `list[T]`, `dict[str, T]` |
| record | a subclass of `Record` |
| `json` | `Json`: plain data |

Every reader and writer returns a `Failure` instead of raising. JSON is read by msgspec; what it
refuses is read once more by `decoding`, which is slow, exact, and says what is wrong and where.
"""

from collections.abc import Callable
from math import isfinite
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    TypeAlias,
    TypeVar,
    cast,
    dataclass_transform,
)

import msgspec
from msgspec import Meta, Struct, StructMeta

from kumeo_runtime.finite import not_finite_in
from kumeo_runtime.moments import micros_of, text_of

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
MAX_DEPTH = 128
"""How deep JSON from outside may be nested."""

Int: TypeAlias = Annotated[int, Meta(ge=INT_MIN, le=INT_MAX)]
Json: TypeAlias = Any
T = TypeVar("T")


class Failure(Struct, frozen=True, array_like=True, gc=False):
    """The value of something that went wrong. It cancels what reads it and nothing else."""

    code: str
    message: str
    agent: str | None = None
    """The site of the agent that failed; None when a data operation failed."""
    handled: bool = False
    """Whether a fallback has dealt with it already: it still cancels, but nobody reports it."""

    def blamed_on(self, site: str) -> "Failure":
        """Return this failure with `site` as its agent, unless an agent is named already."""
        return self if self.agent else Failure(self.code, self.message, site, self.handled)

    def as_handled(self) -> "Failure":
        """Return this failure as one that a fallback has dealt with."""
        return Failure(self.code, self.message, self.agent, True)

    def to_json(self) -> dict[str, str]:
        """Return what an `on_error` target is told about this failure."""
        return {"code": self.code, "message": self.message, "agent": self.agent or ""}


class Fault(Exception):  # noqa: N818 - the private form of a Failure, inside of this package
    """A failure on its way to where it becomes a value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def failure(self) -> Failure:
        """Return the value."""
        return Failure(self.code, self.message)


class Time(int):
    """Microseconds since 1970 UTC, in the years 1 to 9999."""

    __slots__ = ()


class Duration(int):
    """Microseconds."""

    __slots__ = ()


if TYPE_CHECKING:

    @dataclass_transform(
        kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,)
    )
    class RecordMeta(StructMeta):
        """Says what type checkers shall know about records."""
else:
    # A class whose metaclass is written in Python is called without the fast protocol of CPython:
    # making a record would take three times as long.
    RecordMeta = StructMeta


class Record(Struct, metaclass=RecordMeta, frozen=True, kw_only=True, gc=False):
    """Base of the records of a workflow: immutable, with fields that are given by name.

    Fields that may be null have the default None. Where such a field stands before one without a
    default, the class is declared `class Order(Record, kw_only=True)`; printed classes always are.
    """


# -- hooks: times and durations are text and seconds in JSON, integers in MessagePack


def json_enc_hook(value: Any) -> Any:
    """Return what JSON has for a time or a duration."""
    if isinstance(value, Time):
        return text_of(value)
    if isinstance(value, Duration):
        return value / 1e6
    raise TypeError(f"{type(value).__name__} is no value of a workflow")


def json_dec_hook(kind: type, data: Any) -> Any:
    """Return the time or duration of JSON data; raise ValueError when it is none."""
    if kind is Time and isinstance(data, str):
        return Time(micros_of(data))
    if kind is Duration and type(data) in (int, float):
        return Duration(_in_range(round(data * 1e6)))
    raise ValueError("not this kind of value")


def msgpack_enc_hook(value: Any) -> Any:
    """Return the microseconds of a time or duration."""
    if isinstance(value, Time | Duration):
        return int(value)
    raise TypeError(f"{type(value).__name__} is no value of a workflow")


def msgpack_dec_hook(kind: type, data: Any) -> Any:
    """Return the time or duration of microseconds."""
    if kind in (Time, Duration) and type(data) is int:
        return kind(data)
    raise ValueError("not this kind of value")


def _in_range(number: int) -> int:
    if INT_MIN <= number <= INT_MAX:
        return number
    raise ValueError("outside of 64 bits")


# -- readers and writers


class JsonDecoder(Generic[T]):
    """Reads JSON text as one type, by the rules of the language."""

    __slots__ = ("_fast", "_type")

    def __init__(self, type: Any) -> None:
        self._type = type
        self._fast: Callable[[bytes], T] = msgspec.json.Decoder(type, dec_hook=json_dec_hook).decode

    def decode(self, text: bytes) -> T | Failure:
        """Return the value, or why the text is none."""
        size = len(text)
        if size > MAX_DEPTH and _may_be_deep(text, size):
            return self._slowly(text)
        try:
            if not text.isascii():
                text.decode()
            return self._fast(text)
        except (ValueError, OverflowError, RecursionError):
            return self._slowly(text)

    def _slowly(self, text: bytes) -> T | Failure:
        from kumeo_runtime.decoding import read_text

        try:
            return cast(T, read_text(text, self._type))
        except Fault as fault:
            return fault.failure()


def _may_be_deep(text: bytes, size: int) -> bool:
    """Say whether there are so many brackets that the exact check is needed; quick for few."""
    # `replace` looks for a byte several times as fast as `count` does.
    arrays = size - len(text.replace(b"[", b""))
    # A level that is an object takes five bytes at least: {"":}
    if size < 5 * (MAX_DEPTH - arrays):
        return False
    return arrays + size - len(text.replace(b"{", b"")) > MAX_DEPTH


class JsonEncoder:
    """Writes values as JSON text."""

    __slots__ = ("_encode", "_floats")

    def __init__(self) -> None:
        self._floats: dict[type, tuple[str, ...] | None] = {}
        self._encode = msgspec.json.Encoder(enc_hook=json_enc_hook).encode

    def encode(self, value: Any) -> bytes | Failure:
        """Return the text; numbers that are not finite and too deep values are failures."""
        try:
            text = self._encode(value)
        except RecursionError:
            return Failure("too-deep", "the value is nested too deeply")
        kind: type[Any] = value.__class__
        floats = self._floats[kind] if kind in self._floats else self._look_at(kind)
        if floats is not None:
            for name in floats:
                number = getattr(value, name)
                if number is not None and not isfinite(number):
                    return Failure("not-finite", f"{number} has no JSON form")
            return text
        if b"null" not in text:
            return text
        wrong = not_finite_in(value)
        if wrong is None:
            return text
        return Failure("not-finite", f"{wrong} has no JSON form")

    def _look_at(self, kind: type) -> tuple[str, ...] | None:
        """Return the fields of a record that are floats, if no other part holds any."""
        from kumeo_runtime.finite import plain_floats

        found = self._floats[kind] = plain_floats(kind)
        return found


def json_decoder(type: Any) -> JsonDecoder[Any]:
    """Return the reader of JSON text for a type; make it once and keep it."""
    return JsonDecoder(type)


def json_encoder() -> JsonEncoder:
    """Return the writer of JSON text; it serves all types."""
    return JsonEncoder()


def msgpack_decoder(type: Any) -> "msgspec.msgpack.Decoder[Any]":
    """Return the reader of MessagePack for a type: what this package itself has written."""
    return msgspec.msgpack.Decoder(type, dec_hook=msgpack_dec_hook)


def msgpack_encoder() -> msgspec.msgpack.Encoder:
    """Return the writer of MessagePack; infinities and NaN stay what they are."""
    return msgspec.msgpack.Encoder(enc_hook=msgpack_enc_hook)
