from pathlib import Path

import pytest

from issuance.errors import KindFileError
from issuance.model import kind_of_code, load_kinds, parse_kind
from sealkit.check_digits import uscc_problem

KINDS = Path(__file__).parents[2] / "issuance" / "kinds"
TEXT = (KINDS / "business_licence.toml").read_text("utf-8")
FILE = "business_licence.toml"


def test_each_code_begins_with_the_authority_that_defines_it():
    for kind in load_kinds().values():
        assert kind.code.startswith(kind.define_authority_code)
        assert uscc_problem(kind.define_authority_code) is None


def test_a_code_that_was_replaced_still_finds_its_kind():
    earlier = "11100000MB0143028R999"
    kind = parse_kind(TEXT.replace("aliases = []", f'aliases = ["{earlier}"]'), FILE)
    kinds = {kind.name: kind}
    assert kind_of_code(kinds, earlier) is kind
    assert kind_of_code(kinds, kind.code) is kind
    assert kind_of_code(kinds, "11100000MB0143028R998") is None


def line_with(text, wanted):
    return next(n for n, line in enumerate(text.splitlines(), 1) if wanted in line)


@pytest.mark.parametrize(
    ("old", "new", "key", "remedy"),
    [
        ('name_zh = "营业执照"', 'name_zh = "营业执照', "TOML", "mend the notation"),
        ('mask = "address"', 'mask = "adress"', "fields[8]", "mask must be one of"),
        ('type = "uscc"', 'type = "usc"', "fields[0].type", "should be"),
        (
            'number_field = "uscc"',
            'number_field = "number"',
            "number_field",
            "there is no field number",
        ),
        ('short = "KZ_MC"', 'short = "MC"', "fields[1].short", "match pattern"),
        ("least = 1", "leest = 1", "holders.least", "add this key"),
        ('layout = "business_licence"', 'layout = "nothing"', "layout", "no layout for kind"),
        ('layout = "business_licence"', 'layout = "marriage_certificate"', "layout", "prints"),
        ('name = "business_licence"', 'name = "business"', "name", "file's name"),
        ('short = "KZ_LX"', 'short = "KZ_MC"', "fields[2].short", "used twice"),
    ],
)
def test_a_mistake_is_told_with_file_key_and_remedy(old, new, key, remedy):
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    with pytest.raises(KindFileError) as caught:
        parse_kind(text, FILE)
    error = caught.value
    assert (error.file, error.key) == (FILE, key)
    assert remedy in error.remedy
    assert FILE in str(error)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ('type = "uscc"', 'type = "usc"', 'type = "usc"'),
        ('mask = "address"', 'mask = "adress"', "[[fields]]"),
        ('kind = "legal_person"', 'kind = "legal"', 'kind = "legal"'),
        ('code_status = "confirmed"', 'code_status = "sure"', "code_status"),
        ('short = "KZ_MC"', 'short = "MC"', 'short = "MC"'),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, shown):
    text = TEXT.replace(old, new, 1)
    with pytest.raises(KindFileError) as caught:
        parse_kind(text, FILE)
    if shown == "[[fields]]":
        lines = text.splitlines()
        assert lines[caught.value.line - 1] == "[[fields]]"
    else:
        assert caught.value.line == line_with(text, shown)


def test_broken_notation_is_told_with_its_line():
    text = TEXT.replace('name_zh = "营业执照"', 'name_zh = "营业执照', 1)
    with pytest.raises(KindFileError) as caught:
        parse_kind(text, FILE)
    assert caught.value.line == line_with(text, "name_zh")


def test_two_kinds_may_not_share_a_code(tmp_path):
    other = TEXT.replace('name = "business_licence"', 'name = "business_copy"', 1)
    (tmp_path / FILE).write_text(TEXT, "utf-8")
    (tmp_path / "business_copy.toml").write_text(other, "utf-8")
    with pytest.raises(KindFileError) as caught:
        load_kinds(tmp_path)
    assert caught.value.key == "code"
