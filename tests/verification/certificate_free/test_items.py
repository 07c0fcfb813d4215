"""The catalogue of items is data, and wrong data stop the start."""

import tomllib

import pytest

from verification.certificate_free import items
from verification.certificate_free.items import Item, ItemFileError, item_of, load_items
from verification.certificate_free.requirements import PREDICATES, Outcome, all_of, any_of
from verification.errors import UnknownItemError

GOOD = """
code = "x"
name_zh = "某事项"
name_en = "Some item"
fields = []

[[requirements]]
id = "r"
kind = "business_licence"
predicates = ["licence_valid"]
zh = "持有营业执照"
en = "Holds a business licence"
"""


def read(text, name="x.toml"):
    return items._read(tomllib.loads(text), name)


def test_the_catalogue_loads_and_every_predicate_is_known():
    catalogue = load_items()
    assert item_of("company_address_change") is catalogue["company_address_change"]
    for item in catalogue.values():
        assert isinstance(item, Item)
        for requirement in item.requirements:
            assert set(requirement.predicates) <= set(PREDICATES)


def test_an_unknown_item_is_refused():
    with pytest.raises(UnknownItemError):
        item_of("nothing")


def test_a_good_file_is_read():
    assert read(GOOD).requirements[0].predicates == ("licence_valid",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "x"', 'code = "y"'),
        ("fields = []", ""),
        ("fields = []", "fields = []\nmore = 1"),
        ('predicates = ["licence_valid"]', "predicates = []"),
        ('predicates = ["licence_valid"]', 'predicates = ["whatever"]'),
        ('kind = "business_licence"', ""),
    ],
)
def test_a_wrong_file_is_refused(old, new):
    with pytest.raises(ItemFileError):
        read(GOOD.replace(old, new))


MET, NOT_MET, CANNOT_SAY = Outcome.MET, Outcome.NOT_MET, Outcome.CANNOT_SAY


@pytest.mark.parametrize(
    ("outcomes", "of_all", "of_any"),
    [
        ((), MET, NOT_MET),
        ((MET,), MET, MET),
        ((MET, NOT_MET), NOT_MET, MET),
        ((MET, CANNOT_SAY), CANNOT_SAY, MET),
        ((NOT_MET, CANNOT_SAY), NOT_MET, CANNOT_SAY),
        ((NOT_MET,), NOT_MET, NOT_MET),
    ],
)
def test_outcomes_are_put_together(outcomes, of_all, of_any):
    assert (all_of(outcomes), any_of(outcomes)) == (of_all, of_any)
