"""How far an input is sent, kept so that a run after any end goes on exactly there.

The file holds the last line up to which everything is stored, and a sequence of the source's
stream that is older than every line behind it. After a kill, the lines between are looked up in
the stream: it knows what it has, whatever time has passed.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4


@dataclass(slots=True)
class Position:
    """Where an input stands."""

    line: int = 0
    """All lines up to this one are stored."""
    offset: int = 0
    """Where that line ends in the file; 0 when it cannot be told."""
    seq: int = 0
    """Lines after `line` are in the stream only after this sequence."""
    generation: str = ""
    """Says which sending of the input it is; the first has an empty one."""
    created: str = ""
    """When the stream was created: in another stream nothing is sent yet."""

    def for_stream(self, created: str, size: int | None) -> "Position":
        """Return where to go on in a stream, with an input of `size` bytes."""
        if self.created != created:
            return Position(created=created)
        if size is not None and self.offset > size:
            return self.anew()  # The file has been replaced by a shorter one.
        return self

    def anew(self) -> "Position":
        """Return the beginning of another sending of the same input."""
        return Position(seq=self.seq, generation=f".{uuid4().hex[:6]}", created=self.created)


@dataclass(slots=True)
class Tracker:
    """Follows which lines are stored while up to a thousand are on their way."""

    position: Position
    sent: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Line and offset of what is on its way, in order."""
    stored: set[int] = field(default_factory=set[int])
    last_seq: int = 0
    """The highest sequence that was acknowledged."""
    mark: tuple[int, int] = (0, 0)
    """At the last `settle`: the last line sent, and `last_seq`. A line sent since then has a higher
    sequence than that."""
    last_sent: int = 0

    def send(self, line: int, offset: int) -> None:
        """A line goes out."""
        self.sent.append((line, offset))
        self.last_sent = line

    def store(self, line: int, seq: int) -> None:
        """A line is stored, or will never be (sequence 0)."""
        self.stored.add(line)
        self.last_seq = max(self.last_seq, seq)

    def settle(self) -> Position:
        """Move the position behind all that is stored without a gap, and return it."""
        done = 0
        for line, offset in self.sent:
            if line not in self.stored:
                break
            self.stored.discard(line)
            self.position.line, self.position.offset = line, max(offset, 0)
            done += 1
        del self.sent[:done]
        line, seq = self.mark
        if self.position.line >= line:
            self.position.seq = max(self.position.seq, seq)
        self.mark = self.last_sent, self.last_seq
        return self.position

    @property
    def waiting(self) -> int:
        """How many lines are on their way."""
        return len(self.sent) - len(self.stored)


def load_position(path: Path) -> Position:
    """Return what a file says, or the beginning."""
    try:
        return Position(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Position()


def save_position(path: Path, position: Position) -> None:
    """Write a position in one step; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    scratch.write_text(json.dumps(asdict(position)), encoding="utf-8")
    scratch.replace(path)
