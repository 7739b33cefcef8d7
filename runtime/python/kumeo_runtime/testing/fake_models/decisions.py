"""`/v1/decisions`: questions about one input, answered with probabilities."""

from collections.abc import Sequence
from typing import Any, cast

from msgspec import UNSET

from kumeo_runtime.testing.fake_models.asked import Asked, Json, list_of, record_of
from kumeo_runtime.testing.fake_models.dialect import Complaint, Dialect, Stamp
from kumeo_runtime.testing.fake_models.openai import OpenAiChat
from kumeo_runtime.testing.fake_models.script import Counts, Reply, Script

_KNOWN = frozenset(
    {
        "model",
        "input",
        "questions",
        "prompt_cache_key",
        "prompt_cache_options",
        "safety_identifier",
    }
)
_MOST_QUESTIONS, _MOST_CHOICES = 400, 255
REFUSED = "refused"
"""The scripted value of a question that is not answered."""


class Decisions(Dialect):
    """Answers predicates, choices and scores. The scripted value is the likeliest one."""

    def check(self, body: Any, script: Script) -> Complaint | None:
        """Return why the body of a request is refused, or None."""
        if not isinstance(body, dict):
            return Complaint("Invalid body: expected an object.")
        known = cast(Json, body)
        unknown = sorted(known.keys() - _KNOWN)
        if unknown:
            return Complaint(f"Unknown parameter: '{unknown[0]}'.", param=unknown[0])
        if not isinstance(known.get("model"), str) or not known["model"]:
            return Complaint("you must provide a model parameter")
        if not isinstance(known.get("input"), str | list) or not known["input"]:
            return Complaint("Missing required parameter: 'input'.", param="input")
        questions = known.get("questions")
        if not isinstance(questions, list) or not 1 <= len(cast(Json, questions)) <= 400:
            message = f"Invalid 'questions': expected 1 to {_MOST_QUESTIONS} questions."
            return Complaint(message, param="questions")
        for number, question in enumerate(cast(list[Any], questions)):
            problem = _question_problem(question)
            if problem is not None:
                at = f"questions[{number}]"
                return Complaint(f"Invalid '{at}': {problem}.", param=at)
        return None

    def asked(self, body: Json, agent: str) -> Asked:
        """Return what a body that was checked asks."""
        given = body["input"]
        messages: list[Json] = [{"content": given}] if isinstance(given, str) else list(given)
        questions: list[Json] = body["questions"]
        messages += [{"content": question["instructions"]} for question in questions]
        name = agent or str(questions[0].get("name", ""))
        return Asked("decisions", body["model"], messages, name, questions=questions)

    def error(self, complaint: Complaint) -> Json:
        """Return the body of a response with an error."""
        return OpenAiChat().error(complaint)

    def whole(self, asked: Asked, reply: Reply, counts: Counts | None, stamp: Stamp) -> Json:
        """Return the body of a whole answer."""
        values = _values(reply, asked.questions)
        answers = [
            _answer(question, value, reply.confidence)
            for question, value in zip(asked.questions, values, strict=True)
        ]
        body: Json = {"model": asked.model, "answers": answers}
        return body if counts is None else {**body, "usage": _usage(counts)}


def _question_problem(question: Any) -> str | None:
    if not isinstance(question, dict):
        return "expected an object"
    known = cast(Json, question)
    if not isinstance(known.get("instructions"), str | list) or not known["instructions"]:
        return "the instructions are missing"
    match known.get("type"):
        case "predicate":
            return None
        case "choice":
            choices = [repr(record_of(c).get("value")) for c in list_of(known.get("choices"))]
            is_good = 2 <= len(choices) <= _MOST_CHOICES and len(set(choices)) == len(choices)
            return None if is_good else "expected 2 to 255 choices, each of them unique"
        case "score":
            return None if len(list_of(known.get("levels"))) >= 2 else "expected 2 levels or more"
        case other:
            return f"the type {other!r} is none of predicate, choice, score"


def _values(reply: Reply, questions: Sequence[Json]) -> list[Any]:
    """Return the scripted value of each question: by name, in order, or one for all."""
    given: Any = reply.text if reply.json is UNSET else reply.json
    if reply.refusal is not None:
        given = REFUSED
    if isinstance(given, dict):
        by_name = cast(Json, given)
        return [by_name.get(question.get("name", ""), REFUSED) for question in questions]
    values = cast(list[Any], given if isinstance(given, list) else [given] * len(questions))
    return [*values, *([REFUSED] * len(questions))][: len(questions)]


def _answer(question: Json, value: Any, confidence: float) -> Json:
    kind, name = question["type"], question.get("name")
    if value == REFUSED:
        return {"type": "refusal", "name": name}
    if kind == "predicate":
        likely = confidence if value else round(1.0 - confidence, 6)
        return {"type": kind, "name": name, "probability": likely}
    if kind == "choice":
        choices = [choice["value"] for choice in question["choices"]]
        parts = _shares(choices, value, confidence)
        listed = [{"value": v, "probability": p} for v, p in zip(choices, parts, strict=True)]
        answer = {"choice": value, "confidence": confidence, "probabilities": listed}
        return {"type": kind, "name": name, **answer}
    labels = [level["label"] for level in question["levels"]]
    parts = _shares(labels, value, confidence)
    listed = [
        {"value": n, "label": label, "probability": parts[n]} for n, label in enumerate(labels)
    ]
    score = sum(n * part for n, part in enumerate(parts))
    answer = {"score": score, "confidence": confidence, "probabilities": listed}
    return {"type": kind, "name": name, **answer}


def _shares(names: Sequence[Any], chosen: Any, confidence: float) -> list[float]:
    """Return a probability for each name; what the chosen one leaves is shared."""
    rest = round((1.0 - confidence) / max(1, len(names) - 1), 6)
    return [confidence if name == chosen else rest for name in names]


def _usage(counts: Counts) -> Json:
    return {
        "input_tokens": counts.tokens_in,
        "input_tokens_details": {"cached_tokens": counts.cached_in, "cache_write_tokens": 0},
        "output_tokens": counts.tokens_out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": counts.tokens_in + counts.tokens_out,
    }
