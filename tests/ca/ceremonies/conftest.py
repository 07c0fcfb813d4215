"""Ceremonies held once for all tests."""

import pytest

from tests.ca.ceremonies.room import LIST_PLAN, OWN_KEY, ROOT_PLAN, SUB_CA_PLAN, Room, hold


@pytest.fixture(scope="session")
def root_ceremony():
    return hold(ROOT_PLAN)


@pytest.fixture
def people(root_ceremony):
    """The holders, their shares in their pockets."""
    return Room(shares_of=root_ceremony.shares)


@pytest.fixture(scope="session")
def sub_ca_ceremony(root_ceremony):
    keystore = root_ceremony.files["root.sealed"]
    people = Room(shares_of=root_ceremony.shares)
    return hold(SUB_CA_PLAN + OWN_KEY, people, root_keystore=keystore)


@pytest.fixture(scope="session")
def list_ceremony(root_ceremony):
    files = root_ceremony.files
    people = Room(shares_of=root_ceremony.shares)
    materials = {"root_keystore": files["root.sealed"], "previous_list": files["root.crl"]}
    return hold(LIST_PLAN, people, **materials)
