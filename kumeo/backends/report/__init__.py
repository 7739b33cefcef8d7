"""A page that shows what each pass of a pipeline did: `kumeo explain-pipeline`.

`record_pipeline` runs the passes and keeps what they did, `plan_report` decides what is shown,
`render_report` writes one page of HTML that needs no other file.
"""

from kumeo.backends.report.plan import Report, plan_report
from kumeo.backends.report.record import Record, record_pipeline
from kumeo.backends.report.render import render_report

__all__ = ["Record", "Report", "plan_report", "record_pipeline", "render_report"]
