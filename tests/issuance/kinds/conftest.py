"""A region with one department that issues every kind."""

import pytest

from issuance.model import load_kinds
from issuance.ports import Department
from tests.issuance import world as worlds


@pytest.fixture(scope="module")
def one_office(tmp_path_factory, keystore):
    """Return a world whose market supervision issues all kinds under one seal."""
    patch = pytest.MonkeyPatch()
    office = Department(
        worlds.MARKET,
        "示例市行政审批局",
        tuple(sorted(load_kinds())),
        "seal_signer_market",
        "电子证照专用章",
    )
    patch.setitem(worlds.DEPARTMENTS, worlds.MARKET, office)
    for name in load_kinds():
        patch.setitem(worlds.ISSUERS, name, worlds.MARKET)
    made = worlds.make_world(tmp_path_factory.mktemp("office"), keystore, with_seals=False)
    worlds.make_active_seal(made, worlds.MARKET)
    yield made
    patch.undo()
