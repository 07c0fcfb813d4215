"""`yinxin items check` tells every mistake; a wrong file of one's own stops the start."""

import pytest
from typer.testing import CliRunner

from issuance.model import load_kinds
from verification.certificate_free.items import DIRECTORY, ItemFileError
from yinxin.cli import main
from yinxin.context import open_context
from yinxin.items_commands import catalogue
from yinxin.settings import Settings

run = CliRunner()


@pytest.fixture
def wrong(tmp_path):
    text = (DIRECTORY / "company_address_change.toml").read_text("utf-8")
    file = tmp_path / "company_address_change.toml"
    file.write_text(text.replace("holder_is()", "age_over(established)"), "utf-8")
    return file


def test_the_items_that_come_along_have_no_mistake():
    answer = run.invoke(main, ["items", "check"])
    assert answer.exit_code == 0
    assert answer.output.count("✓") == len(list(DIRECTORY.glob("*.toml"))) == 12


def test_a_mistake_is_told_with_file_line_and_remedy(wrong):
    line = 1 + wrong.read_text("utf-8").splitlines().index("must = 'age_over(established)'")
    answer = run.invoke(main, ["items", "check", str(wrong)])
    assert answer.exit_code == 1
    assert answer.output.startswith(f"✕ {wrong}:{line}: requirements[0].shown_by[0].must: give")


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path):
    assert run.invoke(main, ["items", "check", str(tmp_path / "none.toml")]).exit_code == 64


def test_items_of_ones_own_come_beside_those_that_come_along(wrong):
    kinds = load_kinds()
    own = wrong.with_name("own.toml")
    text = (DIRECTORY / "company_address_change.toml").read_text("utf-8")
    own.write_text(text.replace('"company_address_change"', '"own"'), "utf-8")
    wrong.unlink()
    assert set(catalogue(own.parent, kinds)) - set(catalogue(None, kinds)) == {"own"}


def test_a_wrong_file_stops_the_start(tmp_path, wrong):
    settings = Settings(data_directory=tmp_path / "data", items_directory=wrong.parent)
    with pytest.raises(ItemFileError, match=r"company_address_change\.toml:"):
        open_context(settings)
