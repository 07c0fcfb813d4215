"""Agreements: in force between two days, for listed kinds, read strictly."""

from datetime import date

import pytest

from mutual_recognition.agreements import Agreement, RecognisedKind, _parse, load_agreements
from mutual_recognition.errors import AgreementError

KIND = RecognisedKind("11100000MB0143028R001", "business_licence")
AGREEMENT = Agreement("440000", "广东省", date(2026, 1, 1), date(2026, 12, 31), (KIND,))
KINDS = f'[[kinds]]\ncode = "{KIND.code}"\nkind = "{KIND.kind}"\n'


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_an_agreement_counts_from_its_first_to_its_last_day(day, counts):
    assert AGREEMENT.recognises(KIND.code, on=day) == (KIND if counts else None)
    assert AGREEMENT.recognises("11100000PRJ0000135901", on=day) is None


def test_the_agreements_that_ship_can_be_read():
    assert {"440000", "650000"} <= set(load_agreements())


@pytest.mark.parametrize(
    "head",
    [
        "",
        "region = ",
        'region = "44"\nname_zh = "x"\nsince = 2026-01-01\n',
        'region = "440000"\nname_zh = "x"\nsince = "2026-01-01"\n',
        'region = "440000"\nname_zh = "x"\nsince = 2026-01-01T00:00:00Z\n',
        'region = "440000"\nname_zh = "x"\nsince = 2026-01-01\nuntil = "2027-01-01"\n',
        'region = "440000"\nname_zh = "x"\nsince = 2026-01-01\nother = 1\n',
    ],
)
def test_a_mistake_is_named_with_its_file(head):
    with pytest.raises(AgreementError, match=r"agreements/x\.toml"):
        _parse("x.toml", head + KINDS)
