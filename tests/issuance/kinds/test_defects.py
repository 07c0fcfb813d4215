"""A kind file with one defect each: told with its line, its key and a remedy in two languages."""

import pytest

from issuance.kind_files import DIRECTORY
from issuance.model import check_kind_files

FILE = "vaccination_certificate.toml"
CARD = "identity_card.toml"
DEGREE = "degree_certificate.toml"

DEFECTS = [
    (FILE, 'name_zh = "预防接种证"', 'name_zh = "', "TOML", "mend the notation"),
    (FILE, 'name_zh = "预防接种证"', "", "name_zh", "add this key"),
    (FILE, 'name_en = "', 'nome_en = "', "nome_en", "no such key"),
    (FILE, 'name = "vaccination_certificate"', 'name = "vaccination"', "name", "file's name"),
    (FILE, 'code = "111', 'code = "11', "code", "match pattern"),
    (FILE, 'code_status = "project"', 'code_status = "guess"', "code_status", "should be"),
    (FILE, 'number_field = "cert_no"', 'number_field = "no"', "number_field", "no field no"),
    (FILE, 'number_field = "cert_no"', 'number_field = "vaccinations"', "number_field", "must be"),
    (FILE, 'names_field = "child_name"', 'names_field = "kid"', "holders.names_field",
     "no field kid"),
    (FILE, "least = 1", "least = 0", "holders.least", "greater than or equal"),
    (FILE, "most = 1", "most = 0", "holders.most", "greater than or equal"),
    (FILE, "least = 1", "least = 2", "holders.least", "do not agree"),
    (FILE, 'rule = "permanent"', 'rule = "for ever"', "validity.rule", "should be"),
    (FILE, 'rule = "permanent"', 'rule = "fixed_years"', "validity", "years belong to"),
    (FILE, 'rule = "permanent"', 'rule = "by_age"', "validity", "brackets and birth_field"),
    (FILE, 'rule = "permanent"', 'rule = "permanent"\nyears = [5]', "validity", "years belong to"),
    (FILE, 'rule = "permanent"', 'rule = "permanent"\nuntil_field = "issue_date"', "validity",
     "has no last day"),
    (FILE, 'from_fields = ["issue_date"]', 'from_fields = ["day"]', "validity.from_fields",
     "no field day"),
    (FILE, 'from_fields = ["issue_date"]', 'from_fields = ["cert_no"]', "validity", "not a date"),
    (CARD, "{ max_age = 25, years = 10 }", "{ max_age = 12, years = 10 }", "validity", "rise by"),
    (CARD, "    {},\n", "", "validity", "rise by"),
    (CARD, 'birth_field = "birth_date"', 'birth_field = "birthday"', "validity.birth_field",
     "no field birthday"),
    (FILE, 'mask = "phone"', 'mask = "telephone"', "fields[5]", "mask must be one of"),
    (FILE, 'mask = "phone"\n', "", "fields[5]", "needs a mask"),
    (FILE, 'type = "phone"', 'type = "fax"', "fields[5].type", "should be"),
    (FILE, 'type = "phone"', 'type = "phone"\nnot_future = true', "fields[5]", "dates only"),
    (FILE, 'type = "list"', 'type = "text"', "fields[6]", "columns belong to"),
    (FILE, 'short = "KZ_JHRDH"', 'short = "JHRDH"', "fields[5].short", "match pattern"),
    (FILE, 'short = "KZ_JHRDH"', 'short = "KZ_XB"', "fields[5].short", "used twice"),
    (FILE, 'name = "guardian_phone"', 'name = "sex"', "fields[5].name", "used twice"),
    (FILE, "max = 32", 'max = 32\npattern = "[0-9"\npattern_zh = "x"\npattern_en = "x"',
     "fields[0].pattern", "not a regular expression"),
    (FILE, "max = 32", 'max = 32\npattern = "[0-9]+"', "fields[0]", "to explain it"),
    (FILE, "codes = {", 'codes = { "1" = 1, "x" =', "TOML", "mend the notation"),
    (FILE, 'theme = "green"', 'theme = "grey"', "face.theme", "should be"),
    (FILE, '["building_unit"],', "", "face.rows", "building_unit is not placed"),
    (FILE, '["building_unit"],', '["building_unit", "sex"],', "face.rows", "sex is placed twice"),
    (FILE, '["building_unit"],', '["building_unit"], ["colour"],', "face.rows", "no field colour"),
    (DEGREE, 'dated = "award_date"', 'dated = "day"', "face.dated", "no field day"),
    (FILE, 'theme = "green"', 'theme = "green"\nstatement = "依{law}颁发"', "face", "prints law"),
    (FILE, 'number_rule = "', 'layout = "business_licence"\nnumber_rule = "', "face",
     "a layout already"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "key", "remedy"), DEFECTS)
def test_a_defect_is_told_with_file_line_key_and_remedy(tmp_path, file, old, new, key, remedy):
    text = (DIRECTORY / file).read_text("utf-8")
    assert old in text
    path = tmp_path / file
    path.write_text(text.replace(old, new, 1), "utf-8")
    kinds, mistakes = check_kind_files([path])
    assert not kinds
    found = [mistake for mistake in mistakes if mistake.key == key and remedy in mistake.remedy]
    assert found, [str(mistake) for mistake in mistakes]
    assert found[0].file == file
    assert found[0].line
    assert str(found[0]).startswith(f"{file}:{found[0].line}: {key}: ")
    chinese = any("\u4e00" <= character <= "\u9fff" for character in found[0].remedy)
    assert chinese, found[0].remedy


def test_the_line_is_that_of_the_key(tmp_path):
    text = (DIRECTORY / FILE).read_text("utf-8").replace('mask = "phone"', 'mask = "tel"')
    path = tmp_path / FILE
    path.write_text(text.replace('rule = "permanent"', 'rule = "never"'), "utf-8")
    _, mistakes = check_kind_files([path])
    lines = text.splitlines()
    assert [lines[mistake.line - 1] for mistake in mistakes] == [
        'rule = "permanent"',
        "[[fields]]",
    ]


def test_every_mistake_of_every_file_is_listed(tmp_path):
    for number, file in enumerate((FILE, CARD)):
        text = (DIRECTORY / file).read_text("utf-8")
        for twice in range(number + 1):
            text = text.replace("required = true", f'required = "maybe {twice}"', 1)
        (tmp_path / file).write_text(text, "utf-8")
    _, mistakes = check_kind_files(sorted(tmp_path.glob("*.toml")))
    assert [mistake.file for mistake in mistakes] == [CARD, CARD, FILE]


def test_a_file_in_another_encoding_is_told(tmp_path):
    path = tmp_path / FILE
    path.write_bytes((DIRECTORY / FILE).read_text("utf-8").encode("gb18030"))
    _, (mistake,) = check_kind_files([path])
    assert "UTF-8" in mistake.remedy


def test_a_code_or_alias_of_another_kind_is_told(tmp_path):
    first, second = ((DIRECTORY / file).read_text("utf-8") for file in (FILE, CARD))
    (tmp_path / CARD).write_text(second, "utf-8")
    taken = 'aliases = ["11100000000013127D001"]'
    (tmp_path / FILE).write_text(first.replace("aliases = []", taken), "utf-8")
    _, (mistake,) = check_kind_files(sorted(tmp_path.glob("*.toml")))
    assert (mistake.file, mistake.key) == (FILE, "code")
    assert f"{CARD} has 11100000000013127D001 already" in mistake.remedy
