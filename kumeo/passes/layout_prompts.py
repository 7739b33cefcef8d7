"""`layout-prompts`: let a language model's server see how much of a request never changes.

    %p = data.format "{{ rules }}\\nMail: {{ body }}" (rules = %constant, body = %body)
    %a = agent.llm "ollama/llama3" (prompt = %p, system = %s) …

becomes

    %p = data.format "Answer briefly.\\nMail: {{ body }}" (body = %body)
    %a = agent.llm "ollama/llama3" (prompt = %p, system = %s) … {kumeo.static_prefix = 63 : i64}

A server keeps the work on the beginning of a request and does not do it again for the next request
that begins with the same text. `kumeo.static_prefix` is the number of characters, counted over
`system` and then `prompt`, that are the same for every event: back ends mark it as cacheable.

Two things happen always. Holes of constant text, numbers and truth values become text of the
template, and a template without holes becomes a constant. Then the attribute is written.

Why it is sound. The text of a prompt is the input of the call, and both keep every character: a
hole puts text into the prompt as it is, and `kumeo.passes.templates` refuses what the template
engine would read in another way. Tools, budgets and a chain of engines are settings beside the
text: a server reads tools before it, and they are the same for every event. A constant holds no
failure, so a template that does not read it any more fails where it failed before; one without
holes cannot fail.

Two options change the text, so they change what the model may answer: with one of them the pass
`changes_meaning`, and they are off.

- `lines-first`: lines of the prompt without holes go before the lines with holes.
- `to-system`: lines that the prompt begins with and that never change go to the end of `system`.

The reasons are in `docs/adr/0006-prompt-layout.md`.
"""

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, StringAttr, i1, i64
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import Rewriter

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent.base import AgentOp
from kumeo.dialects.base import at
from kumeo.dialects.data.ops_calls import FormatOp
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.data.types import STR, EnumType, StrType
from kumeo.passes.base import OpPass
from kumeo.passes.templates import Part, join, parts_of, static_prefix

STATIC_PREFIX = "kumeo.static_prefix"
"""Attribute of agents with a prompt: see above."""


@dataclass(frozen=True)
class LayoutPromptsPass(OpPass):
    """Write constants into prompts, and mark how much of a request never changes."""

    name = "layout-prompts"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    lines_first: bool = False
    """Put lines without holes before those with holes. Changes the text."""

    to_system: bool = False
    """Move the lines that a prompt always begins with to `system`. Changes the text."""

    @property
    def changes_meaning(self) -> bool:
        """Whether the text of a prompt may change."""
        return self.lines_first or self.to_system

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Work on all templates, then on all agents with a prompt, in program order."""
        ops = list(walk_ops(root))
        for op in ops:
            if isinstance(op, FormatOp):
                self._fill(op, root)
        for op in ops:
            if isinstance(op, AgentOp) and "prompt" in op.operand_names():
                self._lay_out(op)

    def _fill(self, op: FormatOp, root: Operation) -> None:
        """Write constants into a template."""
        constants = {n: _shown(v) for n, v in zip(op.names, op.values, strict=True)}
        texts = {name: text for name, text in constants.items() if text is not None}
        parts = parts_of(op.template.data)
        if parts is None or not texts:
            return
        filled = [Part(texts[p.path]) if p.path in texts else p for p in parts]
        template = join(filled)
        if template is None or any(_is_below(part.path, texts) for part in filled):
            self.remark(op, "this template keeps its constants: their text would read otherwise")
            return
        self.count("constants written into prompts", len(texts))
        written = [value.owner for name, value in _holes(op).items() if name in texts]
        _replace(op, template, {n: v for n, v in _holes(op).items() if n not in texts})
        for owner in dict.fromkeys(written):
            # What stands outside of `root` is not for this pass to change.
            if (
                isinstance(owner, ConstantOp)
                and root.is_ancestor(owner)
                and owner.result.first_use is None
            ):
                Rewriter.erase_op(owner)

    def _lay_out(self, op: AgentOp) -> None:
        if self.lines_first:
            self._sort_lines(op)
        if self.to_system:
            self._move_to_system(op)
        prompt, system = _operands(op)
        texts = [prompt] if system is None else [system, prompt]
        length = 0
        for text in texts:
            length += len(_prefix(text))
            if not isinstance(text.owner, ConstantOp):
                break
        op.attributes[STATIC_PREFIX] = IntegerAttr(length, i64)
        self.count("prompts marked")
        self.remark(op, f"the first {length} characters of agent `{op.agent_id}` never change")

    def _sort_lines(self, op: AgentOp) -> None:
        prompt, _ = _operands(op)
        template = _template(prompt)
        if template is None:
            self.remark(op, f"agent `{op.agent_id}` keeps its order of lines: it is not plain")
            return
        lines = template.splitlines()
        ordered = sorted(lines, key=lambda line: "{{" in line)
        if ordered != lines:
            self.count("prompts with lines in another order")
            self._set_prompt(op, "\n".join(ordered) + "\n" * template.endswith("\n"))

    def _move_to_system(self, op: AgentOp) -> None:
        prompt, system = _operands(op)
        template = _template(prompt)
        before = "" if system is None else _constant_text(system)
        if template is None or before is None:
            self.remark(op, f"agent `{op.agent_id}` keeps its static lines: they are not plain")
            return
        static = static_prefix(template)
        moved = static[: static.rfind("\n") + 1]
        if not moved.strip() or not template[len(moved) :].strip():
            return
        text = f"{before.rstrip()}\n{moved.rstrip()}".lstrip("\n")
        new = at(ConstantOp(StringAttr(text), STR), op.location)
        self._insert(op, new)
        self._set_prompt(op, template[len(moved) :])
        op.operands = [op.operands[0], new.result]
        self.count("prompts with text moved to `system`")

    def _set_prompt(self, op: AgentOp, template: str) -> None:
        """Give the agent a prompt of its own; other readers keep the old one."""
        old = op.operands[0].owner
        assert isinstance(old, FormatOp), "only templates of `data.format` are laid out"
        new = at(FormatOp(template, list(old.names), list(old.values)), old.location)
        new.result.name_hint = old.result.name_hint
        self._insert(op, new)
        op.operands = [new.result, *op.operands[1:]]
        if old.result.first_use is None:
            Rewriter.erase_op(old)

    def _insert(self, op: AgentOp, new: Operation) -> None:
        assert op.parent is not None, "the agent stands in a block"
        op.parent.insert_op_before(new, op)


def _operands(op: AgentOp) -> tuple[SSAValue, SSAValue | None]:
    found = dict(zip(op.operand_names(), op.operands, strict=False))
    return found["prompt"], found.get("system")


def _holes(op: FormatOp) -> dict[str, SSAValue]:
    return dict(zip(op.names, op.values, strict=True))


def _replace(op: FormatOp, template: str, holes: dict[str, SSAValue]) -> None:
    """Replace a template by one with fewer holes, or by a constant without any."""
    if holes or "{{" in template:
        new: Operation = FormatOp(template, list(holes), list(holes.values()))
    else:
        new = ConstantOp(StringAttr(template), STR)
    new.results[0].name_hint = op.result.name_hint
    Rewriter.replace_op(op, at(new, op.location))


def _is_below(path: str | None, texts: dict[str, str]) -> bool:
    """Return whether a path leads into one of the constants, or into what holds one."""
    return path is not None and any(
        path.startswith(f"{name}.") or name.startswith(f"{path}.") for name in texts
    )


def _shown(value: SSAValue) -> str | None:
    """Return what a template shows for a constant, or None if that is not known here."""
    if not isinstance(value.owner, ConstantOp):
        return None
    attr, kind = value.owner.value, value.type
    if isinstance(attr, StringAttr) and isinstance(kind, StrType | EnumType):
        return attr.data
    if isinstance(attr, IntegerAttr) and kind == i1:
        return "true" if attr.value.data else "false"
    return str(attr.value.data) if isinstance(attr, IntegerAttr) and kind == i64 else None


def _template(value: SSAValue) -> str | None:
    """Return the template of a prompt that is made of text and plain holes."""
    if not isinstance(value.owner, FormatOp):
        return None
    template = value.owner.template.data
    return None if parts_of(template) is None else template


def _constant_text(value: SSAValue) -> str | None:
    owner = value.owner
    value_attr = owner.value if isinstance(owner, ConstantOp) else None
    return value_attr.data if isinstance(value_attr, StringAttr) else None


def _prefix(value: SSAValue) -> str:
    """Return the text that a value always begins with."""
    text = _constant_text(value)
    if text is not None:
        return text
    return static_prefix(value.owner.template.data) if isinstance(value.owner, FormatOp) else ""
