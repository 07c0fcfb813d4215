"""What is accepted when it is sent can be minted, however long it is."""

import pytest

from issuance.errors import InvalidDataError
from issuance.model import load_kinds
from issuance.states import EditionState
from tests.issuance.world import ISSUERS, example

HAN = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 4000))


def longest(kind):
    """Every text of the kind as long as the kind allows, of ever other characters."""
    data = example(kind)
    at = 0
    for field in load_kinds()[kind].fields:
        fixed = field.pattern or field.type not in ("string", "text") or field.name == "term"
        if fixed or (kind == "marriage_certificate" and field.name == "holder_name"):
            continue
        if field.name == "right_holder":
            continue
        length = min(field.longest, 1200)
        data["fields"][field.name] = (HAN + HAN)[at : at + length]
        at = (at + length) % len(HAN)
    return data


def submitted(world, kind, data):
    try:
        return world.submit(kind, data)
    except InvalidDataError as error:
        assert {problem.code for problem in error.problems} <= {
            "data.print.missing_glyph",
            "data.print.too_long",
            "data.code.too_long",
        }
        return None


@pytest.mark.parametrize("kind", sorted(ISSUERS))
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_longest_values_are_refused_when_sent_or_minted(world, kind, share):
    data = longest(kind)
    for name, value in data["fields"].items():
        if len(value) > 50:
            data["fields"][name] = value[: int(len(value) * share)]
    if kind == "business_licence":
        data["holders"][0]["name"] = data["fields"]["org_name"]
    if kind == "marriage_certificate":
        for holder, name in zip(data["holders"], ("male_name", "female_name"), strict=True):
            holder["name"] = data["fields"][name]
        data["fields"]["holder_name"] = data["fields"]["male_name"]
    application = submitted(world, kind, data)
    if application is not None:
        assert world.mint_application(world.approve(application)).state is EditionState.ACTIVE
