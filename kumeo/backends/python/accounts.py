"""The part of a server configuration that gives each service a user with its own subjects.

Passwords are references to the environment of the server. One more user, the keeper, creates and
cleans the streams; people and programs that publish events or look at results use it, too.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from kumeo.analysis.tokens import token_of
from kumeo.backends.python.plan import PackagePlan

KEEPER = "keeper"
_ABOUT = """\
# Each service connects with a user of its own, and may use only the subjects that it needs:
#   KUMEO_NATS_USER={token}-SERVICE KUMEO_NATS_PASSWORD=… KUMEO_PROVISION=false \\
#     python -m {package} SERVICE
# The keeper creates and cleans the streams, start it first:
#   KUMEO_NATS_USER={token}-keeper KUMEO_NATS_PASSWORD=… python -m {package} keeper
# The server reads the passwords from its environment. The subjects are those of the namespace
# `{namespace}`, so every process needs KUMEO_NAMESPACE={namespace}; `kumeo build --namespace NAME`
# writes others.
# Include this file in the configuration of the server.
"""


def accounts_text(plan: PackagePlan) -> str:
    """Return an `accounts` block."""
    token = str(plan.manifest["token"])
    services: list[dict[str, Any]] = plan.manifest["services"]
    users = [_user(token, s["name"], **s["permission"]) for s in services]
    mine = [f"kumeo.{{ns}}.{token}.>", "$JS.API.>", "$JS.ACK.>"]
    outside = [address for _, address in (*plan.sources, *plan.targets) if _is_subject(address)]
    users.append(_user(token, KEEPER, [*mine, *outside], ["_INBOX.>"]))
    namespace = token_of(plan.origin.namespace)
    body = "\n".join(users).replace("{ns}", namespace)
    about = _ABOUT.format(token=token, package=plan.package, namespace=namespace)
    account = f"  KUMEO {{\n    jetstream: enabled\n    users: [\n{body}\n    ]\n  }}"
    return f"{about}\naccounts {{\n{account}\n}}\n"


def variable(token: str, service: str) -> str:
    """Return the variable of the environment that holds the password of a service."""
    return re.sub(r"[^A-Z0-9]", "_", f"KUMEO_{token}_{service}_PASSWORD".upper())


def _user(token: str, service: str, publish: Iterable[str], subscribe: Iterable[str]) -> str:
    return (
        f"      {{ user: {json.dumps(f'{token}-{service}')}, password: ${variable(token, service)},"
        f" permissions: {{\n"
        f"        publish: {{ allow: [{_subjects(publish)}] }}\n"
        f"        subscribe: {{ allow: [{_subjects(subscribe)}] }} }} }}"
    )


def _subjects(subjects: Iterable[str]) -> str:
    found = (json.dumps(text) for text in subjects)
    return "".join(f"\n          {text}" for text in found) + "\n        "


def _is_subject(address: str) -> bool:
    return re.fullmatch(r"[\w*>$-]+(\.[\w*>$-]+)*", address) is not None
