"""`yinxin glyphs`, and how the service starts with pictures of rare characters."""

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from issuance.render import supplied_face
from yinxin import glyphs
from yinxin.audit import audit_records
from yinxin.cli import main
from yinxin.context import assembled, open_database
from yinxin.glyphs import supplied_glyphs
from yinxin.settings import Settings, SettingsError

RARE = "\U00030004"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1H8V8H1Z"/></svg>'
MARKET = "11650000PRJ000654L"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(tmp_path))
    (tmp_path / "given.svg").write_text(PICTURE)
    database = open_database(Settings())
    database.upgrade()
    database.close()
    yield Settings()
    supplied_face.install({})


def add(settings, code="U+30004", department=MARKET, picture="given.svg"):
    file = str(settings.data_directory / picture)
    words = ["glyphs", "add", code, file, "--department", department, "--by", "管理员甲"]
    return CliRunner().invoke(main, words)


def test_a_picture_that_was_added_is_printed_from_the_next_start_on(settings):
    assert add(settings).exit_code == 0
    assert CliRunner().invoke(main, ["glyphs", "list"]).output.startswith("U+30004\t")
    assert not supplied_face.is_supplied(RARE)
    with assembled(settings):
        assert supplied_face.is_supplied(RARE)


def test_who_supplied_it_stands_in_the_audit_chain(settings):
    add(settings)
    database = open_database(settings)
    with database.reading() as session:
        (row,) = session.execute(select(audit_records)).all()
    database.close()
    assert (row.act, row.actor, row.subject) == ("glyph.supply", "管理员甲", "U+30004")
    assert MARKET in row.detail


@pytest.mark.parametrize(
    ("code", "department", "status"),
    [
        ("U+4E00", MARKET, 1),
        ("U+0041", MARKET, 1),
        ("U+110000", MARKET, 1),
        ("U+30004", "11650000PRJ000000X", 1),
        ("biang", MARKET, 64),
    ],
)
def test_a_picture_is_taken_for_a_missing_ideograph_from_a_department_here(
    settings, code, department, status
):
    assert add(settings, code, department).exit_code == status
    assert not (settings.data_directory / "glyphs").exists()


def test_no_more_are_taken_than_the_next_start_reads(settings, monkeypatch):
    monkeypatch.setattr(glyphs, "MAX_GLYPHS", 1)
    assert add(settings).exit_code == 0
    refused = add(settings, "U+30005")
    assert refused.exit_code == 1
    assert "no more are taken" in refused.output
    assert len(supplied_glyphs(settings.data_directory / "glyphs")) == 1


def test_a_picture_that_licences_may_show_is_never_replaced(settings):
    add(settings)
    assert "has a picture" in add(settings).output


@pytest.mark.parametrize("name", ["U+30004.svg", "biang.svg", "U+4E00.svg"])
def test_a_start_stops_at_a_file_that_is_no_picture_and_names_it(settings, name):
    directory = settings.data_directory / "glyphs"
    directory.mkdir()
    (directory / name).write_text("<svg/>")
    with pytest.raises(SettingsError, match=name.replace("+", r"\+")):
        supplied_glyphs(directory)
