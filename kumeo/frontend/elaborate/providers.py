"""`provider NAME { … }` becomes a `workflow.provider`: where models are, what is known of them."""

from collections.abc import Mapping
from typing import Any, cast

from kumeo.dialects import workflow
from kumeo.dialects.settings import Setting
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.programs import Programs
from kumeo.frontend.elaborate.settings import known_settings
from kumeo.frontend.errors.sections import InvalidSetting

_OTHER_WORDS = {"base_url": "url", "endpoint": "url", "api_key": "key"}
"""Other names of settings, as in version 0.1."""
_PRICES = ("input", "output", "cached")


def declare_provider(programs: Programs, node: tree.Provider) -> None:
    """Insert the `workflow.provider` of a block."""
    ctx = programs.ctx
    given = known_settings(ctx, "provider", node.settings)
    settings = {_OTHER_WORDS.get(name, name): value for name, value in given.items()}
    _check_prices(ctx, node, settings)
    symbol = programs.shared.symbol(node.name.text)
    with ctx.inside(programs.module):
        ctx.add(workflow.ProviderOp(symbol, settings), node)


def _check_prices(ctx: Context, node: tree.Provider, settings: Mapping[str, Setting]) -> None:
    """Report prices that are no numbers, or for something that has no price."""
    found = settings.get("prices")
    models: dict[str, Any] = dict(found) if isinstance(found, Mapping) else {}
    for pair in node.settings.pairs:
        is_wrong = any(not _is_price(price) for price in models.values())
        if pair.key.text == "prices" and is_wrong:
            expected = "`{ MODEL: { input: 2.5, output: 10.0, cached: 1.25 } }`"
            ctx.report(InvalidSetting(pair.value.span, "prices", expected))


def _is_price(price: Any) -> bool:
    if not isinstance(price, Mapping):
        return False
    given = cast(Mapping[str, Any], price)
    is_whole = {"input", "output"} <= set(given) <= set(_PRICES)
    return is_whole and all(_is_amount(value) for value in given.values())


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
