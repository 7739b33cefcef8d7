"""From the bytes of a skops file to a recipe, without an object of scikit-learn."""

from typing import Any

from kumeo.models import sklearn_linear, sklearn_trees
from kumeo.models.faults import BadModelError
from kumeo.models.recipe import Recipe, Step
from kumeo.models.sklearn_steps import lower_step, pipeline_steps, width_after
from kumeo.models.skops_state import Obj, read_state

LOWERINGS = {**sklearn_trees.LOWERINGS, **sklearn_linear.LOWERINGS}


def recipe_of(data: bytes) -> Recipe:
    """Return what the model in a skops file computes.

    Raises: BadModelError, with `is_unknown` for a good file of a kind that has no rule here.
    """
    return lower(read_state(data))


def lower(model: Obj) -> Recipe:
    """Return the recipe of a model, or of a pipeline that ends in one. Raises: BadModelError."""
    chain = _flat(model)
    features = _first_features(chain)
    steps: list[Step] = []
    for transformer in chain[:-1]:
        steps += lower_step(transformer, width_after(steps, features))
    last = chain[-1]
    rule = LOWERINGS.get(last.name) if isinstance(last, Obj) else None
    if rule is None or not isinstance(last, Obj):
        name = last.name if isinstance(last, Obj) else "passthrough"
        raise BadModelError(f"`{name}` has no rule of its own", unknown=True)
    recipe = rule(last)
    if recipe.features != width_after(steps, features):
        raise BadModelError("its steps and its model differ in the number of features")
    return Recipe(
        features,
        (*steps, *recipe.steps),
        recipe.head,
        recipe.link,
        recipe.classes,
        recipe.has_probabilities,
        recipe.offset,
        recipe.zero_is_second,
    )


def _flat(model: object) -> list[object]:
    """Return the parts of a pipeline; the last one may be a pipeline again."""
    chain: list[object] = [model]
    while isinstance(chain[-1], Obj) and chain[-1].name == "Pipeline":
        chain = [*chain[:-1], *pipeline_steps(chain[-1])]
        if len(chain) > 100:
            raise BadModelError("it has too many steps", is_unsafe=True)
    return chain


def _first_features(chain: list[object]) -> int:
    for part in chain:
        inner = part
        if isinstance(part, Obj) and part.name == "Pipeline":
            inner = pipeline_steps(part)[0]
        if isinstance(inner, Obj) and "n_features_in_" in inner.state:
            return sklearn_trees.features_of(inner)
    raise BadModelError("its number of features cannot be read")


def feature_names(model: Obj) -> tuple[str, ...]:
    """Return the names of the features as scikit-learn would tell them, if it knows them."""
    first: object = model
    while isinstance(first, Obj) and first.name == "Pipeline":
        first = pipeline_steps(first)[0]
    names: Any = first.get("feature_names_in_") if isinstance(first, Obj) else None
    return () if names is None else tuple(str(name) for name in names)
