"""The command line of a built package: `python -m fraud_detection [--list] [SERVICE ...]`."""

import argparse
from collections.abc import Sequence

from kumeo_runtime.spec import Workflow

_ABOUT = """\
Settings come from the environment or a file `.env`, for example:
  KUMEO_NATS_URL        where the server is (nats://127.0.0.1:4222)
  KUMEO_NAMESPACE       what keeps installations on one server apart (dev)
  KUMEO_CONFIG          values for `config` entries of the workflow, as JSON
  KUMEO_HTTP_PORT       port of /healthz, /readyz and /metrics (9464 or a free one)
"""


def main(workflow: Workflow, arguments: Sequence[str] | None = None) -> int:
    """Run the services that are named, or all, until the process is told to stop."""
    names = [service.name for service in workflow.services]
    given = _parser(workflow, names).parse_args(arguments)
    if given.list:
        print("\n".join(names))
        return 0
    from kumeo_runtime.service import run

    return run(workflow, services=given.services or None)


def _parser(workflow: Workflow, names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=f"Run the services of {workflow.name}.",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = f"what to run, all if none is named: {', '.join(names)}"
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=known)
    parser.add_argument("--list", action="store_true", help="print the services and exit")
    return parser
