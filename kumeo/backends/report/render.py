"""The page itself: one template, no script, no other file."""

from importlib.resources import files

from kumeo.backends.report.plan import Report

_TEMPLATE = "report.html.j2"


def render_report(report: Report) -> str:
    """Return the page as HTML."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("kumeo.backends.report").joinpath("templates", _TEMPLATE).read_text("utf-8")
    return environment.from_string(text).render(report=report)
