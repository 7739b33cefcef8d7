"""What a model file means, for people: `kumeo explain-model`.

`explain_*` turn a network, a model, a decision table or the numeric agents of a workflow into one
`Explanation`; `render_*` write it as text, JSON or a page. Pictures are those of `backends.graph`.
"""

from kumeo.backends.explain.page import render_page
from kumeo.backends.explain.text import render_json, render_text
from kumeo.backends.explain.view import Explanation, Section

__all__ = ["Explanation", "Section", "render_json", "render_page", "render_text"]
