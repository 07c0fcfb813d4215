"""The opening of a log entry is erased over HTTP: two persons, the log as it was, said plainly."""

import json

import pytest
from typer.testing import CliRunner

from sealkit.formats import archive
from sealkit.formats.ofd.container import read_package
from tests.journeys.conftest import uscc
from yinxin.cli import main
from yinxin.retention import destroy_erased

GROUND = {"legal_basis": "保存期限届满，持证主体申请"}


@pytest.fixture
def ended(home, company, legal_basis):
    """A company's licence that was cancelled."""
    code = uscc(7801)
    made = home.mint(
        company
        | {
            "holders": [{"name": company["fields"]["org_name"], "code": code, "code_type": "001"}],
            "fields": company["fields"] | {"uscc": code},
        }
    )
    ending = legal_basis | {"way": "cancel", "cause": "surrender"}
    asked = home.client("market-clerk").post(f"/v1/licences/{made['id']}/endings", ending).json
    home.client("market-decider").post(f"/v1/endings/{asked['ending_id']}/confirm")
    return made


def test_an_opening_is_erased_by_two_persons_and_the_log_stays_whole(
    home, ended, company, tmp_path
):
    place = f"/v1/licences/{ended['id']}"
    in_force = home.mint(company)
    early = home.ask("market-clerk", "POST", f"/v1/licences/{in_force['id']}/erasures", GROUND)
    problem = home.refused(409, "issuance.transition", early)
    assert "active" in json.dumps(problem)
    proposed = home.ask("market-clerk", "POST", f"{place}/erasures", GROUND)
    assert proposed.status == 201, proposed.content
    path = f"/v1/erasures/{proposed.json['erasure_id']}"
    home.refused(403, "issuance.not_entitled", home.ask("market-clerk", "POST", f"{path}/confirm"))
    assert home.file(ended, "proof")
    done = home.ask("market-decider", "POST", f"{path}/confirm")
    assert (done.status, done.json["state"]) == (200, "confirmed"), done.content
    gone = home.ask("market-clerk", "GET", f"{place}/files/proof")
    home.refused(410, "issuance.opening.erased", gone)
    context = home.context
    destroy_erased(context.database, context.issuance, context.now())
    assert home.ask("market-clerk", "GET", path).json["state"] == "destroyed"
    found = {f["code"]: f for f in home.verify(home.file(ended))["findings"]}
    assert {"log.opening_erased", "status.ended"} <= set(found)
    assert not {code for code in found if code.startswith("log.")} - {"log.opening_erased"}
    _archive_says_so(home, place)
    _log_holds(home, tmp_path)


def _archive_says_so(home, place):
    package = home.client("market-clerk").get(f"{place}/archive").content
    entries = dict(read_package(package, archive.LIMITS).entries)
    assert archive.PROOF not in entries
    assert "依法销毁" in entries[archive.PROOF_ERASED].decode()
    assert json.loads(entries["evidence.json"])["log_index"] is None
    codes = {finding["code"] for finding in home.verify(package)["findings"]}
    assert "log.opening_erased" in codes
    assert not {code for code in codes if code.startswith("archive.file")}


def _log_holds(home, tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    for name, content in home.context.trust.store().region("650000").to_files().items():
        (folder / name).write_bytes(content)
    audit = ["log", "audit", home.address, "--trust", str(folder)]
    assert CliRunner().invoke(main, audit).exit_code == 0
