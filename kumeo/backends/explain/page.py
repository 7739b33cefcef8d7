"""An explanation as one page of HTML without scripts; the picture is part of it."""

from importlib.resources import files

from kumeo.backends.explain.view import Explanation, cell_text
from kumeo.backends.graph import render_svg

_TEMPLATE = "explain.html.j2"


def render_page(shown: Explanation) -> str:
    """Return the explanation as HTML."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["cell"] = cell_text
    text = files("kumeo.backends.explain").joinpath("templates", _TEMPLATE).read_text("utf-8")
    picture = None if shown.picture is None else render_svg(shown.picture, every=True)
    return environment.from_string(text).render(shown=shown, picture=picture)
