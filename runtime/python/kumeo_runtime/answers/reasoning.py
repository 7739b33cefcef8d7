"""Takes away what a model says to itself: `<think>…</think>` and its kin.

Only what stands before the answer is taken away. A tag inside of the answer is part of it.
"""

import re

_NAMES = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|inner_monologue"
_OPEN = re.compile(rf"\s*(?:<({_NAMES})>|\[(THINK)\]|◁(think)▷)", re.IGNORECASE)
_CLOSE = re.compile(rf"(?:</(?:{_NAMES})>|\[/THINK\]|◁/think▷)(?!\s*[\"',}}\]])", re.IGNORECASE)
"""A closing tag that is not the end of some text in quotes."""
_FINAL = re.compile(r"<\|channel\|>\s*final\s*(?:<\|constrain\|>\s*\w+\s*)?<\|message\|>")
_ANALYSIS = re.compile(r"\s*(?:<\|start\|>assistant\s*)?<\|channel\|>\s*(?:analysis|commentary)\b")
_END = re.compile(r"\s*(?:<\|[a-z_]+\|>|</s>|<end_of_turn>|<eos>)\s*\Z")


def without_reasoning(text: str) -> str:
    """Return the answer without what stands before it; empty when the reasoning never ends."""
    text = _without_channels(text.lstrip("\ufeff"))
    while found := _OPEN.match(text):
        name = (found[1] or found[2] or found[3]).lower()
        ends = _closings(name)
        end = ends.search(text, found.end())
        if end is None:
            return ""
        text = text[end.end() :]
    return _without_end(_after_lone_closing(text))


def _closings(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}>|\[/{name}\]|◁/{name}▷", re.IGNORECASE)


def _without_channels(text: str) -> str:
    finals = list(_FINAL.finditer(text))
    if finals:
        return text[finals[-1].end() :]
    return "" if _ANALYSIS.match(text) else text


def _after_lone_closing(text: str) -> str:
    # Some servers put the opening tag into the prompt, so that only the closing one is said.
    # Text that starts as an answer does is one, whatever tags it holds.
    if text.lstrip()[:1] in ("{", "[", '"', "`"):
        return text
    closings = list(_CLOSE.finditer(text))
    return text[closings[-1].end() :] if closings else text


def _without_end(text: str) -> str:
    while found := _END.search(text, max(0, len(text) - 200)):
        text = text[: found.start()]
    return text
