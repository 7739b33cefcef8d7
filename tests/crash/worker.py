"""One worker of the crash matrix: all services, or the janitor alone.

python worker.py PACKAGE_FOLDER URL all|janitor
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from kumeo_runtime.config import Settings
from kumeo_runtime.service import run
from kumeo_runtime.spec import Handler, ServiceSpec, Workflow

from kumeo.tools.running.package import load_workflow

ACK_WAIT_S = 2.0
ATTEMPTS = int(os.environ.get("KUMEO_CRASH_ATTEMPTS", "4"))
PURGE_AGE_S = 10.0
"""More than five times the ack wait: nothing that a worker may still publish is older."""


def hurried(workflow: Workflow) -> Workflow:
    """Return the workflow with waits that fit into a test."""
    return replace(workflow, services=tuple(_service(each) for each in workflow.services))


def _service(service: ServiceSpec) -> ServiceSpec:
    return replace(service, handlers=tuple(_handler(each) for each in service.handlers))


def _handler(handler: Handler) -> Handler:
    consumer = replace(handler.consumer, ack_wait_s=ACK_WAIT_S, attempts=ATTEMPTS, credit=256)
    return replace(handler, consumer=consumer)


def settings(url: str, *, janitor: bool) -> Settings:
    """Return the settings of all processes of the matrix."""
    return Settings(
        nats_url=url,
        namespace="crash",
        janitor=janitor,
        janitor_s=1.0,
        purge_age_s=PURGE_AGE_S,
        rerun_min_s=0.1,
        log_level="error",
        drain_s=5.0,
    )


def main(folder: str, url: str, role: str) -> int:
    """Run until told to stop, or killed."""
    workflow = hurried(load_workflow(Path(folder)))
    is_janitor = role == "janitor"
    return run(workflow, settings(url, janitor=is_janitor), [] if is_janitor else None)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
