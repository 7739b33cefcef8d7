"""`try`: its body runs to the end, then the handler deals with the first observed failure."""

from kumeo.interp import World
from kumeo.testing.small_workflows import play

ERR = "!data.record<{message: !data.str, agent: !data.str}>"
EMIT_ERR = f'workflow.emit %err : {ERR} to @u site "err"'
LLM = """%p = data.constant "hi" : !data.str
%f = agent.llm "m" (prompt = %p) id "f" site "f" : (!data.str) -> i64
"""


def emit(value: str, site: str) -> str:
    return f'workflow.emit {value} : i64 to @t site "{site}"'


def test_try_without_failure_gives_the_results_of_the_body() -> None:
    body = f"""%r = workflow.try -> (i64) {{ workflow.yield %one : i64 }}
      catch (%err: {ERR}) {{ {EMIT_ERR} workflow.yield %two : i64 }}
    {emit("%r", "a")}"""
    run = play(body)
    assert (run.payloads("t"), run.payloads("u")) == ([1], [])


def test_try_body_runs_to_its_end_before_the_handler() -> None:
    body = f"""workflow.try {{
      {emit("%one", "a")} {emit("%bad", "b")} {emit("%two", "c")} workflow.yield
    }} catch (%err: {ERR}) {{ {EMIT_ERR} workflow.yield }}"""
    run = play(body)
    assert [e.site for e in run.emitted] == ["a", "c", "err"]
    assert run.reports == []


def test_try_handler_sees_the_first_failure() -> None:
    body = f"""{LLM} workflow.try {{ {emit("%f", "a")} {emit("%bad", "b")} workflow.yield }}
      catch (%err: {ERR}) {{ {EMIT_ERR} workflow.yield }}"""
    run = play(body, world=World(answers={"f": [{"fail": "down"}]}))
    assert run.payloads("u") == [{"message": "down", "agent": "f"}]


def test_try_result_that_failed_is_observed_and_replaced() -> None:
    body = f"""%r = workflow.try -> (i64) {{ workflow.yield %bad : i64 }}
      catch (%err: {ERR}) {{ workflow.yield %two : i64 }}
    {emit("%r", "a")}"""
    run = play(body)
    assert (run.payloads("t"), run.reports) == ([2], [])


def test_try_with_an_observed_failure_takes_all_results_from_the_handler() -> None:
    body = f"""%r, %q = workflow.try -> (i64, i64) {{ workflow.yield %one, %bad : i64, i64 }}
      catch (%err: {ERR}) {{ workflow.yield %two, %two : i64, i64 }}
    {emit("%r", "a")}"""
    assert play(body).payloads("t") == [2]


def test_try_with_a_failure_that_nobody_observes_needs_no_handler() -> None:
    body = f"""workflow.try {{ %x = data.add %bad, %one : i64 workflow.yield }}
      catch (%err: {ERR}) {{ {EMIT_ERR} workflow.yield }}"""
    assert play(body).emitted == []


def test_inner_try_keeps_its_failure_from_the_outer_one() -> None:
    body = f"""workflow.try {{
      workflow.try {{ {emit("%bad", "a")} workflow.yield }}
        catch (%err: {ERR}) {{ {emit("%one", "in")} workflow.yield }}
      workflow.yield
    }} catch (%err: {ERR}) {{ {emit("%two", "out")} workflow.yield }}"""
    assert [e.site for e in play(body).emitted] == ["in"]


def test_failure_in_a_handler_goes_to_the_scope_around() -> None:
    body = f"""workflow.try {{
      workflow.try {{ {emit("%bad", "a")} workflow.yield }}
        catch (%err: {ERR}) {{ {emit("%worse", "in")} workflow.yield }}
      workflow.yield
    }} catch (%outer: {ERR}) {{
      workflow.emit %outer : {ERR} to @u site "out" workflow.yield
    }}"""
    run = play(body)
    assert "null" in run.payloads("u")[0]["message"]
    assert run.reports == []


def test_failed_handler_result_is_reported_once_when_read() -> None:
    body = f"""%r = workflow.try -> (i64) {{ workflow.yield %bad : i64 }}
      catch (%err: {ERR}) {{ workflow.yield %worse : i64 }}
    {emit("%r", "a")} {emit("%r", "b")}"""
    assert [r.failure.code for r in play(body).reports] == ["null-value"]


def test_failure_after_a_handled_try_is_still_reported() -> None:
    body = f"""workflow.try {{ {emit("%bad", "a")} workflow.yield }}
      catch (%err: {ERR}) {{ workflow.yield }}
    {emit("%worse", "b")}"""
    assert [r.failure.code for r in play(body).reports] == ["null-value"]


def test_failure_in_a_foreach_inside_try_goes_to_its_handler() -> None:
    body = f"""%l = data.list [%one, %two] : !data.list<i64>
    workflow.try {{
      workflow.foreach (%x: i64) in %l {{ {emit("%bad", "a")} workflow.yield }}
      workflow.yield
    }} catch (%err: {ERR}) {{ {EMIT_ERR} workflow.yield }}"""
    run = play(body)
    assert (len(run.payloads("u")), run.reports) == (1, [])
