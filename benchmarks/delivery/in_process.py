"""`in-process`: five fused stages on 1 KiB, bytes in and bytes out, without a broker.

Against Python that somebody writes by hand with orjson: the stages as functions that return new
dicts, called one after the other, and one function that changes one dict in place. The printed
workflow runs with all that the runtime adds: checked decoding, ids, headers.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import orjson
from kumeo_runtime.activation import Activation, Routes
from kumeo_runtime.ids import Path
from kumeo_runtime.meta import Meta
from kumeo_runtime.spec import Target, Workflow
from kumeo_runtime.values import json_decoder, json_encoder

from benchmarks.delivery.packages import built, payments
from benchmarks.tables import Cell, Options, Table

EVENTS = 1_000
TURNS = 10
GOAL = 1.5
OURS = "printed by kumeo build -O2"
Record = dict[str, Any]
Run = Callable[[bytes], bytes]
_encode = json_encoder().encode


def measure(options: Options) -> Table:
    """Return microseconds per event; all three make the same records."""
    data = payments(EVENTS)
    runs: dict[str, Run] = {
        OURS: printed(built("five stages", "O2"), Buffer),
        "the same with the ids and headers of messages": printed(built("five stages", "O2")),
        "by hand, five functions, orjson": by_hand,
        "by hand, one dict in place, orjson": in_place,
    }
    same_records(runs, data[:500])
    best = dict.fromkeys(runs, math.inf)
    for _ in range(TURNS * options.best_of):
        for name, run in runs.items():
            best[name] = min(best[name], seconds(run, data) / EVENTS * 1e6)
    ours = best[OURS]
    rows: list[list[Cell]] = [[name, us, round(1e6 / us), us / ours] for name, us in best.items()]
    columns = ["run", "µs per event", "events/s", "kumeo is x times as fast"]
    notes = [f"goal: {GOAL} x; processor time, one core, no broker, nothing stored"]
    return Table("in-process: five fused stages, 1 KiB", columns, rows, notes)


class Buffer(Activation):
    """An activation whose outputs are bytes and no messages, as those of the runs by hand."""

    def emit(self, target: Target, value: Any, *, site: str, path: Path = ()) -> None:
        """Encode, with every check."""
        self.outputs.append(_encode(value))  # pyright: ignore[reportArgumentType]


def printed(workflow: Workflow, kind: type[Activation] = Activation) -> Run:
    """Return the printed handler from the bytes of an event to the bytes of its output."""
    handler = workflow.services[0].handlers[0]
    decode = json_decoder(workflow.sources[0].type).decode
    routes = Routes(workflow.token, {}, {each.name: each.address for each in workflow.targets})
    function: Any = handler.function
    is_bytes = kind is Buffer

    def run(payload: bytes) -> bytes:
        act = kind(routes, Meta("source", "e1", 0, payload))
        function(act, decode(payload))
        made: Any = act.outputs[0]
        return made if is_bytes else made.payload

    return run


def by_hand(payload: bytes) -> bytes:
    """Run five small functions one after the other."""
    record = orjson.loads(payload)
    for stage in (validate, enrich, score, decide, route):
        record = stage(record)
    return orjson.dumps(record)


REQUIRED = (
    ("tx_id", str),
    ("amount", (int, float)),
    ("merchant_id", str),
    ("card_hash", str),
    ("country", str),
    ("ts", int),
)


def validate(record: Record) -> Record:
    """Check the fields that the stages read."""
    is_typed = True
    for name, kind in REQUIRED:
        if not isinstance(record.get(name), kind):
            is_typed = False
            break
    return {**record, "valid": is_typed and record["amount"] >= 0}


def enrich(record: Record) -> Record:
    """Add what follows from one field."""
    return {
        **record,
        "hour": record["ts"] // 3600 % 24,
        "foreign": record["country"] != "CL",
        "high_value": record["amount"] > 1000,
    }


def score(record: Record) -> Record:
    """Add a risk."""
    sum_ = -3.0 + 0.002 * record["amount"] + 1.2 * record["foreign"] + 0.4 * (record["hour"] < 6)
    return {**record, "score": 1.0 / (1.0 + math.exp(-sum_)) if sum_ > -700 else 0.0}


def decide(record: Record) -> Record:
    """Choose by rules."""
    if not record["valid"]:
        return {**record, "decision": "reject"}
    if record["score"] >= 0.8:
        return {**record, "decision": "block"}
    if record["score"] >= 0.6 or (record["high_value"] and record["foreign"]):
        return {**record, "decision": "review"}
    return {**record, "decision": "allow"}


CHANNELS = {"reject": "dlq", "block": "high", "review": "medium", "allow": "processed"}


def route(record: Record) -> Record:
    """Look the channel up; the other runs know it, too, but do not write it."""
    assert CHANNELS[record["decision"]]
    return record


def in_place(payload: bytes) -> bytes:
    """Do the same in one function on one dict: as fast as it gets with orjson."""
    record = orjson.loads(payload)
    for name, kind in REQUIRED:
        assert isinstance(record.get(name), kind)
    amount = record["amount"]
    record["valid"] = is_valid = amount >= 0
    record["hour"] = hour = record["ts"] // 3600 % 24
    record["foreign"] = is_abroad = record["country"] != "CL"
    record["high_value"] = is_high = amount > 1000
    sum_ = -3.0 + 0.002 * amount + 1.2 * is_abroad + 0.4 * (hour < 6)
    record["score"] = risk = 1.0 / (1.0 + math.exp(-sum_)) if sum_ > -700 else 0.0
    if not is_valid:
        record["decision"] = "reject"
    elif risk >= 0.8:
        record["decision"] = "block"
    elif risk >= 0.6 or (is_high and is_abroad):
        record["decision"] = "review"
    else:
        record["decision"] = "allow"
    assert CHANNELS[record["decision"]]
    return orjson.dumps(record)


def seconds(run: Run, data: list[bytes]) -> float:
    """Return the processor time of all events."""
    start = time.process_time()
    for payload in data:
        run(payload)
    return time.process_time() - start


def same_records(runs: dict[str, Run], data: list[bytes]) -> None:
    """Assert that all runs make equal records, up to the last digit of the score."""
    for payload in data:
        first, *others = ({**orjson.loads(run(payload))} for run in runs.values())
        for other in others:
            assert math.isclose(first["score"], other.pop("score"), rel_tol=1e-12)
            assert other == {k: v for k, v in first.items() if k != "score"}, (other, first)
