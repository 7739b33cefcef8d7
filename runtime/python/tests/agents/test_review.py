"""`Review`: what a person is asked, and what becomes of the answer."""

from typing import Any, Literal

from kumeo_runtime.agents import Policy, Review
from kumeo_runtime.parked import Answer
from kumeo_runtime.tasks.state import text_of
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Failure, Record, Time


class Case(Record):
    amount: float


class Decision(Record):
    decision: Literal["approve", "reject"]
    by: str
    at: Time
    note: str | None = None


def review(**options: Any) -> Review[Decision]:
    return Review(site="w/check", id="check", result=Decision, input=Case, **options)


def answered(agent: Review[Decision], answer: Answer | None, **inputs: Any) -> Any:
    act: Any = MemoryCall(now_us=7)
    act.answer = answer
    return agent(act, **(inputs or {"input": Case(amount=1.0)}))


def test_task_says_what_is_asked_and_of_whom() -> None:
    agent = review(
        title="Large payment",
        instructions="Look at it.",
        assignees=["ann"],
        group="credit",
        timeout_s=60.0,
        on_timeout="escalate",
        escalate_to=["boss"],
        policy=Policy(attempts=2),
    )
    task = agent.task(Case(amount=9.5), path=(1,))
    assert (task.site, task.path, task.title) == ("w/check", (1,), "Large payment")
    assert text_of(task) == 'Look at it.\n\n{"amount": 9.5}'
    assert task.decisions == ("approve", "reject")
    assert task.assignees == ("ann", "credit")
    assert (task.timeout_s, task.on_timeout, task.escalate_to) == (60.0, "escalate", ("boss",))
    assert task.attempts == 2


def test_task_without_a_title_has_the_name_of_the_agent() -> None:
    assert review().task(Case(amount=9.5)).title == "check"


def test_answer_becomes_the_result() -> None:
    answer = Answer(decision="approve", by="ann", at=5, form={"note": "fine", "extra": 1})
    found = answered(review(), answer)
    assert found == Decision(decision="approve", by="ann", at=Time(5), note="fine")


def test_answer_without_a_form_has_null_fields() -> None:
    found = answered(review(), Answer(decision="reject", by="ann", at=5))
    assert found == Decision(decision="reject", by="ann", at=Time(5))


def test_answer_that_does_not_fit_fails() -> None:
    found = answered(review(), Answer(decision="maybe", by="ann"))
    message = 'agent `check`: at decision: "maybe" is none of approve, reject'
    assert found == Failure("invalid-answer", message, "w/check")


def test_read_form_of_a_wrong_type_says_where() -> None:
    found = review().read(Answer(decision="approve", by="ann", at=5, form={"note": 3}))
    assert isinstance(found, Failure)
    assert found.message == "at note: expected text, not 3"


def test_no_answer_in_time_is_a_failure() -> None:
    found = answered(review(), Answer(failure=Failure("timeout", "nobody answered")))
    assert found == Failure("timeout", "nobody answered", "w/check")


def test_decision_for_the_timeout_holds() -> None:
    agent = review(on_timeout="reject")
    found = answered(agent, Answer(failure=Failure("timeout", "nobody answered")))
    assert found == Decision(decision="reject", by="timeout", at=Time(7))


def test_other_failures_do_not_take_the_decision_of_the_timeout() -> None:
    found = answered(review(on_timeout="reject"), Answer(failure=Failure("withdrawn", "x")))
    assert found == Failure("withdrawn", "x", "w/check")


def test_failed_input_cancels_and_is_observed() -> None:
    act: Any = MemoryCall()
    failure = Failure("x", "y")
    assert review()(act, input=failure) is failure
    assert act.observed == [failure]


def test_call_without_a_task_fails() -> None:
    found = answered(review(), None)
    assert isinstance(found, Failure)
    assert found.code == "no-answer"
