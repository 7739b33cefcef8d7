"""Diagnostics about the parts of a file: sections, parameters, declarations, settings, tests."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic, Severity


@dataclass(frozen=True)
class UnknownSection(Diagnostic):
    """A section that a body of this kind does not have.

    A workflow, subworkflow, integration or test has a fixed set of sections.

    Example::

        workflow W { sorce: NATS("a") }

    Fix::

        workflow W { source: NATS("a") }
    """

    code = "unknown-section"
    title = "a {owner} has no section `{name}`"
    label = "unknown section"

    owner: str
    name: str
    nearest: str | None
    known: tuple[str, ...]

    def help(self) -> str | None:
        """Name the nearest section, or all of them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return f"the sections are {', '.join(f'`{k}`' for k in self.known)}"


@dataclass(frozen=True)
class DuplicateKey(Diagnostic):
    """The same key stands twice in one object, body or argument list.

    Only one of the two could count, so Kumeo accepts neither.

    Example::

        config: { limit: 1, limit: 2 }

    Fix::

        config: { limit: 2 }
    """

    code = "duplicate-key"
    title = "`{name}` is written twice"
    label = "second `{name}`"

    name: str

    def help(self) -> str | None:
        """Say which to remove."""
        return f"remove one `{self.name}`"


@dataclass(frozen=True)
class DuplicateName(Diagnostic):
    """Two declarations of a file share one name.

    Schemas, enums, agents, providers, workflows and subworkflows share one set of names.

    Example::

        schema A { x: int }
        enum A { low }

    Fix::

        schema A { x: int }
        enum Level { low }
    """

    code = "duplicate-name"
    title = "`{name}` is declared twice"
    label = "second declaration"

    name: str

    def help(self) -> str | None:
        """Ask for another name."""
        return "give one of them another name"


@dataclass(frozen=True)
class InvalidSection(Diagnostic):
    """A section whose value has the wrong form.

    Each section takes one kind of value: `source` a connector such as `NATS("subject")`,
    `models` an object, `agents` a list of statements.

    Example::

        workflow W { source: 5 }

    Fix::

        workflow W { source: NATS("orders") }
    """

    code = "invalid-section"
    title = "`{name}` does not take this value"
    label = "{expected} is expected here"

    name: str
    expected: str

    def help(self) -> str | None:
        """Repeat what is expected."""
        return f"write {self.expected}"


@dataclass(frozen=True)
class MissingSection(Diagnostic):
    """A body lacks a section that it cannot do without.

    A workflow needs a `source`, a subworkflow an `output`, a test `given` and `expect`.

    Example::

        workflow W { agents: [] }

    Fix::

        workflow W { source: NATS("orders"), agents: [] }
    """

    code = "missing-section"
    title = "the {owner} has no section `{name}`"
    label = "`{name}` is missing"

    owner: str
    name: str
    example: str

    def help(self) -> str | None:
        """Show the missing section."""
        return f"add `{self.example}`"


@dataclass(frozen=True)
class UnknownParameter(Diagnostic):
    """An argument that the agent, connector or declaration does not take.

    Example::

        LLM(id: "a", engine: "ollama/llama3", promt: "Say hello.")

    Fix::

        LLM(id: "a", engine: "ollama/llama3", prompt: "Say hello.")
    """

    code = "unknown-parameter"
    title = "`{owner}` has no parameter `{name}`"
    label = "unknown parameter"

    owner: str
    name: str
    nearest: str | None
    known: tuple[str, ...]

    def help(self) -> str | None:
        """Name the nearest parameter, or all of them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return f"the parameters are {', '.join(f'`{k}`' for k in self.known)}"


@dataclass(frozen=True)
class MissingArgument(Diagnostic):
    """An agent, connector or subworkflow lacks an argument that it needs.

    Example::

        LLM(id: "judge", engine: "ollama/llama3")

    Fix::

        LLM(id: "judge", engine: "ollama/llama3", prompt: "Judge {{ source }}.")
    """

    code = "missing-argument"
    title = "`{owner}` needs `{name}`"
    label = "`{name}` is missing"

    owner: str
    name: str
    meaning: str = ""

    def help(self) -> str | None:
        """Say what the argument is."""
        return f"add `{self.name}: …`" + (f", {self.meaning}" if self.meaning else "")


@dataclass(frozen=True)
class ExtraArgument(Diagnostic):
    """More positional arguments than the agent or connector takes.

    Example::

        source: NATS("orders", "payments")

    Fix::

        source: { orders: NATS("orders"), payments: NATS("payments") }
    """

    code = "extra-argument"
    title = "`{owner}` takes {count} positional argument(s)"
    label = "one too many"

    owner: str
    count: int

    def help(self) -> str | None:
        """Ask for a name."""
        return "name the argument: `name: value`"


@dataclass(frozen=True)
class InvalidSetting(Diagnostic):
    """A setting whose value has the wrong kind or is out of range.

    Example::

        retry: { max: 0 }

    Fix::

        retry: { max: 3 }
    """

    code = "invalid-setting"
    title = "`{name}` does not take this value"
    label = "{expected} is expected here"

    name: str
    expected: str
    fix: str = ""

    def help(self) -> str | None:
        """Say what to write, or repeat what is expected."""
        if self.fix:
            return self.fix
        if self.expected.startswith("nothing without "):
            return f"add {self.expected.removeprefix('nothing without ')}, or leave this out"
        if self.expected.startswith("nothing "):
            return f"leave `{self.name}` out"
        return f"write {self.expected.removesuffix(',')}"


@dataclass(frozen=True)
class UnknownSetting(Diagnostic):
    """A setting of `deployment`, `monitor` or `nats` that Kumeo does not know. It has no effect.

    Example::

        deployment: { replica: 3 }

    Fix::

        deployment: { replicas: 3 }
    """

    code = "unknown-setting"
    severity = Severity.WARNING
    title = "`{owner}` has no setting `{name}`"
    label = "this has no effect"

    owner: str
    name: str
    nearest: str | None

    def help(self) -> str | None:
        """Name the nearest setting."""
        return f"write `{self.nearest}`" if self.nearest else "remove it"


@dataclass(frozen=True)
class InvalidTest(Diagnostic):
    """A `test` block that cannot be run: a wrong event, target, agent or answer.

    Example::

        test "t" for W { given: { x: 1 }, expect: { alert: [] } }

    Fix::

        test "t" for W { given: { x: 1 }, expect: { alerts: [] } }
    """

    code = "invalid-test"
    title = "{problem}"
    label = "{detail}"

    problem: str
    detail: str
    fix: str | None = None

    def help(self) -> str | None:
        """Return the fix."""
        return self.fix


@dataclass(frozen=True)
class SecretLiteral(Diagnostic):
    """A password, key or token that stands in the file as plain text.

    A file ends up in version control, images and logs. A secret is only named, and read from the
    environment or a Kubernetes secret where the service runs.

    Example::

        provider cloud { api_key: "sk-abcdefghijklmnopqrstu" }

    Fix::

        provider cloud { api_key: secret("CLOUD_API_KEY") }
    """

    code = "secret-literal"
    title = "{shown} holds a secret as plain text"
    label = "everybody who sees the file sees this"

    shown: str
    """The key in backquotes, or `this string`."""

    def help(self) -> str | None:
        """Show the reference form."""
        name = self.shown.strip("`")
        if not name.isidentifier():
            return 'name it in a section, as `key: secret("NAME")`, and set that variable'
        return f'write `secret("{name.upper()}")` and set that environment variable'


@dataclass(frozen=True)
class MisplacedEnvironment(Diagnostic):
    """`${env.NAME}` where nothing replaces it. It stays in the text as it is.

    The environment is read in `deployment`, `monitor`, `nats` and `provider`. A program reads
    `config`, so that a run depends on nothing that is not written down.

    Example::

        a = LLM("ollama/llama3", prompt: "Answer in ${env.LANGUAGE}.")

    Fix::

        config: { language: "Spanish" }
        agents: [ a = LLM("ollama/llama3", prompt: "Answer in {{ config.language }}.") ]
    """

    code = "misplaced-environment"
    severity = Severity.WARNING
    title = "`{text}` is not replaced here"
    label = "stays in the text as it is"

    text: str

    def help(self) -> str | None:
        """Say what to use instead."""
        return "use a `config` value"
