"""Networks are read from BIF files, packed or not, and every fault is a diagnostic."""

import gzip

import pytest

from kumeo.diagnostics import Diagnostic
from kumeo.models import network as module
from kumeo.models.network import Network, ancestors, load_network

BIF = b"""
network n { }
variable A { type discrete [ 2 ] { yes, no }; }
variable B { type discrete [ 3 ] { x, y, z }; }
probability ( A ) { table 0.25, 0.75; }
probability ( B | A ) { (yes) 0.1, 0.2, 0.7; (no) 0.5, 0.25, 0.25; }
"""


def _load(data: bytes) -> Network:
    network = load_network(data, "n.bif")
    assert isinstance(network, Network)
    return network


def test_load_network_bif_has_parents_before_the_variable() -> None:
    network = _load(BIF)
    assert network.parents == {"A": (), "B": ("A",)}
    assert network.tables["B"].tolist() == [[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]


def test_load_network_gzip_equals_plain() -> None:
    packed, plain = _load(gzip.compress(BIF)), _load(BIF)
    assert packed.states == plain.states
    assert all((packed.tables[name] == plain.tables[name]).all() for name in plain.states)


def test_load_network_truncated_gzip_is_a_diagnostic() -> None:
    fault = load_network(gzip.compress(BIF)[:-12], "n.bif.gz")
    assert isinstance(fault, Diagnostic)
    assert "unpacked" in fault.headline


def test_load_network_gzip_bomb_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    fault = load_network(gzip.compress(BIF), "n.bif.gz")
    assert isinstance(fault, Diagnostic)
    assert "more than 100 bytes" in fault.headline


def test_load_network_fault_in_the_text_is_a_diagnostic() -> None:
    fault = load_network(BIF.replace(b"0.25, 0.75", b"0.25, 0.25"), "n.bif")
    assert isinstance(fault, Diagnostic)
    assert "sums to 0.5" in fault.headline


def test_ancestors_contain_the_names_themselves() -> None:
    assert ancestors(_load(BIF), ["B"]) == {"A", "B"}
    assert ancestors(_load(BIF), ["A"]) == {"A"}
