"""Prompts of the older style: Handlebars blocks rewritten as Jinja2.

{{#if x}} … {{else}} … {{/if}}        {% if x %} … {% else %} … {% endif %}
{{#unless x}} … {{/unless}}           {% if not (x) %} … {% endif %}
{{#each xs}} … {{this.f}} … {{/each}} {% for item in xs %} … {{ item.f }} … {% endfor %}
"""

import re

_TAG = re.compile(r"\{\{(?P<open>[~{]?)\s*(?P<inside>[^{}]*?)\s*(?P<close>[~}]?)\}\}")
_HANDLEBARS = re.compile(r"\{\{~?\s*(?:#(?:if|each|unless)\b|/(?:if|each|unless)\b|else\b)")
_ENDS = {"if": "{% endif %}", "unless": "{% endif %}", "each": "{% endfor %}"}


def has_handlebars(text: str) -> bool:
    """Return whether a prompt holds a Handlebars block."""
    return _HANDLEBARS.search(text) is not None


def handlebars_to_jinja(text: str) -> tuple[str, list[int]]:
    """Return the Jinja2 form of a prompt and a table from its offsets to those of `text`.

    Entry `i` of the table is where character `i` of the result comes from; the last entry is the
    length of `text`. Text without Handlebars blocks comes back unchanged.
    """
    if not has_handlebars(text):
        return text, list(range(len(text) + 1))
    out: list[str] = []
    offsets: list[int] = []
    open_blocks: list[tuple[str, str]] = []
    last = 0
    for match in _TAG.finditer(text):
        out.append(text[last : match.start()])
        offsets.extend(range(last, match.start()))
        written = _tag(match, open_blocks)
        out.append(written)
        offsets.extend(_offsets(match, written))
        last = match.end()
    out.append(text[last:])
    offsets.extend(range(last, len(text) + 1))
    return "".join(out), offsets


def _tag(match: re.Match[str], open_blocks: list[tuple[str, str]]) -> str:
    inside = match["inside"]
    word, _, rest = inside.partition(" ")
    if word in ("#if", "#unless", "#each"):
        return _opening(word[1:], _path(rest.strip(), open_blocks), open_blocks)
    if word[:1] == "/" and word[1:] in _ENDS:
        if open_blocks:
            open_blocks.pop()
        return _ENDS[word[1:]]
    if word == "else":
        condition = _path(rest.strip().removeprefix("if ").strip(), open_blocks)
        return f"{{% elif {condition} %}}" if condition else "{% else %}"
    changed = _path(inside, open_blocks)
    return match[0] if changed == inside else f"{{{{ {changed} }}}}"


def _opening(kind: str, subject: str, open_blocks: list[tuple[str, str]]) -> str:
    if kind == "if":
        open_blocks.append((kind, ""))
        return f"{{% if {subject} %}}"
    if kind == "unless":
        open_blocks.append((kind, ""))
        return f"{{% if not ({subject}) %}}"
    depth = sum(kind == "each" for kind, _ in open_blocks)
    item = "item" if depth == 0 else f"item{depth + 1}"
    open_blocks.append((kind, item))
    return f"{{% for {item} in {subject} %}}"


def _path(path: str, open_blocks: list[tuple[str, str]]) -> str:
    """Return a path with `this` and `@index` replaced by the loop's own names."""
    items = [item for kind, item in open_blocks if kind == "each"]
    if not items:
        return path
    path = re.sub(r"(?<![\w.])this\b", items[-1], path)
    path = path.replace("@index", "loop.index0").replace("@first", "loop.first")
    return path.replace("@last", "loop.last")


def _offsets(match: re.Match[str], written: str) -> list[int]:
    """Return where a tag's characters come from: the last path from itself, others from `{{`."""
    if written == match[0]:
        return list(range(match.start(), match.end()))
    words = re.search(r"[\w.@]+\s*$", match["inside"])
    path = words[0].strip() if words else ""
    kept = path
    while kept and kept not in written:  # `this.name` has become `item.name`
        kept = kept.partition(".")[2]
    result = [match.start()] * len(written)
    at = written.rfind(kept) if kept else -1
    if at >= 0 and words is not None:
        first = match.start("inside") + words.start() + len(path) - len(kept)
        result[at : at + len(kept)] = range(first, first + len(kept))
    return result
