"""`/v1/decisions`: yes or no, and one of several, with probabilities that the server gives.

A question with a `DecisionSpec` goes there if the model has it. Everywhere else it is asked like
any other, with the schema of its answer, and no probability is made up.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from kumeo_runtime.llm.api import (
    DecisionPart,
    DecisionSpec,
    ModelFault,
    Question,
    Reply,
    Usage,
)
from kumeo_runtime.llm.wire import Body, count_of, entry, items, name_of, part, text_of, usage_of

PATH = "/decisions"


def decision_of(schema: Mapping[str, Any] | None) -> DecisionSpec | None:
    """Return what an answer decides: a record of booleans and enums; None for other schemas.

    >>> decision_of({"type": "object", "properties": {"ok": {"type": "boolean"}}})
    DecisionSpec(parts=(DecisionPart(name='ok', choices=()),))
    """
    fields: Mapping[str, Any] = (schema or {}).get("properties") or {}
    parts = [_part(name, kind) for name, kind in fields.items()]
    found = tuple(each for each in parts if each is not None)
    return DecisionSpec(found) if found and len(found) == len(parts) else None


def _part(name: str, kind: Mapping[str, Any]) -> DecisionPart | None:
    if kind.get("type") == "boolean":
        return DecisionPart(name)
    names = kind.get("enum") or ()
    return DecisionPart(name, tuple(names)) if len(names) > 1 else None


def decision_body(question: Question, spec: DecisionSpec) -> Body:
    """Return the body of a request."""
    said = [text_of(message.get("content")) for message in question.messages]
    questions = [_asked(each) for each in spec.parts]
    return {"model": question.model, "input": "\n\n".join(said), "questions": questions}


def _asked(part: DecisionPart) -> Body:
    shown = part.name.replace("_", " ")
    if not part.choices:
        text = f"The answer to `{shown}` is yes."
        return {"type": "predicate", "name": part.name, "instructions": text}
    values = [{"value": name} for name in part.choices]
    text = f"Choose `{shown}`."
    return {"type": "choice", "name": part.name, "instructions": text, "choices": values}


def decision_reply(body: Any, spec: DecisionSpec) -> Reply:
    """Return the reply in a response: JSON of the answer, and the probabilities by field.

    Raises: ModelFault.
    """
    usage = _usage(entry(body, "usage"))
    values: dict[str, Any] = {}
    probabilities: dict[str, Mapping[str, float]] = {}
    for place, asked in enumerate(spec.parts):
        answer = _answer_to(body, asked.name, place)
        values[asked.name], probabilities[asked.name] = _chosen(asked, answer, usage)
    text = msgspec.json.encode(values).decode()
    return Reply(text, (), "stop", usage, name_of(body, "model"), probabilities)


def _answer_to(body: Any, name: str, place: int) -> Any:
    """Return the answer to a question: by its name, or by its place where answers have no names.

    Raises: ModelFault.
    """
    part(body, "answers")
    answers = items(body, "answers")
    named = [each for each in answers if name_of(each, "name") == name]
    if named:
        return named[0]
    found = part(answers, place)
    if name_of(found, "name"):
        raise ModelFault("attempt-failed", f"the server does not decide `{name}`")
    return found


def _chosen(asked: DecisionPart, answer: Any, usage: Usage) -> tuple[Any, Mapping[str, float]]:
    if entry(answer, "type") == "refusal":
        raise ModelFault("refused", f"the model refuses to decide `{asked.name}`", usage)
    if not asked.choices:
        yes = _probability(part(answer, "probability"))
        return yes >= 0.5, {"true": yes, "false": 1.0 - yes}
    given = {
        str(part(each, "value")): _probability(part(each, "probability"))
        for each in items(answer, "probabilities")
    }
    return part(answer, "choice"), given


def _probability(given: Any) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and 0.0 <= given <= 1.0:
        return float(given)
    raise ModelFault("attempt-failed", f"{given!r:.40} is no probability")


def _usage(given: Any) -> Usage:
    details = entry(given, "input_tokens_details")
    return usage_of(
        count_of(given, "input_tokens"),
        count_of(given, "output_tokens"),
        count_of(details, "cached_tokens"),
    )
