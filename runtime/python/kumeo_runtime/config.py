"""Settings of a process: from the environment (`KUMEO_…`), a `.env` file, or code."""

from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How a build runs here. Each field is the variable `KUMEO_` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="KUMEO_", env_file=".env", extra="ignore")

    nats_url: str = "nats://127.0.0.1:4222"
    """Where the server is; several, separated by commas, are a cluster."""
    nats_credentials: str | None = None
    """Path of a `.creds` file."""
    nats_nkey_seed: str | None = None
    """Path of the file with an NKey seed."""
    nats_token: str | None = None
    nats_user: str | None = None
    nats_password: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    nats_inbox: str | None = None
    """Prefix of the subjects for answers; None is that of the service, where only one runs."""
    provision: bool = True
    """Whether this process creates streams and consumers and cleans them. A service whose user has
    only its own permissions leaves that to one that may."""
    namespace: str = "dev"
    replicas: int | None = None
    """Copies of each stream; None is what the build says."""
    storage: Literal["file", "memory"] = "file"
    config: dict[str, Any] = {}
    """Values for `config` entries of the workflow, as JSON."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    http_port: int | None = None
    """Port of health and metrics; 0 is none. Unset: 9464 or a free one in services, none in
    `kumeo run`."""
    http_host: str = "127.0.0.1"
    """Address that health and metrics are served on; 0.0.0.0 is all."""
    ingress_host: str = "127.0.0.1"
    """Address that HTTP sources listen on; 0.0.0.0 is all."""
    ingress_port: int | None = None
    """Port of HTTP sources, in place of the one in the workflow; 0 is any free one."""
    gauges_s: float = 5.0
    """How often the store is asked for ages and lengths, when metrics are served."""
    drain_s: float = 10.0
    """How long a stop waits for work under way."""
    purge_age_s: float = 300.0
    """Messages are kept at least this long after every reader has passed them."""
    janitor_s: float = 15.0
    """How often finished messages are looked for."""
    janitor: bool = True
    valve: float = 0.8
    """Part of a stream that may be filled before finished messages go at once."""
    gate_poll_s: float = 0.25
    """How often the length of output edges is looked at."""
    retry_min_s: float = 0.05
    retry_max_s: float = 5.0
    """Bounds of the wait before a publish is tried again."""
    rerun_min_s: float = 0.2
    rerun_max_s: float = 30.0
    """Bounds of the wait before a handler that crashed runs again."""
    activation_timeout_s: float = 900.0
    """Longest time of one run of a handler."""
    journal_max_bytes: int = 512 * 1024
    """Largest result of a call that the journal takes."""
    batch_max: int = Field(default=256, ge=1, le=4096)
    """Most events that a numeric model takes at once."""
    batch_wait_s: float = Field(default=0.0, ge=0.0)
    """How long an event may wait for company; 0 takes what has come while the model was busy."""
    model_deadline_s: float = Field(default=30.0, gt=0.0)
    """Longest time of an event in a numeric model, its wait included."""
    model_memory_mb: int = Field(default=2048, ge=1)
    """Memory that the numeric models of a process may use, together."""
