"""Values of drivers become JSON data, or a fault that says which do not."""

import ipaddress
import math
from decimal import Decimal
from typing import Any

import pytest
from kumeo_runtime.databases.values import data_of
from kumeo_runtime.values import Fault


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Decimal("7"), 7),
        (Decimal("1.5"), 1.5),
        (Decimal("-Infinity"), -math.inf),
        (Decimal(2**63), float(2**63)),
        (2**70, float(2**70)),
        (2**63 - 1, 2**63 - 1),
        (True, True),
        (ipaddress.ip_address("10.0.0.1"), "10.0.0.1"),
        (ipaddress.ip_network("10.0.0.0/8"), "10.0.0.0/8"),
        ([{1: Decimal("2")}], [{"1": 2}]),
    ],
)
def test_data_of_a_value_is_json(value: Any, wanted: Any) -> None:
    found = data_of(value)
    assert (found, type(found)) == (wanted, type(wanted))


def test_data_of_no_number_is_none() -> None:
    assert math.isnan(data_of(Decimal("NaN")))


@pytest.mark.parametrize("value", [Decimal("1e400"), 10**400])
def test_data_of_a_number_that_does_not_fit_is_a_fault(value: Any) -> None:
    with pytest.raises(Fault, match="does not fit into 64 bits"):
        data_of(value)


def test_data_of_another_type_names_it() -> None:
    with pytest.raises(Fault, match="the type range has no JSON; cast it"):
        data_of(range(3))
