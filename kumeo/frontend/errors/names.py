"""Diagnostics about names: values, fields, functions, types and enum values."""

from dataclasses import dataclass

from kumeo.diagnostics import Diagnostic


@dataclass(frozen=True)
class UnknownName(Diagnostic):
    """A name that nothing in scope defines.

    In scope are `source`, the agents above, loop variables, and the entries of `config` and
    `context` by their section.

    Example::

        big = sorce.amount > 10

    Fix::

        big = source.amount > 10
    """

    code = "unknown-name"
    title = "nothing named `{name}` is in scope"
    label = "not found in this scope"

    name: str
    nearest: str | None = None
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest name."""
        return self.fix or (f"write `{self.nearest}`" if self.nearest else None)


@dataclass(frozen=True)
class UnknownField(Diagnostic):
    """A field that a value, or a section such as `config`, does not have.

    Also reported for an extra field in an object whose type is known.

    Example::

        schema Payment { amount: float }
        big = source.amuont > 10

    Fix::

        big = source.amount > 10
    """

    code = "unknown-field"
    title = "{owner} has no field `{name}`"
    label = "unknown field"

    owner: str
    name: str
    nearest: str | None = None
    known: tuple[str, ...] = ()
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest field, or some of them."""
        if self.fix or self.nearest:
            return self.fix or f"write `{self.nearest}`"
        shown = ", ".join(f"`{name}`" for name in self.known[:8])
        more = ", …" if len(self.known) > 8 else ""
        return f"the fields are {shown}{more}" if shown else None


@dataclass(frozen=True)
class UnknownFunction(Diagnostic):
    """A function that the library does not have.

    The library is fixed, so that every backend computes the same. Its table is in
    `docs/language/04-expressions.md`.

    Example::

        name = lowercase(source.name)

    Fix::

        name = lower(source.name)
    """

    code = "unknown-function"
    title = "there is no function `{name}`"
    label = "unknown function"

    name: str
    nearest: str | None = None
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest function."""
        return self.fix or (f"write `{self.nearest}`" if self.nearest else None)


@dataclass(frozen=True)
class UnknownType(Diagnostic):
    """A type name that is neither built in nor declared by `schema` or `enum`.

    Example::

        schema Payment { amount: flaot }

    Fix::

        schema Payment { amount: float }
    """

    code = "unknown-type"
    title = "there is no type `{name}`"
    label = "unknown type"

    name: str
    nearest: str | None = None
    fix: str | None = None

    def help(self) -> str | None:
        """Name the nearest type."""
        return self.fix or (f"write `{self.nearest}`" if self.nearest else None)


@dataclass(frozen=True)
class UnknownValue(Diagnostic):
    """A name or string that is no value of the enum that is expected at its place.

    Example::

        enum Level { low, high }
        urgent = source.level == hihg

    Fix::

        urgent = source.level == high
    """

    code = "unknown-value"
    title = "`{name}` is no value of `{enum}`"
    label = "unknown value"

    name: str
    enum: str
    known: tuple[str, ...]
    nearest: str | None = None

    def help(self) -> str | None:
        """Name the nearest value, or all of them."""
        if self.nearest:
            return f"write `{self.nearest}`"
        return f"the values are {', '.join(f'`{name}`' for name in self.known)}"


@dataclass(frozen=True)
class ShadowedName(Diagnostic):
    """A name that is already visible is defined again.

    One name means one thing in the whole body, so a reader never has to ask which one is meant.

    Example::

        total = 5
        big = any(total > 3 for total in source.totals)

    Fix::

        total = 5
        big = any(each > 3 for each in source.totals)
    """

    code = "shadowed-name"
    title = "`{name}` already has a meaning here"
    label = "second meaning of `{name}`"

    name: str

    def help(self) -> str | None:
        """Ask for another name."""
        return "choose another name"
