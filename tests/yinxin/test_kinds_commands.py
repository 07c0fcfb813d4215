"""`yinxin kinds`, and how the service stops at a kind file with a mistake."""

import pytest
from typer.testing import CliRunner

from issuance import kind_files, model
from issuance.kind_files import DIRECTORY
from yinxin import context
from yinxin.cli import main

CARD = "identity_card.toml"


def run(*words):
    return CliRunner().invoke(main, ["kinds", *map(str, words)])


@pytest.fixture
def mistaken(tmp_path):
    text = (DIRECTORY / CARD).read_text("utf-8")
    text = text.replace('mask = "address"', 'mask = "adress"').replace('"by_age"', '"by_size"')
    (tmp_path / CARD).write_text(text, "utf-8")
    return tmp_path / CARD


def test_the_kinds_that_ship_are_without_mistake():
    done = run("check")
    assert (done.exit_code, done.output) == (0, "✓ 35 个证照类型无误 · 35 kinds without mistake\n")


def test_all_mistakes_of_a_file_are_listed_with_their_lines(mistaken):
    done = run("check", mistaken, DIRECTORY / "passport.toml")
    assert done.exit_code == 1
    first, second, total = done.output.splitlines()
    assert first.startswith(f"✕ {CARD}:27: validity.rule: 值不合要求")
    assert second.startswith(f"✕ {CARD}:")
    assert "mask must be one of" in second
    assert total == "共 2 处错误 · 2 mistakes"


def test_a_code_that_a_shipped_kind_has_is_told_though_that_file_is_not_named(tmp_path):
    text = (DIRECTORY / CARD).read_text("utf-8")
    other = tmp_path / "other_card.toml"
    other.write_text(text.replace('name = "identity_card"', 'name = "other_card"', 1), "utf-8")
    done = run("check", other)
    assert done.exit_code == 1
    assert f"{CARD} has 11100000000013127D001 already" in done.output


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path):
    assert run("check", tmp_path / "none.toml").exit_code == 64


def test_the_list_tells_placeholders_from_national_codes():
    lines = run("list").output.splitlines()
    (card,) = (line for line in lines if "identity_card" in line)
    (degree,) = (line for line in lines if "degree_certificate" in line)
    assert "国家代码" in card
    assert "项目暂用" in degree


def test_a_mistake_stops_the_start_with_file_line_and_remedy(mistaken, tmp_path, monkeypatch):
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setattr(kind_files, "DIRECTORY", mistaken.parent)
    monkeypatch.setattr(context, "load_kinds", lambda: model.load_kinds(mistaken.parent))
    done = CliRunner().invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "服务未启动 · the service did not start" in done.output
    assert f"{CARD}:27: validity.rule: " in done.output
