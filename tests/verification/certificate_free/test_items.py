"""The catalogue of items is data; every mistake in it is told with line and remedy."""

import pytest

from tests.verification.certificate_free.life import kind_fields
from verification.certificate_free.expressions import FieldName
from verification.certificate_free.item_files import MAX_FILE_BYTES, read_item
from verification.certificate_free.items import (
    DIRECTORY,
    ItemFileError,
    item_of,
    load_items,
    shipped_items,
)
from verification.errors import UnknownItemError

GOOD = """\
code = "x"
name_zh = "某事项"
name_en = "Some item"
sureness = "made up"

[[parties]]
role = "mother"
zh = "母亲"
en = "the mother"

[[requirements]]
id = "r"
zh = "持有营业执照"
en = "Holds a business licence"

[[requirements.shown_by]]
kind = "11100000MB0143028R001"
must = 'holder_is()'
fields = ["org_name"]

[[requirements.shown_by]]
kind = "11100000000013127D001"
must = '''
all(
    holder_is("mother"),
    age_over(birth_date, 18)
)'''
"""


def mistakes(text, name="x.toml", kinds=None):
    document = text if isinstance(text, bytes) else text.encode()
    _, found = read_item(document, name, kind_fields() if kinds is None else kinds)
    return [(mistake.line, mistake.key, mistake.remedy) for mistake in found]


def test_the_shipped_catalogue_asks_for_kinds_and_fields_that_exist():
    items = load_items((DIRECTORY,), kind_fields())
    assert items == shipped_items()
    for item in items.values():
        for requirement in item.requirements:
            for shown in requirement.shown_by:
                fields = kind_fields()[shown.kind]
                assert set(shown.fields) <= set(fields)
                for call in shown.must.calls():
                    named = [a.name for a in call.arguments if isinstance(a, FieldName)]
                    assert set(named) <= set(fields)


def test_every_licence_that_shows_something_is_demanded_to_be_the_persons_own():
    for item in shipped_items().values():
        for requirement in item.requirements:
            for shown in requirement.shown_by:
                assert "holder_is" in [call.name for call in shown.must.calls()]


def test_no_item_hands_out_a_field_where_no_licence_may_be():
    for item in shipped_items().values():
        assert not [r.id for r in item.requirements if r.none and any(s.fields for s in r.shown_by)]


def test_an_unknown_item_is_refused():
    with pytest.raises(UnknownItemError):
        item_of(shipped_items(), "nothing")


def test_a_good_file_is_read():
    assert mistakes(GOOD) == []
    assert mistakes(GOOD, kinds={}) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "remedy"),
    [
        ('code = "x"', 'code = "y"', 1, "code", "file's name"),
        ('name_en = "Some item"\n', "", None, "name_en", "add this member"),
        ('sureness = "made up"', "sureness = 3", 4, "sureness", "string"),
        ('sureness = "made up"', 'sureness = "m"\nmore = 1', 5, "more", "no such member"),
        ('role = "mother"', 'role = "Mother"', 7, "parties[0].role", "pattern"),
        ('id = "r"', 'id = "r"\nparty = "aunt"', 13, "requirements[0].party", "parties"),
        ("11100000MB0143028R001", "business", 17, "requirements[0].shown_by[0].kind", "pattern"),
        ("'holder_is()'", "'holder_i()'", 18, "requirements[0].shown_by[0].must", "holder_is"),
        ("'holder_is()'", "'holder_is('", 18, "requirements[0].shown_by[0].must", "write a"),
        ('["org_name"]', '["name"]', 19, "requirements[0].shown_by[0].fields", "no field name"),
        (
            "age_over(birth_date, 18)",
            "age_over(birth, 18)",
            26,
            "requirements[0].shown_by[1].must",
            "is it birth_date?",
        ),
        (
            "age_over(birth_date, 18)",
            "age_over(name, 18)",
            26,
            "requirements[0].shown_by[1].must",
            "holds no day",
        ),
        (
            'holder_is("mother")',
            'holder_is("aunt")',
            25,
            "requirements[0].shown_by[1].must",
            "no party",
        ),
        (
            'id = "r"',
            'id = "r"\nnone = true',
            20,
            "requirements[0].shown_by[0].fields",
            "no licence",
        ),
        ('code = "x"', 'code = "x', 1, "TOML", "mend the notation"),
        ('code = "x"', "code = " + "9" * 5000, None, "TOML", "mend the notation"),
    ],
)
def test_a_mistake_is_told_with_line_key_and_remedy(old, new, line, key, remedy):
    (found,) = mistakes(GOOD.replace(old, new))
    assert found[:2] == (line, key)
    assert remedy in found[2]


def test_all_mistakes_are_told_at_once():
    text = GOOD.replace("holder_is()", "owner_is()").replace("birth_date", "birth")
    text = text.replace('code = "x"', 'code = "y"') + "\n[[requirements]]\n" + 'id = "r"\n'
    text += 'zh = "z"\nen = "e"\n[[requirements.shown_by]]\n'
    text += "kind = '11100000000013127D001'\nmust = 'not()'\n"
    assert [line for line, _, _ in mistakes(text)] == [1, 30, 18, 26, 35]


@pytest.mark.parametrize(
    "document", [b"\xff\xfe", b"a=" * 10, b" " * (MAX_FILE_BYTES + 1), b"a = " + b"[" * 9000]
)
def test_what_is_no_item_file_at_all_is_one_mistake(document):
    assert len(mistakes(document)) == 1


def test_a_name_used_twice_is_a_mistake():
    again = GOOD + GOOD[GOOD.index("[[parties]]") : GOOD.index("[[requirements]]")]
    assert mistakes(again) == [(29, "parties[1].role", "mother is there already; give another")]


def test_a_wrong_file_stops_the_load_and_a_right_one_replaces_the_shipped(tmp_path):
    own = (DIRECTORY / "retirement.toml").read_text("utf-8").replace("企业职工", "本地职工")
    (tmp_path / "retirement.toml").write_text(own, "utf-8")
    items = load_items((DIRECTORY, tmp_path), kind_fields())
    assert len(items) == len(shipped_items())
    assert items["retirement"].name_zh == "本地职工退休申领"
    (tmp_path / "a.toml").write_text("code = 1", "utf-8")
    (tmp_path / "b.toml").write_text("[", "utf-8")
    with pytest.raises(ItemFileError) as refused:
        load_items((DIRECTORY, tmp_path), kind_fields())
    assert {mistake.file for mistake in refused.value.mistakes} == {"a.toml", "b.toml"}
    assert "b.toml: TOML: mend the notation" in str(refused.value)
