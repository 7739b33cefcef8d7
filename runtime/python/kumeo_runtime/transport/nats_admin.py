"""JetStream administration: our configurations as JSON and back."""

import base64
from typing import Any

from kumeo_runtime.transport.api import (
    ConsumerConfig,
    ConsumerInfo,
    Stored,
    StreamConfig,
    StreamInfo,
    TransportError,
)
from kumeo_runtime.transport.nats_wire import parse_headers
from kumeo_runtime.transport.subjects import moment_us

_NS = 1_000_000_000
GROUP = "one"
"""The group of consumers that serve one pull at a time."""


def stream_body(config: StreamConfig) -> dict[str, Any]:
    """Return the configuration of a new stream."""
    return {
        "name": config.name,
        "subjects": list(config.subjects),
        "retention": "limits",
        "storage": config.storage,
        "discard": config.discard,
        "max_bytes": config.max_bytes,
        "max_msg_size": config.max_msg_bytes,
        "max_age": int(config.max_age_s * _NS),
        "max_msgs_per_subject": config.max_per_subject,
        "duplicate_window": int(config.duplicate_window_s * _NS),
        "num_replicas": config.replicas,
        "allow_direct": True,
        "allow_msg_schedules": config.allow_schedules,
        "allow_atomic": config.allow_atomic,
        "allow_msg_ttl": config.allow_ttl or config.allow_schedules,
        "metadata": dict(config.metadata),
    }


def widened(there: dict[str, Any], config: StreamConfig) -> dict[str, Any]:
    """Return the configuration of a stream that exists, widened to what is asked for."""
    check_fit(there, config)
    body = dict(there)
    more = [subject for subject in config.subjects if subject not in there["subjects"]]
    body["subjects"] = [*there["subjects"], *more]
    old, new = there.get("max_bytes", -1), config.max_bytes
    body["max_bytes"] = -1 if old < 0 or new < 0 else max(old, new)
    for key, is_asked in (
        ("allow_msg_schedules", config.allow_schedules),
        ("allow_atomic", config.allow_atomic),
        ("allow_msg_ttl", config.allow_ttl or config.allow_schedules),
    ):
        if is_asked and not there.get(key):
            body[key] = True
    if config.metadata:
        body["metadata"] = {**there.get("metadata", {}), **config.metadata}
    return body


def check_fit(there: dict[str, Any], config: StreamConfig) -> None:
    """Raise when a stream that exists is of another kind."""
    pairs = (
        ("storage", there.get("storage"), config.storage),
        ("discard", there.get("discard", "old"), config.discard),
        ("retention", there.get("retention", "limits"), "limits"),
    )
    for name, old, new in pairs:
        if old != new:
            raise TransportError(
                "stream-conflict",
                f"stream {config.name} exists with {name} {old}, and {new} is needed",
                "use another namespace, or remove the stream when nobody needs its messages",
            )


def stream_info(answer: dict[str, Any]) -> StreamInfo:
    """Return the state of a stream."""
    config, state = answer["config"], answer["state"]
    return StreamInfo(
        config["name"],
        tuple(config.get("subjects", ())),
        state["messages"],
        state["bytes"],
        state["first_seq"],
        state["last_seq"],
        answer["created"],
        config.get("max_bytes", -1),
        config.get("metadata", {}),
        config.get("duplicate_window", 0) / _NS,
    )


def consumer_body(config: ConsumerConfig, old: dict[str, Any] | None) -> dict[str, Any]:
    """Return the configuration of a durable; where it started stays as it was."""
    body: dict[str, Any] = {
        "durable_name": config.durable,
        "name": config.durable,
        "ack_policy": "explicit",
        "ack_wait": int(config.ack_wait_s * _NS),
        "max_deliver": -1,
        "max_ack_pending": config.max_ack_pending,
        "deliver_policy": "all",
        "replay_policy": "instant",
    }
    if config.pin_s:
        body |= {
            "priority_policy": "pinned_client",
            "priority_groups": [GROUP],
            "priority_timeout": int(config.pin_s * _NS),
        }
    if len(config.filters) == 1:
        body["filter_subject"] = config.filters[0]
    elif config.filters:
        body["filter_subjects"] = list(config.filters)
    if old is not None:
        kept = ("deliver_policy", "opt_start_seq")
        return body | {key: old[key] for key in kept if key in old}
    if config.start_seq is not None:
        body |= {"deliver_policy": "by_start_sequence", "opt_start_seq": max(1, config.start_seq)}
    return body


def consumer_info(answer: dict[str, Any], last_seq: int) -> ConsumerInfo:
    """Return the state of a consumer; `last_seq` was read from the stream before."""
    pending, open_acks = answer["num_pending"], answer["num_ack_pending"]
    floor, config = answer["ack_floor"]["stream_seq"], answer.get("config", {})
    if not open_acks:
        floor = max(floor, answer["delivered"]["stream_seq"])
    if not pending and not open_acks:
        floor = max(floor, last_seq)
    return ConsumerInfo(
        durable=answer["name"],
        ack_floor=floor,
        delivered=answer["delivered"]["stream_seq"],
        pending=pending,
        unacknowledged=open_acks,
        redelivered=answer["num_redelivered"],
        ack_wait_s=config.get("ack_wait", 0) / _NS,
        max_deliver=config.get("max_deliver", -1),
        is_pull="deliver_subject" not in config and config.get("ack_policy") == "explicit",
    )


def stored_message(message: dict[str, Any]) -> Stored:
    """Return a message that was read directly."""
    block = base64.b64decode(message.get("hdrs", ""))
    return Stored(
        message["subject"],
        base64.b64decode(message.get("data", "")),
        parse_headers(block) or None if block else None,
        message["seq"],
        moment_us(message["time"]) or 0,
    )
