"""From the state of a scikit-learn transformer to steps of a recipe.

Each function gets the number of columns that arrive and returns the steps; `width_after` counts
the columns that leave. What has options without a rule here raises `BadModelError` as unknown, and
the whole model takes the way by ONNX.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from kumeo.models.faults import BadModelError
from kumeo.models.recipe import (
    Affine,
    Branches,
    Check,
    Clip,
    Encode,
    Impute,
    Pick,
    Step,
)
from kumeo.models.skops_state import Obj
from kumeo.models.trees import Floats

Steps = tuple[Step, ...]

_CHECK = Check("nan")
MAX_STEPS = 1000
"""Steps of one model; nested pipelines that share their parts could become endless."""


def lower_step(model: Any, width: int) -> Steps:
    """Return the steps of a transformer; `passthrough` is none. Raises: BadModelError."""
    if model is None or model == "passthrough":
        return ()
    if not isinstance(model, Obj) or model.name not in LOWERINGS:
        name = model.name if isinstance(model, Obj) else "object"
        raise BadModelError(f"`{name}` has no rule of its own", unknown=True)
    return LOWERINGS[model.name](model, width)


def width_after(steps: Sequence[Step], width: int) -> int:
    """Return how many columns leave the steps."""
    at = 0
    while at < len(steps):
        match steps[at]:
            case Pick(columns):
                width = len(columns)
            case Encode(categories, is_one_hot):
                width = len(categories) if is_one_hot else 1
            case Branches(parts):
                width = sum(width_after(part, width) for part in parts)
            case _:
                pass
        at += 1
    return width


def _per_column(values: Floats, width: int, name: str) -> Floats:
    if values.shape != (width,):
        raise BadModelError(f"`{name}` has not one number for each feature")
    return values


def lower_standard(model: Obj, width: int) -> Steps:
    """Return the steps of StandardScaler: subtract the mean, divide by the scale."""
    return (_CHECK, *_centred(model, width, "mean_", "with_mean", "scale_", "with_std"))


def lower_robust(model: Obj, width: int) -> Steps:
    """Return the steps of RobustScaler: subtract the centre, divide by the scale."""
    keys = ("center_", "with_centering", "scale_", "with_scaling")
    return (_CHECK, *_centred(model, width, *keys))


def _centred(
    model: Obj, width: int, centre: str, has_centre: str, scale: str, has_scale: str
) -> Steps:
    steps: list[Step] = []
    if model.get(has_centre) is not False:
        steps.append(Affine("sub", _per_column(model.array(centre), width, centre)))
    if model.get(has_scale) is not False:
        steps.append(Affine("div", _per_column(model.array(scale), width, scale)))
    return tuple(steps)


def lower_min_max(model: Obj, width: int) -> Steps:
    """Return the steps of MinMaxScaler: multiply, add, and clip if it does."""
    scale = Affine("mul", _per_column(model.array("scale_"), width, "scale_"))
    shift = Affine("add", _per_column(model.array("min_"), width, "min_"))
    if not model.get("clip"):
        return (_CHECK, scale, shift)
    low, high = cast("list[Any]", model.need("feature_range"))
    return (_CHECK, scale, shift, Clip(float(low), float(high)))


def lower_max_abs(model: Obj, width: int) -> Steps:
    """Return the steps of MaxAbsScaler: divide by the scale."""
    scale = Affine("div", _per_column(model.array("scale_"), width, "scale_"))
    return (_CHECK, scale, Clip(-1.0, 1.0)) if model.get("clip") else (_CHECK, scale)


def lower_imputer(model: Obj, width: int) -> Steps:
    """Return the step of SimpleImputer, which fills with one number for each column."""
    missing, fill = model.need("missing_values"), model.array("statistics_")
    if model.get("add_indicator") or isinstance(missing, str | Obj) or missing is None:
        raise BadModelError("its `SimpleImputer` has options without a rule", unknown=True)
    if np.isnan(fill).any():
        raise BadModelError("its `SimpleImputer` drops columns", unknown=True)
    marker = float(missing)
    check = Check("nan" if np.isnan(marker) else "none")
    return (check, Impute(marker, _per_column(fill, width, "statistics_")))


def lower_one_hot(model: Obj, width: int) -> Steps:
    """Return the branches of OneHotEncoder over numbers, one for each column."""
    unknown = {"error": None, "ignore": 0.0}
    way = model.get("handle_unknown")
    has_rare = model.get("min_frequency") is not None or model.get("max_categories") is not None
    if way not in unknown or model.get("drop") is not None or has_rare:
        raise BadModelError("its `OneHotEncoder` has options without a rule", unknown=True)
    return (_CHECK, _encoded(model, width, is_one_hot=True, unknown=unknown[way]))


def lower_ordinal(model: Obj, width: int) -> Steps:
    """Return the branches of OrdinalEncoder over numbers, one for each column."""
    is_lenient = model.get("handle_unknown") == "use_encoded_value"
    has_rare = model.get("min_frequency") is not None or model.get("max_categories") is not None
    if has_rare:
        raise BadModelError("its `OrdinalEncoder` has options without a rule", unknown=True)
    value = float(model.need("unknown_value")) if is_lenient else None
    return (_CHECK, _encoded(model, width, is_one_hot=False, unknown=value))


def _encoded(model: Obj, width: int, *, is_one_hot: bool, unknown: float | None) -> Branches:
    found = cast("list[Any]", model.need("categories_"))
    if len(found) != width:
        raise BadModelError("its categories and its features differ in number")
    parts: list[Steps] = []
    for column, names in enumerate(found):
        array: Any = np.asarray(names)
        if array.dtype.kind not in "iufb" or np.isnan(array).any():
            raise BadModelError("it encodes categories that are not numbers", unknown=True)
        encode = Encode(array.astype(np.float64), is_one_hot, unknown)
        parts.append((Pick((column,)), encode))
    return Branches(tuple(parts))


def lower_columns(model: Obj, width: int) -> Steps:
    """Return the branches of ColumnTransformer, each with the columns that it takes."""
    parts: list[Steps] = []
    names: Any = model.get("feature_names_in_")
    known = [str(name) for name in names] if names is not None else []
    for item in cast("list[Any]", model.need("transformers_")):
        _, transformer, columns = cast("list[Any]", item)
        picked = _columns(columns, known, width)
        if transformer == "drop" or not picked:
            continue
        parts.append((Pick(picked), *lower_step(transformer, len(picked))))
    if not parts or model.get("transformer_weights"):
        raise BadModelError("its `ColumnTransformer` has options without a rule", unknown=True)
    return (Branches(tuple(parts)),)


def _columns(given: Any, names: list[str], width: int) -> tuple[int, ...]:
    """Return the columns that a transformer takes, spelled by number, name, mask or slice."""
    if isinstance(given, Obj) and given.name == "slice":
        bounds = (given.get("start"), given.get("stop"), given.get("step"))
        if all(b is None or isinstance(b, int) for b in bounds):
            return tuple(range(*slice(*bounds).indices(width)))
    listed = given.tolist() if isinstance(given, np.ndarray) else given
    items = cast("list[Any]", listed if isinstance(listed, list) else [listed])
    if items and all(isinstance(i, bool) for i in items):
        items = [i for i, is_taken in enumerate(items) if is_taken]
    found = [names.index(i) if isinstance(i, str) and i in names else i for i in items]
    if not all(isinstance(i, int) and -width <= i < width for i in found):
        raise BadModelError("its `ColumnTransformer` takes columns that are unknown", unknown=True)
    return tuple(int(i) % width for i in found)


def lower_function(model: Obj, width: int) -> Steps:
    """Return no step for FunctionTransformer without a function, which passes all through."""
    if model.get("func") is not None:
        raise BadModelError("its `FunctionTransformer` calls a function", unknown=True)
    return ()


def lower_pipeline(model: Obj, width: int) -> Steps:
    """Return the steps of a pipeline of transformers."""
    steps: list[Step] = []
    for transformer in pipeline_steps(model):
        steps += lower_step(transformer, width_after(steps, width))
        if len(steps) > MAX_STEPS:
            raise BadModelError("it has too many steps", is_unsafe=True)
    return tuple(steps)


def pipeline_steps(model: Obj) -> list[Any]:
    """Return the transformers and the model of a pipeline, in order. Raises: BadModelError."""
    pairs: Any = model.need("steps")
    if not isinstance(pairs, list) or not pairs:
        raise BadModelError("its pipeline has no steps")
    return [cast("list[Any]", pair)[1] for pair in cast("list[Any]", pairs)]


LOWERINGS: dict[str, Callable[[Obj, int], Steps]] = {
    "StandardScaler": lower_standard,
    "RobustScaler": lower_robust,
    "MinMaxScaler": lower_min_max,
    "MaxAbsScaler": lower_max_abs,
    "SimpleImputer": lower_imputer,
    "OneHotEncoder": lower_one_hot,
    "OrdinalEncoder": lower_ordinal,
    "ColumnTransformer": lower_columns,
    "FunctionTransformer": lower_function,
    "Pipeline": lower_pipeline,
}
