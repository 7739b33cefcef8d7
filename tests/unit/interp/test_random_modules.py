"""Random small modules: whatever they do, nothing is raised and the rules of a run hold."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from kumeo.interp import Failure, World, recordings_of, run
from kumeo.testing.small_workflows import events_of, module_of

ERR = "!data.record<{message: !data.str, agent: !data.str}>"
OUTSIDE = """workflow.subworkflow @sub (%v: i64) -> (i64) {
  %r = data.rem %v, %v : i64
  workflow.emit %v : i64 to @t site "log"
  workflow.return %r : i64
}"""


@dataclass
class Writer:
    """Writes a random body; `ints` and `flags` are the values in scope."""

    draw: st.DrawFn
    ints: list[str] = field(default_factory=lambda: ["%e", "%one", "%zero", "%bad"])
    flags: list[str] = field(default_factory=lambda: ["%yes", "%no", "%badflag"])
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def int_(self) -> str:
        return self.draw(st.sampled_from(self.ints))

    def flag(self) -> str:
        return self.draw(st.sampled_from(self.flags))

    def block(self, depth: int, end: str, extra: str = "") -> str:
        """Write a nested block that yields one of its values."""
        ints, flags = list(self.ints), list(self.flags)
        self.ints += [extra] if extra else []
        lines = self.statements(depth)
        last = f"{end} {self.int_()} : i64"
        self.ints, self.flags = ints, flags
        return f"{{ {lines} {last} }}"

    def statements(self, depth: int) -> str:
        kinds = [self.compute, self.test, self.emit, self.agent, self.review, self.process]
        kinds += [self.aggregate, self.call]
        deep = [self.if_, self.foreach, self.try_, self.fallback]
        chosen = self.draw(st.lists(st.integers(0, 11 if depth else 7), min_size=1, max_size=4))
        return "\n".join(kinds[i]() if i < 8 else deep[i - 8](depth - 1) for i in chosen)

    def new_int(self, text: str) -> str:
        name = "%" + self.name()
        self.ints.append(name)
        return f"{name} = {text}"

    def compute(self) -> str:
        op = self.draw(st.sampled_from(["add", "mul", "rem", "sub"]))
        select = self.draw(st.booleans())
        if select:
            return self.new_int(f"data.select {self.flag()}, {self.int_()}, {self.int_()} : i64")
        return self.new_int(f"data.{op} {self.int_()}, {self.int_()} : i64")

    def test(self) -> str:
        op = self.draw(st.sampled_from(["data.and", "data.or"]))
        text = f"{op} {self.flag()}, {self.flag()}"
        if self.draw(st.booleans()):
            text = f"data.compare lt, {self.int_()}, {self.int_()} : i64"
        name = "%" + self.name()
        self.flags.append(name)
        return f"{name} = {text}"

    def emit(self) -> str:
        return f'workflow.emit {self.int_()} : i64 to @t site "{self.name()}"'

    def agent(self, fallback: str = "") -> str:
        name, value = self.name(), self.int_()
        prompt = f'%p{name} = data.format "{{{{ x }}}}" (x = {value})\n'
        return prompt + self.new_int(
            f'agent.llm "m" (prompt = %p{name}) id "{name}" site "{name}"'
            f" policy<attempts = 2> {fallback} : (!data.str) -> i64"
        )

    def review(self) -> str:
        name = self.name()
        result = '!data.record<{decision: !data.enum<"a", "b">, n: i64}>'
        text = f"""%r{name} = agent.review (input = {self.int_()}) id "{name}" site "{name}"
          : (i64) -> {result}\n"""
        return text + self.new_int(f'data.get %r{name}["n"] : i64')

    def process(self) -> str:
        name = self.name()
        return self.new_int(
            f"""agent.process ({self.int_()}) do (%x: i64) {{
            %y = data.rem %x, %x : i64 agent.yield %y : i64 }}
            id "{name}" site "{name}" : (i64) -> i64"""
        )

    def aggregate(self) -> str:
        name, result = self.name(), "!data.record<{s: i64}>"
        text = f"""%r{name} = agent.aggregate (key = {self.int_()}, s = {self.int_()})
          reducers ["sum"] window_us 10 : i64 id "{name}" site "{name}"
          : (i64, i64) -> {result}\n"""
        return text + self.new_int(f'data.get %r{name}["s"] : i64')

    def call(self) -> str:
        return self.new_int(
            f'workflow.call @sub({self.int_()}) site "{self.name()}" : (i64) -> (i64)'
        )

    def if_(self, depth: int) -> str:
        then, other = self.block(depth, "workflow.yield"), self.block(depth, "workflow.yield")
        return self.new_int(f"workflow.if {self.flag()} -> (i64) {then} else {other}")

    def foreach(self, depth: int) -> str:
        name = self.name()
        text = f"%l{name} = data.list [{self.int_()}, {self.int_()}] : !data.list<i64>\n"
        item = f"%x{name}"
        body = self.block(depth, "workflow.yield", item)
        text += f"""%m{name} = workflow.foreach ({item}: i64) in %l{name} -> (!data.list<i64>)
          {body}\n"""
        return text + self.new_int(f"data.len %m{name}")

    def try_(self, depth: int) -> str:
        body, handler = self.block(depth, "workflow.yield"), self.block(depth, "workflow.yield")
        name = self.name()
        return self.new_int(f"workflow.try -> (i64) {body} catch (%err{name}: {ERR}) {handler}")

    def fallback(self, depth: int) -> str:
        if self.draw(st.booleans()):
            return self.agent(f"fallback {{ {self.emit()} agent.yield }}")
        return self.agent(f"fallback {self.block(depth, 'agent.yield')}")


@st.composite
def bodies(draw: st.DrawFn) -> str:
    return Writer(draw).statements(3)


@settings(max_examples=80, deadline=None)
@given(bodies(), st.lists(st.integers(-3, 3), max_size=4), st.integers(0, 3))
def test_random_module_keeps_the_rules_of_a_run(
    body: str, payloads: list[int], fail_one_in: int
) -> None:
    module, events = module_of(body, outside=OUTSIDE, on_error="@errors"), events_of(payloads)
    result = run(module, "W", events, World(fail_one_in=fail_one_in, trace="all"))
    assert len({e.id for e in result.emitted}) == len(result.emitted)
    assert all(n == 1 for n in Counter(r.event.id for r in result.reports).values())
    assert not any(r.failure.handled for r in result.reports)
    keys = [(c.event, c.site, c.path, c.attempt) for c in result.calls]
    assert len(set(keys)) == len(keys)
    assert not any(isinstance(e.payload, Failure) for e in result.emitted)
    again = run(module, "W", events, World(recordings=recordings_of(result), seed=1))
    assert (again.emitted, again.calls, again.reports) == (
        result.emitted,
        result.calls,
        result.reports,
    )


@settings(max_examples=30, deadline=None)
@given(bodies(), st.lists(st.integers(-3, 3), min_size=1, max_size=3))
def test_random_module_repeats_messages_for_events_that_come_again(
    body: str, payloads: list[int]
) -> None:
    module, events = module_of(body, outside=OUTSIDE), events_of(payloads)
    once = run(module, "W", events, World(fail_one_in=3))
    twice = run(module, "W", [*events, *events], World(fail_one_in=3))
    assert twice.calls == once.calls
    assert twice.emitted == [*once.emitted, *once.emitted]
