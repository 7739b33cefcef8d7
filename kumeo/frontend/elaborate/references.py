"""References in strings, the style of the published draft of the language.

    "validated.tx"            the channel that an agent names with `output:`
    "validated.data/vitals"   a field of what is on that channel
    "risk_assessor.output"    the result of an agent
    "LLM.output"              the result of the only agent of that kind

Inside the elaborator they are ordinary expressions: a channel is a *path* that a scope resolves
like a name, see `Scope.narrow`.
"""

from kumeo.frontend import tree


def as_reference(expr: tree.Expr) -> tree.Expr:
    """Return `expr` with `path/field` read as `path.field`.

    Only strings in the place of a reference come here, so `/` is no division.
    """
    match expr:
        case tree.Binary(operator="/", left=left, right=tree.Variable(name=name, span=place)):
            return tree.Get(expr.span, as_reference(left), tree.Name(place, name))
        case tree.Binary(operator="/", left=left, right=tree.Get() as right):
            base = as_reference(tree.Binary(expr.span, "/", left, right.base))
            return tree.Get(expr.span, base, right.name, right.optional)
        case _:
            return expr


def path_text(expr: tree.Expr) -> str | None:
    """Return `a.b.c` of a chain of names, or None for any other expression."""
    names: list[str] = []
    while isinstance(expr, tree.Get) and not expr.optional:
        names.append(expr.name.text)
        expr = expr.base
    if not isinstance(expr, tree.Variable):
        return None
    return ".".join([expr.name, *reversed(names)])


def root_of(expr: tree.Expr) -> tree.Variable | None:
    """Return the variable that a chain of `.name` and `[index]` starts from."""
    while isinstance(expr, tree.Get | tree.Index):
        expr = expr.base
    return expr if isinstance(expr, tree.Variable) else None
